/** The log, gone through once: what it says of the nodes, the watches, the whole and the bursts. */
import * as counts from '../counts.ts';
import {
	CHANGE_TYPES,
	type LogFacts,
	REMOVE,
	unpackLog,
	unlessDamaged,
	unpackLogFacts,
	WATCH_REMOVED,
} from '../records.ts';
import type { Tables } from '../tables.ts';
import { BurstCheck } from './burst-check.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { NO_SLOT } from './id-slots.ts';
import { LogIndexCheck } from './log-index-check.ts';
import type { Tree } from './tree.ts';
import type { KnownWatches } from './watch-check.ts';

/** Counted from the records that the log still has. */
interface WatchRecount {
	/** By type; a record counts for those who covered its node then. */
	lifetime: number[];
	/** Unix milliseconds of the latest one; 0 for none. */
	lastChange: number;
}

export interface LogRecount {
	/** Records that can be read. */
	records: number;
	/** Of the last row; 0 for an empty log. */
	lastSeq: number;
	/** The largest node id that a record names. */
	largestId: number;
	/** By type. */
	lifetime: number[];
	/** Since each watch was removed last. */
	watches: Map<string, WatchRecount>;
}

/**
 * Reads `log`, counts the nodes' records into the tree, and compares the bursts.
 *
 * @param tree linked
 * @param each called once per row
 */
export function checkLog(
	tables: Tables,
	tree: Tree,
	known: KnownWatches,
	findings: Findings,
	each: () => void,
): LogRecount {
	const [firstLeft = 1] = tables.log.getKeys({ limit: 1 });
	const bursts = new BurstCheck(tables, known, findings, firstLeft);
	// An index of an older schema, read as it is, lacks some of them.
	const indexes =
		(tables as Partial<Tables>).nodeEnds === undefined
			? undefined
			: new LogIndexCheck(tables, tree, findings, firstSeqOf(tables));
	const recount: LogRecount = { records: 0, lastSeq: 0, largestId: 0, lifetime: zeros(), watches: new Map() };
	for (const { key: seq, value } of tables.log.getRange({})) {
		each();
		recount.lastSeq = seq;
		const record = unlessDamaged(() => unpackLogFacts(value));
		if (record === undefined) {
			findings.add({ table: 'log', key: seq, was: DAMAGED, is: null }, {}, () => tables.log.removeSync(seq));
			continue;
		}
		recount.records++;
		countForNode(tree, seq, record);
		if (record.type === WATCH_REMOVED) {
			recount.watches.delete(unpackLog(value).path);
		}
		countForWatches(recount, known, record);
		recount.largestId = Math.max(recount.largestId, record.nodeId);
		bursts.count(seq, record);
		indexes?.count(seq, record, value);
	}
	bursts.end(each);
	indexes?.end(each);
	return recount;
}

/** The first sequence number that was not pruned, whether its record can still be read or not. */
export function firstSeqOf({ meta }: Pick<Tables, 'meta'>): number {
	return (meta.get('prunedTo') ?? 0) + 1;
}

/** Live records: those of a node since it came into existence, or since a watch covers it again. */
function countForNode(tree: Tree, seq: number, { nodeId, type, reason }: LogFacts): void {
	const slot = nodeId === 0 ? NO_SLOT : tree.slots.find(nodeId);
	if (slot === NO_SLOT || type > REMOVE) {
		return;
	}
	const at = slot * counts.LIVE;
	if (type === REMOVE) {
		tree.own.fill(0, at, at + counts.LIVE);
		tree.newest[slot] = 0;
		return;
	}
	tree.newest[slot] = seq;
	if (reason === undefined && tree.coverages[slot] !== 0) {
		tree.own[at + type] = (tree.own[at + type] ?? 0) + 1;
	}
}

function countForWatches(recount: LogRecount, known: KnownWatches, { type, reason, coverage, time }: LogFacts): void {
	if (type > REMOVE || reason !== undefined) {
		return;
	}
	recount.lifetime[type] = (recount.lifetime[type] ?? 0) + 1;
	for (const id of known.watchesOf(coverage)) {
		let watch = recount.watches.get(id);
		if (watch === undefined) {
			watch = { lifetime: zeros(), lastChange: 0 };
			recount.watches.set(id, watch);
		}
		watch.lifetime[type] = (watch.lifetime[type] ?? 0) + 1;
		watch.lastChange = time;
	}
}

function zeros(): number[] {
	return CHANGE_TYPES.map(() => 0);
}
