/** The graph as it is stored: what is read is kept for a while. */
import { hashOf } from '../index/graph-keys.ts';
import type { GraphTable, Touch, Touched } from '../index/graph-table.ts';
import { decodeEntry } from './codec.ts';
import {
	GLOBS,
	lookupsOf,
	MODULE_KEY_LENGTH,
	moduleKey,
	stemKey,
	stemsIn,
	stemsOf,
	storedKey,
	UNRESOLVED,
	WIDENED,
} from './lookups.ts';
import type { StoredEntry } from './reading.ts';
import { evaluationKey, type FileEntry, type GraphStore, starKey } from './store.ts';
import { FileView } from './view.ts';

/** Files that are kept: what a change reaches is asked for again and again. Some 10 KB each. */
const MOST_VIEWS = 3000;

/** Users that are kept, of all keys together: what a change reaches, it reaches on many ways. */
const MOST_USERS = 500_000;

export class StoredGraph implements GraphStore {
	readonly #table: GraphTable;
	readonly #views = new Map<string, FileView>();
	/** What is looked up, as the table has it → who does. */
	readonly #users = new Map<string, readonly string[]>();
	#userCount = 0;
	/** All that there are, once somebody has asked for them. */
	#paths: Set<string> | undefined;
	/** Up to where what is remembered follows what others change. */
	#seen: Pick<Touched, 'era' | 'count'>;

	constructor(table: GraphTable) {
		this.#table = table;
		this.#seen = table.touched;
	}

	/** Sees what has been committed since. */
	refresh(): void {
		this.#table.refresh();
		const now = this.#table.touched;
		const missed = now.era === this.#seen.era ? now.count - this.#seen.count : Number.POSITIVE_INFINITY;
		this.#seen = now;
		if (missed > now.latest.length) {
			this.forget();
			return;
		}
		for (const touch of now.latest.slice(now.latest.length - missed)) {
			this.#forgetTouched(touch);
		}
	}

	/** Keeps nothing of what was read. */
	forget(): void {
		this.#views.clear();
		this.#paths = undefined;
		this.#forgetUsers();
	}

	entry(path: string): FileEntry | undefined {
		const text = this.#table.file(path);
		return text === undefined ? undefined : decodeEntry(text);
	}

	view(path: string): FileView | undefined {
		const known = this.#views.get(path);
		if (known !== undefined) {
			return known;
		}
		const text = this.#table.file(path);
		if (text === undefined) {
			return undefined;
		}
		if (this.#views.size >= MOST_VIEWS) {
			this.#views.clear();
		}
		const view = new FileView(text);
		this.#views.set(path, view);
		return view;
	}

	users(key: string): Iterable<string> {
		return this.#usersOf(storedKey(key));
	}

	usersOfModule(module: string): Iterable<string> {
		return this.#usersOf(moduleKey(module));
	}

	globs(): Iterable<string> {
		return this.#usersOf(GLOBS);
	}

	widened(): Iterable<string> {
		return this.#usersOf(WIDENED);
	}

