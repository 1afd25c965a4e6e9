/**
 * After a server that did not end in order, only what it wrote last is suspect: the end of the log, the nodes that it is
 * about, the folders above them, the watches, and the whole. Looking at these takes the same time however large the index is.
 * It tells whether something is wrong; what exactly, {@link verify} works out.
 */
import * as counts from '../counts.ts';
import { GLOBAL_KEYS } from '../global-stats.ts';
import {
	DamagedRecordError,
	identityKey,
	type LogRecord,
	lowerHalf,
	nodeKey,
	readLog,
	REMOVE,
	unpackNode,
	unpackPlace,
} from '../records.ts';
import { readBurst } from '../bursts.ts';
import { ROOT_NODE, type Tables } from '../tables.ts';
import { readCounts, readPathCounts } from './counter-check.ts';
import { KnownWatches } from './watch-check.ts';

/** More than one transaction writes at once where a crash can fall into it, apart from scans and removed trees. */
const RECORDS = 1000;
/** Children whose counters are added up: of one folder, and of all. What has more is left out. */
const MOST_OF_FOLDER = 1000;
const MOST_CHILDREN = 10_000;

/** A row that is wrong, or whose neighbours are. */
export interface Suspect {
	table: string;
	key: string | number;
}

/** What the records say of a node, from its first one in the part of the log that is looked at. */
interface Recent {
	newest: number;
	live: number[];
	/** Whether all of its records are among them. */
	complete: boolean;
}

/** Looks at what was written last. Empty when all of it agrees. */
export function findSuspects(tables: Tables): Suspect[] {
	const found: Suspect[] = [];
	const wrong = (table: string, key: string | number) => void found.push({ table, key });
	const known = KnownWatches.read(tables);
	for (const id of known.unreadable.watches) {
		wrong('watches', id);
	}
	for (const id of known.unreadable.coverages) {
		wrong('coverages', id);
	}
	const records = newestRecords(tables, wrong);
	checkBursts(tables, records, wrong);
	const folders = new Set<number>();
	for (const [id, recent] of recentNodes(records)) {
		guarded(
			() => checkNode(tables, id, recent, folders, wrong),
			() => wrong('nodes', id),
		);
	}
	checkFolders(tables, folders, wrong);
	checkTotals(tables, known, wrong);
	return found;
}

type Wrong = (table: string, key: string | number) => void;

function newestRecords({ log, meta }: Tables, wrong: Wrong): [seq: number, record: LogRecord][] {
	const records: [number, LogRecord][] = [];
	for (const { key: seq, value } of log.getRange({ reverse: true, limit: RECORDS })) {
		const record = readLog(value);
		if (record === undefined) {
			wrong('log', seq);
		} else {
			records.push([seq, record]);
		}
	}
	const [last = 0] = log.getKeys({ reverse: true, limit: 1 });
	if (last > (meta.get('head') ?? 0)) {
		wrong('meta', 'head');
	}
	return records.toReversed();
}

function checkBursts(tables: Tables, records: readonly [number, LogRecord][], wrong: Wrong): void {
	const newest = new Map<number, number>();
	for (const [seq, { burst }] of records) {
		newest.set(burst, seq);
	}
	newest.delete(0);
	for (const [id, seq] of newest) {
		guarded(
			() => {
				if (readBurst(tables, id)?.lastSeq !== seq) {
					wrong('bursts', id);
				}
			},
			() => wrong('bursts', id),
		);
	}
}

function recentNodes(records: readonly [number, LogRecord][]): Map<number, Recent> {
	const nodes = new Map<number, Recent>();
	for (const [seq, { nodeId, type, reason }] of records) {
		if (nodeId === 0 || type > REMOVE) {
			continue;
		}
		if (type === REMOVE) {
			nodes.set(nodeId, { newest: 0, live: zeros(), complete: true });
			continue;
		}
		// The first record of a node says that it came into existence.
		const recent = nodes.get(nodeId) ?? { newest: 0, live: zeros(), complete: type === 0 && reason === undefined };
		recent.newest = seq;
		if (reason === undefined) {
			recent.live[type] = (recent.live[type] ?? 0) + 1;
		}
		nodes.set(nodeId, recent);
	}
	return nodes;
}

