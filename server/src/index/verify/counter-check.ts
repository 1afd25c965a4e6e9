/** `path_stats`, `watch_stats` and `stats` against a recount. */
import * as counts from '../counts.ts';
import { GLOBAL_KEYS } from '../global-stats.ts';
import { packPathCounts, unpackPathCounts } from '../path-counts.ts';
import { packCounts, unlessDamaged, unpackCounts } from '../records.ts';
import type { Tables } from '../tables.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { NO_SLOT } from './id-slots.ts';
import type { LogRecount } from './log-check.ts';
import { Flags, type Tree } from './tree.ts';
import type { KnownWatches } from './watch-check.ts';

type CounterTables = Pick<Tables, 'pathStats' | 'watchStats' | 'stats'>;

/**
 * Compares all counters.
 *
 * @param tree with the nodes' own counters
 * @param nameOf a node's path, as it is told
 * @param each called once per row
 */
export function checkCounters(
	tables: CounterTables,
	tree: Tree,
	known: KnownWatches,
	log: LogRecount,
	findings: Findings,
	nameOf: (slot: number) => string,
	each: () => void,
): void {
	tree.rollUp();
	checkPaths(tables, tree, findings, nameOf, each);
	const live = checkWatches(tables, tree, known, log, findings, each);
	checkGlobal(tables, live, log, findings, each);
}

// --- paths -----------------------------------------------------------------------------------------------------------

function checkPaths(
	{ pathStats }: CounterTables,
	tree: Tree,
	findings: Findings,
	nameOf: (slot: number) => string,
	each: () => void,
): void {
	for (const { key: id, value } of pathStats.getRange({})) {
		each();
		const slot = tree.slots.find(id);
		const isKnown = slot !== NO_SLOT && tree.is(slot, Flags.reachable);
		if (isKnown && agrees(value, tree, slot)) {
			tree.mark(slot, Flags.hasCounts);
			continue;
		}
		const was = readPathCounts(value);
		if (!isKnown) {
			const about = slot === NO_SLOT ? {} : { slot };
			const row = was === undefined ? DAMAGED : toldPath(was);
			findings.add({ table: 'path_stats', key: id, was: row, is: null }, about, () => pathStats.removeSync(id));
			continue;
		}
		tree.mark(slot, Flags.hasCounts);
		const is = pathCounts(tree, slot);
		const row = was === undefined ? DAMAGED : toldPath(was);
		const difference = { table: 'path_stats', key: nameOf(slot), was: row, is: toldPath(is) };
		findings.add(difference, { slot }, () => pathStats.putSync(id, packPathCounts(is)));
	}
	for (let slot = 0; slot < tree.size; slot++) {
		if (tree.is(slot, Flags.hasCounts) || !tree.is(slot, Flags.reachable)) {
			continue;
		}
		const is = pathCounts(tree, slot);
		if (is.some((n) => n !== 0)) {
			const difference = { table: 'path_stats', key: nameOf(slot), was: null, is: toldPath(is) };
			findings.add(difference, { slot }, () => pathStats.putSync(tree.ids[slot] ?? 0, packPathCounts(is)));
		}
	}
}

/** Without making an array: nearly all do. */
function agrees(value: Buffer, tree: Tree, slot: number): boolean {
	const row = readPathCounts(value, ROW);
	for (let i = 0; i < counts.LIVE; i++) {
		const at = slot * counts.LIVE + i;
		if (row?.[i] !== tree.own[at] || row?.[counts.LIVE + i] !== tree.subtree[at]) {
			return false;
		}
	}
	return true;
}

const ROW = Array.from({ length: counts.PATH_COUNTS }, () => 0);

function pathCounts(tree: Tree, slot: number): number[] {
	const [from, to] = [slot * counts.LIVE, (slot + 1) * counts.LIVE];
	return [...tree.own.subarray(from, to), ...tree.subtree.subarray(from, to)];
}

function toldPath(row: readonly number[]): unknown {
	return { own: counts.toCounters(row), subtree: counts.toCounters(row, counts.LIVE) };
}

// --- watches ---------------------------------------------------------------------------------------------------------

/** @returns the live counters of all nodes together */
function checkWatches(
	{ watchStats }: CounterTables,
	tree: Tree,
	known: KnownWatches,
	log: LogRecount,
	findings: Findings,
	each: () => void,
): number[] {
	const { rows, live } = recountWatches(tree, known);
	const seen = new Set<string>();
	for (const { key: id, value } of watchStats.getRange({})) {
		each();
		seen.add(id);
		const was = readCounts(value, counts.WATCH_COUNTS);
		if (!known.watches.has(id)) {
			const row = was === undefined ? DAMAGED : toldWatch(was);
			findings.add({ table: 'watch_stats', key: id, was: row, is: null }, { watches: [id] }, () =>
				watchStats.removeSync(id),
			);
			continue;
		}
		const is = withHistory(rows.get(id) ?? emptyWatch(), was, id, log);
		if (was === undefined || is.some((n, i) => n !== was[i])) {
			const row = was === undefined ? DAMAGED : toldWatch(was);
			findings.add({ table: 'watch_stats', key: id, was: row, is: toldWatch(is) }, { watches: [id] }, () =>
				watchStats.putSync(id, packCounts(is)),
			);
		}
	}
	for (const id of known.watches.keys()) {
		const is = seen.has(id) ? emptyWatch() : withHistory(rows.get(id) ?? emptyWatch(), undefined, id, log);
		if (is.some((n) => n !== 0)) {
			findings.add({ table: 'watch_stats', key: id, was: null, is: toldWatch(is) }, { watches: [id] }, () =>
				watchStats.putSync(id, packCounts(is)),
			);
		}
	}
	return live;
}

