/**
 * Tables whose checksums cover the key, too. LMDB has none, and a key with a wrong byte is simply another key: the counters of
 * one watch would be another's, and nothing in the row would tell.
 *
 * A value begins with the CRC-32 of its rest (records.ts), to whoever packs and unpacks it. What is stored in its place is that
 * and the CRC-32 of the key's bytes, in exclusive or: so a row that is read under another key than its own is a damaged one.
 * Tables that the survey compares with others key by key (table-comparison.ts) do without.
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

/** How tables are opened. */
export interface Opened {
	env: RootDatabase;
	/** They are of an index of a schema before {@link SEALED_SINCE}. */
	isBare: boolean;
}

const NUMBER = Buffer.alloc(4);

export class SealedTable<K extends Key> {
	readonly #rows: Database<Buffer, number | Buffer>;
	readonly #isText: boolean;
	#isBare: boolean;

	private constructor(rows: Database<Buffer, number | Buffer>, kind: KeyKind<K>, isBare: boolean) {
		this.#rows = rows;
		this.#isText = kind === 'text';
		this.#isBare = isBare;
	}

	/** An older index that is only read may have no such table: it is undefined then, as with tables that are not sealed. */
	static open<K extends Key>({ env, isBare }: Opened, name: string, kind: KeyKind<K>): SealedTable<K> {
		const rows = env.openDB<Buffer, number | Buffer>({ name, encoding: 'binary', keyEncoding: encodingOf(kind) });
		return rows === undefined ? rows : new SealedTable(rows, kind, isBare);
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
		this.#exchange(stored, value);
		this.#rows.putSync(stored, value);
		this.#exchange(stored, value);
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

	/** Brings the table of an older index to {@link SEALED_SINCE}. A damaged row stays one. */
	sealKeys(): void {
		this.#isBare = false;
		// A list: nothing is written while the range is read.
		for (const key of Array.from(this.#rows.getKeys({}))) {
			const value = this.#rows.get(key);
			if (value !== undefined) {
				this.#rows.putSync(key, this.#exchange(key, value));
			}
		}
	}

	/** Puts the key's checksum into the value's, or takes it out. */
	#exchange(stored: number | Buffer, value: Buffer): Buffer {
		if (!this.#isBare && value.length >= 4) {
			value.writeUInt32LE((value.readUInt32LE(0) ^ keySum(stored)) >>> 0, 0);
		}
		return value;
	}

	#told(stored: number | Buffer): K {
		return (this.#isText && typeof stored !== 'number' ? stored.toString('latin1') : stored) as K;
	}
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

/** A small table of JSON, sealed like the others. */
export class JsonTable<K extends string | number, V> {
	readonly #name: string;
	readonly #rows: SealedTable<K>;
	/** The same rows in MessagePack, without checksums, as an older index has them. */
	#older: Database<V, number | Buffer> | undefined;

	private constructor(name: string, rows: SealedTable<K>, older: Database<V, number | Buffer> | undefined) {
		this.#name = name;
		this.#rows = rows;
		this.#older = older;
	}

	static open<K extends string | number, V>(opened: Opened, name: string, kind: KeyKind<K>): JsonTable<K, V> {
		const older = opened.isBare
			? opened.env.openDB<V, number | Buffer>({ name, keyEncoding: encodingOf(kind) })
			: undefined;
		return new JsonTable(name, SealedTable.open<K>(opened, name, kind), older);
	}

	/** @throws DamagedRecordError */
	get(key: K): V | undefined {
		if (this.#older !== undefined) {
			return this.#readOlder(this.#older, key);
		}
		const value = this.#rows.get(key);
		return value === undefined ? undefined : (JSON.parse(unpackText(value, this.#name)) as V);
	}

	putSync(key: K, value: V): void {
		if (this.#older !== undefined) {
			this.#older.putSync(storedKey(key), value);
			return;
		}
		this.#rows.putSync(key, packText(JSON.stringify(value)));
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
	 * Brings the table of an older index to {@link SEALED_SINCE}. A damaged row stays one.
	 *
	 * @param isWhole whether what could be read can be right
	 */
	sealRows(isWhole: (value: V, key: K) => boolean = () => true): void {
		const readable = Array.from(this.getKeys({}), (key) => [key, unlessDamaged(() => this.get(key))] as const);
		this.#older = undefined;
		this.#rows.sealKeys();
		for (const [key, value] of readable) {
			if (value !== undefined && isWhole(value, key)) {
				this.putSync(key, value);
			}
		}
	}

	#readOlder(older: Database<V, number | Buffer>, key: K): V | undefined {
		try {
			return older.get(storedKey(key));
		} catch {
			// MessagePack has no checksum: whatever decoding throws means that the row is damaged.
			throw new DamagedRecordError(this.#name);
		}
	}
}
