/**
 * Keeps the stored graph in step with the log: changes come into the queue, others read them, and what was read is stored with
 * what it affects told. Files that were there before the graph was come in the background, behind everything that changes.
 * Everything here runs in one thread, the only one that writes the graph.
 */
import type { GraphStatus } from '#shared/protocol.ts';
import { GRAPH_VERSION, type GraphTable } from '../index/graph-table.ts';
import type { PendingUpdate } from '../index/pending-table.ts';
import type { AffectedOptions } from './affected.ts';
import { type Chunk, FirstIndexing } from './first-indexing.ts';
import type { Followed } from './followed.ts';
import { GraphUpdater, type ReadUpdate } from './graph-updater.ts';
import type { LanguageNames } from './language.ts';
import { ParkedFiles } from './parked-files.ts';
import type { ProgressTracker } from './progress-tracker.ts';
import type { Order, Reading } from './reading.ts';
import { type UpdateFeed, UpdateScheduler } from './scheduler.ts';
import { StoredGraph } from './stored-graph.ts';

/** Updates that are read together: a change that comes meanwhile waits for no more than one of the files. */
const BATCH = 16;
/** Updates that are stored together: what they affect is followed once. */
const MOST_STORED = 500;
/** What was read waits for others that are being read, but not longer. */
const GATHER_MS = 250;
/** A burst of edits is followed when it has ended, but no later, and then for no more than a third of its time. */
const BURST_MS = 3000;
const FOLLOW_SHARE = 3;
/** Chunks of the first indexing that are stored together, and that may be under way. */
const CHUNKS_STORED = 8;
const CHUNKS_UNDER_WAY = 24;

/** Whoever reads files. Never rejects: what cannot be read is a reading, too. */
export interface Readers {
	/** How many calls keep all of them busy. */
	readonly capacity: number;
	/**
	 * @param urgent before whatever is not
	 * @param serial grows when what requests lead to may have changed
	 */
	read(orders: readonly Order[], options: { urgent: boolean; serial: number }): Promise<Reading[]>;
	/** The same of one that may end or block who reads it. */
	readAlone(order: Order): Promise<Reading>;
	/** This file need not be read any more, if it was not. */
	cancel(path: string): void;
}

interface UpdaterOptions {
	feed: UpdateFeed;
	table: GraphTable;
	language: LanguageNames;
	readers: Readers;
	affected: AffectedOptions;
	progress: ProgressTracker;
	/** What a batch of changes invalidates. */
	invalidated(followed: Followed): void;
	/** Something in {@link Updater.progress} differs. */
	changed(): void;
}

interface IndexReading {
	path: string;
	reading: Reading;
	since: number;
}

export class Updater {
	readonly #options: UpdaterOptions;
	readonly #scheduler: UpdateScheduler;
	readonly #indexing: FirstIndexing<IndexReading>;
	readonly #parked: ParkedFiles;
	readonly #graph: GraphUpdater;
	readonly #stored: StoredGraph;
	/** What was read and is not stored yet, and since when. */
	#read: ReadUpdate[] = [];
	#readSince = 0;
	/** Since when something waits to be followed, and how long that took last, on the clock of `performance.now()`. */
	#unfollowedSince: number | undefined;
	#followMs = 0;
	/** When what waits to be followed was edited, in Unix milliseconds. */
	#edits: number[] = [];
	/** For each call of the readers, what had moved when it began, and whether it reads what changed. */
	readonly #reads = new Set<{ since: number; urgent: boolean; edited: boolean }>();
	#scheduled = false;
	#stopped = false;
	#retryTimer: NodeJS.Timeout | undefined;
	#gatherTimer: NodeJS.Timeout | undefined;
	#waiters: { seq: number; done: () => void }[] = [];

