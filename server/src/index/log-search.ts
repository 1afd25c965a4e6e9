/**
 * The records that can be what is looked for, newest first, by the narrowest index there is: a path's by its nodes, a watch's and a
 * type's without the blocks that have none. The log itself is read for folders alone, and for paths of which nothing is known.
 */
import { blockOf, firstOfBlock, mayHave } from './log-blocks.ts';
import { nodeAtPath } from './lookup.ts';
import { endOf, history, landmarkFrom, removalsAt, type Stored } from './node-history.ts';
import { readLog } from './records.ts';
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

export function search(tables: Tables, wanted: Wanted): Generator<Stored, undefined> {
	return wanted.nodes === undefined ? byBlocks(tables, wanted) : newestFirst(tables, wanted.nodes, wanted);
}

function* byBlocks(tables: Tables, { before, from, isCovered, type }: Wanted): Generator<Stored, undefined> {
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

/** A node that is, or last was, at a path, and its latest record, as far as the path tells. */
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
	let inLogAlone = there?.kind === 'folder';
	for (const seq of removalsAt(tables, path)) {
		const value = tables.log.get(seq);
		const record = value === undefined ? undefined : readLog(value);
		if (record?.path === path) {
			nodes.set(record.nodeId, Math.max(nodes.get(record.nodeId) ?? 0, seq));
		}
		// What is damaged may have been about a folder at this path.
		inLogAlone ||= record === undefined || (record.path === path && record.kind === 'folder');
	}
	if (there !== undefined) {
		nodes.set(there.id, there.lastSeq === 0 ? endOf(tables, there.id) : there.lastSeq);
	}
	return inLogAlone || nodes.size === 0 ? undefined : Array.from(nodes, ([node, last]) => ({ node, last }));
}

/** The records of several nodes, merged. A node is only read once its turn comes: a path may have had thousands. */
function* newestFirst(tables: Tables, nodes: readonly PathNode[], wanted: Wanted): Generator<Stored, undefined> {
	const waiting = nodes.toSorted((a, b) => a.last - b.last);
	const heads: { found: Stored; rest: Generator<Stored, undefined> }[] = [];
	for (;;) {
		let newest = heads.reduce((max, { found }) => Math.max(max, found.seq), 0);
		for (let next = waiting.at(-1); next !== undefined && next.last > newest; next = waiting.at(-1)) {
			waiting.pop();
			const rest = historyBefore(tables, next, wanted);
			const { value: found } = rest.next();
			if (found !== undefined) {
				heads.push({ found, rest });
				newest = Math.max(newest, found.seq);
			}
		}
		const at = heads.findIndex(({ found }) => found.seq === newest);
		const head = heads[at];
		if (head === undefined) {
			return;
		}
		yield head.found;
		const { value: found } = head.rest.next();
		if (found === undefined) {
			heads.splice(at, 1);
		} else {
			head.found = found;
		}
	}
}

/** A node's records that are looked for: past few that are not, however many it has. */
function* historyBefore(
	tables: Tables,
	{ node, last }: PathNode,
	{ before, from }: Wanted,
): Generator<Stored, undefined> {
	const landmark = last < before ? undefined : landmarkFrom(tables, node, before);
	for (const found of history(tables, node, landmark ?? last, from)) {
		if (found.seq < before) {
			yield found;
		}
	}
}
