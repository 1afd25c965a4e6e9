/**
 * Retention: takes the oldest records out of the log and out of every counter that has them now, a slice in each transaction.
 * In the log's own order, so that what is left is always the end of it.
 */
import type { BurstRows } from './bursts.ts';
import * as counts from './counts.ts';
import type { CounterBatch } from './counter-batch.ts';
import { readGlobal } from './global-stats.ts';
import { pruneBlocks } from './log-blocks.ts';
import { endOf, forgetEnd, forgetLandmark, isLandmark } from './node-history.ts';
import type { NodeReads } from './node-reads.ts';
import { ALL_WATCHES, dropPeriods, periodOf, UNITS } from './periods.ts';
import { LIVE_TYPES, type LogRecord, readLog, REMOVE } from './records.ts';
import { bytesInUse, type Tables } from './tables.ts';

/** What is kept of the log. What exceeds any of them goes, the oldest first. */
export interface RetentionLimits {
	/** Records from before this time go (Unix milliseconds), as far as none from after it lies before them in the log. */
	since: number;
	records: number;
	/** Of the data file, in use by whatever; then all but the newest {@link ALWAYS_KEPT} records go. */
	bytes: number;
}

/** Where the files themselves fill the index beyond its size, the log must not vanish for it. */
export const ALWAYS_KEPT = 10_000;
/** Records that are read at once. */
const STRIDE = 64;

/** Whether anything exceeds the limits. */
export function isPruningDue(tables: Tables, limits: RetentionLimits): boolean {
	return excess(tables, limits) > 0 || oldestTime(tables) < limits.since;
}

/** How many of the oldest records exceed the limits of count and size: all that may go, while the size does. */
export function excess(tables: Tables, limits: RetentionLimits): number {
	const total = readGlobal(tables)[counts.GLOBAL_EVENTS] ?? 0;
	const tooMany = Math.max(0, total - limits.records);
	const mayGo = total - ALWAYS_KEPT;
	return mayGo > tooMany && bytesInUse(tables) > limits.bytes ? mayGo : tooMany;
}

/** Time of the oldest record that can be read, of the first few; infinite when there is none. */
function oldestTime(tables: Pick<Tables, 'log'>): number {
	for (const { value } of tables.log.getRange({ limit: STRIDE })) {
		const record = readLog(value);
		if (record !== undefined) {
			return record.time;
		}
	}
	return Number.POSITIVE_INFINITY;
}

/** What one slice did. */
export interface Pruned {
	records: number;
	/** Records that could not be read: whatever counted them still does. */
	damaged: number[];
	/** Whether there is more to prune. */
	more: boolean;
}

export class Pruner {
	readonly #tables: Tables;
	readonly #nodes: NodeReads;
	readonly #counters: CounterBatch;
	readonly #bursts: BurstRows;

	constructor(tables: Tables, nodes: NodeReads, counters: CounterBatch, bursts: BurstRows) {
		this.#tables = tables;
		this.#nodes = nodes;
		this.#counters = counters;
		this.#bursts = bursts;
	}

	/** Prunes until nothing exceeds the limits, or `isOver` says that it is enough for now. */
	slice(limits: RetentionLimits, isOver: () => boolean): Pruned {
		const done: Pruned = { records: 0, damaged: [], more: false };
		let beyond = excess(this.#tables, limits);
		// They tell no time: they go with the next one that does.
		let unread: number[] = [];
		let last = 0;
		const take = (seq: number, record?: LogRecord) => {
			this.#take(seq, record);
			beyond--;
			last = seq;
			done.records++;
		};
		for (const { key, value } of this.#oldest()) {
			const record = readLog(value);
			if (record === undefined) {
				unread.push(key);
				done.damaged.push(key);
				continue;
			}
			if (beyond <= 0 && record.time >= limits.since) {
				break;
			}
			if (isOver()) {
				done.more = true;
				break;
			}
			for (const seq of unread) {
				take(seq);
			}
			unread = [];
			take(key, record);
		}
		done.damaged = done.damaged.filter((seq) => !unread.includes(seq));
		if (last > 0) {
			this.#follow(last);
		}
		return done;
	}

	/** The log from its beginning, read a stride at a time: what was read may be removed. */
	*#oldest(): Generator<{ key: number; value: Buffer }, undefined> {
		for (let after = 0; ;) {
			const records = [...this.#tables.log.getRange({ start: after + 1, limit: STRIDE })];
			yield* records;
			const end = records.at(-1);
			if (end === undefined) {
				return;
			}
			after = end.key;
		}
	}

	#take(seq: number, record: LogRecord | undefined): void {
		this.#tables.log.removeSync(seq);
		this.#counters.countLogRecord(-1);
		if (record === undefined || record.nodeId === 0) {
			return;
		}
		this.#bursts.uncount(record, seq);
		if (isLandmark(seq)) {
			forgetLandmark(this.#tables, record.nodeId, seq);
		}
		const endSeq = endOf(this.#tables, record.nodeId);
		const node = this.#nodes.node(record.nodeId);
		if (node === undefined || record.type === REMOVE) {
			forgetEnd(this.#tables, record, seq, endSeq);
		}
		// Of a history that has ended, the node has given the counters back.
		if (node !== undefined && seq > endSeq && record.type < LIVE_TYPES.length && record.reason === undefined) {
			this.#counters.uncountRecord(node, record.type);
		}
	}

	/** What tells of times and of parts of the log ends where the log now begins. */
	#follow(last: number): void {
		this.#tables.meta.putSync('prunedTo', last);
		pruneBlocks(this.#tables, last + 1);
		const begin = oldestTime(this.#tables);
		for (const watch of [ALL_WATCHES, ...this.#tables.watches.getKeys({})]) {
			for (const unit of UNITS) {
				dropPeriods(this.#tables.rates, watch, unit, periodOf(begin, unit));
				dropPeriods(this.#tables.hotNodes, watch, unit, periodOf(begin, unit));
			}
		}
	}
}
