/**
 * Binary layouts of the index's values. Little-endian; every value begins with the CRC-32 of the rest, because LMDB has
 * no checksums and silently wrong values were measured on damaged files.
 *
 * Times are nanoseconds as 64-bit integers (`lstat` with bigint costs the same as without, measured), so that two
 * writes within a millisecond are told apart.
 */
import type { ChangeReason, ChangeType, EntryKind, LiveChangeType } from '#shared/model.ts';
import { decodeName, encodeName, mostBytes, writeName } from '../platform/names.ts';
import { checksum } from './checksum.ts';
import { Scratch, viewOf } from './scratch.ts';

export const KINDS = ['file', 'folder', 'link', 'other'] as const satisfies readonly EntryKind[];
export const CHANGE_TYPES = ['create', 'modify', 'metadata', 'move', 'remove'] as const satisfies readonly ChangeType[];
export const LIVE_TYPES = ['create', 'modify', 'metadata', 'move'] as const satisfies readonly LiveChangeType[];

/** Index of `remove`, the one type that takes records away. */
export const REMOVE = CHANGE_TYPES.indexOf('remove');

/** Records of the log that are no file changes: a watch's first indexing, and its removal. */
export const WATCH_ADDED = 5;
export const WATCH_REMOVED = 6;

/** What `lstat` said of an entry; the part of a node that reconcile compares. */
export interface EntryStat {
	kind: EntryKind;
	dev: bigint;
	ino: bigint;
	birthtimeNs: bigint;
	size: bigint;
	mtimeNs: bigint;
	ctimeNs: bigint;
	mode: number;
	uid: number;
	gid: number;
	nlink: number;
	/** What a symbolic link holds, also one that is followed, whose other fields are its target's. Empty otherwise. */
	target: string;
}

/** Takes over what a new stat says. */
export function setStat(node: EntryStat, stat: EntryStat): void {
	// Field by field: of an event's time, spreading took a twentieth.
	node.kind = stat.kind;
	node.dev = stat.dev;
	node.ino = stat.ino;
	node.birthtimeNs = stat.birthtimeNs;
	node.size = stat.size;
	node.mtimeNs = stat.mtimeNs;
	node.ctimeNs = stat.ctimeNs;
	node.mode = stat.mode;
	node.uid = stat.uid;
	node.gid = stat.gid;
	node.nlink = stat.nlink;
	node.target = stat.target;
}

/** No content hash is known. */
export const NO_HASH = 0n;

export interface NodeRecord extends EntryStat {
	id: number;
	/** Key into `coverages`: the watches that cover the node; 0 when none does. */
	coverage: number;
	/** Sequence number of the node's latest log record; 0 when it has none. */
	lastSeq: number;
	/** The first 64 bits of the content's SHA-1; {@link NO_HASH} while it is not known. */
	hash: bigint;
}

/** Length of a node's value without a link's target. */
export const NODE_HEADER = 90;
/** Where dev, inode, birth time, size, mtime, ctime (8 bytes each), mode, uid, gid, nlink (4 each) begin in it. */
export const NODE_STAT = 18;
export const STAT_BYTES = 64;

/** @param scratch holds the value afterwards */
export function packNode(node: NodeRecord, scratch = new Scratch(NODE_HEADER)): Buffer {
	const target = node.target === '' ? NONE : encodeName(node.target);
	scratch.reserve(NODE_HEADER + target.length);
	const { view } = scratch;
	view.setUint8(4, KINDS.indexOf(node.kind));
	view.setUint8(5, 0);
	view.setUint32(6, node.id, true);
	view.setUint32(10, node.coverage, true);
	view.setUint32(14, node.lastSeq, true);
	view.setBigUint64(18, node.dev, true);
	view.setBigUint64(26, node.ino, true);
	view.setBigInt64(34, node.birthtimeNs, true);
	view.setBigInt64(42, node.size, true);
	view.setBigInt64(50, node.mtimeNs, true);
	view.setBigInt64(58, node.ctimeNs, true);
	view.setUint32(66, node.mode, true);
	view.setUint32(70, node.uid, true);
	view.setUint32(74, node.gid, true);
	view.setUint32(78, Math.min(node.nlink, 0xffff_ffff), true);
	view.setBigUint64(82, node.hash, true);
	target.copy(scratch.bytes, NODE_HEADER);
	return seal(scratch.of(NODE_HEADER + target.length));
}

export function unpackNode(value: Buffer): NodeRecord {
	unseal(value, NODE_HEADER, 'node');
	const view = viewOf(value);
	return {
		kind: KINDS[view.getUint8(4)] ?? 'other',
		id: view.getUint32(6, true),
		coverage: view.getUint32(10, true),
		lastSeq: view.getUint32(14, true),
		dev: view.getBigUint64(18, true),
		ino: view.getBigUint64(26, true),
		birthtimeNs: view.getBigInt64(34, true),
		size: view.getBigInt64(42, true),
		mtimeNs: view.getBigInt64(50, true),
		ctimeNs: view.getBigInt64(58, true),
		mode: view.getUint32(66, true),
		uid: view.getUint32(70, true),
		gid: view.getUint32(74, true),
		nlink: view.getUint32(78, true),
		hash: view.getBigUint64(82, true),
		target: decodeName(value, NODE_HEADER),
	};
}

