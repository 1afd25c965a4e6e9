/** Another server's engine, over its socket. */
import { connect, type Socket } from 'node:net';
import {
	type CancellationToken,
	CancellationTokenSource,
	type MessageConnection,
	ProgressType,
} from 'vscode-languageserver/node';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { ScanProgress } from '#shared/model.ts';
import {
	type AffectedParams,
	type AffectedResult,
	type BurstsParams,
	type BurstsResult,
	type Hello,
	type HotPathsParams,
	type HotPathsResult,
	type ImpactOnResult,
	type ImpactParams,
	type ImpactResult,
	type InvalidatedFiles,
	Methods,
	type OpenFiles,
	type PathsChanged,
	type PathStatsResult,
	type RatesParams,
	type RatesResult,
	type RecentChangesParams,
	type RecentChangesResult,
	type RepairResult,
	type RescanResult,
	type RetryParkedParams,
	type SinceResult,
	type StatsResult,
	type Status,
	type SyncParams,
	type SyncResult,
	type VerifyResult,
} from '#shared/protocol.ts';
import type { Engine, EngineListener } from '../engine/engine.ts';
import type { Part } from '../index/verify/part.ts';
import { fromResponseError } from './errors.ts';
import { createWire } from './wire.ts';

/** A server that accepts but does not answer this long is stuck. */
const HELLO_MS = 5000;

export class RemoteEngine implements Engine {
	/** Resolves when the connection ends, for whatever reason. */
	readonly closed: Promise<void>;
	readonly #connection: MessageConnection;
	readonly #socket: Socket;
	#progressSerial = 0;
	/** Ends the requests that wait, when the connection ends. */
	readonly #abandon = new Set<() => void>();

