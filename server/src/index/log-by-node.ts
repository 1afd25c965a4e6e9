/**
 * Which records are about a node, and which nodes were at a path before they went: keys alone, in the order in which they are
 * read, so that a node's records cost O(result).
 *
 * `log_by_node` has the records of a node since it was last covered by no watch and stayed (a folder on the way to covered ones):
 * those that its counters have, while it exists. Pruning relies on it.
 */
import { crc32 } from 'node:zlib';
import { encodeName } from '../platform/names.ts';
import { NOTHING } from './packed-nodes.ts';
import type { LogRecord } from './records.ts';
import type { Tables } from './tables.ts';

type Writable = Pick<Tables, 'logByNode' | 'removals'>;

// Reused: lmdb copies what it is given.
const key = Buffer.alloc(8);

function pairKey(first: number, seq: number, out = key): Buffer {
	out.writeUInt32BE(first, 0);
	out.writeUInt32BE(seq, 4);
	return out;
}

function pathHash(path: string): number {
	return crc32(encodeName(path));
}

export function putNodeRecord(tables: Writable, nodeId: number, seq: number): void {
	tables.logByNode.putSync(pairKey(nodeId, seq), NOTHING);
}

/** Returns whether it was there. */
export function takeNodeRecord(tables: Writable, nodeId: number, seq: number): boolean {
	return tables.logByNode.removeSync(pairKey(nodeId, seq));
}

export function hasNodeRecord(tables: Pick<Tables, 'logByNode'>, nodeId: number, seq: number): boolean {
	return tables.logByNode.doesExist(pairKey(nodeId, seq));
}

/** Forgets a node's records before a sequence number; those of a node that stays and gives its counters back. */
export function forgetNodeRecords(tables: Writable, nodeId: number, before: number): void {
	for (const seq of [...nodeRecords(tables, nodeId, 0xffff_ffff)].filter((each) => each < before)) {
		takeNodeRecord(tables, nodeId, seq);
	}
}

/** Sequence numbers of a node's records before one, newest first. */
export function* nodeRecords(
	tables: Pick<Tables, 'logByNode'>,
	nodeId: number,
	before: number,
): Generator<number, undefined> {
	// Keys of their own: others are made while the range is read.
	const start = pairKey(nodeId, before, Buffer.alloc(8));
	const end = pairKey(nodeId, 0, Buffer.alloc(8));
	for (const found of tables.logByNode.getKeys({ start, end, reverse: true })) {
		const seq = found.readUInt32BE(4);
		if (seq < before) {
			yield seq;
		}
	}
}

/** Remembers that a node is gone, and its last record. */
export function putRemoval(tables: Writable, { path }: Pick<LogRecord, 'path'>, seq: number): void {
	tables.removals.putSync(pairKey(pathHash(path), seq), NOTHING);
}

export function takeRemoval(tables: Writable, { path }: Pick<LogRecord, 'path'>, seq: number): void {
	tables.removals.removeSync(pairKey(pathHash(path), seq));
}

export function hasRemoval(tables: Pick<Tables, 'removals'>, { path }: Pick<LogRecord, 'path'>, seq: number): boolean {
	return tables.removals.doesExist(pairKey(pathHash(path), seq));
}

/** Sequence numbers of the last records of nodes that were at a path when they went, and by chance of others. */
export function removalsAt(tables: Pick<Tables, 'removals'>, path: string): number[] {
	const hash = pathHash(path);
	const range = { start: pairKey(hash, 0, Buffer.alloc(8)), end: pairKey(hash, 0xffff_ffff, Buffer.alloc(8)) };
	return Array.from(tables.removals.getKeys(range), (found) => found.readUInt32BE(4));
}
