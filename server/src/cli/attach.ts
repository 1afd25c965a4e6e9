/** Finds the index that a command is about, and somebody who answers for it: its server, or the index itself. */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { FiletideError } from '#shared/errors.ts';
import type { NetChange, PathStats, WatchSummary } from '#shared/model.ts';
import type {
	HotPathsParams,
	HotPathsResult,
	RatesParams,
	RatesResult,
	SinceResult,
	StatsResult,
	VerifyResult,
} from '#shared/protocol.ts';
import type { EngineListener } from '../engine/engine.ts';
import { summarize } from '../engine/summary.ts';
import { statOnDisk, toldVerification } from '../engine/verifying.ts';
import type { Part } from '../index/verify/part.ts';
import { watchLimit } from '../watching/limits.ts';
import { IndexReader } from '../index/reader.ts';
import { dataFile } from '../index/tables.ts';
import { findIndex, recordedRoots, socketPath } from '../platform/locations.ts';
import { describeError, stderrLogger } from '../platform/log.ts';
import { fromShown, shownFrom, shownPath } from '../platform/names.ts';
import { RemoteEngine } from '../rpc/remote-engine.ts';
import { HELLO } from '../rpc/session.ts';
import { ExitCodes, ExitError } from './exit.ts';

/** The index folder for a command's `--index` and folder argument. */
export function locateIndex(folder: string, index: string | undefined): string {
	const found = index === undefined ? findIndex(folder) : resolve(index);
	if (found === undefined || !existsSync(dataFile(found))) {
		const where = index === undefined ? resolve(folder) : resolve(index);
		throw new ExitError(
			ExitCodes.noServer,
			`No index was found for ${where}. Start one with "filetide serve ${folder}".`,
		);
	}
	return found;
}

/** The running server of an index. @throws ExitError 3 when none answers. */
export async function attach(indexPath: string, listener?: EngineListener): Promise<RemoteEngine> {
	const remote = await tryAttach(indexPath, listener);
	if (remote === undefined) {
		throw new ExitError(
			ExitCodes.noServer,
			`No server is running for the index ${indexPath}. Start one with "filetide serve".`,
		);
	}
	return remote;
}

/** What {@link changePrinter} looks at. */
type Told = Pick<NetChange, 'path' | 'bytes' | 'from' | 'fromBytes'>;

/** What can be asked with or without a server. */
export interface Answers {
	verify(part: Part): Promise<VerifyResult>;
	since(cursor: string): Promise<SinceResult>;
	stats(): Promise<StatsResult>;
	pathStats(path: string): Promise<PathStats | undefined>;
	hotPaths(params: HotPathsParams): Promise<HotPathsResult>;
	rates(params: RatesParams): Promise<RatesResult>;
	close(): Promise<void>;
}

/** Asks the running server, or reads the index when there is none. */
export async function attachOrRead(indexPath: string): Promise<Answers> {
	const remote = await tryAttach(indexPath);
	return remote === undefined ? offline(new IndexReader(indexPath, tellDamage)) : online(remote);
}

/** How a path is printed: relative to the served folder, absolute when several are served. */
export function pathPrinter(indexPath: string): (path: string) => string {
	const roots = recordedRoots(indexPath);
	const [root] = roots;
	return roots.length === 1 && root !== undefined ? (path) => relative(root, path) || '.' : (path) => path;
}

/** The running server of an index, if one answers. */
export async function tryAttach(indexPath: string, listener?: EngineListener): Promise<RemoteEngine | undefined> {
	try {
		const usual = socketPath(indexPath);
		const remote = await RemoteEngine.connect(usual, HELLO, listener);
		if (remote !== undefined) {
			return remote;
		}
		// A server with another environment (XDG_RUNTIME_DIR, TMPDIR) listens elsewhere; the index says where.
		const recorded = await recordedSocket(indexPath);
		return recorded === undefined || recorded === usual
			? undefined
			: await RemoteEngine.connect(recorded, HELLO, listener);
	} catch (error) {
		if (error instanceof FiletideError) {
			throw new ExitError(ExitCodes.noServer, describeError(error), { cause: error });
		}
		throw error;
	}
}

/** A change as it is printed: {@link pathPrinter} for its paths and for the bytes of those that are not UTF-8. */
export function changePrinter(indexPath: string): <T extends Told>(change: T) => T {
	const print = pathPrinter(indexPath);
	return (change) => ({
		...change,
		...shownPath(print(fromShown(change.path, change.bytes))),
		...(change.from === undefined ? {} : shownFrom(print(fromShown(change.from, change.fromBytes)))),
	});
}

/** What is left out of an answer is told. */
export function tellDamage(error: Error): void {
	stderrLogger.log('warn', `${error.message} It is left out; run "filetide repair".`);
}

async function recordedSocket(indexPath: string): Promise<string | undefined> {
	const reader = new IndexReader(indexPath, tellDamage);
	try {
		return reader.owner()?.socket;
	} finally {
		await reader.close();
	}
}

function online(remote: RemoteEngine): Answers {
	return {
		verify: (part) => remote.verify(part, undefined),
		since: (cursor) => remote.since(cursor),
		stats: () => remote.stats(),
		hotPaths: (params) => remote.hotPaths(params),
		rates: (params) => remote.rates(params),
		pathStats: async (path) => (await remote.pathStats([path])).stats[0] ?? undefined,
		close: () => {
			remote.close();
			return Promise.resolve();
		},
	};
}

function offline(reader: IndexReader): Answers {
	return {
		verify: (part) => Promise.resolve(toldVerification(reader.verify({ part, statOf: statOnDisk }))),
		since: (cursor) => Promise.resolve(reader.since(cursor)),
		stats: () =>
			Promise.resolve({
				global: reader.global(),
				watches: storedSummaries(reader),
				index: reader.summary(),
				handles: { used: 0, limit: watchLimit()?.value ?? null },
				retention: reader.retention(),
			}),
		hotPaths: (params) => Promise.resolve(reader.hotPaths(params, Date.now())),
		rates: (params) => Promise.resolve(reader.rates(params, Date.now())),
		pathStats: (path) => Promise.resolve(reader.pathStats(path)),
		close: () => reader.close(),
	};
}

/** Watches as the index remembers them: nobody runs them. */
function storedSummaries(reader: IndexReader): WatchSummary[] {
	return [...reader.watches()].map(([id, watch]) =>
		summarize(
			{ id, name: watch.name, root: watch.root, state: 'stopped', ...reader.runtimeCounts(id) },
			reader.watchCounts(id),
		),
	);
}