	private constructor(socket: Socket, listener: EngineListener | undefined) {
		this.#socket = socket;
		this.#connection = createWire(socket, socket);
		this.closed = new Promise((resolve) => {
			socket.once('close', () => {
				for (const abandon of this.#abandon) {
					abandon();
				}
				resolve();
			});
		});
		if (listener !== undefined) {
			this.#connection.onNotification(Methods.statusChanged, () => {
				listener.statusChanged();
			});
			this.#connection.onNotification(Methods.pathsChanged, (change: PathsChanged) => {
				listener.pathsChanged(change);
			});
			this.#connection.onNotification(Methods.invalidated, (change: InvalidatedFiles) => {
				listener.invalidated?.(change);
			});
		}
		this.#connection.listen();
	}

	/**
	 * Connects to the server that listens at `path`.
	 *
	 * @param listener hears of changes; without it the server tells none
	 * @returns undefined when nobody listens there
	 * @throws FiletideError `PROTOCOL_MISMATCH`
	 */
	static async connect(
		path: string,
		hello: Omit<Hello, 'follow'>,
		listener?: EngineListener,
	): Promise<RemoteEngine | undefined> {
		const socket = connect(path);
		const connected = await new Promise<boolean>((resolve) => {
			socket.once('connect', () => {
				resolve(true);
			});
			socket.once('error', () => {
				resolve(false);
			});
		});
		if (!connected) {
			return undefined;
		}
		// From now on the end of the connection says all that an error would.
		socket.on('error', () => undefined);
		const engine = new RemoteEngine(socket, listener);
		const timer = setTimeout(() => {
			engine.close();
		}, HELLO_MS);
		try {
			await engine.#ask(Methods.hello, { ...hello, follow: listener !== undefined } satisfies Hello);
			return engine;
		} catch (error) {
			engine.close();
			if (error instanceof FiletideError && error.code === ErrorCodes.protocolMismatch) {
				throw error;
			}
			// It ended, or hangs, before it could answer: nobody to talk to.
			return undefined;
		} finally {
			clearTimeout(timer);
		}
	}

	close(): void {
		this.#connection.dispose();
		this.#socket.destroy();
	}

	async status(): Promise<Status> {
		return { ...(await this.#ask<Status>(Methods.status, {})), role: 'follower' };
	}

	stats(): Promise<StatsResult> {
		return this.#ask(Methods.stats, {});
	}

	pathStats(paths: readonly string[]): Promise<PathStatsResult> {
		return this.#ask(Methods.pathStats, { paths });
	}

	recentChanges(params: RecentChangesParams): Promise<RecentChangesResult> {
		return this.#ask(Methods.recentChanges, params);
	}

	bursts(params: BurstsParams): Promise<BurstsResult> {
		return this.#ask(Methods.bursts, params);
	}

	async retryParked(paths?: string[]): Promise<void> {
		const params: RetryParkedParams = paths === undefined ? {} : { paths };
		await this.#ask(Methods.retryParked, params);
	}

	affected(params: AffectedParams): Promise<AffectedResult> {
		return this.#ask(Methods.affected, params);
	}

	openFiles(paths: readonly string[]): void {
		// A leader that is gone is replaced, and the next one told.
		void this.#connection
			.sendNotification(Methods.openFiles, { paths: [...paths] } satisfies OpenFiles)
			.catch(() => undefined);
	}

	impact(params: ImpactParams, signal?: AbortSignal): Promise<ImpactResult> {
		const cancellation = new CancellationTokenSource();
		signal?.addEventListener('abort', () => {
			cancellation.cancel();
		});
		return this.#ask(Methods.impact, params, cancellation.token);
	}

	impactOn(paths: readonly string[]): Promise<ImpactOnResult> {
		return this.#ask(Methods.impactOn, { paths });
	}

	hotPaths(params: HotPathsParams): Promise<HotPathsResult> {
		return this.#ask(Methods.hotPaths, params);
	}

	rates(params: RatesParams): Promise<RatesResult> {
		return this.#ask(Methods.rates, params);
	}

	since(cursor: string): Promise<SinceResult> {
		return this.#ask(Methods.since, { cursor });
	}

	rescan(watchId: string, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<RescanResult> {
		return this.#askWithProgress(Methods.rescan, { watchId }, onProgress);
	}

	verify(part: Part, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<VerifyResult> {
		return this.#askWithProgress(Methods.verify, part, onProgress);
	}

	repair(part: Part, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<RepairResult> {
		return this.#askWithProgress(Methods.repair, part, onProgress);
	}

	async cancelScan(watchId: string): Promise<void> {
		await this.#ask(Methods.cancelScan, { watchId });
	}

	async pause(watchId: string): Promise<void> {
		await this.#ask(Methods.pause, { watchId });
	}

	async resume(watchId: string): Promise<void> {
		await this.#ask(Methods.resume, { watchId });
	}

	async pauseAll(): Promise<void> {
		await this.#ask(Methods.pauseAll, {});
	}

	async resumeAll(): Promise<void> {
		await this.#ask(Methods.resumeAll, {});
	}

	sync(params: SyncParams): Promise<SyncResult> {
		return this.#ask(Methods.sync, params);
	}

	async #askWithProgress<T>(
		method: string,
		params: object,
		onProgress: ((progress: ScanProgress) => void) | undefined,
	): Promise<T> {
		if (onProgress === undefined) {
			return await this.#ask(method, params);
		}
		const token = `follow-${++this.#progressSerial}`;
		const subscription = this.#connection.onProgress(
			new ProgressType<{ kind: string; message?: string }>(),
			token,
			(value) => {
				const counts = /^([\d,]+)\/([\d,]+)/.exec(value.message ?? '');
				if (counts !== null) {
					const [done, total] = [counts[1], counts[2]].map((text) =>
						Number((text ?? '').replaceAll(',', '')),
					);
					onProgress({ done: done ?? 0, total: total ?? 0 });
				}
			},
		);
		try {
			return await this.#ask(method, { ...params, workDoneToken: token });
		} finally {
			subscription.dispose();
		}
	}

	async #ask<T>(method: string, params: unknown, cancellation?: CancellationToken): Promise<T> {
		try {
			return await new Promise<T>((resolve, reject) => {
				const abandon = () => {
					reject(
						new FiletideError(ErrorCodes.watchStopped, 'The server that was asked has ended. Try again.'),
					);
				};
				this.#abandon.add(abandon);
				this.#connection
					.sendRequest<T>(method, params, cancellation)
					.then(resolve, reject)
					.finally(() => this.#abandon.delete(abandon));
			});
		} catch (error) {
			throw fromResponseError(error);
		}
	}
}
