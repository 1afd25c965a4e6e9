/**
 * The counters of one transaction: accumulated in memory and written once, roll-ups once per folder touched. A batch of
 * 10,000 changes in 100 folders updates about 100 chains of ancestors.
 */
import type { EntryKind } from '#shared/model.ts';
import * as counts from './counts.ts';
import { readGlobal, writeGlobal } from './global-stats.ts';
import { MOST_NAMES } from './lookup.ts';
import { packPathCounts, unpackPathCounts } from './path-counts.ts';
import { DamagedRecordError, packCounts, REMOVE, unpackCounts, unpackPlace } from './records.ts';
import { ROOT_NODE, type Tables } from './tables.ts';
import type { PlacedNode } from './node-reads.ts';
import type { IndexCaches } from './writer.ts';

// A batch writes as many rows as it has changes: for them nothing is made.
const ROW_COUNTS = Array.from({ length: counts.PATH_COUNTS }, () => 0);
const NOTHING_COUNTED: readonly number[] = [0, 0, 0, 0];

/** What the records of one coverage count for each of its watches. */
interface Share {
	live: number[];
	lifetime: number[];
	/** Unix milliseconds. */
	lastChange: number;
}

export class CounterBatch {
	readonly #tables: Tables;
	readonly #caches: IndexCaches;
	/** Live counters to add to a node itself. */
	readonly #own = new Map<number, number[]>();
	/** Live counters to add to a folder and everything above it. */
	readonly #rollUp = new Map<number, number[]>();
	/** By coverage: not yet in {@link #watch}. */
	readonly #shares = new Map<number, Share>();
	readonly #watch = new Map<string, number[]>();
	readonly #global: number[] = Array.from({ length: counts.GLOBAL_COUNTS }, () => 0);

	constructor(tables: Tables, caches: IndexCaches) {
		this.#tables = tables;
		this.#caches = caches;
	}

	/** A record of the log, of whatever kind, more or less. */
	countLogRecord(by: 1 | -1): void {
		this.#global[counts.GLOBAL_EVENTS]! += by;
	}

