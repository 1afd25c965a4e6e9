/**
 * The records that can be what is looked for, newest first, by the narrowest index there is: a path's by its nodes, a watch's and a
 * type's without the blocks that have none. The log itself is read for folders alone, and for paths of which nothing is known.
 */
import { blockOf, firstOfBlock, mayHave } from './log-blocks.ts';
import { hasNodeRecord, nodeRecords, removalsAt } from './log-by-node.ts';
import { nodeAtPath } from './lookup.ts';
import { unpackLog } from './records.ts';
import type { Tables } from './tables.ts';

export interface Wanted {
	/** Records below this sequence number, and not below the other one. */
	before: number;
	from: number;
	/** The nodes of a path, where {@link nodesAt} knows them. */
	nodes: readonly PathNode[] | undefined;
	/** The coverages of which one is wanted; undefined: any. */
	isCovered: ((coverage: number) => boolean) | undefined;
	/** Index into CHANGE_TYPES; undefined: any. */
	type: number | undefined;
}

export interface Found {
	seq: number;
	value: Buffer;
}

export function* search(tables: Tables, wanted: Wanted): Generator<Found, undefined> {
	if (wanted.nodes === undefined) {
		yield* byBlocks(tables, wanted);
		return;
	}
	for (const seq of newestFirst(tables, wanted.nodes, wanted.before)) {
		if (seq < wanted.from) {
			return;
		}
		const value = tables.log.get(seq);
		if (value !== undefined) {
			yield { seq, value };
		}
	}
}

function* byBlocks(tables: Tables, { before, from, isCovered, type }: Wanted): Generator<Found, undefined> {
	const passes = isCovered === undefined && type === undefined;
	let upTo = before - 1;
	while (upTo >= from) {
		const block = blockOf(upTo);
		const first = Math.max(firstOfBlock(block), from);
		if (passes || mayHave(tables, block, isCovered ?? (() => true), type)) {
			for (const { key, value } of tables.log.getRange({ reverse: true, start: upTo, end: first - 1 })) {
				yield { seq: key, value };
			}
		}
		upTo = first - 1;
	}
}

/** A node that is, or last was, at a path, and its last record; infinite while it may get more. */
export interface PathNode {
	node: number;
	last: number;
}

/**
 * The nodes that are, or last were, at a path; undefined when one of them is a folder, whose contents are looked for as well, or
 * when none is known.
 */
export function nodesAt(tables: Tables, path: string): PathNode[] | undefined {
	const nodes = new Map<number, number>();
	const there = nodeAtPath(tables, path);
	if (there !== undefined) {
		nodes.set(there.id, Number.POSITIVE_INFINITY);
	}
	let inLogAlone = there?.kind === 'folder';
	for (const seq of removalsAt(tables, path)) {
		const value = tables.log.get(seq);
		const record = value === undefined ? undefined : unpackLog(value);
		if (record?.path === path) {
			nodes.set(record.nodeId, Math.max(nodes.get(record.nodeId) ?? 0, seq));
			// What gave its records back before it went is a folder, too, as a rule.
			inLogAlone ||= record.kind === 'folder' || !hasNodeRecord(tables, record.nodeId, seq);
		}
	}
	return inLogAlone || nodes.size === 0 ? undefined : Array.from(nodes, ([node, last]) => ({ node, last }));
}

/** The records of several nodes, merged. A node is only read once its turn comes: a path may have had thousands. */
function* newestFirst(tables: Tables, nodes: readonly PathNode[], before: number): Generator<number, undefined> {
	const waiting = nodes.toSorted((a, b) => a.last - b.last);
	const heads: { seq: number; rest: Generator<number, undefined> }[] = [];
	for (;;) {
		let newest = heads.reduce((max, { seq }) => Math.max(max, seq), 0);
		for (let next = waiting.at(-1); next !== undefined && next.last > newest; next = waiting.at(-1)) {
			waiting.pop();
			const rest = nodeRecords(tables, next.node, before);
			const { value: seq } = rest.next();
			if (seq !== undefined) {
				heads.push({ seq, rest });
				newest = Math.max(newest, seq);
			}
		}
		const at = heads.findIndex(({ seq }) => seq === newest);
		const head = heads[at];
		if (head === undefined) {
			return;
		}
		yield head.seq;
		const { value: seq } = head.rest.next();
		if (seq === undefined) {
			heads.splice(at, 1);
		} else {
			head.seq = seq;
		}
	}
}
