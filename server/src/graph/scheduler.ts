/**
 * Which files are read next. Changes come out of the log into a queue that survives the process, one update for each file, with
 * the position in the log in the same transaction: a crash repeats nothing that was committed and loses nothing that was not.
 */
import { basename, dirname } from 'node:path';
import type { GraphTable } from '../index/graph-table.ts';
import type { FeedRecord, LogFeed } from '../index/log-feed.ts';
import { Level, type PendingUpdate } from '../index/pending-table.ts';
import { WATCH_ADDED, WATCH_REMOVED } from '../index/records.ts';
import { isInside } from '../platform/paths.ts';
import type { LanguageNames } from './language.ts';
import { RecentMoves } from './recent-moves.ts';
import { RecentReads } from './recent-reads.ts';
import { CONFIGURATIONS, LOCKS, MANIFEST } from './lookups.ts';
import { GLOB, PACKAGE, packageFolder } from './store.ts';
import type { StoredGraph } from './stored-graph.ts';

/** Records of the log in one transaction. */
const BATCH = 500;
/** Reading these takes some milliseconds at most. */
const SMALL_BYTES = 32 * 1024;
/** Before a file that failed is read again. After the last time it is parked. */
const BACKOFF_MS = [500, 1000, 2000];

const MODIFY = 1;
const METADATA = 2;

/** What changes come from. */
export type UpdateFeed = Pick<
	LogFeed,
	'indexId' | 'refresh' | 'head' | 'prunedTo' | 'after' | 'files' | 'fileCount' | 'sizeOf' | 'filesBeneath'
>;

interface SchedulerOptions {
	feed: UpdateFeed;
	table: GraphTable;
	graph: StoredGraph;
	language: LanguageNames;
	/** Unix milliseconds. */
	now(): number;
	/** A watch came or went: its files are read in the background. */
	reindex(): void;
	/** A file that is being read has changed again. */
	superseded(path: string): void;
}

export class UpdateScheduler {
	readonly #options: SchedulerOptions;
	readonly #open = new Set<string>();
	/** Folders of open files. */
	readonly #near = new Set<string>();
	/** Those that somebody works on, by path, as they were taken. */
	readonly #taken = new Map<string, PendingUpdate>();
	readonly moves = new RecentMoves();
	readonly reads: RecentReads;

	constructor(options: SchedulerOptions) {
		this.#options = options;
		this.reads = new RecentReads(options.table.get('readAt') as number | undefined);
	}

	/** Takes changes out of the log, if there are any. @returns whether there may be more */
	drain(): boolean {
		const { feed, table } = this.#options;
		const records = feed.after(this.drained, BATCH);
		if (records.length === 0) {
			return false;
		}
		table.transact(() => {
			for (const record of records) {
				this.#follow(record);
			}
			this.#followLeft(records);
			table.set('drained', records.at(-1)!.seq);
			this.settle();
		});
		return records.length === BATCH;
	}

