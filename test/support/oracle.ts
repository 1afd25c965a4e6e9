/**
 * What the index must say, worked out the naive way: the disk walked anew, the counters recounted from the log.
 */
import assert from 'node:assert/strict';
import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { Counters, EntryKind, NetChange, PathStats, WatchSummary } from '#shared/model.ts';
import { MAX_PATHS_PER_REQUEST, type VerifyResult } from '#shared/protocol.ts';
import type { Engine } from '../../server/src/engine/engine.ts';
import { mergedRecords } from './log-pages.ts';
import { origin, Recount, sum, ZERO } from './recount.ts';
import { isText, shownName, shownPath } from './shown-names.ts';

const SLASH = Buffer.from('/');

/** Who is asked: a server's client, or an engine in this process. */
type Answers = Pick<Engine, 'status' | 'since' | 'recentChanges' | 'pathStats'> & {
	verify?: (part: object, onProgress: undefined) => Promise<VerifyResult>;
};

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

/** Which watches follow links, and the real paths of the folders that no followed link leads out of. */
export interface Following {
	ids: ReadonlySet<string>;
	into: readonly string[];
}

/**
 * Everything beneath a folder that exists now: path relative to it, as {@link shownName} shows it → kind.
 *
 * @param into where links may lead that are followed; by default none is
 */
export function walk(folder: string, into: readonly string[] = []): Map<string, EntryKind> {
	const found = new Map<string, EntryKind>();
	walkInto(Buffer.from(folder), '', { folders: [], links: 0 }, into, found);
	return found;
}

/** What lies above: identities of the folders, and how many followed links. */
interface Way {
	folders: readonly string[];
	links: number;
}

/** README: a link beneath so many followed ones stays a link. */
const MOST_FOLLOWED = 8;

function walkInto(
	folder: Buffer,
	prefix: string,
	{ folders, links }: Way,
	into: readonly string[],
	found: Map<string, EntryKind>,
): void {
	const way = { folders: into.length === 0 ? folders : [...folders, identityOf(folder)], links };
	// By hand and by bytes: fast-glob does not look into folders with a newline in their names, recursive `readdir` follows
	// links, and a name need not be text.
	for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
		const path = prefix + shownName(entry.name);
		const inside = Buffer.concat([folder, SLASH, entry.name]);
		const kind = (entry.isSymbolicLink() ? kindOfTarget(inside, way, into) : undefined) ?? kindOf(entry);
		found.set(path, kind);
		if (kind === 'folder') {
			walkInto(inside, `${path}/`, { ...way, links: links + (entry.isSymbolicLink() ? 1 : 0) }, into, found);
		}
	}
}

/** What a followed link is. Undefined for one that stays a link: it leads to nothing, outside, or to a folder on the way. */
function kindOfTarget(link: Buffer, { folders, links }: Way, into: readonly string[]): EntryKind | undefined {
	if (into.length === 0 || links >= MOST_FOLLOWED || !existsSync(link)) {
		return undefined;
	}
	const real = realpathSync(link);
	if (!into.some((root) => `${real}/`.startsWith(`${root}/`))) {
		return undefined;
	}
	const stats = statSync(link);
	return stats.isFile() ? 'file' : stats.isDirectory() && !folders.includes(identityOf(link)) ? 'folder' : undefined;
}

function identityOf(folder: Buffer): string {
	const { dev, ino } = statSync(folder);
	return `${dev}:${ino}`;
}

function kindOf(entry: Dirent<Buffer>): EntryKind {
	return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other';
}

/** The paths of a tree, sorted, as `kind path`. */
function lines(entries: Iterable<readonly [string, EntryKind]>): string[] {
	return Array.from(entries, ([path, kind]) => `${kind} ${path}`).sort();
}

export interface Expectation {
	/** What each watch covers, by its id or name. Default: the default filters, for every watch. */
	covers?: Record<string, Covers>;
	following?: Following;
	/**
	 * What can be recounted from the log: all counters, not the lifetime ones (a watch was away for a while), or none (files
	 * were out of every watch for a while, which the log does not tell).
	 */
	recount?: 'all' | 'live' | 'nothing';
}

