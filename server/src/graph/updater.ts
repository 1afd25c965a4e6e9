/**
 * Keeps the stored graph in step with the log. Each batch, with the cursor behind it, is one transaction: a crash repeats
 * nothing that was committed and loses nothing that was not. Files that were there before the graph was come in the
 * background, behind everything that changes.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { GraphStatus } from '#shared/protocol.ts';
import { WATCH_ADDED, WATCH_REMOVED } from '../index/records.ts';
import { GRAPH_VERSION, type GraphTable } from '../index/graph-table.ts';
import type { FeedRecord, LogFeed } from '../index/log-feed.ts';
import { toFileSystem } from '../platform/names.ts';
import { isInside } from '../platform/paths.ts';
import { affectedBy, type AffectedFile, type AffectedOptions } from './affected.ts';
import { decodeEntry } from './codec.ts';
import type { FileChange } from './delta.ts';
import type { ProgressTracker } from './progress-tracker.ts';
import { entryOf, entryOfWhole } from './read-entry.ts';
import type { Language, ModuleResolver } from './language.ts';
import type { FileEntry } from './store.ts';
import { StoredGraph } from './stored-graph.ts';

/** Records of the log in one transaction. */
const BATCH = 500;
/** Files of a first indexing in one transaction: a live change waits for no more than these. */
const SLICE = 50;
/** Larger ones were written by no person. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Files that say how requests are resolved beneath their folder. */
const CONFIGURATIONS = /^(?:tsconfig.*|jsconfig.*|package)\.json$/;

interface UpdaterOptions {
	feed: LogFeed;
	table: GraphTable;
	language: Language;
	resolver: ModuleResolver;
	affected: AffectedOptions;
	/** Each file before it is read, when the last run ended within one: it may end this one too. */
	careful: boolean;
	progress: ProgressTracker;
	/** What a batch of changes invalidates. */
	invalidated(files: AffectedFile[], seq: number): void;
	/** Something in {@link Updater.progress} differs. */
	changed(): void;
}

/** More parked files than these are counted, but not named. */
const MOST_NAMED = 100;

export class Updater {
	readonly #options: UpdaterOptions;
	readonly #graph: StoredGraph;
	#files: number;
	#open: ReadonlySet<string> = new Set();
	/** Files that the first indexing has come by. */
	#seen = 0;
	#total = 0;
	/** Files that cannot be read, each as it was then. */
	readonly #parked: Map<string, string>;
	#scheduled = false;
	#stopped = false;
	#waiters: { seq: number; done: () => void }[] = [];

	constructor(options: UpdaterOptions) {
		this.#options = options;
		this.#graph = new StoredGraph(options.table);
		this.#begin();
		this.#files = (options.table.get('files') as number | undefined) ?? 0;
		if (this.#position !== undefined) {
			this.#total = options.feed.fileCount;
			options.progress.indexed(0, this.#total);
		}
		this.#parked = new Map(options.table.parked().map(({ path, why }) => [path, why.slice(0, why.indexOf('\n'))]));
		const last = options.careful ? this.#last : undefined;
		if (last !== undefined && last.times >= MOST_ATTEMPTS) {
			this.#park(last.path, markOf(last.path), 'Reading it ended the process that reads files.');
		}
	}

	get progress(): GraphStatus {
		const { feed, table, progress } = this.#options;
		const parked = this.#parked.size === 0 ? [] : table.parked().slice(0, MOST_NAMED);
		return {
			files: this.#files,
			pending: feed.head - this.#cursor,
			inFlight: 0,
			failed: 0,
			parked: parked.map(({ path, why }) => ({ path, why: why.slice(why.indexOf('\n') + 1) })),
			parkedCount: this.#parked.size,
			...progress.status,
		};
	}

	/** The log has grown. */
	wake(): void {
		if (!this.#scheduled && !this.#stopped) {
			this.#scheduled = true;
			setImmediate(() => {
				this.#scheduled = false;
				if (!this.#stopped && this.#step()) {
					this.wake();
				}
			});
		}
	}

	/** These files are open in editors: they are read first. */
	open(paths: readonly string[]): void {
		this.#open = new Set(paths);
	}

	/** Reads the files once more that could not be read. */
	retry(): void {
		const paths = [...this.#parked.keys()];
		for (const path of paths) {
			this.#unpark(path);
		}
		this.#take(new Set(paths), new Set(), this.#cursor);
		this.#options.changed();
	}

	/** Resolves when the graph knows everything up to a record of the log. */
	async whenAt(seq: number): Promise<void> {
		await new Promise<void>((done) => {
			this.#waiters.push({ seq, done });
			this.wake();
		});
	}

	stop(): void {
		this.#stopped = true;
	}

	get #cursor(): number {
		return (this.#options.table.get('cursor') as number | undefined) ?? 0;
	}

	/** Where the first indexing is; undefined when it is complete. */
	get #position(): Buffer | undefined {
		const stored = this.#options.table.get('position') as string | undefined;
		return stored === undefined ? undefined : Buffer.from(stored, 'hex');
	}

	/** A graph of another index, or of another version, is of no use. */
	#begin(): void {
		const { table, feed } = this.#options;
		feed.refresh();
		if (
			table.get('version') === GRAPH_VERSION &&
			table.get('index') === feed.indexId &&
			feed.head >= this.#cursor
		) {
			return;
		}
		table.transact(() => {
			table.clear();
			table.set('version', GRAPH_VERSION);
			table.set('index', feed.indexId);
			table.set('cursor', feed.head);
			// What files were before is not known.
			table.set('from', feed.head);
			table.set('position', '');
		});
	}