	/**
	 * A record that counts.
	 *
	 * @param coverage the watches whose lifetime counts it: for a move, those of both places
	 */
	countRecord(node: PlacedNode, typeIndex: number, coverage: number, now: number): void {
		if (typeIndex !== REMOVE) {
			rowOf(this.#own, node.id)[typeIndex]! += 1;
			rowOf(this.#rollUp, node.kind === 'folder' ? node.id : node.parent)[typeIndex]! += 1;
			this.#shareOf(node.coverage).live[typeIndex]! += 1;
			this.#global[typeIndex]! += 1;
		}
		const share = this.#shareOf(coverage);
		share.lifetime[typeIndex]! += 1;
		share.lastChange = now;
		this.#global[counts.LIVE + typeIndex]! += 1;
	}

	/** A record that counted is no longer in the log. Lifetime totals keep it. */
	uncountRecord(node: PlacedNode, typeIndex: number): void {
		rowOf(this.#own, node.id)[typeIndex]! -= 1;
		rowOf(this.#rollUp, node.kind === 'folder' ? node.id : node.parent)[typeIndex]! -= 1;
		this.#shareOf(node.coverage).live[typeIndex]! -= 1;
		this.#global[typeIndex]! -= 1;
	}

	/** An entry that watches cover, more or less. */
	countEntry(kind: EntryKind, coverage: number, by: 1 | -1): void {
		for (const watch of this.#watchesOf(coverage)) {
			this.#watchRow(watch)[kind === 'folder' ? counts.WATCH_FOLDERS : counts.WATCH_FILES]! += by;
		}
	}

	/** Live counters that a node takes along to another folder, everything beneath it included. */
	carried(node: PlacedNode): number[] {
		const row = this.#readPathRow(node.id);
		// What this transaction counted beneath a folder reaches the folders above at its end, by then the new ones.
		return node.kind === 'folder'
			? row.slice(counts.LIVE)
			: addArrays(this.#own.get(node.id), row.slice(0, counts.LIVE));
	}

	/** Adds live counters to a folder and everything above it. */
	addBeneath(folder: number, live: readonly number[], sign: 1 | -1): void {
		counts.addLive(rowOf(this.#rollUp, folder), 0, live, sign);
	}

	/** Takes the records of a node that goes out of all counters but its own. */
	takeAway(node: PlacedNode): void {
		const own = this.#readOwn(node.id);
		if (own.some((n) => n !== 0)) {
			this.addBeneath(node.parent, own, -1);
			for (const watch of this.#watchesOf(node.coverage)) {
				counts.addLive(this.#watchRow(watch), 0, own, -1);
			}
			counts.addLive(this.#global, 0, own, -1);
		}
	}

	/** The node is gone. */
	forget(node: PlacedNode): void {
		// What its children took away in this transaction still has to reach the folders above.
		const pending = this.#rollUp.get(node.id);
		if (pending !== undefined) {
			this.addBeneath(node.parent, pending, 1);
			this.#rollUp.delete(node.id);
		}
		this.#own.delete(node.id);
	}

	forgetWatch(id: string): void {
		this.#share();
		this.#watch.delete(id);
	}

	/** Takes a node, with its own records, from the watches that no longer cover it to those that do now. */
	recover(node: PlacedNode, coverage: number): PlacedNode {
		const own = this.#readOwn(node.id);
		const before = this.#watchesOf(node.coverage);
		const after = this.#watchesOf(coverage);
		for (const [watches, others, sign] of [
			[before, after, -1],
			[after, before, 1],
		] as const) {
			for (const watch of watches) {
				if (!others.includes(watch)) {
					const row = this.#watchRow(watch);
					row[node.kind === 'folder' ? counts.WATCH_FOLDERS : counts.WATCH_FILES]! += sign;
					counts.addLive(row, 0, own, sign);
				}
			}
		}
		return { ...node, coverage };
	}

	/** A node that stays without coverage (a folder on the way to covered ones) gives its records back. */
	drop(node: PlacedNode): void {
		const own = this.#readOwn(node.id);
		if (own.some((n) => n !== 0)) {
			counts.addLive(this.#global, 0, own, -1);
			counts.addLive(rowOf(this.#own, node.id), 0, own, -1);
			this.addBeneath(node.kind === 'folder' ? node.id : node.parent, own, -1);
		}
	}

	/** Writes everything, once. */
	flush(): void {
		this.#propagate();
		// In the order of the table's keys: neighbours share pages.
		for (const id of Uint32Array.from(new Set([...this.#own.keys(), ...this.#rollUp.keys()])).sort()) {
			const row = this.#readPathRow(id, ROW_COUNTS);
			const own = this.#own.get(id) ?? NOTHING_COUNTED;
			counts.addLive(row, 0, own, 1);
			counts.addLive(row, counts.LIVE, this.#rollUp.get(id) ?? own, 1);
			if (row.every(isZero)) {
				this.#tables.pathStats.removeSync(id);
			} else {
				this.#tables.pathStats.putSync(id, packPathCounts(row));
			}
		}
		this.#share();
		for (const [id, delta] of this.#watch) {
			const value = this.#tables.watchStats.get(id);
			const row = value === undefined ? undefined : unpackCounts(value, counts.WATCH_COUNTS);
			const sum = delta.map((n, i) => n + (row?.[i] ?? 0));
			sum[counts.WATCH_LAST_CHANGE] = delta[counts.WATCH_LAST_CHANGE] || (row?.[counts.WATCH_LAST_CHANGE] ?? 0);
			this.#tables.watchStats.putSync(id, packCounts(sum));
		}
		if (this.#global.some((n) => n !== 0)) {
			const row = readGlobal(this.#tables);
			writeGlobal(
				this.#tables,
				this.#global.map((n, i) => n + (row[i] ?? 0)),
			);
		}
	}

	#watchesOf(coverage: number): readonly string[] {
		return this.#caches.coverages.get(coverage) ?? [];
	}

	#shareOf(coverage: number): Share {
		let share = this.#shares.get(coverage);
		if (share === undefined) {
			share = { live: [0, 0, 0, 0], lifetime: [0, 0, 0, 0, 0], lastChange: 0 };
			this.#shares.set(coverage, share);
		}
		return share;
	}

	/** Gives watches what their coverages counted. */
	#share(): void {
		for (const [coverage, { live, lifetime, lastChange }] of this.#shares) {
			for (const watch of this.#watchesOf(coverage)) {
				const row = this.#watchRow(watch);
				counts.addLive(row, 0, live, 1);
				for (let i = 0; i < counts.LIFETIME; i++) {
					row[counts.LIVE + i]! += lifetime[i] ?? 0;
				}
				row[counts.WATCH_LAST_CHANGE] = lastChange || (row[counts.WATCH_LAST_CHANGE] ?? 0);
			}
		}
		this.#shares.clear();
	}

	#watchRow(watch: string): number[] {
		let row = this.#watch.get(watch);
		if (row === undefined) {
			row = Array.from({ length: counts.WATCH_COUNTS }, () => 0);
			this.#watch.set(watch, row);
		}
		return row;
	}

	/** @param out filled, and returned */
	#readPathRow(id: number, out = Array.from({ length: counts.PATH_COUNTS }, () => 0)): number[] {
		// Unpacked at once: the buffer is used again by the next read.
		const value = this.#tables.pathStats.getBinaryFast(id);
		return value === undefined ? out.fill(0) : unpackPathCounts(value, out);
	}

	/** Own counters as they will be after this transaction. */
	#readOwn(id: number): number[] {
		return addArrays(this.#own.get(id), this.#readPathRow(id).slice(0, counts.LIVE));
	}

	/** Carries each folder's roll-up to all folders above it. */
	#propagate(): void {
		// A copy: the loop adds to the map, and what it adds must not be carried up again.
		for (const [folder, delta] of Array.from(this.#rollUp, ([id, row]) => [id, [...row]] as const)) {
			if (delta.every((n) => n === 0)) {
				continue;
			}
			let names = 0;
			for (let id = this.#parentOf(folder); id !== undefined; id = this.#parentOf(id)) {
				if (++names > MOST_NAMES) {
					throw new DamagedRecordError('node place');
				}
				counts.addLive(rowOf(this.#rollUp, id), 0, delta, 1);
			}
		}
	}

	#parentOf(id: number): number | undefined {
		if (id === ROOT_NODE) {
			return undefined;
		}
		let parent = this.#caches.parents.get(id);
		if (parent === undefined) {
			const value = this.#tables.nodeById.get(id);
			if (value === undefined) {
				return undefined;
			}
			parent = unpackPlace(value).parent;
			this.#caches.parents.set(id, parent);
		}
		return parent;
	}
}

function rowOf(rows: Map<number, number[]>, id: number): number[] {
	let row = rows.get(id);
	if (row === undefined) {
		row = [0, 0, 0, 0];
		rows.set(id, row);
	}
	return row;
}

function isZero(count: number): boolean {
	return count === 0;
}

function addArrays(a: readonly number[] | undefined, b: readonly number[]): number[] {
	return a === undefined ? [...b] : a.map((n, i) => n + (b[i] ?? 0));
}
