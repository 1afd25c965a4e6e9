/** Offers an engine on a connection, whatever the connection runs over. */
import {
	type CancellationToken,
	type Disposable,
	type HandlerResult,
	NotificationType,
	ProgressType,
} from 'vscode-languageserver/node';
import type { ScanProgress } from '#shared/model.ts';
import {
	type AffectedParams,
	type BurstsParams,
	type HotPathsParams,
	type ImpactOnParams,
	type ImpactParams,
	MAX_PATHS_PER_REQUEST,
	Methods,
	type OpenFiles,
	type PathStatsParams,
	type RatesParams,
	type RecentChangesParams,
	type RescanParams,
	type RetryParkedParams,
	type SinceParams,
	type SyncParams,
	type VerifyParams,
	type WatchParams,
} from '#shared/protocol.ts';
import type { Engine } from '../engine/engine.ts';
import type { OpenFileSet } from './open-files.ts';
import { toResponseError } from './errors.ts';

/** The part of a JSON-RPC connection that this needs; LSP's and the socket's both have it. */
export interface Wire {
	onNotification<P>(type: NotificationType<P>, handler: (params: P) => void): Disposable;
	onRequest(
		method: string,
		handler: (params: never, token: CancellationToken) => HandlerResult<unknown, unknown>,
	): Disposable;
	sendProgress(type: ProgressType<WorkDone>, token: string | number, value: WorkDone): Promise<void>;
}

/** LSP work-done progress (specification 3.17, "Work Done Progress"). */
type WorkDone =
	| { kind: 'begin'; title: string; message?: string; percentage?: number; cancellable?: boolean }
	| { kind: 'report'; message?: string; percentage?: number }
	| { kind: 'end'; message?: string };

const workDone = new ProgressType<WorkDone>();

/** Registers all requests, and what the client tells. `engine` may wait until there is one. */
export function serveEngine(wire: Wire, engine: () => Promise<Engine>, open: OpenFileSet): void {
	wire.onNotification(new NotificationType<OpenFiles>(Methods.openFiles), ({ paths }) => {
		open.set(wire, paths);
	});
	const on = <P>(
		method: string,
		answer: (engine: Engine, params: P, cancellation: CancellationToken) => Promise<unknown>,
	) => {
		wire.onRequest(method, async (params: P, cancellation) => {
			try {
				return (await answer(await engine(), params, cancellation)) ?? null;
			} catch (error) {
				return toResponseError(error);
			}
		});
	};
	on(Methods.status, (current) => current.status());
	on(Methods.stats, (current) => current.stats());
	on(Methods.pathStats, (current, { paths }: PathStatsParams) =>
		current.pathStats(paths.slice(0, MAX_PATHS_PER_REQUEST)),
	);
	on(Methods.recentChanges, (current, params: RecentChangesParams) => current.recentChanges(params));
	on(Methods.bursts, (current, params: BurstsParams) => current.bursts(params));
	on(Methods.hotPaths, (current, params: HotPathsParams) => current.hotPaths(params));
	on(Methods.rates, (current, params: RatesParams) => current.rates(params));
	on(Methods.since, (current, { cursor }: SinceParams) => current.since(cursor));
	on(Methods.retryParked, (current, { paths }: RetryParkedParams) => current.retryParked(paths));
	on(Methods.affected, (current, params: AffectedParams) => current.affected(params));
	on(Methods.impact, (current, params: ImpactParams, cancellation) => current.impact(params, signalOf(cancellation)));
	on(Methods.impactOn, (current, { paths }: ImpactOnParams) =>
		current.impactOn(paths.slice(0, MAX_PATHS_PER_REQUEST)),
	);
	on(Methods.rescan, (current, params: RescanParams) => rescan(wire, current, params));
	on(Methods.cancelScan, (current, { watchId }: WatchParams) => current.cancelScan(watchId));
	on(Methods.pause, (current, { watchId }: WatchParams) => current.pause(watchId));
	on(Methods.resume, (current, { watchId }: WatchParams) => current.resume(watchId));
	on(Methods.pauseAll, (current) => current.pauseAll());
	on(Methods.resumeAll, (current) => current.resumeAll());
	on(Methods.sync, (current, params: SyncParams) => current.sync(params));
	on(Methods.verify, (current, { workDoneToken, ...part }: VerifyParams) =>
		withProgress(wire, workDoneToken, { title: 'Verify', noun: 'records', cancellable: false }, (report) =>
			current.verify(part, report),
		),
	);
	on(Methods.repair, (current, { workDoneToken, ...part }: VerifyParams) =>
		withProgress(wire, workDoneToken, { title: 'Repair', noun: 'records', cancellable: false }, (report) =>
			current.repair(part, report),
		),
	);
}

function signalOf(cancellation: CancellationToken): AbortSignal {
	const controller = new AbortController();
	cancellation.onCancellationRequested(() => {
		controller.abort();
	});
	return controller.signal;
}

function rescan(wire: Wire, engine: Engine, { watchId, workDoneToken }: RescanParams): Promise<unknown> {
	return withProgress(wire, workDoneToken, { title: 'Rescan', noun: 'files', cancellable: true }, (report) =>
		engine.rescan(watchId, report),
	);
}

/** Does work, and reports begin, percentages and end where somebody gave a token for it. */
async function withProgress<T>(
	wire: Wire,
	token: string | number | undefined,
	{ title, noun, cancellable }: { title: string; noun: string; cancellable: boolean },
	work: (report: ((progress: ScanProgress) => void) | undefined) => Promise<T>,
): Promise<T> {
	if (token === undefined) {
		return await work(undefined);
	}
	let latest = 0;
	const send = (value: WorkDone) => {
		// A connection that is gone needs no progress; the request itself fails and is seen.
		wire.sendProgress(workDone, token, value).catch(() => undefined);
	};
	send({ kind: 'begin', title, percentage: 0, cancellable });
	try {
		return await work(({ done, total }) => {
			// Rising, and 100 only at the end: there may be more now than when the total was counted.
			latest = Math.max(latest, total === 0 ? 0 : Math.min(99, Math.floor((done / total) * 100)));
			const known = Math.max(total, done);
			send({
				kind: 'report',
				message: `${done.toLocaleString('en')}/${known.toLocaleString('en')} ${noun}`,
				percentage: latest,
			});
		});
	} finally {
		send({ kind: 'end' });
	}
}
