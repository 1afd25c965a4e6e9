/** Puts what was read into the graph, with what that file was before, and follows what it affects. */
import type { GraphTable } from '../index/graph-table.ts';
import type { PendingUpdate } from '../index/pending-table.ts';
import { affectedBy, type AffectedOptions } from './affected.ts';
import { decodeEntry } from './codec.ts';
import type { FileChange } from './delta.ts';
import { type Followed, type FollowedChange, located, stateOf } from './followed.ts';
import type { ParkedFiles } from './parked-files.ts';
import type { Reading, StoredEntry } from './reading.ts';
import type { UpdateScheduler } from './scheduler.ts';
import { PACKAGE } from './store.ts';
import type { StoredGraph } from './stored-graph.ts';

/** An update that was read. */
export interface ReadUpdate {
	update: PendingUpdate;
	reading: Reading;
	/** `RecentMoves.serial` when reading began. */
	since: number;
}

interface GraphUpdaterOptions {
	table: GraphTable;
	graph: StoredGraph;
	scheduler: UpdateScheduler;
	parked: ParkedFiles;
	affected: AffectedOptions;
}

type RememberedChange = FileChange & Pick<FollowedChange, 'seq'>;

export class GraphUpdater {
	readonly #options: GraphUpdaterOptions;
	/** Files that are known. */
	#files: number;
	#unfollowed = new Map<string, RememberedChange>();

	constructor(options: GraphUpdaterOptions) {
		this.#options = options;
		this.#files = (options.table.get('files') as number | undefined) ?? 0;
	}

	get files(): number {
		return this.#files;
	}

