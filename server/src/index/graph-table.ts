/**
 * The graph's own LMDB environment, beside the index: everything in it can be made again from the files, so it is never
 * repaired, only dropped (graph-admission.ts). One process writes it (engine/graph-main.ts), others read.
 */
import { randomUUID } from 'node:crypto';
import { open, type RootDatabase } from 'lmdb';
import { decodeName, encodeName } from '../platform/names.ts';
import { admitGraphReader, graphFolder } from './graph-admission.ts';
import { HASH_BYTES, hashOf } from './graph-keys.ts';
import { PendingTable } from './pending-table.ts';
import { seal, sealed, unsealed } from './records.ts';
import { JsonTable, SealedTable } from './sealed-table.ts';

/** Version of what is stored; another one is dropped and made again. */
export const GRAPH_VERSION = 10;

/** Values stay small enough for Electron's memory rules (DESIGN.md §5, "Hosts differ"). */
const CHUNK_BYTES = 30 * 1024;

/** Names in `touched`, of all transactions together. */
const MOST_TOUCHED = 400;
const UNTOUCHED: Touched = { era: undefined, count: 0, latest: [] };

const SEQ_BYTES = 4;
/** Sealed, so that a damaged key is seen. */
const NOTHING = seal(Buffer.alloc(4));
/** Paths that are kept by their hashes, some 4 MB. */
const MOST_KNOWN = 20_000;
/** In place of the hash of a content, where there is none. */
const NO_HASH = '\0'.repeat(HASH_BYTES);

interface GraphTables {
	env: RootDatabase;
	/**
	 * - `version`, `index`: whose graph it is
	 * - `drained`: the record of the log up to which changes are in the queue, `cursor`: up to which they are in the graph
	 * - `from`: the record from which on it is remembered what files were
	 * - `position`: where the first indexing is; absent when it is complete
	 * - `files`: how many are known
	 * - `touched`: {@link Touched}
	 * - `readAt`: when something that was read was stored last, in Unix milliseconds
	 */
	meta: JsonTable<string, unknown>;
	/** hash of a path, number of the chunk → packed chunk; the first one begins with the path and the hash of the content. */
	files: SealedTable<Buffer>;
	/** what is looked up (graph-keys.ts), hash of the user's path → nothing. */
	users: SealedTable<Buffer>;
	/** seq of the log (big-endian), hash of a path → what the file was before that. */
	history: SealedTable<Buffer>;
	/** hash of a path → seq of its last row in `history`. */
	lastChange: SealedTable<Buffer>;
	/** hash of a path → the path of a file that cannot be read, and why. */
	parked: SealedTable<Buffer>;
	/** See {@link PendingTable}. */
	pending: SealedTable<Buffer>;
	pendingByPath: SealedTable<Buffer>;
}

/** What a transaction changed. */
export interface Touch {
	/** Of files. */
	paths: readonly string[];
	/** What files look up (graph-keys.ts), as one has come to it or left it. */
	keys: readonly string[];
}

/** What was changed lately, so that whoever remembers what was read need not forget all of it. */
export interface Touched {
	/** Another one after the table was cleared; undefined before the first change. */
	era: string | undefined;
	/** How many transactions of this era have changed anything. */
	count: number;
	/** The latest of them, oldest first. Too much of one is not told: then there is none of those before either. */
	latest: readonly Touch[];
}

/**
 * Opens the graph of an index. To be written it must have been admitted (graph-admission.ts).
 *
 * @throws what LMDB throws: no such file, no permission, read-only file system; as `admitGraphReader`
 */
export function openGraph(indexFolder: string, readOnly: boolean): GraphTables {
	const folder = graphFolder(indexFolder);
	if (readOnly) {
		admitGraphReader(indexFolder);
	}
	const env = open({ path: folder, readOnly, maxDbs: 12, noSubdir: false, compression: false });
	const storing = { env, isBare: false };
	return {
		env,
		meta: new JsonTable(storing, 'meta', 'text'),
		files: SealedTable.open(storing, 'files', 'binary'),
		users: SealedTable.open(storing, 'users', 'binary'),
		history: SealedTable.open(storing, 'history', 'binary'),
		lastChange: SealedTable.open(storing, 'last_change', 'binary'),
		parked: SealedTable.open(storing, 'parked', 'binary'),
		pending: SealedTable.open(storing, 'pending', 'binary'),
		pendingByPath: SealedTable.open(storing, 'pending_by_path', 'binary'),
	};
}

export class GraphTable {
	readonly #tables: GraphTables;
	/** Updates that wait. */
	readonly pending: PendingTable;
	/** Hash → path: that never changes, whatever becomes of the file. */
	readonly #known = new Map<string, string>();

	/** @throws what LMDB throws: no such file, no permission, read-only file system */
	constructor(indexFolder: string, readOnly: boolean, tables: GraphTables = openGraph(indexFolder, readOnly)) {
		this.#tables = tables;
		this.pending = new PendingTable(tables.pending, tables.pendingByPath);
	}

	/** Runs `work` in one transaction; when it throws, nothing of it is kept. */
	transact<T>(work: () => T): T {
		return this.#tables.env.transactionSync(work);
	}