/** One record of the log. `type` is an index into {@link CHANGE_TYPES}, or WATCH_ADDED / WATCH_REMOVED. */
export interface LogRecord extends LogFacts {
	/** Absolute path at event time; for records about a watch its id. */
	path: string;
	/** Absolute previous path, for a move; empty otherwise. */
	from: string;
}

/** What counting a record takes. */
export interface LogFacts {
	type: number;
	kind: EntryKind;
	reason: ChangeReason | undefined;
	/** Unix milliseconds. */
	time: number;
	/** 0 for records about a watch. */
	nodeId: number;
	/** The covering watches at event time, a key into `coverages`. */
	coverage: number;
	/** Key into `bursts`; 0 for records that belong to none. */
	burst: number;
	/** Sequence number of the record before about the same node (node-history.ts); 0 for the first one, and about a watch. */
	previous: number;
}

/** Where the names of a record begin, which is as long as what is in front of them, by layout: before schema 3, and since. */
const LOG_HEADERS = [32, 36];
const LOG_LAYOUT = 1;
const LOG_HEADER = 36;
const NONE = Buffer.alloc(0);

/** @param scratch holds the value afterwards */
export function packLog(record: LogRecord, scratch = new Scratch(LOG_HEADER)): Buffer {
	scratch.reserve(LOG_HEADER + mostBytes(record.path) + mostBytes(record.from));
	const { bytes, view } = scratch;
	view.setUint8(4, record.type);
	view.setUint8(5, KINDS.indexOf(record.kind));
	view.setUint8(6, record.reason === undefined ? 0 : 1);
	view.setUint8(7, LOG_LAYOUT);
	view.setFloat64(8, record.time, true);
	view.setUint32(16, record.nodeId, true);
	view.setUint32(20, record.coverage, true);
	view.setUint32(24, record.burst, true);
	view.setUint32(32, record.previous, true);
	const pathEnd = writeName(record.path, bytes, LOG_HEADER);
	view.setUint32(28, pathEnd - LOG_HEADER, true);
	return seal(scratch.of(writeName(record.from, bytes, pathEnd)));
}

/** The type of a packed record, unchecked: for passing over a log quickly. */
export function typeOfLog(value: Buffer): number | undefined {
	return value[4];
}

export function unpackLog(value: Buffer): LogRecord {
	const { type, kind, reason, time, nodeId, coverage, burst, previous, path, from } = new LogRow().read(value);
	return { type, kind, reason, time, nodeId, coverage, burst, previous, path, from };
}

/** A record; undefined when it is damaged. */
export function readLog(value: Buffer): LogRecord | undefined {
	return unlessDamaged(() => unpackLog(value));
}

/**
 * What a packed record is about, unchecked: the node, 0 for records about a watch, the type and the bytes of the path; and the
 * record before, 0 also for a layout without.
 */
export function subjectOfLog(value: Buffer): { nodeId: number; type: number; path: Buffer; previous: number } {
	const nameAt = headerOf(value);
	return {
		nodeId: value.readUInt32LE(16),
		type: value.readUInt8(4),
		path: value.subarray(nameAt, nameAt + value.readUInt32LE(28)),
		previous: nameAt === LOG_HEADER ? value.readUInt32LE(32) : 0,
	};
}

/** Packed records, one after the other: this has the fields of the latest. Its names are read when they are asked for. */
export class LogRow implements LogRecord {
	#value: Buffer = NONE;
	#nameAt = 0;
	type = 0;
	kind: EntryKind = 'other';
	reason: ChangeReason | undefined = undefined;
	time = 0;
	nodeId = 0;
	coverage = 0;
	burst = 0;
	previous = 0;

	/**
	 * @param value used until the next one
	 * @throws DamagedRecordError
	 */
	read(value: Buffer): this {
		const header = headerOf(value);
		unseal(value, header, 'log');
		const view = viewOf(value);
		this.#value = value;
		this.#nameAt = header;
		this.type = view.getUint8(4);
		this.kind = KINDS[view.getUint8(5)] ?? 'other';
		this.reason = view.getUint8(6) === 1 ? 'coverage' : undefined;
		this.time = view.getFloat64(8, true);
		this.nodeId = view.getUint32(16, true);
		this.coverage = view.getUint32(20, true);
		this.burst = view.getUint32(24, true);
		this.previous = header === LOG_HEADER ? view.getUint32(32, true) : 0;
		return this;
	}