	/** Stores updates, in one transaction. What differs afterwards waits to be followed. */
	apply(read: readonly ReadUpdate[]): void {
		const { table, scheduler } = this.#options;
		const changes = table.transact(() => {
			const done = read.filter((one) => this.#isDone(one));
			const entries = done.map(({ update: { path }, reading }) => ({ path, now: this.#entryOf(path, reading) }));
			const changes = this.#put(entries, done);
			for (const { update } of done) {
				const { path, last, isModified } = update;
				const waiting = this.#unfollowed.get(path);
				if (isModified && !changes.has(path) && table.remembersLater(last, path) && waiting !== undefined) {
					this.#unfollowed.set(path, { ...waiting, seq: last });
				}
			}
			for (const { update, reading, since } of done) {
				scheduler.finish(update);
				const asks = reading.state === 'read' ? reading.entry : undefined;
				scheduler.reads.add(update.path, asks?.sought ?? [], Date.now());
				if (asks !== undefined && this.#isStale(update.path, since, asks)) {
					scheduler.add(update.path, { isEdited: false, resolves: true });
				}
				this.#readPackagesOf(asks);
			}
			table.set('files', this.#files);
			table.set('readAt', Date.now());
			scheduler.settle();
			return changes;
		});
		for (const [path, change] of changes) {
			const first = this.#unfollowed.get(path);
			this.#unfollowed.set(path, first === undefined ? change : together(first, change));
		}
	}

	/** The files whose changes nobody has followed yet. */
	get unfollowed(): Iterable<string> {
		return this.#unfollowed.keys();
	}

	/** What all changes that wait for it affect, together; undefined when there are none. */
	follow(): Followed | undefined {
		const { table, graph } = this.#options;
		const changes = this.#unfollowed;
		if (changes.size === 0) {
			return undefined;
		}
		this.#unfollowed = new Map();
		const { affected, widened } = affectedBy(graph, changes, this.#options.affected);
		return {
			state: stateOf(table),
			changes: Array.from(changes, ([path, { seq, isEdited }]) => ({ path, seq, isEdited })),
			files: affected.map((file) => located(graph, file)),
			widened,
		};
	}

	/**
	 * Stores files that were there before the graph was, in one transaction. Nothing is said of what they were before: whatever
	 * is known of already is left to the updates.
	 *
	 * @param position where the first indexing is when they are stored; undefined when it is complete
	 */
	add(files: readonly { path: string; reading: Reading; since: number }[], position: string | undefined): void {
		const { table, graph, scheduler } = this.#options;
		table.transact(() => {
			const fresh: { path: string; now: StoredEntry }[] = [];
			for (const { path, reading, since } of files) {
				const waits = table.pending.get(path) !== undefined;
				if (waits || reading.state === 'same' || reading.state === 'gone') {
					continue;
				}
				if (reading.state !== 'read') {
					scheduler.add(path, {
						isEdited: true,
						resolves: true,
						attempts: reading.state === 'failed' ? 1 : 0,
					});
				} else if (table.contentHash(path) !== undefined) {
					scheduler.add(path, { isEdited: true, resolves: true });
				} else {
					fresh.push({ path, now: reading.entry });
					scheduler.reads.add(path, reading.entry.sought, Date.now());
					this.#readPackagesOf(reading.entry);
					if (this.#isStale(path, since, reading.entry)) {
						scheduler.add(path, { isEdited: false, resolves: true });
					}
				}
			}
			graph.put(fresh);
			this.#files += fresh.length;
			table.set('files', this.#files);
			table.set('readAt', Date.now());
			table.set('position', position);
			scheduler.settle();
		});
	}

	#put(
		entries: readonly { path: string; now: StoredEntry | undefined | 'kept' }[],
		done: readonly ReadUpdate[],
	): Map<string, RememberedChange> {
		const { table, graph } = this.#options;
		const updates = new Map(done.map(({ update }) => [update.path, update]));
		const changed = entries.flatMap(({ path, now }) => (now === 'kept' ? [] : [{ path, now }]));
		const changes = new Map<string, RememberedChange>();
		for (const [index, { before, differs }] of graph.put(changed).entries()) {
			const { path, now } = changed[index]!;
			if (differs) {
				const { last, isEdited } = updates.get(path)!;
				if (!path.startsWith(PACKAGE)) {
					this.#files += (now === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
				}
				const isRemembered = table.remember(last, path, before?.text);
				changes.set(path, {
					seq: isRemembered ? last : 0,
					before: before?.entry,
					after: now === undefined ? undefined : decodeEntry(now.text),
					isEdited,
				});
			}
		}
		this.#forgetPackagesOf(changes.values());
		return changes;
	}

	/** What is installed and nobody asks for any more is forgotten. */
	#forgetPackagesOf(changes: Iterable<FileChange>): void {
		const { graph } = this.#options;
		const left = new Set<string>();
		for (const { before } of changes) {
			for (const path of before?.resolved.filter((one) => one.startsWith(PACKAGE) && !graph.isAsked(one)) ?? []) {
				left.add(path);
			}
		}
		graph.put(Array.from(left, (path) => ({ path, now: undefined })));
	}

	/** Whether an update has come to its end, for now. Otherwise it waits for another attempt. */
	#isDone({ update, reading }: ReadUpdate): boolean {
		const { scheduler, parked } = this.#options;
		if (reading.state === 'superseded') {
			scheduler.putBack(update);
			return false;
		}
		if (reading.state === 'failed') {
			if (scheduler.fail(update)) {
				parked.park(update.path, reading.why);
			}
			return false;
		}
		if (reading.state !== 'same') {
			parked.unpark(update.path);
		}
		return true;
	}

	#entryOf(path: string, reading: Reading): StoredEntry | undefined | 'kept' {
		if (reading.state === 'gone') {
			return undefined;
		}
		// An edit that is not finished does not become what the next one is compared with.
		const isKept =
			reading.state !== 'read' || (reading.isBroken && this.#options.table.contentHash(path) !== undefined);
		return isKept ? 'kept' : reading.entry;
	}

	/** What is installed is read when it is asked for first. */
	#readPackagesOf(entry: StoredEntry | undefined): void {
		const { table, scheduler } = this.#options;
		for (const path of entry?.packages ?? []) {
			if (table.contentHash(path) === undefined && table.pending.get(path) === undefined) {
				scheduler.add(path, { isEdited: true, resolves: false });
			}
		}
	}

	/** Whether something has come or gone that a file may have asked for while it was read. */
	#isStale(path: string, since: number, { text, sought }: StoredEntry): boolean {
		return this.#options.scheduler.moves.concern({ path, since, sought }, () => decodeEntry(text));
	}
}

/** Two changes of a file, one after the other. */
function together(first: RememberedChange, then: RememberedChange): RememberedChange {
	const { before, seq } = first;
	return { before, after: then.after, isEdited: first.isEdited || then.isEdited, seq };
}