	/** Sees what has been committed since. */
	refresh(): void {
		this.#tables.env.resetReadTxn();
	}

	async close(): Promise<void> {
		await this.#tables.env.close();
	}

	/** Drops everything. */
	clear(): void {
		for (const table of [
			this.#tables.meta,
			this.#tables.files,
			this.#tables.users,
			this.#tables.history,
			this.#tables.lastChange,
			this.#tables.parked,
		]) {
			table.clearSync();
		}
		this.pending.clear();
	}

	get(name: string): unknown {
		return this.#tables.meta.get(name);
	}

	/** @param value undefined to forget it */
	set(name: string, value: unknown): void {
		if (value === undefined) {
			this.#tables.meta.removeSync(name);
		} else {
			this.#tables.meta.putSync(name, value);
		}
	}

	/** What was changed lately. */
	get touched(): Touched {
		return (this.#tables.meta.get('touched') as Touched | undefined) ?? UNTOUCHED;
	}

	/** Tells others what this transaction changes. */
	touch(own: Touch): void {
		const { era = randomUUID(), count, latest } = this.touched;
		let names = 0;
		const kept = [...latest, own].findLastIndex(({ paths, keys }) => {
			names += paths.length + keys.length;
			return names > MOST_TOUCHED;
		});
		const touched: Touched = { era, count: count + 1, latest: [...latest, own].slice(kept + 1) };
		this.#tables.meta.putSync('touched', touched);
	}

	// --- files -------------------------------------------------------------------------------------------------------

	/** What is stored of a file: one character a byte. */
	file(path: string): string | undefined {
		return this.stored(path)?.text;
	}

	/** The same with the hash of the content that it was read from. */
	stored(path: string): { text: string; hash: string } | undefined {
		return this.#read(this.#tables.files, bytesOf(hashOf(path)));
	}

	/** Hash of the content that what is known of a file was read from. */
	contentHash(path: string): string | undefined {
		const value = this.#tables.files.get(Buffer.concat([bytesOf(hashOf(path)), chunkNumber(0)]));
		return value === undefined ? undefined : hashIn(value);
	}

	/** Stores what is known of a file. */
	putFile(path: string, text: string, hash: string = NO_HASH): void {
		this.#write(this.#tables.files, bytesOf(hashOf(path)), path, text, hash);
	}

	removeFile(path: string): void {
		this.#write(this.#tables.files, bytesOf(hashOf(path)), path, undefined);
	}

	/** Paths of all files, in no order. */
	*paths(): Generator<string> {
		for (const { key, value } of this.#tables.files.getRange({})) {
			if (key.readUInt16BE(key.length - 2) === 0) {
				yield pathIn(value);
			}
		}
	}

	// --- who uses what -----------------------------------------------------------------------------------------------

	/** @param key see graph-keys.ts */
	addUser(key: string, path: string): void {
		this.addUsers([key + hashOf(path)]);
	}

	/** @param rows a key and the hash of a path each; in order they take half the time */
	addUsers(rows: readonly string[]): void {
		for (const row of rows) {
			this.#tables.users.putSync(bytesOf(row), NOTHING);
		}
	}

	removeUser(key: string, path: string): void {
		this.#tables.users.removeSync(bytesOf(key + hashOf(path)));
	}

	/** The files that look something up under a key, or under one that begins so. */
	*users(prefix: string): Generator<string> {
		const start = bytesOf(prefix);
		for (const key of this.#tables.users.getKeys({ start, end: after(start) })) {
			const path = this.#pathOf(key.toString('latin1', key.length - HASH_BYTES));
			if (path !== undefined) {
				yield path;
			}
		}
	}

	/** The path of a stored file by its hash. Asked for each user of everything that a change reaches. */
	#pathOf(hash: string): string | undefined {
		let path = this.#known.get(hash);
		if (path === undefined) {
			const value = this.#tables.files.get(Buffer.concat([bytesOf(hash), chunkNumber(0)]));
			path = value === undefined ? undefined : pathIn(value);
			if (path !== undefined) {
				if (this.#known.size >= MOST_KNOWN) {
					this.#known.clear();
				}
				this.#known.set(hash, path);
			}
		}
		return path;
	}

	// --- what was ----------------------------------------------------------------------------------------------------

	/**
	 * Remembers what a file was before a change of the log; the first one of a seq stays.
	 *
	 * @returns whether this is the first one
	 */
	remember(seq: number, path: string, text: string | undefined): boolean {
		const hash = bytesOf(hashOf(path));
		const key = Buffer.concat([seqBytes(seq), hash]);
		if (this.#tables.history.doesExist(Buffer.concat([key, chunkNumber(0)]))) {
			return false;
		}
		this.#write(this.#tables.history, key, path, text ?? '');
		this.#tables.lastChange.putSync(hash, sealed(seqBytes(seq)));
		return true;
	}