	get path(): string {
		return decodeName(this.#value, this.#nameAt, this.#pathEnd);
	}

	get from(): string {
		return decodeName(this.#value, this.#pathEnd);
	}

	get #pathEnd(): number {
		return this.#nameAt + viewOf(this.#value).getUint32(28, true);
	}
}

function headerOf(value: Buffer): number {
	return LOG_HEADERS[value[7] ?? 0] ?? LOG_HEADER;
}

/** {@link unpackLog} without its names: for whoever reads the whole log, these are most of the work. */
export function unpackLogFacts(value: Buffer): LogFacts {
	return new LogRow().read(value);
}

/** Where a node hangs: its parent's id and its name. */
export interface NodePlace {
	parent: number;
	name: string;
}

export function packPlace(place: NodePlace): Buffer {
	const name = encodeName(place.name);
	const out = Buffer.allocUnsafe(8 + name.length);
	out.writeUInt32LE(place.parent, 4);
	name.copy(out, 8);
	return seal(out);
}

export function unpackPlace(value: Buffer): NodePlace {
	unseal(value, 8, 'node place');
	return { parent: value.readUInt32LE(4), name: decodeName(value, 8) };
}

/** Key of a node: parent id (big-endian, so that a folder's children are neighbours) and name. */
export function nodeKey(parent: number, name: string, scratch = new Scratch(4 + mostBytes(name))): Buffer {
	scratch.reserve(4 + mostBytes(name));
	scratch.view.setUint32(0, parent);
	return scratch.of(writeName(name, scratch.bytes, 4));
}

/** The name in a {@link nodeKey}. */
export function nameOfKey(key: Buffer): string {
	return decodeName(key, 4);
}

/** Length of an {@link identityKey}. */
export const IDENTITY_BYTES = 8;

/** What of an inode's number is in an {@link identityKey}: its lower 32 bits. */
export function lowerHalf(ino: bigint): number {
	return Number(BigInt.asUintN(32, ino));
}

/**
 * Key of `node_by_identity`: the lower half of the inode's number, then the node's id. Which of the few nodes that share it are
 * the object, their own records say. With the device and the whole number a node took 57 bytes here, and takes 27 now.
 */
export function identityKey(half: number, nodeId: number, out = Buffer.allocUnsafe(IDENTITY_BYTES)): Buffer {
	out.writeUInt32BE(half, 0);
	out.writeUInt32BE(nodeId, 4);
	return out;
}

/** What the key of a node in `node_by_identity` is made of, read from its packed record, which is not checked. */
export function identityOfNode(packed: Buffer): { half: number; id: number } {
	return { half: packed.readUInt32LE(NODE_STAT + 8), id: packed.readUInt32LE(6) };
}

/** The {@link lowerHalf} in an {@link identityKey}. */
export function halfOfIdentity(key: Buffer): number {
	return key.readUInt32BE(0);
}

/** The node id in an {@link identityKey}. */
export function nodeOfIdentity(key: Buffer): number {
	return key.readUInt32BE(4);
}

/** A fixed number of counters, packed as 64-bit floats: exact up to 2^53. */
export function packCounts(
	counts: readonly number[] | Float64Array,
	scratch = new Scratch(4 + counts.length * 8),
): Buffer {
	scratch.reserve(4 + counts.length * 8);
	for (let i = 0; i < counts.length; i++) {
		scratch.view.setFloat64(4 + i * 8, counts[i] ?? 0, true);
	}
	return seal(scratch.of(4 + counts.length * 8));
}

/** @param counts filled, and returned */
export function unpackCounts(value: Buffer, length: number, counts: number[] = []): number[] {
	unseal(value, 4 + length * 8, 'counters');
	const view = viewOf(value);
	for (let i = 0; i < length; i++) {
		counts[i] = view.getFloat64(4 + i * 8, true);
	}
	return counts;
}

export function packText(text: string): Buffer {
	return sealed(Buffer.from(text));
}

/** @param what the row is, for the error */
export function unpackText(value: Buffer, what = 'text'): string {
	unseal(value, 4, what);
	return value.toString('utf8', 4);
}

/** Thrown when a value's checksum does not fit: the file is damaged. */
export class DamagedRecordError extends Error {
	constructor(what: string) {
		super(`The index holds a damaged ${what} record.`);
		this.name = 'DamagedRecordError';
	}
}

/** Writes the checksum of a value in front of it; its first four bytes must be free. */
export function seal(out: Buffer): Buffer {
	out.writeUInt32LE(checksum(out, 4), 0);
	return out;
}

/** Bytes with their checksum in front. */
export function sealed(bytes: Buffer): Buffer {
	return seal(Buffer.concat([Buffer.alloc(4), bytes]));
}

/** What {@link sealed} was given. @throws DamagedRecordError */
export function unsealed(value: Buffer): Buffer {
	unseal(value, 4, 'sealed');
	return value.subarray(4);
}

/** @throws DamagedRecordError when the checksum does not fit or the value is too short. */
export function unseal(value: Buffer, atLeast: number, what: string): void {
	if (value.length < atLeast || !isSealed(value)) {
		throw new DamagedRecordError(what);
	}
}

/** What `read` returns; undefined when it comes across a damaged record. */
export function unlessDamaged<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if (error instanceof DamagedRecordError) {
			return undefined;
		}
		throw error;
	}
}

/** Whether the checksum of a value fits. */
export function isSealed(value: Buffer): boolean {
	return value.length >= 4 && value.readUInt32LE(0) === checksum(value, 4);
}
