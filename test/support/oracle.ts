/**
 * What the index must say, worked out the naive way: the disk walked anew, the counters recounted from the log.
 */
import assert from 'node:assert/strict';
import { type Dirent, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Counters, EntryKind, LifetimeCounters, LoggedChange, NetChange } from '#shared/model.ts';
import type { Status } from '#shared/protocol.ts';
import type { EngineClient } from './engine-client.ts';

/** Decides from an entry's path relative to the watch's root. */
export type Covers = (path: string, kind: EntryKind) => boolean;

/** What the filters that are on by default leave (DESIGN.md §4, without `.gitignore` files). */
export function passesDefaultFilters(path: string): boolean {
	return !path
		.split('/')
		.some(
			(name) =>
				name.startsWith('.') || name.endsWith('~') || name.endsWith('.tmp') || name.endsWith('.metadata.json'),
		);
}

/** Everything beneath a folder that exists now: path relative to it → kind. */
export function walk(folder: string, prefix = '', found = new Map<string, EntryKind>()): Map<string, EntryKind> {
	// By hand: fast-glob does not look into folders with a newline in their names, recursive `readdir` follows links.
	for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
		const path = prefix + entry.name;
		found.set(path, kindOf(entry));
		if (entry.isDirectory()) {
			walk(folder, `${path}/`, found);
		}
	}
	return found;
}

function kindOf(entry: Dirent): EntryKind {
	return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other';
}

/** The paths of a tree, sorted, as `kind path`. */
function lines(entries: Iterable<readonly [string, EntryKind]>): string[] {
	return Array.from(entries, ([path, kind]) => `${kind} ${path}`).sort();
}

export interface Expectation {
	/** What each watch covers, by its id or name. Default: the default filters, for every watch. */
	covers?: Record<string, Covers>;
	/**
	 * What can be recounted from the log: all counters, not the lifetime ones (a watch was away for a while), or none (files
	 * were out of every watch for a while, which the log does not tell).
	 */
	recount?: 'all' | 'live' | 'nothing';
}

/** Fails unless the index equals the disk and every counter equals its recount. Call it behind a barrier. */
export async function checkIndex(
	client: EngineClient,
	{ covers = {}, recount = 'all' }: Expectation = {},
): Promise<void> {
	const status = await client.status();
	const coveredBy = new Map<string, Set<string>>();
	const kinds = new Map<string, EntryKind>();
	for (const watch of status.watches) {
		const covered = covers[watch.id] ?? covers[watch.name] ?? passesDefaultFilters;
		const counted = { files: 0, folders: 0 };
		for (const [path, kind] of walk(watch.path)) {
			if (covered(path, kind)) {
				const absolute = `${watch.path}/${path}`;
				kinds.set(absolute, kind);
				coveredBy.set(absolute, (coveredBy.get(absolute) ?? new Set()).add(watch.id));
				counted[kind === 'folder' ? 'folders' : 'files']++;
			}
		}
		assert.deepEqual(
			{ files: watch.files, folders: watch.folders },
			counted,
			`files and folders of the watch ${watch.name}`,
		);
	}
	const listed = await client.since('0');
	assert.equal(listed.fresh, true);
	assert.deepEqual(
		lines(listed.changes.map(({ path, kind }): [string, EntryKind] => [path, kind])),
		lines(kinds),
		'the index equals the disk',
	);
	if (recount !== 'nothing') {
		await checkCounters(client, status, coveredBy, recount === 'all');
	}
}

async function checkCounters(
	client: EngineClient,
	status: Status,
	coveredBy: ReadonlyMap<string, ReadonlySet<string>>,
	lifetime: boolean,
): Promise<void> {
	const log = new Map<number, LoggedChange>();
	for (const watch of status.watches) {
		for (const record of await client.log(watch.id)) {
			log.set(record.seq, record);
		}
	}
	const records = [...log.values()].sort((a, b) => a.seq - b.seq);
	const live = recountLive(records, coveredBy);
	assert.deepEqual(status.global, sum(live.values()), 'global counters equal the recount');
	for (const watch of status.watches) {
		const mine = [...live].filter(([path]) => coveredBy.get(path)?.has(watch.id)).map(([, counters]) => counters);
		const { event_count, metadata_count, per_type_counts } = watch;
		assert.deepEqual(
			{ event_count, metadata_count, per_type_counts },
			sum(mine),
			`counters of the watch ${watch.name} equal the recount`,
		);
		if (lifetime) {
			assert.deepEqual(watch.lifetime, recountLifetime(records, watch.id), `lifetime of the watch ${watch.name}`);
		}
	}
	const paths = [...coveredBy.keys()];
	const found = await client.pathStats(paths);
	const expected = subtrees(paths, live);
	assert.deepEqual(
		Object.fromEntries(found.map((stats, i) => [paths[i], stats])),
		Object.fromEntries(paths.map((path) => [path, expected.get(path)])),
		'counters of each path equal the recount',
	);
}

/** Live counters by path: records of what exists, since it came into existence. */
function recountLive(records: readonly LoggedChange[], exists: ReadonlyMap<string, unknown>): Map<string, Counters> {
	const live = new Map<string, Counters>();
	for (const { path, type, reason } of records) {
		if (type === 'remove' || type === 'create') {
			live.delete(path);
		}
		if (type !== 'remove' && reason === undefined) {
			const one = { ...ZERO, per_type_counts: { ...ZERO.per_type_counts, [type]: 1 } };
			live.set(path, sum([live.get(path) ?? ZERO, withTotals(one)]));
		}
	}
	return new Map([...live].filter(([path]) => exists.has(path)));
}

function recountLifetime(records: readonly LoggedChange[], watchId: string): LifetimeCounters {
	const total: LifetimeCounters = { create: 0, modify: 0, metadata: 0, move: 0, remove: 0 };
	for (const { type, reason, watches } of records) {
		if (reason === undefined && watches.includes(watchId)) {
			total[type]++;
		}
	}
	return total;
}

function subtrees(paths: readonly string[], live: ReadonlyMap<string, Counters>): Map<string, object> {
	const totals = new Map<string, Counters>();
	for (const [path, counters] of live) {
		for (let folder = path; folder !== ''; folder = folder.slice(0, folder.lastIndexOf('/'))) {
			totals.set(folder, sum([totals.get(folder) ?? ZERO, counters]));
		}
	}
	return new Map(
		paths.map((path) => [path, { path, own: live.get(path) ?? ZERO, subtree: totals.get(path) ?? ZERO }]),
	);
}

const ZERO: Counters = {
	event_count: 0,
	metadata_count: 0,
	per_type_counts: { create: 0, modify: 0, metadata: 0, move: 0 },
};

function withTotals({ per_type_counts: types }: Counters): Counters {
	return {
		event_count: types.create + types.modify + types.move,
		metadata_count: types.metadata,
		per_type_counts: types,
	};
}

function sum(all: Iterable<Counters>): Counters {
	const types = { ...ZERO.per_type_counts };
	for (const { per_type_counts: more } of all) {
		types.create += more.create;
		types.modify += more.modify;
		types.metadata += more.metadata;
		types.move += more.move;
	}
	return withTotals({ ...ZERO, per_type_counts: types });
}

/** Net changes as short lines, sorted: `create file a/b`, with the reason where there is one. */
export function netLines(changes: readonly NetChange[], root: string): string[] {
	return changes
		.map(({ type, kind, path, reason }) => {
			const because = reason === undefined ? '' : ` (${reason})`;
			return `${type} ${kind} ${relative(root, path)}${because}`;
		})
		.sort();
}