/** Live counters, files and folders: by coverage first, because there are few of those. */
function recountWatches(tree: Tree, known: KnownWatches): { rows: Map<string, number[]>; live: number[] } {
	const byCoverage = new Map<number, number[]>();
	for (let slot = 1; slot < tree.size; slot++) {
		if (!tree.is(slot, Flags.reachable)) {
			continue;
		}
		const coverage = tree.coverages[slot] ?? 0;
		let row = byCoverage.get(coverage);
		if (row === undefined) {
			row = emptyWatch();
			byCoverage.set(coverage, row);
		}
		for (let i = 0; i < counts.LIVE; i++) {
			row[i]! += tree.own[slot * counts.LIVE + i] ?? 0;
		}
		row[tree.isFolder(slot) ? counts.WATCH_FOLDERS : counts.WATCH_FILES]! += 1;
	}
	const rows = new Map<string, number[]>();
	const live = Array.from({ length: counts.LIVE }, () => 0);
	for (const [coverage, row] of byCoverage) {
		counts.addLive(live, 0, row, 1);
		for (const id of known.watchesOf(coverage)) {
			const sum = rows.get(id) ?? emptyWatch();
			rows.set(
				id,
				sum.map((n, i) => n + (row[i] ?? 0)),
			);
		}
	}
	return { rows, live };
}

/**
 * What only grows: at least what the log still has of it; what the row says beyond that was pruned. A row that cannot be read
 * begins again with what the log has.
 */
function withHistory(row: number[], was: readonly number[] | undefined, id: string, log: LogRecount): number[] {
	const recount = log.watches.get(id);
	const is = [...row];
	for (let i = 0; i < counts.LIFETIME; i++) {
		is[counts.LIVE + i] = atLeast(recount?.lifetime[i] ?? 0, was?.[counts.LIVE + i]);
	}
	const lastChange = was?.[counts.WATCH_LAST_CHANGE];
	is[counts.WATCH_LAST_CHANGE] = recount?.lastChange ?? (isTime(lastChange) ? lastChange : 0);
	return is;
}

function emptyWatch(): number[] {
	return Array.from({ length: counts.WATCH_COUNTS }, () => 0);
}

function toldWatch(row: readonly number[]): unknown {
	return {
		...counts.toCounters(row),
		lifetime: counts.toLifetime(row, counts.LIVE),
		files: row[counts.WATCH_FILES] ?? 0,
		folders: row[counts.WATCH_FOLDERS] ?? 0,
		lastChange: row[counts.WATCH_LAST_CHANGE] ?? 0,
	};
}

// --- the whole -------------------------------------------------------------------------------------------------------

function checkGlobal(
	{ stats }: CounterTables,
	live: readonly number[],
	log: LogRecount,
	findings: Findings,
	each: () => void,
): void {
	for (const [i, key] of GLOBAL_KEYS.entries()) {
		each();
		const value = stats.get(key);
		const was = value === undefined ? undefined : readCounts(value, 1)?.[0];
		const is =
			i < counts.LIVE
				? (live[i] ?? 0)
				: i < counts.GLOBAL_EVENTS
					? atLeast(log.lifetime[i - counts.LIVE] ?? 0, was)
					: log.records;
		const isMissing = value === undefined;
		if (isMissing ? is !== 0 : was !== is) {
			findings.add({ table: 'stats', key, was: isMissing ? null : (was ?? DAMAGED), is }, {}, () =>
				stats.putSync(key, packCounts([is])),
			);
		}
	}
	for (const key of stats.getKeys({})) {
		if (!GLOBAL_KEYS.includes(key)) {
			each();
			findings.add({ table: 'stats', key, was: DAMAGED, is: null }, {}, () => stats.removeSync(key));
		}
	}
}

// --- numbers ---------------------------------------------------------------------------------------------------------

/** A stored number if it is one and no less than it must be. */
function atLeast(least: number, stored: number | undefined): number {
	return stored !== undefined && Number.isSafeInteger(stored) && stored >= least ? stored : least;
}

function isTime(value: number | undefined): value is number {
	return value !== undefined && Number.isFinite(value) && value >= 0;
}

/** The numbers of a row; undefined when it cannot be read. */
export function readCounts(value: Buffer, length: number): number[] | undefined {
	return value.length === 4 + length * 8 ? unlessDamaged(() => unpackCounts(value, length)) : undefined;
}

/** The numbers of a row of `path_stats`; undefined when it cannot be read. @param row filled, and returned */
export function readPathCounts(value: Buffer, row?: number[]): number[] | undefined {
	return unlessDamaged(() => unpackPathCounts(value, row));
}