	/**
	 * A change of the log had been read when it came: together with the one before, after which the file was read. What it was before
	 * both is remembered at the later one, because nobody knows what it was in between.
	 *
	 * @returns whether it was
	 */
	remembersLater(seq: number, path: string): boolean {
		const hash = bytesOf(hashOf(path));
		const last = this.#lastChange(hash);
		const known = last === undefined ? undefined : this.#read(this.#tables.history, Buffer.concat([last, hash]));
		if (known === undefined || last!.readUInt32BE() >= seq) {
			return false;
		}
		this.#write(this.#tables.history, Buffer.concat([last!, hash]), path, undefined);
		return this.remember(seq, path, known.text);
	}

	/** What the files that have changed after a seq were then, and at which seq; an empty text for those that were not. */
	changedAfter(seq: number): Map<string, { text: string; seq: number }> {
		const found = new Map<string, { text: string; seq: number }>();
		for (const { key, value } of this.#tables.history.getRange({ start: seqBytes(seq + 1) })) {
			if (key.readUInt16BE(key.length - 2) === 0 && !found.has(pathIn(value))) {
				const text = this.#read(this.#tables.history, key.subarray(0, -2))?.text ?? '';
				found.set(pathIn(value), { text, seq: key.readUInt32BE() });
			}
		}
		return found;
	}

	/** As in the key of `history`. */
	#lastChange(hash: Buffer): Buffer | undefined {
		const value = this.#tables.lastChange.get(hash);
		return value === undefined ? undefined : unsealed(value);
	}

	/** Forgets what was before a seq. */
	prune(seq: number): void {
		for (const key of this.#tables.history.getKeys({ end: seqBytes(seq) })) {
			const hash = key.subarray(SEQ_BYTES, SEQ_BYTES + HASH_BYTES);
			if (this.#lastChange(hash)?.equals(key.subarray(0, SEQ_BYTES)) === true) {
				this.#tables.lastChange.removeSync(hash);
			}
			this.#tables.history.removeSync(key);
		}
	}

	// --- files that cannot be read -----------------------------------------------------------------------------------

	park(path: string, why: string): void {
		this.#write(this.#tables.parked, bytesOf(hashOf(path)), path, Buffer.from(why).toString('latin1'));
	}

	unpark(path: string): void {
		this.#write(this.#tables.parked, bytesOf(hashOf(path)), path, undefined);
	}

	parked(): { path: string; why: string }[] {
		const found: { path: string; why: string }[] = [];
		for (const { key, value } of this.#tables.parked.getRange({})) {
			if (key.readUInt16BE(key.length - 2) === 0) {
				const { text } = this.#read(this.#tables.parked, key.subarray(0, -2))!;
				found.push({ path: pathIn(value), why: bytesOf(text).toString() });
			}
		}
		return found;
	}

	// --- chunks ------------------------------------------------------------------------------------------------------

	#write(
		table: SealedTable<Buffer>,
		key: Buffer,
		path: string,
		text: string | undefined,
		hash: string = NO_HASH,
	): void {
		const bytes = text === undefined ? undefined : packed(path, hash, text);
		const count = bytes === undefined ? 0 : Math.ceil(bytes.length / CHUNK_BYTES);
		for (let chunk = 0; chunk < count; chunk++) {
			const part = bytes!.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
			table.putSync(Buffer.concat([key, chunkNumber(chunk)]), sealed(part));
		}
		for (let chunk = count; table.doesExist(Buffer.concat([key, chunkNumber(chunk)])); chunk++) {
			table.removeSync(Buffer.concat([key, chunkNumber(chunk)]));
		}
	}

	#read(table: SealedTable<Buffer>, key: Buffer): { hash: string; text: string } | undefined {
		const chunks: Buffer[] = [];
		for (let chunk = 0; ; chunk++) {
			const value = table.get(Buffer.concat([key, chunkNumber(chunk)]));
			if (value === undefined) {
				break;
			}
			chunks.push(unsealed(value));
		}
		if (chunks.length === 0) {
			return undefined;
		}
		const bytes = Buffer.concat(chunks);
		const end = 2 + bytes.readUInt16LE();
		const hash = bytes.toString('latin1', end, end + HASH_BYTES);
		return { hash, text: bytes.toString('latin1', end + HASH_BYTES) };
	}
}

function packed(path: string, hash: string, text: string): Buffer {
	const name = encodeName(path);
	const head = Buffer.alloc(2);
	head.writeUInt16LE(name.length);
	return Buffer.concat([head, name, bytesOf(hash), bytesOf(text)]);
}

function pathIn(value: Buffer): string {
	return decodeName(value, 6, 6 + value.readUInt16LE(4));
}

function hashIn(value: Buffer): string {
	const at = 6 + value.readUInt16LE(4);
	return value.toString('latin1', at, at + HASH_BYTES);
}

function chunkNumber(chunk: number): Buffer {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16BE(chunk);
	return bytes;
}

function bytesOf(characters: string): Buffer {
	return Buffer.from(characters, 'latin1');
}

function seqBytes(seq: number): Buffer {
	const bytes = Buffer.alloc(SEQ_BYTES);
	bytes.writeUInt32BE(seq);
	return bytes;
}

/** The first key behind all that begin so. */
function after(prefix: Buffer): Buffer {
	return Buffer.concat([prefix, Buffer.alloc(HASH_BYTES * 2 + 1, 0xff)]);
}
