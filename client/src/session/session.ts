import * as vscode from 'vscode';
import {
	type AffectedParams,
	type AffectedResult,
	type BurstsParams,
	type BurstsResult,
	type ImpactOnParams,
	type ImpactOnResult,
	type ImpactParams,
	type ImpactResult,
	Methods,
	type OpenFiles,
	type PathStatsParams,
	type PathStatsResult,
	type RecentChangesParams,
	type RecentChangesResult,
	type RepairResult,
	type RescanResult,
	type RetryParkedParams,
	type SinceParams,
	type SinceResult,
	type Status,
	type VerifyResult,
	type WatchParams,
} from '#shared/protocol.ts';
import type { Disposable } from '../lifecycle/disposables.ts';
import { QueueOne } from '../lifecycle/queue-one.ts';
import type { Model } from '../state/model.ts';
import { RequestFailure } from './request-failure.ts';
import { RestartPolicy } from './restart-policy.ts';
import type { ServerRun, WorkProgress } from './server-run.ts';

export interface SessionOptions {
	/** Absolute path of the server's bundle. */
	module: string;
	log: vscode.LogOutputChannel;
	model: Model;
	/** The server has ended too often and is not started again. */
	gaveUp(crashes: number): void;
	/** The server has something to say that no status carries. */
	readonly message: (severity: 'error' | 'warning' | 'info', text: string) => void;
}

/** Starts the server, starts it again when it dies, and carries requests to whichever run is the present one. */
export class Session implements Disposable {
	readonly #options: SessionOptions;
	readonly #policy = new RestartPolicy(() => performance.now());
	readonly #restarts = new QueueOne(() => this.#restart());
	#run: ServerRun | undefined;
	/** Counts launches and stops: a launch that another one or a stop overtook goes no further. */
	#turn = 0;
	#retry: NodeJS.Timeout | undefined;
	#disposed = false;

	constructor(options: SessionOptions) {
		this.#options = options;
	}

	/** Starts the server unless it was started before. */
	start(): void {
		if (this.#options.model.state === 'idle' && !this.#disposed) {
			void this.#launch('starting');
		}
	}

	/** Ends the server, if one runs, and starts it. Never rejects. */
	restart(): Promise<void> {
		return this.#restarts.run();
	}

	async dispose(): Promise<void> {
		this.#disposed = true;
		await this.#stop();
	}

	pathStats(paths: string[]): Promise<PathStatsResult> {
		return this.#request<PathStatsResult>(Methods.pathStats, { paths } satisfies PathStatsParams);
	}

	recentChanges(params: RecentChangesParams): Promise<RecentChangesResult> {
		return this.#request<RecentChangesResult>(Methods.recentChanges, params);
	}

	bursts(params: BurstsParams): Promise<BurstsResult> {
		return this.#request<BurstsResult>(Methods.bursts, params);
	}

	since(cursor: string): Promise<SinceResult> {
		return this.#request<SinceResult>(Methods.since, { cursor } satisfies SinceParams);
	}

	/** Reads files once more that could not be read: these, or all of them. */
	retryParked(paths?: string[]): Promise<void> {
		const params: RetryParkedParams = paths === undefined ? {} : { paths };
		return this.#request<void>(Methods.retryParked, params);
	}

	affected(params: AffectedParams): Promise<AffectedResult> {
		return this.#request<AffectedResult>(Methods.affected, params);
	}

	/** @param signal takes the request back, which then fails at once */
	async impact(params: ImpactParams, signal: AbortSignal): Promise<ImpactResult> {
		const cancellation = new vscode.CancellationTokenSource();
		const aborted = Promise.withResolvers<never>();
		const cancel = (): void => {
			cancellation.cancel();
			aborted.reject(signal.reason);
		};
		signal.addEventListener('abort', cancel);
		try {
			const answer = this.#running().request<ImpactResult>(Methods.impact, params, cancellation.token);
			return await Promise.race([answer, aborted.promise]);
		} finally {
			signal.removeEventListener('abort', cancel);
			cancellation.dispose();
		}
	}

	impactOn(paths: string[]): Promise<ImpactOnResult> {
		return this.#request<ImpactOnResult>(Methods.impactOn, { paths } satisfies ImpactOnParams);
	}