	/** The record of the log up to which changes are in the queue. */
	get drained(): number {
		return (this.#options.table.get('drained') as number | undefined) ?? 0;
	}

	/** Updates that somebody works on. */
	get inFlight(): number {
		return this.#taken.size;
	}

	/** Updates that failed, and wait for their time. */
	get failed(): number {
		return this.#options.table.pending.countOf(Level.failed);
	}

	/** When the first one of those is due, in Unix milliseconds; undefined when none waits. */
	get nextDue(): number | undefined {
		for (const { path, due } of this.#options.table.pending.from(Level.failed)) {
			if (!this.#taken.has(path)) {
				return due;
			}
		}
		return undefined;
	}

	/** These files are open in editors: their updates go first. */
	open(paths: readonly string[]): void {
		const { table } = this.#options;
		this.#open.clear();
		this.#near.clear();
		for (const path of paths) {
			this.#open.add(path);
			this.#near.add(dirname(path));
		}
		const waiting = paths.map((path) => table.pending.get(path)).filter((update) => update !== undefined);
		if (waiting.some(({ level }) => level > Level.gone && level < Level.failed)) {
			table.transact(() => {
				for (const update of waiting.filter(({ level }) => level > Level.gone && level < Level.failed)) {
					table.pending.put({ ...update, level: Level.open });
				}
			});
		}
	}

	isOpen(path: string): boolean {
		return this.#open.has(path);
	}

	/** The next updates, in their order; they are nobody else's until they are finished or have failed. */
	take(most: number): PendingUpdate[] {
		const found: PendingUpdate[] = [];
		const now = this.#options.now();
		for (const update of this.#options.table.pending.from(Level.open)) {
			if (update.due > now) {
				break;
			}
			if (!this.#taken.has(update.path) && found.push(update) === most) {
				break;
			}
		}
		for (const update of found) {
			this.#taken.set(update.path, update);
		}
		return found;
	}

	/** Nobody works on it any more, and it waits again. */
	putBack({ path }: PendingUpdate): void {
		this.#taken.delete(path);
	}

	/** An update is in the graph; in the transaction that puts it there. What has come meanwhile still waits. */
	finish({ path, last, time }: PendingUpdate): void {
		const { pending } = this.#options.table;
		this.#taken.delete(path);
		const waiting = pending.get(path);
		if (waiting === undefined || (waiting.last === last && waiting.time === time)) {
			pending.remove(path);
		} else {
			pending.put({ ...waiting, first: waiting.last });
		}
	}

	/** Reading failed. @returns whether that was the last attempt: then it waits no longer */
	fail(update: PendingUpdate): boolean {
		const wait = BACKOFF_MS[update.attempts];
		const waiting = this.#options.table.pending.get(update.path);
		if (waiting?.last !== update.last) {
			// It has changed: what failed is no more.
			this.finish(update);
			return false;
		}
		this.#taken.delete(update.path);
		if (wait === undefined) {
			this.#options.table.pending.remove(update.path);
			return true;
		}
		this.#options.table.pending.put({
			...waiting,
			level: Level.failed,
			attempts: update.attempts + 1,
			due: this.#options.now() + wait,
		});
		return false;
	}

	/** Whether everything up to a record of the log is in the graph, or parked. */
	isDone(seq: number): boolean {
		const { pending } = this.#options.table;
		if (this.drained < seq || this.failed > 0) {
			return false;
		}
		for (const level of [Level.open, Level.gone, Level.near, Level.rest]) {
			// The first one of a level has waited longest.
			const [first] = pending.from(level);
			if (first !== undefined && first.first <= seq) {
				return false;
			}
		}
		return true;
	}

	/** Says in the table how far the graph is. In the transaction that changes it. */
	settle(): void {
		const { table } = this.#options;
		if (table.pending.count === 0) {
			table.set('cursor', this.drained);
		}
	}

	// --- what waits --------------------------------------------------------------------------------------------------

	/** A file, or what it asks for, is to be looked at again, though no record of the log says so. */
	add(path: string, what: { isEdited: boolean; resolves: boolean; attempts?: number }): void {
		const { attempts = 0, ...kinds } = what;
		const now = this.#options.now();
		const wait = attempts === 0 ? 0 : BACKOFF_MS[attempts - 1]!;
		this.#enqueue(path, { seq: this.drained, time: now }, { ...kinds, attempts, due: wait === 0 ? 0 : now + wait });
	}

	#follow(record: FeedRecord): void {
		const { feed, table } = this.#options;
		const { type, kind, path, from } = record;
		if (type === WATCH_ADDED) {
			this.#options.reindex();
		} else if (type === WATCH_REMOVED) {
			this.#options.reindex();
			for (const known of Array.from(table.paths())) {
				if (!known.startsWith(GLOB)) {
					this.#touch(known, record, false);
				}
			}
		} else if (kind === 'file' || kind === 'link') {
			this.#touch(path, record, type !== MODIFY && type !== METADATA);
			if (from !== '') {
				this.#touch(from, record, true);
			}
		} else if (kind === 'folder' && from !== '') {
			for (const file of feed.filesBeneath(path)) {
				this.#touch(file, record, true);
				this.#touch(from + file.slice(path.length), record, true);
			}
		}
	}

	/** What moved with a folder may have gone on from there since: the index tells where files are, not where they were. */
	#followLeft(records: readonly FeedRecord[]): void {
		const { feed, table } = this.#options;
		const left = records.filter(({ kind, from }) => kind === 'folder' && from !== '');
		for (const known of left.length === 0 ? [] : Array.from(table.paths())) {
			const record = left.findLast(({ from }) => isInside(from, known));
			if (record !== undefined && feed.sizeOf(known) === undefined) {
				this.#touch(known, record, true);
			}
		}
	}

	/** A file has changed, with those that it concerns. */
	#touch(path: string, record: FeedRecord, hasMoved: boolean): void {
		const { feed, graph, language } = this.#options;
		if (language.reads(path)) {
			const isModified = record.type !== METADATA;
			this.#enqueue(path, record, { isEdited: true, isModified, resolves: hasMoved, attempts: 0, due: 0 });
		}
		const users = { isEdited: false, resolves: true, attempts: 0, due: 0 };
		if (hasMoved) {
			this.moves.add(path);
		}
		if (record.type === MODIFY) {
			this.#followAway(path, record);
		}
		if (hasMoved || basename(path) === MANIFEST) {
			for (const user of graph.askingFor(path)) {
				this.#enqueue(user, record, users);
			}
		}
		if (LOCKS.has(basename(path))) {
			this.#reinstall(dirname(path), record);
		}
		if (CONFIGURATIONS.test(basename(path))) {
			const folder = dirname(path);
			this.moves.configure(folder);
			this.moves.add(path);
			for (const file of feed.filesBeneath(folder)) {
				if (language.reads(file)) {
					this.#enqueue(file, record, users);
				}
			}
		}
	}

	/** A file was modified, or removed and made again: who was read in between has not found it. */
	#followAway(path: string, record: FeedRecord): void {
		const { graph } = this.#options;
		this.moves.away(path);
		const askers = this.reads.askersOf(path, this.#options.now());
		for (const user of askers ?? graph.askingFor(path)) {
			if (user !== path && graph.view(user)?.requestsOf(path).length === 0) {
				this.#enqueue(user, record, { isEdited: false, resolves: true, attempts: 0, due: 0 });
			}
		}
	}

	/** Something was installed, perhaps: what is known of it is read again, and who asks for it is resolved again. */
	#reinstall(folder: string, record: FeedRecord): void {
		const { graph, table } = this.#options;
		this.moves.configure(folder);
		for (const path of Array.from(table.paths())) {
			if (path.startsWith(PACKAGE) && isInside(folder, packageFolder(path.slice(PACKAGE.length)))) {
				this.#enqueue(path, record, { isEdited: true, resolves: false, attempts: 0, due: 0 });
				for (const user of graph.askingFor(path)) {
					this.#enqueue(user, record, { isEdited: false, resolves: true, attempts: 0, due: 0 });
				}
			}
		}
		for (const user of Array.from(graph.unresolved()).filter((one) => isInside(folder, one))) {
			this.#enqueue(user, record, { isEdited: false, resolves: true, attempts: 0, due: 0 });
		}
	}

	#enqueue(
		path: string,
		{ seq, time }: { seq: number; time: number },
		what: Pick<PendingUpdate, 'isEdited' | 'resolves' | 'attempts' | 'due'> & { isModified?: boolean },
	): void {
		const { feed, table } = this.#options;
		const known = table.pending.get(path);
		const size = path.startsWith(PACKAGE) ? 0 : feed.sizeOf(path);
		const level = what.due > 0 ? Level.failed : this.#levelOf(path, size, what.isEdited);
		table.pending.put({
			path,
			level: known === undefined || known.level === Level.failed ? level : Math.min(known.level, level),
			first: known?.first ?? seq,
			last: seq,
			time,
			isEdited: what.isEdited || known?.isEdited === true,
			isModified: what.isModified === true || known?.isModified === true,
			resolves: what.resolves || known?.resolves === true,
			isGone: size === undefined,
			attempts: what.attempts,
			due: what.due,
		});
		if (what.isEdited && this.#taken.has(path)) {
			this.#options.superseded(path);
		}
	}

	#levelOf(path: string, size: number | undefined, isEdited: boolean): number {
		if (this.#open.has(path)) {
			return Level.open;
		}
		if (size === undefined) {
			return Level.gone;
		}
		const isNear = isEdited && (size <= SMALL_BYTES || this.#near.has(dirname(path)));
		return isNear ? Level.near : Level.rest;
	}
}
