/**
 * The nodes with the most changes in each minute, hour and day: at most {@link TRACKED} for each watch and period, so that the
 * table stays bounded and a window costs O(its periods), however many nodes changed in it.
 *
 * Each row counts like "space saving" (Metwally and others, 2005), a transaction at a time: `count` is at most `error` too
 * high, and no node that the row does not have had more than `floor` changes. Where at most {@link TRACKED} nodes changed in a
 * period, both are 0 and all counts are exact.
 */
import { type Keep, periodKey, periodOf, periodRows, putPeriod, UNIT_MS, UNITS } from './periods.ts';
import type { RateUnit } from '#shared/model.ts';
import { seal, unseal } from './records.ts';
import type { Tables } from './tables.ts';

/** 1.5 KB a row: what LMDB keeps within a page. */
export const TRACKED = 128;
/** Windows are exact to the minute within three hours, to the hour within a week, and else to the day. */
const HOT_KEPT: Keep = { minute: 181, hour: 169, day: 91 };
/** The longest window, in milliseconds. */
export const LONGEST_WINDOW_MS = (HOT_KEPT.day - 1) * UNIT_MS.day;

const HEADER = 8;
const ENTRY = 12;

interface Tally {
	count: number;
	error: number;
}

interface HotRow {
	/** No other node has more. */
	floor: number;
	nodes: Map<number, Tally>;
}

function unpackRow(value: Buffer): HotRow {
	unseal(value, HEADER, 'hot nodes');
	const nodes = new Map<number, Tally>();
	for (let at = HEADER; at < value.length; at += ENTRY) {
		nodes.set(value.readUInt32LE(at), { count: value.readUInt32LE(at + 4), error: value.readUInt32LE(at + 8) });
	}
	return { floor: value.readUInt32LE(4), nodes };
}

function packRow({ floor, nodes }: HotRow): Buffer {
	const out = Buffer.allocUnsafe(HEADER + nodes.size * ENTRY);
	out.writeUInt32LE(floor, 4);
	let at = HEADER;
	for (const [node, { count, error }] of nodes) {
		at = out.writeUInt32LE(node, at);
		at = out.writeUInt32LE(count, at);
		at = out.writeUInt32LE(error, at);
	}
	return seal(out);
}

/** Keeps the {@link TRACKED} nodes with the highest counts. */
function trim(row: HotRow): void {
	if (row.nodes.size > TRACKED) {
		const ranked = [...row.nodes].sort(([, a], [, b]) => b.count - a.count);
		for (const [node, { count }] of ranked.slice(TRACKED)) {
			row.floor = Math.max(row.floor, count);
			row.nodes.delete(node);
		}
	}
}

/** A transaction's changes by node, made ready for being added to several rows. */
export interface HotBatch {
	counts: ReadonlyMap<number, number>;
	/** Those of the nodes that can enter a row. */
	foremost: readonly [number, number][];
	/** The highest count among the others. */
	left: number;
}

/** A batch has up to 10,000 nodes, mostly with one change each: sorting them took longer than writing them. */
export function hotBatch(counts: ReadonlyMap<number, number>): HotBatch {
	if (counts.size <= TRACKED) {
		return { counts, foremost: [...counts], left: 0 };
	}
	const sizes = new Map<number, number>();
	for (const count of counts.values()) {
		sizes.set(count, (sizes.get(count) ?? 0) + 1);
	}
	let room = TRACKED;
	let least = 0;
	for (const [count, size] of [...sizes].sort(([a], [b]) => b - a)) {
		least = count;
		room -= size;
		if (room <= 0) {
			break;
		}
	}
	const above = sizes.size === 1 ? [] : [...counts].filter(([, count]) => count > least);
	const nodes: [number, number][] = [];
	for (const [node, count] of counts) {
		if (above.length + nodes.length >= TRACKED) {
			break;
		}
		if (count === least) {
			nodes.push([node, count]);
		}
	}
	return { counts, foremost: [...above, ...nodes], left: least };
}

/** Adds a transaction's changes, by node, to the periods of a time (Unix milliseconds). */
export function addHotNodes(
	tables: Pick<Tables, 'hotNodes'>,
	watchId: string,
	time: number,
	{ counts, foremost, left }: HotBatch,
): void {
	for (const unit of UNITS) {
		const period = periodOf(time, unit);
		const old = tables.hotNodes.get(periodKey(watchId, unit, period));
		const row = old === undefined ? { floor: 0, nodes: new Map<number, Tally>() } : unpackRow(old);
		const { floor } = row;
		for (const [node, tally] of row.nodes) {
			tally.count += counts.get(node) ?? 0;
		}
		for (const [node, count] of foremost) {
			if (!row.nodes.has(node)) {
				row.nodes.set(node, { count: count + floor, error: floor });
			}
		}
		row.floor = floor + left;
		trim(row);
		putPeriod(tables.hotNodes, watchId, unit, period, { value: packRow(row), isNew: old === undefined }, HOT_KEPT);
	}
}

/** A node with its changes in a window: at least `least`, at most `most`. */
export interface HotNode {
	node: number;
	least: number;
	most: number;
}

/**
 * The nodes that changed most since a time, most first, and from when that is: the beginning of the period that the time lies in.
 * Reads at most 181 rows.
 *
 * @param since Unix milliseconds
 */
export function readHotNodes(
	tables: Pick<Tables, 'hotNodes'>,
	watchId: string,
	since: number,
	now: number,
): { from: number; nodes: HotNode[] } {
	const unit = unitFor(now - since);
	const first = periodOf(since, unit);
	const rows = Array.from(periodRows(tables.hotNodes, watchId, unit, first, periodOf(now, unit)), ({ value }) =>
		unpackRow(value),
	);
	const floors = rows.reduce((sum, { floor }) => sum + floor, 0);
	const found = new Map<number, HotNode>();
	for (const { floor, nodes } of rows) {
		for (const [node, { count, error }] of nodes) {
			// What the other rows may have left out, until they say that they have it.
			const hot = found.get(node) ?? { node, least: 0, most: floors };
			hot.least += count - error;
			hot.most += count - floor;
			found.set(node, hot);
		}
	}
	const nodes = [...found.values()].sort((a, b) => b.least - a.least || b.most - a.most || a.node - b.node);
	return { from: first * UNIT_MS[unit], nodes };
}

function unitFor(windowMs: number): RateUnit {
	return UNITS.find((unit) => windowMs <= (HOT_KEPT[unit] - 1) * UNIT_MS[unit]) ?? 'day';
}
