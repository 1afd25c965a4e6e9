/** The graph as it is stored: entries are read when they are asked for, and kept for a while. */
import { basename, dirname } from 'node:path';
import { type GraphTable, keyBytes } from '../index/graph-table.ts';
import { decodeEntry, encodeEntry } from './codec.ts';
import { type FileEntry, GLOB, type GraphStore, keysOf } from './store.ts';

/** Entries that are kept decoded: what a change reaches is asked for again and again. */
const MOST_DECODED = 2000;

export class StoredGraph implements GraphStore {
	readonly #table: GraphTable;
	readonly #decoded = new Map<string, FileEntry | undefined>();

	constructor(table: GraphTable) {
		this.#table = table;
	}

	/** Sees what has been committed since. */
	refresh(): void {
		this.#table.refresh();
		this.#decoded.clear();
	}

	entry(path: string): FileEntry | undefined {
		if (!this.#decoded.has(path)) {
			const text = this.#table.file(path);
			if (this.#decoded.size >= MOST_DECODED) {
				this.#decoded.clear();
			}
			this.#decoded.set(path, text === undefined ? undefined : decodeEntry(text));
		}
		return this.#decoded.get(path);
	}

	users(key: string): Iterable<string> {
		return this.#table.users(bytesOf(key));
	}

	usersOfModule(module: string): Iterable<string> {
		return this.#table.users(keyBytes('m', module));
	}

	globs(): Iterable<string> {
		return this.#table.users(keyBytes('b'));
	}

	widened(): Iterable<string> {
		return this.#table.users(keyBytes('w'));
	}

	/** The files whose requests may lead elsewhere when a file of this path comes or goes. */
	askingFor(path: string): Set<string> {
		return new Set(stemsOf(path).flatMap((stem) => [...this.#table.users(keyBytes('t', stem))]));
	}

	/** Whether a specifier may lead to a file of this path. */
	mayMean(specifier: string, path: string): boolean {
		return stemsOf(path).includes(stemOf(basename(specifier)));
	}

	/**
	 * Stores what a file is now, in a transaction of the table.
	 *
	 * @param entry undefined when it is gone
	 * @returns what was stored before; `same` when nothing differs
	 */
	put(path: string, entry: FileEntry | undefined): { before: string | undefined; same: boolean } {
		const before = this.#table.file(path);
		const text = entry === undefined ? undefined : encodeEntry(entry);
		if (before === text) {
			return { before, same: true };
		}
		const had = before === undefined ? new Map<string, Buffer>() : lookupsOf(decodeEntry(before));
		const has = entry === undefined ? new Map<string, Buffer>() : lookupsOf(entry);
		for (const [key, bytes] of had) {
			if (!has.has(key)) {
				this.#table.removeUser(bytes, path);
			}
		}
		for (const [key, bytes] of has) {
			if (!had.has(key)) {
				this.#table.addUser(bytes, path);
			}
		}
		for (const glob of entry?.resolved.filter((module) => module.startsWith(GLOB)) ?? []) {
			// Found by its pattern: one row for all who ask for it.
			this.#table.putFile(glob, '');
			this.#table.addUser(keyBytes('b'), glob);
		}
		this.#table.putFile(path, text);
		this.#decoded.delete(path);
		return { before, same: false };
	}
}

/** Everything that a file is found by. */
function lookupsOf(entry: FileEntry): Map<string, Buffer> {
	const lookups = new Map(Array.from(keysOf(entry), (key) => [key, bytesOf(key)]));
	for (const { specifier, kind } of entry.facts.requests) {
		if (kind !== 'glob') {
			const stem = stemOf(basename(specifier));
			lookups.set(`t ${stem}`, keyBytes('t', stem));
		}
	}
	if (entry.facts.widenings.length > 0) {
		lookups.set('w', keyBytes('w'));
	}
	return lookups;
}

/** The keys of {@link keysOf} as bytes: one module's are neighbours. */
function bytesOf(key: string): Buffer {
	const kind = key.slice(0, 1);
	const rest = key.slice(2);
	const end = rest.lastIndexOf('\n');
	return kind === 'm' ? keyBytes(kind, rest.slice(0, end), rest.slice(end + 1)) : keyBytes(kind, rest);
}

/** What specifiers end with that may mean a file: its name, or its folder's. */
function stemsOf(path: string): string[] {
	const stem = stemOf(basename(path));
	return stem === 'index' ? [stem, stemOf(basename(dirname(path)))] : [stem];
}

/** A name without what comes behind its first dot: `a`, `a.js`, `a.d.ts` and `a.native.ts` may all be meant by one specifier. */
function stemOf(name: string): string {
	const dot = name.indexOf('.', 1);
	return dot === -1 ? name : name.slice(0, dot);
}