	constructor(options: UpdaterOptions) {
		this.#options = options;
		const { feed, table, language, readers } = options;
		this.#begin();
		this.#stored = new StoredGraph(table);
		this.#parked = new ParkedFiles(table);
		const position = table.get('position') as string | undefined;
		this.#indexing = new FirstIndexing(
			feed,
			(name) => language.reads(name),
			position === undefined ? undefined : Buffer.from(position, 'hex'),
		);
		this.#scheduler = new UpdateScheduler({
			feed,
			table,
			graph: this.#stored,
			language,
			now: Date.now,
			reindex: () => {
				table.set('position', '');
				this.#indexing.restart();
				this.#tellIndexing();
			},
			superseded: (path) => {
				readers.cancel(path);
			},
		});
		this.#graph = new GraphUpdater({
			table,
			graph: this.#stored,
			scheduler: this.#scheduler,
			parked: this.#parked,
			affected: options.affected,
		});
		this.#tellIndexing();
	}

	get progress(): GraphStatus {
		const { feed, table, progress } = this.#options;
		const { failed, inFlight, drained } = this.#scheduler;
		return {
			files: this.#graph.files,
			pending: feed.head - drained + Math.max(0, table.pending.count - failed - inFlight),
			inFlight,
			failed,
			parked: this.#parked.named,
			parkedCount: this.#parked.count,
			...progress.status,
		};
	}

	/** The log has grown. */
	wake(): void {
		if (!this.#scheduled && !this.#stopped) {
			this.#scheduled = true;
			setImmediate(() => {
				this.#scheduled = false;
				if (!this.#stopped) {
					this.#step();
				}
			});
		}
	}

	/** These files are open in editors: their updates go first. */
	open(paths: readonly string[]): void {
		this.#scheduler.open(paths);
	}

	/** Reads files once more that could not be read: these, or all of them. */
	retry(paths?: readonly string[]): void {
		const chosen = paths && new Set(paths);
		this.#options.table.transact(() => {
			for (const path of this.#parked.paths.filter((each) => chosen?.has(each) !== false)) {
				this.#parked.unpark(path);
				this.#scheduler.add(path, { isEdited: true, resolves: true });
			}
		});
		this.#options.changed();
		this.wake();
	}

	/** Resolves when the graph knows everything up to a record of the log. */
	async whenAt(seq: number): Promise<void> {
		await new Promise<void>((done) => {
			this.#waiters.push({ seq, done });
			this.wake();
		});
	}

	/** What is being read is forgotten, and read again by whoever comes next. */
	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#retryTimer);
		clearTimeout(this.#gatherTimer);
	}

	/** A graph of another index, or of another version, is of no use. */
	#begin(): void {
		const { table, feed } = this.#options;
		feed.refresh();
		const drained = (table.get('drained') as number | undefined) ?? 0;
		if (table.get('version') === GRAPH_VERSION && table.get('index') === feed.indexId && feed.head >= drained) {
			return;
		}
		table.transact(() => {
			table.clear();
			table.set('version', GRAPH_VERSION);
			table.set('index', feed.indexId);
			table.set('drained', feed.head);
			table.set('cursor', feed.head);
			// What files were before is not known.
			table.set('from', feed.head);
			table.set('position', '');
		});
	}

	// --- the story ---------------------------------------------------------------------------------------------------

	#step(): void {
		this.#options.feed.refresh();
		const isMore = this.#scheduler.drain();
		this.#dispatch();
		this.#store();
		this.#follow();
		this.#storeIndexed();
		this.#dispatchIndexing();
		if (isMore) {
			this.wake();
		} else if (this.#isIdle) {
			this.#prune();
		}
		this.#retryLater();
		this.#gatherOn();
		this.#tell();
		// Also that there is nothing to do: who asked waits to hear of it.
		this.#options.changed();
	}

	/** Whether nothing is left to do but what waits for its time. */
	get #isIdle(): boolean {
		return this.#reads.size === 0 && this.#indexing.isComplete;
	}

	#tell(): void {
		if (this.#waiters.length > 0 && this.#indexing.isComplete && this.#unfollowedSince === undefined) {
			const ready = this.#waiters.filter(({ seq }) => this.#scheduler.isDone(seq));
			this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
			for (const { done } of ready) {
				done();
			}
		}
	}

	/** What waits for others that are being read must not wait for one that never is. */
	#gatherOn(): void {
		clearTimeout(this.#gatherTimer);
		if (this.#read.length > 0 || this.#unfollowedSince !== undefined) {
			this.#gatherTimer = setTimeout(() => {
				this.wake();
			}, GATHER_MS);
		}
	}

	#retryLater(): void {
		clearTimeout(this.#retryTimer);
		const { nextDue } = this.#scheduler;
		if (nextDue !== undefined && this.#reads.size === 0) {
			this.#retryTimer = setTimeout(
				() => {
					this.wake();
				},
				Math.max(0, nextDue - Date.now()) + 1,
			);
		}
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

	// --- what changes ------------------------------------------------------------------------------------------------

	#dispatch(): void {
		const { readers } = this.#options;
		while (this.#urgent < readers.capacity && this.#read.length < MOST_STORED) {
			const updates = this.#scheduler.take(BATCH);
			if (updates.length === 0) {
				break;
			}
			const orders = updates.map((update) => this.#order(update));
			this.#add(updates.flatMap((update, i) => (orders[i] === undefined ? [this.#unread(update)] : [])));
			const together = updates.flatMap((update, i) => {
				const order = orders[i];
				return order !== undefined && update.attempts === 0 ? [{ update, order }] : [];
			});
			if (together.length > 0) {
				void this.#readAll(together, (all) => readers.read(all, { urgent: true, serial: this.#serial }));
			}
			for (const [i, update] of updates.entries()) {
				const order = orders[i];
				if (order !== undefined && update.attempts > 0) {
					void this.#readAll([{ update, order }], async () => [await readers.readAlone(order)]);
				}
			}
		}
	}

	get #urgent(): number {
		return Array.from(this.#reads).filter(({ urgent }) => urgent).length;
	}

	get #serial(): number {
		return this.#scheduler.moves.serial;
	}

	/** Undefined for what need not be read. */
	#order({ path, isEdited, resolves, isGone }: PendingUpdate): Order | undefined {
		if (isGone || this.#parked.has(path)) {
			return undefined;
		}
		const stored = resolves ? this.#stored.stored(path) : undefined;
		const hash = resolves ? stored?.hash : this.#options.table.contentHash(path);
		if (!isEdited && hash === undefined) {
			// It asks for something that has moved, and is gone itself.
			return undefined;
		}
		return { path, hash: hash ?? '', stored: stored?.text };
	}

	#unread(update: PendingUpdate): ReadUpdate {
		return { update, reading: { state: update.isGone ? 'gone' : 'same', ms: 0 }, since: this.#serial };
	}

	async #readAll(
		updates: readonly { update: PendingUpdate; order: Order }[],
		read: (orders: Order[]) => Promise<Reading[]>,
	): Promise<void> {
		const kind = { urgent: true, edited: updates.some(({ update }) => update.isEdited) };
		const readings = await this.#during(kind, () => read(updates.map(({ order }) => order)));
		if (!this.#stopped) {
			this.#add(
				updates.map(({ update }, i) => ({ update, reading: readings.result[i]!, since: readings.since })),
			);
			this.wake();
		}
	}

	async #during<T>(
		kind: { urgent: boolean; edited: boolean },
		work: () => Promise<T>,
	): Promise<{ result: T; since: number }> {
		const read = { since: this.#serial, ...kind };
		this.#reads.add(read);
		try {
			return { result: await work(), since: read.since };
		} finally {
			this.#reads.delete(read);
		}
	}

	#add(read: readonly ReadUpdate[]): void {
		if (this.#read.length === 0) {
			this.#readSince = performance.now();
		}
		this.#read.push(...read);
		for (const { reading } of read) {
			if (reading.state === 'read') {
				this.#options.progress.processed(reading.ms);
			}
		}
	}

	#store(): void {
		const isDue =
			this.#urgent === 0 ||
			this.#read.length >= MOST_STORED ||
			performance.now() - this.#readSince > GATHER_MS ||
			this.#read.some(({ update }) => this.#scheduler.isOpen(update.path));
		if (this.#read.length === 0 || !isDue) {
			return;
		}
		const read = this.#read;
		this.#read = [];
		this.#graph.apply(read);
		this.#forgetMoves();
		this.#unfollowedSince ??= performance.now();
		this.#edits.push(...read.filter(({ update }) => update.isEdited).map(({ update }) => update.time));
		this.wake();
	}

	/**
	 * Follows what was stored: at once when nothing more is being read, or when it is looked at. Most of what a burst affects, each
	 * part of it affects, so that following every part would take several times as long.
	 */
	#follow(): void {
		const now = performance.now();
		if (this.#unfollowedSince === undefined) {
			return;
		}
		const waits = now - this.#unfollowedSince;
		const isDue =
			(this.#urgent === 0 && this.#read.length === 0) ||
			(waits > GATHER_MS && !Array.from(this.#reads).some(({ edited }) => edited)) ||
			waits > BURST_MS + this.#followMs * FOLLOW_SHARE ||
			Array.from(this.#graph.unfollowed).some((path) => this.#scheduler.isOpen(path));
		if (!isDue) {
			return;
		}
		this.#unfollowedSince = undefined;
		const followed = this.#graph.follow();
		this.#followMs = performance.now() - now;
		if (followed !== undefined) {
			this.#options.invalidated(followed);
		}
		for (const time of this.#edits.splice(0)) {
			this.#options.progress.propagated(Date.now() - time);
		}
	}

	#forgetMoves(): void {
		this.#scheduler.moves.forget(
			Math.min(
				this.#serial,
				...Array.from(this.#reads, ({ since }) => since),
				...this.#read.map(({ since }) => since),
				...this.#indexing.waiting.map(({ since }) => since),
			),
		);
	}

	// --- what was there before ---------------------------------------------------------------------------------------

	#dispatchIndexing(): void {
		const { readers } = this.#options;
		while (this.#reads.size < readers.capacity && this.#indexing.underWay < CHUNKS_UNDER_WAY) {
			const chunk = this.#indexing.next();
			if (chunk === undefined) {
				break;
			}
			void this.#readChunk(chunk);
		}
	}

	async #readChunk(chunk: Chunk<IndexReading>): Promise<void> {
		const { readers, table } = this.#options;
		const orders = chunk.paths.map((path) => ({ path, hash: table.contentHash(path) ?? '', stored: undefined }));
		const { result, since } = await this.#during({ urgent: false, edited: false }, () =>
			readers.read(orders, { urgent: false, serial: this.#serial }),
		);
		chunk.readings = chunk.paths.map((path, i) => ({ path, reading: result[i]!, since }));
		this.wake();
	}

	#storeIndexed(): void {
		if (this.#indexing.ready < CHUNKS_STORED && !this.#indexing.isAllRead) {
			return;
		}
		const chunks = this.#indexing.take();
		this.#graph.add(
			chunks.flatMap(({ readings }) => readings!),
			chunks.at(-1)!.next?.toString('hex'),
		);
		this.#forgetMoves();
		this.#tellIndexing();
		this.wake();
	}

	#tellIndexing(): void {
		const { progress } = this.#options;
		if (this.#indexing.isComplete) {
			progress.indexingEnded();
		} else {
			progress.indexed(this.#indexing.done, this.#indexing.total);
		}
	}
}