/** Fails unless the index equals the disk and every counter equals its recount. Call it behind a barrier. */
export async function checkIndex(
	engine: Answers,
	{ covers = {}, following, recount = 'all' }: Expectation = {},
): Promise<void> {
	const { watches, global } = await engine.status();
	const disk = coveredOnDisk(watches, covers, following);
	const listed = await engine.since('0');
	assert.equal(listed.fresh, true);
	checkListing(disk, watches, listed.changes);
	if (recount !== 'nothing') {
		const records = await mergedRecords(
			engine,
			watches.map(({ id }) => id),
		);
		const recounted = Recount.upTo(disk.kinds.keys(), records);
		recounted.checkNothingLost();
		const counters = Array.from(disk.kinds.keys(), (path) => recounted.live(path));
		assert.deepEqual(global, sum(counters), 'global counters equal the recount');
		checkWatches(disk, watches, recounted, recount === 'all');
		await checkPaths(engine, disk, recounted);
	}
	const verified = await engine.verify?.({}, undefined);
	assert.deepEqual(verified?.differences ?? [], [], 'every table of the index agrees with every other');
}

/** What watches cover of what exists now. */
export interface Disk {
	/** By absolute path. */
	kinds: Map<string, EntryKind>;
	/** Absolute path → ids of the watches. */
	coveredBy: Map<string, Set<string>>;
}

/** Walks the watches' folders. */
export function coveredOnDisk(
	watches: readonly WatchSummary[],
	covers: Record<string, Covers> = {},
	following?: Following,
): Disk {
	const disk: Disk = { kinds: new Map(), coveredBy: new Map() };
	for (const watch of watches) {
		const covered = covers[watch.id] ?? covers[watch.name] ?? passesDefaultFilters;
		for (const [path, kind] of walk(watch.path, following?.ids.has(watch.id) === true ? following.into : [])) {
			if (covered(path, kind)) {
				const absolute = `${watch.path}/${path}`;
				disk.kinds.set(absolute, kind);
				disk.coveredBy.set(absolute, (disk.coveredBy.get(absolute) ?? new Set()).add(watch.id));
			}
		}
	}
	return disk;
}

/** Fails unless the index lists what is on disk, and each watch has so many files and folders. */
export function checkListing(disk: Disk, watches: readonly WatchSummary[], listed: readonly NetChange[]): void {
	assert.deepEqual(
		lines(listed.map((change): [string, EntryKind] => [shownPath(change), change.kind])),
		lines(disk.kinds),
		'the index equals the disk',
	);
	for (const { id, name, files, folders } of watches) {
		const kinds = [...disk.kinds].filter(([path]) => disk.coveredBy.get(path)?.has(id)).map(([, kind]) => kind);
		const counted = kinds.filter((kind) => kind === 'folder').length;
		assert.deepEqual(
			{ files, folders },
			{ files: kinds.length - counted, folders: counted },
			`files and folders of the watch ${name}`,
		);
	}
}

/** Fails unless the counters of the watches equal those of their nodes. */
export function checkWatches(
	disk: Disk,
	watches: readonly WatchSummary[],
	recount: Recount,
	withLifetime: boolean,
): void {
	for (const watch of watches) {
		const mine = [...disk.coveredBy].flatMap(([path, ids]) => (ids.has(watch.id) ? recount.live(path) : []));
		const { event_count, metadata_count, per_type_counts } = watch;
		assert.deepEqual(
			{ event_count, metadata_count, per_type_counts },
			sum(mine),
			`counters of the watch ${watch.name} equal the recount`,
		);
		if (withLifetime) {
			assert.deepEqual(watch.lifetime, recount.lifetime(watch.id), `lifetime of the watch ${watch.name}`);
		}
	}
}

/** Fails unless the counters of each path, and of what is beneath it, equal the recount. */
export async function checkPaths(engine: Answers, disk: Disk, recount: Recount): Promise<void> {
	const counted = new Map(Array.from(disk.kinds.keys(), (path) => [path, recount.live(path)]));
	// The protocol asks by text.
	const paths = [...disk.kinds.keys()].filter(isText);
	const found: (PathStats | null)[] = [];
	for (let from = 0; from < paths.length; from += MAX_PATHS_PER_REQUEST) {
		found.push(...(await engine.pathStats(paths.slice(from, from + MAX_PATHS_PER_REQUEST))).stats);
	}
	const expected = subtrees(paths, counted);
	assert.deepEqual(
		Object.fromEntries(found.map((stats, i) => [paths[i], stats])),
		Object.fromEntries(paths.map((path) => [path, expected.get(path)])),
		'counters of each path equal the recount',
	);
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

/** Net changes as short lines, sorted: `create file a/b`, `move file a -> b`, with the reason where there is one. */
export function netLines(changes: readonly NetChange[], root: string): string[] {
	return changes.map((change) => line(change, root)).sort();
}

/** One change or record as {@link netLines} prints it. */
function line(change: NetChange, root: string): string {
	const { type, kind, from, reason } = change;
	const source = from === undefined ? '' : `${relative(root, origin(change))} -> `;
	const because = reason === undefined ? '' : ` (${reason})`;
	return `${type} ${kind} ${source}${relative(root, shownPath(change))}${because}`;
}