	/** Returns whether there is more to do. */
	#step(): boolean {
		const { feed } = this.#options;
		feed.refresh();
		const records = feed.after(this.#cursor, BATCH);
		if (records.length > 0) {
			this.#follow(records);
		} else if (this.#position !== undefined) {
			this.#index(this.#position);
		} else {
			this.#prune();
			this.#tell();
			// Also that there is nothing to do: who asked waits to hear of it.
			this.#options.changed();
			return false;
		}
		this.#options.changed();
		this.#tell();
		return true;
	}

	/** What files were is remembered for as long as the log remembers their changes. */
	#prune(): void {
		const { feed, table } = this.#options;
		const { prunedTo } = feed;
		if (prunedTo > ((table.get('from') as number | undefined) ?? 0)) {
			table.transact(() => {
				table.prune(prunedTo);
				table.set('from', prunedTo);
			});
		}
	}

	#tell(): void {
		if (this.#position === undefined) {
			const cursor = this.#cursor;
			const ready = this.#waiters.filter(({ seq }) => seq <= cursor);
			this.#waiters = this.#waiters.filter(({ seq }) => seq > cursor);
			for (const { done } of ready) {
				done();
			}
		}
	}

	// --- what was there before ---------------------------------------------------------------------------------------

	#index(position: Buffer): void {
		const { feed, table, resolver, progress } = this.#options;
		const { paths, next } = feed.files(position, SLICE);
		resolver.forget();
		const read = paths.filter((path) => this.#isRead(path)).map((path) => ({ path, entry: this.#read(path) }));
		table.transact(() => {
			for (const { path, entry } of read) {
				this.#put(path, entry);
			}
			table.set('at', undefined);
			table.set('position', next?.toString('hex'));
			table.set('files', this.#files);
		});
		this.#seen = (position.length === 0 ? 0 : this.#seen) + paths.length;
		if (next === undefined) {
			progress.indexingEnded();
		} else {
			this.#total = this.#seen === paths.length ? feed.fileCount : this.#total;
			progress.indexed(this.#seen, this.#total);
		}
	}

	// --- what changes ------------------------------------------------------------------------------------------------

	#follow(records: readonly FeedRecord[]): void {
		const { touched, moved, isReindexed } = this.#touchedBy(records);
		this.#take(touched, moved, records.at(-1)!.seq, isReindexed);
		for (const { time } of records) {
			this.#options.progress.propagated(Date.now() - time);
		}
	}

	/** Reads files as they are now, with those that they concern, and follows the log up to a record, in one transaction. */
	#take(touched: ReadonlySet<string>, moved: ReadonlySet<string>, seq: number, isReindexed = false): void {
		const { table, resolver } = this.#options;
		resolver.forget();
		const paths = new Set([...this.#open].filter((path) => touched.has(path)));
		for (const path of touched) {
			paths.add(path);
		}
		for (const path of touched) {
			for (const user of this.#concernedBy(path, moved.has(path))) {
				paths.add(user);
			}
		}
		const read = Array.from(paths)
			.filter((path) => this.#isRead(path))
			.map((path) => ({ path, entry: this.#readNow(path) }));
		const changes = new Map<string, FileChange>();
		table.transact(() => {
			for (const { path, entry } of read) {
				const { before, same } = this.#put(path, entry);
				if (!same) {
					table.remember(seq, path, before);
					changes.set(path, {
						before: before === undefined ? undefined : decodeEntry(before),
						after: entry,
						isEdited: touched.has(path),
					});
				}
			}
			table.set('at', undefined);
			table.set('cursor', seq);
			table.set('files', this.#files);
			if (isReindexed) {
				table.set('position', '');
			}
		});
		if (changes.size > 0) {
			this.#options.invalidated(affectedBy(this.#graph, changes, this.#options.affected), seq);
		}
	}

	/** The paths that records are about, and those of them that came or went. */
	#touchedBy(records: readonly FeedRecord[]): { touched: Set<string>; moved: Set<string>; isReindexed: boolean } {
		const touched = new Set<string>();
		const moved = new Set<string>();
		let isReindexed = false;
		for (const { type, kind, path, from } of records) {
			if (type === WATCH_ADDED) {
				isReindexed = true;
			} else if (type === WATCH_REMOVED) {
				isReindexed = true;
				for (const known of this.#options.table.paths()) {
					touched.add(known);
				}
			} else if (kind === 'file' || kind === 'link') {
				touched.add(path);
				if (type !== MODIFY && type !== METADATA) {
					moved.add(path);
				}
				if (from !== '') {
					touched.add(from);
					moved.add(from);
				}
			} else if (kind === 'folder' && from !== '') {
				for (const file of this.#options.feed.filesBeneath(path)) {
					const old = from + file.slice(path.length);
					for (const each of [file, old]) {
						touched.add(each);
						moved.add(each);
					}
				}
			}
		}
		return { touched, moved, isReindexed };
	}

	/** Files that must be looked at again, because what they ask for may lead elsewhere now. */
	*#concernedBy(path: string, hasMoved: boolean): Generator<string> {
		if (hasMoved) {
			yield* this.#graph.askingFor(path);
		}
		if (CONFIGURATIONS.test(basename(path))) {
			for (const known of this.#options.table.paths()) {
				if (isInside(dirname(path), known)) {
					yield known;
				}
			}
		}
	}

	// --- one file ----------------------------------------------------------------------------------------------------

	#isRead(path: string): boolean {
		return this.#options.language.reads(path);
	}

	#put(path: string, entry: FileEntry | undefined): { before: string | undefined; same: boolean } {
		const stored = this.#graph.put(path, entry);
		this.#files += (entry === undefined ? 0 : 1) - (stored.before === undefined ? 0 : 1);
		return stored;
	}

	#readNow(path: string): FileEntry | undefined {
		return this.#options.feed.isFile(path) ? this.#read(path) : undefined;
	}

	/** Undefined for a file that is gone. One that cannot be understood is parked: what was known of it is kept. */
	#read(path: string): FileEntry | undefined {
		const { language, resolver } = this.#options;
		const mark = markOf(path);
		if (mark === '') {
			return undefined;
		}
		if (this.#parked.get(path) === mark) {
			return this.#graph.entry(path);
		}
		this.#noteAttempt(path);
		const startedAt = performance.now();
		try {
			const isLarge = Number(mark.split(' ')[0]) > MAX_BYTES;
			const entry = isLarge
				? entryOfWhole(mark)
				: entryOf(path, readFileSync(toFileSystem(path), 'utf8'), language, resolver);
			this.#unpark(path);
			this.#options.progress.processed(performance.now() - startedAt);
			// An edit that is not finished does not become what the next one is compared with.
			return entry.facts.broken ? (this.#graph.entry(path) ?? entry) : entry;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
				return undefined;
			}
			const why = error instanceof Error ? error.message : String(error);
			this.#park(path, mark, why);
			return this.#graph.entry(path);
		}
	}

	/** The file that was being read when the last run ended, and how often. */
	get #last(): { path: string; times: number } | undefined {
		return this.#options.table.get('at') as { path: string; times: number } | undefined;
	}

	#noteAttempt(path: string): void {
		const { careful, table } = this.#options;
		if (careful) {
			const last = this.#last;
			const times = last?.path === path ? last.times + 1 : 1;
			table.transact(() => {
				table.set('at', { path, times });
			});
		}
	}

	/** Leaves a file out until it changes. */
	#park(path: string, mark: string, why: string): void {
		this.#parked.set(path, mark);
		this.#options.table.transact(() => {
			this.#options.table.park(path, `${mark}\n${why}`);
		});
	}

	#unpark(path: string): void {
		if (this.#parked.delete(path)) {
			this.#options.table.transact(() => {
				this.#options.table.unpark(path);
			});
		}
	}
}

/** What a file is known by while it is parked; empty when there is none. */
function markOf(path: string): string {
	const stat = statSync(toFileSystem(path), { throwIfNoEntry: false });
	return stat?.isFile() === true ? `${stat.size} ${stat.mtimeMs}` : '';
}

/** After so many processes that ended in it, a file is parked. */
const MOST_ATTEMPTS = 3;

const MODIFY = 1;
const METADATA = 2;