	async rescan(watchId: string, report: (progress: WorkProgress) => void): Promise<RescanResult> {
		const params: WatchParams = { watchId };
		return this.#running().requestWithProgress<RescanResult>(Methods.rescan, params, report);
	}

	verify(report: (progress: WorkProgress) => void): Promise<VerifyResult> {
		return this.#withProgress(Methods.verify, report);
	}

	repair(report: (progress: WorkProgress) => void): Promise<RepairResult> {
		return this.#withProgress(Methods.repair, report);
	}

	cancelScan(watchId: string): Promise<void> {
		return this.#request<void>(Methods.cancelScan, { watchId } satisfies WatchParams);
	}

	pause(watchId: string): Promise<void> {
		return this.#request<void>(Methods.pause, { watchId } satisfies WatchParams);
	}

	resume(watchId: string): Promise<void> {
		return this.#request<void>(Methods.resume, { watchId } satisfies WatchParams);
	}

	pauseAll(): Promise<void> {
		return this.#request<void>(Methods.pauseAll, {});
	}

	resumeAll(): Promise<void> {
		return this.#request<void>(Methods.resumeAll, {});
	}

	/** Tells the server which files are open in editors, the one that is looked at first. */
	async openFiles(paths: string[]): Promise<void> {
		await this.#running().notify(Methods.openFiles, { paths } satisfies OpenFiles);
	}

	/** A server that is starting learns it from its initialization options. */
	async trustGranted(): Promise<void> {
		if (this.#options.model.state === 'running') {
			await this.#run?.notify(Methods.trustGranted);
		}
	}

	async #withProgress<R>(method: string, report: (progress: WorkProgress) => void): Promise<R> {
		return this.#running().requestWithProgress<R>(method, {}, report);
	}

	async #request<R>(method: string, params: object): Promise<R> {
		return this.#running().request<R>(method, params);
	}

	#running(): ServerRun {
		if (this.#run === undefined || this.#options.model.state !== 'running') {
			throw new RequestFailure('The server is not running', { serverGone: true });
		}
		return this.#run;
	}

	async #restart(): Promise<void> {
		this.#options.log.info('Restarting the server on request');
		this.#policy.reset();
		this.#options.model.setState('restarting');
		await this.#stop();
		if (!this.#disposed) {
			await this.#launch('restarting');
		}
	}

	async #stop(): Promise<void> {
		clearTimeout(this.#retry);
		this.#turn += 1;
		const run = this.#run;
		this.#run = undefined;
		await run?.stop();
	}

	async #launch(state: 'starting' | 'restarting'): Promise<void> {
		const { model, log, module, message } = this.#options;
		model.setState(state);
		this.#policy.started();
		this.#turn += 1;
		const turn = this.#turn;
		// Loading the language client is the largest part of activation, and a window without watches needs none of it.
		const { ServerRun } = await import('./server-run.ts');
		if (turn !== this.#turn) {
			return;
		}
		const current = (): boolean => this.#run === run;
		const run: ServerRun = new ServerRun(module, log, {
			status: (status) => current() && model.setStatus(status),
			pathsChanged: (paths) => current() && model.pathsChanged.fire(paths),
			message: (severity, text) => current() && message(severity, text),
			ended: () => current() && this.#ended(),
		});
		this.#run = run;
		let status: Status;
		try {
			status = await run.start();
		} catch (error) {
			log.error('The server did not start', error instanceof Error ? error : String(error));
			if (current()) {
				this.#ended();
			}
			// Usually gone already; one that hangs is ended by force.
			await run.stop();
			return;
		}
		if (current()) {
			model.setStatus(status);
			model.setState('running');
		}
	}

	#ended(): void {
		this.#run = undefined;
		const { model, log } = this.#options;
		const verdict = this.#policy.ended();
		if (verdict.restart) {
			log.warn(`The server ended; starting it again in ${verdict.delayMs} ms`);
			model.setState('restarting');
			this.#retry = setTimeout(() => void this.#launch('restarting'), verdict.delayMs);
		} else {
			log.error(`The server ended ${verdict.crashes} times within three minutes and is not started again`);
			model.setState('stopped');
			this.#options.gaveUp(verdict.crashes);
		}
	}
}
