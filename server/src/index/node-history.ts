/**
 * The records of a node, newest first: each names the one before (`previous`), and the node its latest one (`lastSeq`), so that
 * a record costs no row beyond its own, and a node's records cost O(result). Whoever wants those before some record begins at a
 * landmark: one record of {@link LANDMARKS}, which `log_by_node` has.
 *
 * A node ends when it goes, and also when the last watch that covered it leaves it though it stays (a folder on the way to
 * covered ones): then it gives its counters back, and has no latest record. With which record it ended last, two tables say:
 * `node_ends` by node, and `removals` by path. Pruning relies on the first.
 */
import { crc32 } from 'node:zlib';
import { encodeName } from '../platform/names.ts';
import { NOTHING } from './packed-nodes.ts';
import { LogRow, type LogRecord, seal, unlessDamaged, unseal } from './records.ts';
import type { Tables } from './tables.ts';

type Ends = Pick<Tables, 'nodeEnds' | 'removals'>;

/** Length of a value of `node_ends`. */
export const END_BYTES = 8;

// Reused: lmdb copies what it is given.
const key = Buffer.alloc(8);
const end = Buffer.alloc(END_BYTES);

function removalKey(path: string, seq: number): Buffer {
	return pairKey(crc32(encodeName(path)), seq, key);
}

function pairKey(first: number, seq: number, out: Buffer): Buffer {
	out.writeUInt32BE(first, 0);
	out.writeUInt32BE(seq, 4);
	return out;
}

/** Of so many records of a node one is a landmark, on average: which ones, their numbers say, whatever the rhythm of changes. */
const LANDMARKS = 64;

/** Whether a record is a landmark of its node. */
export function isLandmark(seq: number): boolean {
	// Knuth's multiplicative hash.
	return Math.imul(seq, 0x9e_37_79_b1) >>> 0 < 2 ** 32 / LANDMARKS;
}

export function putLandmark({ logByNode }: Pick<Tables, 'logByNode'>, nodeId: number, seq: number): void {
	logByNode.putSync(pairKey(nodeId, seq, key), NOTHING);
}

export function hasLandmark({ logByNode }: Pick<Tables, 'logByNode'>, nodeId: number, seq: number): boolean {
	return logByNode.doesExist(pairKey(nodeId, seq, key));
}

export function forgetLandmark({ logByNode }: Pick<Tables, 'logByNode'>, nodeId: number, seq: number): void {
	logByNode.removeSync(pairKey(nodeId, seq, key));
}

/** The oldest landmark of a node that is no older than a sequence number; undefined when there is none. */
export function landmarkFrom(
	{ logByNode }: Pick<Tables, 'logByNode'>,
	nodeId: number,
	seq: number,
): number | undefined {
	const start = pairKey(nodeId, seq, Buffer.alloc(8));
	const end = pairKey(nodeId, 0xffff_ffff, Buffer.alloc(8));
	for (const found of logByNode.getKeys({ start, end, limit: 1 })) {
		return found.readUInt32BE(4);
	}
	return undefined;
}

/** Remembers that a node ended with this record, which saw it at `path`. */
export function putEnd(tables: Ends, nodeId: number, { path }: Pick<LogRecord, 'path'>, seq: number): void {
	end.writeUInt32LE(seq, 4);
	tables.nodeEnds.putSync(nodeId, seal(end));
	putRemoval(tables, path, seq);
}

/** The part of {@link putEnd} that leads from the path. */
export function putRemoval(tables: Pick<Tables, 'removals'>, path: string, seq: number): void {
	tables.removals.putSync(removalKey(path, seq), NOTHING);
}

/**
 * Sequence number of the record with which a node ended last; 0 when it never has.
 *
 * @throws DamagedRecordError
 */
export function endOf({ nodeEnds }: Pick<Tables, 'nodeEnds'>, nodeId: number): number {
	const value = nodeEnds.get(nodeId);
	if (value === undefined) {
		return 0;
	}
	unseal(value, END_BYTES, 'node end');
	return value.readUInt32LE(4);
}

/** Forgets what {@link putEnd} said of a record that is pruned, if anything. @param endSeq see {@link endOf} */
export function forgetEnd(tables: Ends, { nodeId, path }: LogRecord, seq: number, endSeq: number): void {
	tables.removals.removeSync(removalKey(path, seq));
	if (endSeq === seq) {
		tables.nodeEnds.removeSync(nodeId);
	}
}

export function hasRemoval(tables: Pick<Tables, 'removals'>, path: string, seq: number): boolean {
	return tables.removals.doesExist(removalKey(path, seq));
}

/** Whether a key of `removals` leads from this path. */
export function isRemovalOf(found: Buffer, path: string): boolean {
	return found.readUInt32BE(0) === crc32(encodeName(path));
}

/** Sequence numbers of the records with which nodes ended at a path, and by chance of others. */
export function removalsAt(tables: Pick<Tables, 'removals'>, path: string): number[] {
	const hash = crc32(encodeName(path));
	const range = { start: pairKey(hash, 0, Buffer.alloc(8)), end: pairKey(hash, 0xffff_ffff, Buffer.alloc(8)) };
	return Array.from(tables.removals.getKeys(range), (found) => found.readUInt32BE(4));
}

/** A record as it is stored. */
export interface Stored {
	seq: number;
	/** Maybe damaged. */
	value: Buffer;
}

/**
 * A node's records from one of them back to its first one, or to the beginning of the log, newest first. Behind a damaged or
 * missing one, which cannot tell the one before, the log itself is searched.
 *
 * @param from no record before this one
 */
export function* history(
	{ log }: Pick<Tables, 'log'>,
	nodeId: number,
	last: number,
	from: number,
): Generator<Stored, undefined> {
	const row = new LogRow();
	let found: Stored | undefined = { seq: last, value: log.get(last) ?? NOTHING };
	while (found !== undefined && found.seq >= from) {
		const { seq, value }: Stored = found;
		const previous = previousOf(row, value);
		if (value.length > 0) {
			yield found;
		}
		if (previous === 0) {
			return;
		}
		found =
			previous === undefined
				? olderIn(log, row, nodeId, { from, before: seq })
				: { seq: previous, value: log.get(previous) ?? NOTHING };
	}
}

/** Undefined when the record cannot be read. */
function previousOf(row: LogRow, value: Buffer): number | undefined {
	return unlessDamaged(() => row.read(value).previous);
}

function olderIn(
	log: Tables['log'],
	row: LogRow,
	nodeId: number,
	{ from, before }: { from: number; before: number },
): Stored | undefined {
	for (const { key: seq, value } of log.getRange({ reverse: true, start: before - 1, end: from - 1 })) {
		if (previousOf(row, value) !== undefined && row.nodeId === nodeId) {
			return { seq, value };
		}
	}
	return undefined;
}
