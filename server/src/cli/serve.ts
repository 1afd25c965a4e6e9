import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Status } from '#shared/protocol.ts';
import { planWatches, type WatchPlan, type WatchSource } from '../engine/watch-plan.ts';
import { lookAtRoot } from '../engine/disk.ts';
import { indexFolder } from '../platform/locations.ts';
import { describeError, stderrLogger } from '../platform/log.ts';
import { Session } from '../rpc/session.ts';
import { ExitCodes, ExitError } from './exit.ts';

export interface ServeOptions {
	config?: string;
	index?: string;
	/** False for `--no-graph`. */
	graph?: boolean;
	keepDays?: number;
	keepRecords?: number;
	keepMegabytes?: number;
}

/** A server for the command line: leads or follows like the extension's. */
export interface Served {
	session: Session;
	folder: string;
	/** Keys of the problems that have been told. */
	told: ReadonlySet<string>;
	/** Resolves on SIGINT or SIGTERM, when everything is closed. */
	ended: Promise<void>;
}

/** `filetide serve`: one JSON line when ready, then until a signal. */
export async function serve(folders: string[], options: ServeOptions): Promise<void> {
	const began = performance.now();
	const served = startServing(folders, options);
	const { leaderPid, cursor } = await whenReady(served);
	const ms = Math.round(performance.now() - began);
	process.stdout.write(
		`${JSON.stringify({ ready: true, pid: process.pid, index: served.folder, cursor, ms, leader: leaderPid === process.pid })}\n`,
	);
	await served.ended;
}

/** Starts a session for folders. */
export function startServing(folders: readonly string[], options: ServeOptions): Served {
	const roots = folders.map((folder) => resolve(folder));
	for (const root of roots) {
		const found = lookAtRoot(root);
		if (options.config === undefined && 'stat' in found && found.stat.kind !== 'folder') {
			throw new ExitError(ExitCodes.usage, `${root} is not a folder. Name a folder to watch.`);
		}
	}
	const plan = planFor(roots, options);
	for (const problem of plan.problems) {
		stderrLogger.log('error', problem.message);
	}
	const folder = options.index === undefined ? indexFolder({ folders: roots }) : resolve(options.index);
	const session = new Session({
		folder,
		roots,
		logger: stderrLogger,
		// The logger has said it.
		onProblem: () => undefined,
	});
	const ended = untilSignal().then(() => session.stop());
	session.start(plan);
	return { session, folder, told: new Set(plan.problems.map(({ key }) => key)), ended };
}

/** Waits until every watch is live or in another state that lasts. */
export async function whenReady({
	session,
	told,
}: Served): Promise<{ leaderPid: number; cursor: string; status: Status }> {
	const status = await settledStatus(session);
	for (const { key, message } of status.problems) {
		if (!told.has(key)) {
			stderrLogger.log('warn', message);
		}
	}
	return { leaderPid: status.leaderPid, cursor: status.cursor, status };
}

/** Asks whoever leads, until every watch is settled. */
async function settledStatus(session: Session): Promise<Status> {
	for (;;) {
		const changed = new Promise<void>((resolve) => {
			const subscriber = {
				sendNotification: () => {
					session.notifier.delete(subscriber);
					resolve();
					return Promise.resolve();
				},
			};
			session.notifier.add(subscriber);
		});
		try {
			const status = await (await session.engine()).status();
			if (status.settled) {
				return status;
			}
		} catch (error) {
			if (session.stopped) {
				throw error;
			}
			// The leader went; the next notification comes from its successor.
		}
		// Notifications are coalesced: an engine of our own says it 250 ms earlier.
		await Promise.race([changed, ...(session.leader === undefined ? [] : [session.leader.whenSettled()])]);
	}
}

function planFor(
	roots: readonly string[],
	{ config, graph, keepDays, keepRecords, keepMegabytes }: ServeOptions,
): WatchPlan {
	const folders = roots.map((path) => ({ name: basename(path), path }));
	const sources: WatchSource[] =
		config === undefined
			? roots.map((root) => ({ place: root, entries: [{ path: root }], base: root, excludes: [] }))
			: [{ place: config, entries: readConfig(config), base: dirname(resolve(config)), excludes: [] }];
	const retention = { days: keepDays, records: keepRecords, megabytes: keepMegabytes };
	return planWatches(sources, { folders, trusted: true, retention, graph });
}

function readConfig(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		throw new ExitError(
			ExitCodes.usage,
			`The config file ${resolve(file)} cannot be read: ${describeError(error)}.`,
			{ cause: error },
		);
	}
}

async function untilSignal(): Promise<void> {
	await new Promise((resolve) => {
		process.once('SIGINT', resolve);
		process.once('SIGTERM', resolve);
	});
}
