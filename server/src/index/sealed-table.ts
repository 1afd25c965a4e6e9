/**
 * Tables whose checksums cover the key, too. LMDB has none, and a key with a wrong byte is simply another key: the counters of
 * one watch would be another's, and nothing in the row would tell.
 *
 * A value begins with the CRC-32 of its rest (records.ts), to whoever packs and unpacks it. What is stored in its place is that
 * and the CRC-32 of the key's bytes, in exclusive or: so a row that is read under another key than its own is a damaged one.
 * The log, and tables without values, are compared with what they are about instead (table-comparison.ts).
 */
import type { Database, RootDatabase } from 'lmdb';
import { checksum } from './checksum.ts';
import { DamagedRecordError, packText, unlessDamaged, unpackText } from './records.ts';

/** The index's schema since which keys are sealed, and small tables hold JSON instead of MessagePack. */
export const SEALED_SINCE = 4;

type Key = string | number | Buffer;

/**
 * How a table's keys are stored: as 32-bit numbers or as bytes; a text by its Latin-1 characters, which any bytes are, so that a
 * row under a damaged key can be named, and removed. (LMDB's own text keys cannot, and are compared in a way that must not meet
 * keys of bytes in one table.)
 */
type KeyKind<K extends Key> = K extends number ? 'uint32' : K extends string ? 'text' : 'binary';

/** As in LMDB: `end` is not included; both are exchanged where it goes backwards. */
export interface KeyRange<K> {
	start?: K;
	end?: K;
	reverse?: boolean;
	limit?: number;
}

/** How the tables of an environment are stored. One for all of them, because all change together. */
export interface Storing {
	env: RootDatabase;
	/** As in an index of a schema before {@link SEALED_SINCE}. */
	isBare: boolean;
}

const NUMBER = Buffer.alloc(4);

export class SealedTable<K extends Key> {
	readonly #rows: Database<Buffer, number | Buffer>;
	readonly #isText: boolean;
	readonly #storing: Storing;

	private constructor(rows: Database<Buffer, number | Buffer>, kind: KeyKind<K>, storing: Storing) {
		this.#rows = rows;
		this.#isText = kind === 'text';
		this.#storing = storing;
	}

	/** An older index that is only read may have no such table: it is undefined then, as with tables that are not sealed. */
	static open<K extends Key>(storing: Storing, name: string, kind: KeyKind<K>): SealedTable<K> {
		const keyEncoding = encodingOf(kind);
		const rows = storing.env.openDB<Buffer, number | Buffer>({ name, encoding: 'binary', keyEncoding });
		return rows === undefined ? rows : new SealedTable(rows, kind, storing);
	}

	get(key: K): Buffer | undefined {
		const stored = storedKey(key);
		const value = this.#rows.get(stored);
		return value === undefined ? undefined : this.#exchange(stored, value);
	}

	/** The same in a buffer that the next read uses again. */
	getBinaryFast(key: K): Buffer | undefined {
		const stored = storedKey(key);
		const value = this.#rows.getBinaryFast(stored);
		return value === undefined ? undefined : this.#exchange(stored, value);
	}

	doesExist(key: K): boolean {
		return this.#rows.doesExist(storedKey(key));
	}

	/** @param value sealed; as it was afterwards */
	putSync(key: K, value: Buffer): void {
		const stored = storedKey(key);
		const sum = this.#storing.isBare ? 0 : keySum(stored);
		exchange(value, sum);
		this.#rows.putSync(stored, value);
		exchange(value, sum);
	}

	removeSync(key: K): void {
		this.#rows.removeSync(storedKey(key));
	}

