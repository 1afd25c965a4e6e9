/**
 * Updates of the graph that wait, in the order in which they are done: by level, then by how long they wait. One for each file,
 * whatever has happened to it since.
 */
import { decodeName, encodeName } from '../platform/names.ts';
import { HASH_BYTES, hashOf } from './graph-keys.ts';
import { seal, sealed, unseal, unsealed } from './records.ts';
import type { SealedTable } from './sealed-table.ts';

/** What goes before what. */
export const Level = {
	/** Files that are open in editors. */
	open: 0,
	gone: 1,
	/** Small files, and those beside open ones. */
	near: 2,
	rest: 3,
	/** Those that failed: they wait for their time. */
	failed: 4,
} as const;

export interface PendingUpdate {
	path: string;
	level: number;
	/** The record of the log since which it waits, and the latest one that concerns it. */
	first: number;
	last: number;
	/** When the latest one was recorded, in Unix milliseconds. */
	time: number;
	/** Whether the file itself has changed. Otherwise files have that it may ask for. */
	isEdited: boolean;
	/** Whether its content has changed, or may have: not its times and its mode alone. */
	isModified: boolean;
	/** Whether what it asks for may lead elsewhere now. */
	resolves: boolean;
	/** Whether no watch covers a file of this path any more. */
	isGone: boolean;
	/** How often it has failed. */
	attempts: number;
	/** When it is tried again, in Unix milliseconds. */
	due: number;
}

/** crc, first, last, time, due, flags, attempts; then the path. */
const HEADER = 4 + 4 + 4 + 8 + 8 + 1 + 1;
/** Level, then the record or the time that it is sorted by. */
const ORDER_BYTES = 1 + 6;

const EDITED = 1;
const RESOLVES = 2;
const GONE = 4;
const MODIFIED = 8;

export class PendingTable {
	/** level, first record or time, hash of a path → the update */
	readonly #updates: SealedTable<Buffer>;
	/** hash of a path → level and first record or time of its update */
	readonly #byPath: SealedTable<Buffer>;

	constructor(updates: SealedTable<Buffer>, byPath: SealedTable<Buffer>) {
		this.#updates = updates;
		this.#byPath = byPath;
	}

	/** How many there are, those that failed included. */
	get count(): number {
		return (this.#updates.getStats() as { entryCount: number }).entryCount;
	}

	get(path: string): PendingUpdate | undefined {
		const hash = Buffer.from(hashOf(path), 'latin1');
		const order = this.#orderOf(hash);
		const key = order === undefined ? undefined : Buffer.concat([order, hash]);
		const value = key === undefined ? undefined : this.#updates.get(key);
		return value === undefined ? undefined : unpack(key!, value);
	}

	/** Puts one in place of whatever waits for the same file. */
	put(update: PendingUpdate): void {
		this.remove(update.path);
		const hash = Buffer.from(hashOf(update.path), 'latin1');
		const order = orderOf(update);
		this.#byPath.putSync(hash, sealed(order));
		this.#updates.putSync(Buffer.concat([order, hash]), pack(update));
	}

	remove(path: string): void {
		const hash = Buffer.from(hashOf(path), 'latin1');
		const order = this.#orderOf(hash);
		if (order !== undefined) {
			this.#updates.removeSync(Buffer.concat([order, hash]));
			this.#byPath.removeSync(hash);
		}
	}

	#orderOf(hash: Buffer): Buffer | undefined {
		const value = this.#byPath.get(hash);
		return value === undefined ? undefined : unsealed(value);
	}

	/** From a level on, in order. */
	*from(level: number): Generator<PendingUpdate> {
		for (const { key, value } of this.#updates.getRange({ start: Buffer.of(level) })) {
			yield unpack(key, value);
		}
	}

	/** How many of a level there are. Counts them. */
	countOf(level: number): number {
		return this.#updates.getKeysCount({ start: Buffer.of(level), end: Buffer.of(level + 1) });
	}

	clear(): void {
		this.#updates.clearSync();
		this.#byPath.clearSync();
	}
}

function orderOf({ level, first, due }: PendingUpdate): Buffer {
	const order = Buffer.alloc(ORDER_BYTES);
	order.writeUInt8(level);
	order.writeUIntBE(level === Level.failed ? due : first, 1, ORDER_BYTES - 1);
	return order;
}

function pack(update: PendingUpdate): Buffer {
	const name = encodeName(update.path);
	const bytes = Buffer.alloc(HEADER + name.length);
	bytes.writeUInt32LE(update.first, 4);
	bytes.writeUInt32LE(update.last, 8);
	bytes.writeDoubleLE(update.time, 12);
	bytes.writeDoubleLE(update.due, 20);
	const flags =
		(update.isEdited ? EDITED : 0) |
		(update.resolves ? RESOLVES : 0) |
		(update.isGone ? GONE : 0) |
		(update.isModified ? MODIFIED : 0);
	bytes.writeUInt8(flags, 28);
	bytes.writeUInt8(update.attempts, 29);
	bytes.set(name, HEADER);
	return seal(bytes);
}

function unpack(key: Buffer, value: Buffer): PendingUpdate {
	unseal(value, HEADER, 'pending update');
	const flags = value.readUInt8(28);
	return {
		path: decodeName(value, HEADER),
		level: key.readUInt8(key.length - HASH_BYTES - ORDER_BYTES),
		first: value.readUInt32LE(4),
		last: value.readUInt32LE(8),
		time: value.readDoubleLE(12),
		due: value.readDoubleLE(20),
		isEdited: (flags & EDITED) !== 0,
		isModified: (flags & MODIFIED) !== 0,
		resolves: (flags & RESOLVES) !== 0,
		isGone: (flags & GONE) !== 0,
		attempts: value.readUInt8(29),
	};
}