	paths(): Iterable<string> {
		return (this.#paths ??= new Set(this.#table.paths()));
	}

	/**
	 * The files whose requests may lead elsewhere when a file of this path comes or goes: those that end, or are mapped to what ends, as
	 * it may be called, and those that lead to it.
	 */
	askingFor(path: string): Set<string> {
		const askers = new Set(stemsOf(path).flatMap((stem) => [...this.#table.users(stemKey(stem))]));
		for (const key of keysFor(path)) {
			for (const user of this.#table.users(key)) {
				askers.add(user);
			}
		}
		return askers;
	}

	/** @param key as the table has it, or what several begin with */
	#usersOf(key: string): readonly string[] {
		let users = this.#users.get(key);
		if (users === undefined) {
			if (this.#userCount > MOST_USERS) {
				this.#forgetUsers();
			}
			users = [...this.#table.users(key)];
			this.#users.set(key, users);
			this.#userCount += users.length + 1;
		}
		return users;
	}

	#forgetUsers(): void {
		this.#users.clear();
		this.#userCount = 0;
	}

	#forgetUsersOf(key: string): void {
		const users = this.#users.get(key);
		if (users !== undefined) {
			this.#users.delete(key);
			this.#userCount -= users.length + 1;
		}
	}

	#forgetTouched({ paths, keys }: Touch): void {
		for (const path of paths) {
			this.#views.delete(path);
			if (this.#paths === undefined) {
				continue;
			}
			if (this.#table.contentHash(path) === undefined) {
				this.#paths.delete(path);
			} else {
				this.#paths.add(path);
			}
		}
		for (const key of keys) {
			this.#forgetUsersOf(key);
			this.#forgetUsersOf(key.slice(0, MODULE_KEY_LENGTH));
		}
	}

	/** Whether any file looks up anything of a module. */
	isAsked(module: string): boolean {
		return keysFor(module).some((key) => this.#table.users(key).next().done === false);
	}

	/** The files with a request that leads nowhere. */
	unresolved(): Iterable<string> {
		return this.#table.users(UNRESOLVED);
	}

	/** Whether a specifier may lead to a file of this path. */
	mayMean(specifier: string, path: string): boolean {
		const stems = stemsOf(path);
		return stemsIn(specifier).some((stem) => stems.includes(stem));
	}

	/** What is stored of a file, as it is stored. */
	stored(path: string): { text: string; hash: string } | undefined {
		return this.#table.stored(path);
	}

	/**
	 * Stores what files are now, in a transaction of the table.
	 *
	 * @returns for each what was stored before, and whether that differs
	 */
	put(files: readonly { path: string; now: StoredEntry | undefined }[]): Stored[] {
		const rows: string[] = [];
		const touched = { paths: new Set<string>(), keys: new Set<string>() };
		const results = files.map(({ path, now }) => this.#putOne(path, now, rows, touched));
		// Each row in a page of its own would be a page to write.
		this.#table.addUsers(rows.sort());
		const touch: Touch = { paths: [...touched.paths], keys: [...touched.keys] };
		this.#forgetTouched(touch);
		this.#table.touch(touch);
		this.#seen = this.#table.touched;
		return results;
	}

	#putOne(
		path: string,
		now: StoredEntry | undefined,
		rows: string[],
		touched: { paths: Set<string>; keys: Set<string> },
	): Stored {
		const stored = this.#table.stored(path);
		if (stored === undefined ? now === undefined : now?.text === stored.text) {
			if (now !== undefined && stored !== undefined && now.hash !== stored.hash) {
				this.#table.putFile(path, now.text, now.hash);
			}
			return { before: undefined, differs: false };
		}
		const before = stored === undefined ? undefined : { text: stored.text, entry: decodeEntry(stored.text) };
		const had = new Set(before === undefined ? [] : lookupsOf(before.entry));
		const has = new Set(now?.keys);
		const hash = hashOf(path);
		for (const key of had) {
			if (!has.has(key)) {
				this.#table.removeUser(key, path);
				touched.keys.add(key);
			}
		}
		for (const key of has) {
			if (!had.has(key)) {
				rows.push(key + hash);
				touched.keys.add(key);
			}
		}
		for (const glob of now?.globs ?? []) {
			// Found by its pattern: one row for all who ask for it.
			this.#table.putFile(glob, '');
			this.#table.addUser(GLOBS, glob);
			touched.paths.add(glob);
			touched.keys.add(GLOBS);
		}
		if (now === undefined) {
			this.#table.removeFile(path);
		} else {
			this.#table.putFile(path, now.text, now.hash);
		}
		touched.paths.add(path);
		return { before, differs: true };
	}
}

/** What those are found by who look up anything of a module. */
function keysFor(module: string): string[] {
	return [moduleKey(module), storedKey(starKey(module)), storedKey(evaluationKey(module))];
}

interface Stored {
	/** Undefined for a file that was not known, and where nothing differs. */
	before: { text: string; entry: FileEntry } | undefined;
	differs: boolean;
}