	*getRange(range: KeyRange<K>): Generator<{ key: K; value: Buffer }, undefined> {
		for (const { key, value } of this.#rows.getRange(storedRange(range))) {
			yield { key: this.#told(key), value: this.#exchange(key, value) };
		}
	}

	*getKeys(range: KeyRange<K>): Generator<K, undefined> {
		for (const key of this.#rows.getKeys(storedRange(range))) {
			yield this.#told(key);
		}
	}

	clearSync(): void {
		this.#rows.clearSync();
	}

	getKeysCount(range: KeyRange<K>): number {
		return this.#rows.getKeysCount(storedRange(range));
	}

	/** LMDB's statistics of the table. */
	getStats(): object {
		return this.#rows.getStats();
	}

	/** Brings the rows of an older index to {@link SEALED_SINCE}. A damaged row stays one. */
	sealKeys(): void {
		// A list: nothing is written while the range is read.
		for (const key of Array.from(this.#rows.getKeys({}))) {
			const value = this.#rows.get(key);
			if (value !== undefined) {
				this.#rows.putSync(key, exchange(value, keySum(key)));
			}
		}
	}

	#exchange(stored: number | Buffer, value: Buffer): Buffer {
		return this.#storing.isBare ? value : exchange(value, keySum(stored));
	}

	#told(stored: number | Buffer): K {
		return (this.#isText && typeof stored !== 'number' ? stored.toString('latin1') : stored) as K;
	}
}

/** Puts the key's checksum into the value's, or takes it out. */
function exchange(value: Buffer, sum: number): Buffer {
	if (value.length >= 4) {
		value.writeUInt32LE((value.readUInt32LE(0) ^ sum) >>> 0, 0);
	}
	return value;
}

function encodingOf(kind: 'uint32' | 'text' | 'binary'): 'uint32' | 'binary' {
	return kind === 'uint32' ? 'uint32' : 'binary';
}

function storedKey(key: Key): number | Buffer {
	return typeof key === 'string' ? Buffer.from(key, 'latin1') : key;
}

function storedRange({ start, end, ...rest }: KeyRange<Key>): KeyRange<number | Buffer> {
	return {
		...rest,
		...(start === undefined ? {} : { start: storedKey(start) }),
		...(end === undefined ? {} : { end: storedKey(end) }),
	};
}

function keySum(stored: number | Buffer): number {
	if (typeof stored === 'number') {
		NUMBER.writeUInt32LE(stored, 0);
		return checksum(NUMBER, 0);
	}
	return checksum(stored, 0);
}

/** Whether a value of MessagePack can be written as JSON: a big integer cannot, which a wrong byte can make of a text. */
function fitsJson(value: unknown): boolean {
	try {
		JSON.stringify(value);
		return true;
	} catch {
		return false;
	}
}

/** A small table of JSON, sealed like the others. */
export class JsonTable<K extends string | number, V> {
	readonly #name: string;
	readonly #storing: Storing;
	readonly #rows: SealedTable<K>;
	/** The same rows in MessagePack, without checksums, as an older index has them. */
	readonly #older: Database<V, number | Buffer>;

	constructor(storing: Storing, name: string, kind: KeyKind<K>) {
		this.#name = name;
		this.#storing = storing;
		this.#rows = SealedTable.open<K>(storing, name, kind);
		this.#older = storing.env.openDB<V, number | Buffer>({ name, keyEncoding: encodingOf(kind) });
	}

	/** @throws DamagedRecordError */
	get(key: K): V | undefined {
		if (this.#storing.isBare) {
			return this.#getOlder(key);
		}
		const value = this.#rows.get(key);
		return value === undefined ? undefined : (JSON.parse(unpackText(value, this.#name)) as V);
	}

	putSync(key: K, value: V): void {
		if (this.#storing.isBare) {
			this.#older.putSync(storedKey(key), value);
		} else {
			this.#rows.putSync(key, packText(JSON.stringify(value)));
		}
	}

	removeSync(key: K): void {
		this.#rows.removeSync(key);
	}

	getKeys(range: KeyRange<K>): Iterable<K> {
		return this.#rows.getKeys(range);
	}

	clearSync(): void {
		this.#rows.clearSync();
	}

	/** LMDB's statistics of the table. */
	getStats(): object {
		return this.#rows.getStats();
	}

	/**
	 * Reads the rows of an older index, to bring them to {@link SEALED_SINCE}.
	 *
	 * @param isWhole whether what could be read can be right
	 * @returns writes them, once the tables are stored so; a damaged row stays one
	 */
	readOlder(isWhole: (value: V, key: K) => boolean): () => void {
		const rows = Array.from(this.getKeys({}), (key) => [key, unlessDamaged(() => this.#getOlder(key))] as const);
		return () => {
			this.#rows.sealKeys();
			for (const [key, value] of rows) {
				if (value !== undefined && isWhole(value, key) && fitsJson(value)) {
					this.putSync(key, value);
				}
			}
		};
	}

	#getOlder(key: K): V | undefined {
		try {
			return this.#older.get(storedKey(key));
		} catch {
			// MessagePack has no checksum: whatever decoding throws means that the row is damaged.
			throw new DamagedRecordError(this.#name);
		}
	}
}