/** @param folders takes the folders above it */
function checkNode(tables: Tables, id: number, recent: Recent, folders: Set<number>, wrong: Wrong): void {
	const placed = tables.nodeById.get(id);
	if (placed === undefined) {
		if (tables.pathStats.doesExist(id)) {
			wrong('path_stats', id);
		}
		return;
	}
	const { parent, name } = unpackPlace(placed);
	const value = tables.nodes.get(nodeKey(parent, name));
	const node = value === undefined ? undefined : unpackNode(value);
	if (node?.id !== id || !tables.nodeByIdentity.doesExist(identityKey(lowerHalf(node.ino), id))) {
		wrong('node_by_id', id);
		return;
	}
	const row = readOwn(tables, id);
	const isCounted =
		node.coverage === 0 ||
		(row?.every((n, i) => (recent.complete ? n === recent.live[i] : n >= (recent.live[i] ?? 0))) === true &&
			node.lastSeq === recent.newest);
	if (!isCounted) {
		wrong('path_stats', id);
	}
	if (node.kind === 'folder') {
		folders.add(id);
	}
	for (let at = parent; at !== ROOT_NODE && !folders.has(at);) {
		folders.add(at);
		const above = tables.nodeById.get(at);
		if (above === undefined) {
			wrong('node_by_id', at);
			return;
		}
		at = unpackPlace(above).parent;
	}
	folders.add(ROOT_NODE);
}

/** A folder = itself + its children. */
function checkFolders(tables: Tables, folders: ReadonlySet<number>, wrong: Wrong): void {
	let children = 0;
	for (const folder of folders) {
		const row = readRow(tables, folder);
		if (row === undefined) {
			wrong('path_stats', folder);
			continue;
		}
		const sum = row.slice(0, counts.LIVE);
		const range = { start: nodeKey(folder, ''), end: nodeKey(folder + 1, ''), limit: MOST_OF_FOLDER + 1 };
		const values = Array.from(tables.nodes.getRange(range), ({ value }) => value);
		children += values.length;
		if (children > MOST_CHILDREN) {
			return;
		}
		for (const value of values) {
			guarded(
				() => counts.addLive(sum, 0, (readRow(tables, unpackNode(value).id) ?? []).slice(counts.LIVE), 1),
				() => wrong('nodes', folder),
			);
		}
		if (values.length <= MOST_OF_FOLDER && sum.some((n, i) => n !== row[counts.LIVE + i])) {
			wrong('path_stats', folder);
		}
	}
}

function checkTotals(tables: Tables, known: KnownWatches, wrong: Wrong): void {
	for (const id of known.watches.keys()) {
		const value = tables.watchStats.get(id);
		const row = value === undefined ? [] : readCounts(value, counts.WATCH_COUNTS);
		if (row?.every((n) => Number.isSafeInteger(n) && n >= 0) !== true) {
			wrong('watch_stats', id);
		}
	}
	// All live records there are, so the root of everything has them too.
	const live = readRow(tables, ROOT_NODE)?.slice(counts.LIVE) ?? [];
	for (const [i, key] of GLOBAL_KEYS.entries()) {
		const value = tables.stats.get(key);
		const was = value === undefined ? 0 : (readCounts(value, 1)?.[0] ?? -1);
		const isRight =
			i < counts.LIVE
				? was === live[i]
				: i < counts.GLOBAL_EVENTS
					? was >= (live[i - counts.LIVE] ?? 0)
					: was === entriesOf(tables.log);
		if (!isRight) {
			wrong('stats', key);
		}
	}
}

function entriesOf(table: { getStats(): object }): number {
	return (table.getStats() as { entryCount?: number }).entryCount ?? 0;
}

function readOwn(tables: Tables, id: number): number[] | undefined {
	return readRow(tables, id)?.slice(0, counts.LIVE);
}

/** Zeros where there is no row; undefined when it is damaged. */
function readRow({ pathStats }: Tables, id: number): number[] | undefined {
	const value = pathStats.get(id);
	return value === undefined ? [...zeros(), ...zeros()] : readPathCounts(value);
}

function zeros(): number[] {
	return Array.from({ length: counts.LIVE }, () => 0);
}

/** Does `look`, or says that something it read is damaged. */
function guarded(look: () => void, damaged: () => void): void {
	try {
		look();
	} catch (error) {
		if (!(error instanceof DamagedRecordError)) {
			throw error;
		}
		damaged();
	}
}
