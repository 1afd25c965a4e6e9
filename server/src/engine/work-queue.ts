/**
 * What waits to be compared with the disk, hints before scans, and the transactions that do it. Bounded: too many hints
 * become a scan of every root. When the index cannot be written, everything stays queued and is tried again.
 *
 * A path passes up to four lanes: `pending` when it was hinted, `later` and `last` when something else has replaced what is
 * recorded there, `held` when nothing is there. They are served in this order, so that a renamed object finds its node.
 */
import { MAX_PATHS_PER_NOTIFICATION, type RescanResult } from '#shared/protocol.ts';
import type { DamagedRecordError } from '../index/records.ts';
import { isIndexFault } from '../index/index-fault.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import type { IndexWriter } from '../index/writer.ts';
import { BaselineHashes } from './baseline.ts';
import type { BurstTracker } from './burst-tracker.ts';
import { Commits } from './commits.ts';
import { Disappearances } from './disappearances.ts';
import { isInside } from '../platform/paths.ts';
import type { Pass } from './placing.ts';
import type { Outcome, Reconciler } from './reconcile.ts';
import type { Lister } from './lister.ts';
import { Scan } from './scan.ts';
import { type ScanTask, ScanTasks } from './scan-tasks.ts';

/** A group commit gathers at most this much work (DESIGN.md §5), so that a change waits for no more than that. */
const GROUP_MS = 5;
const GROUP_CHANGES = 10_000;
/** Scans yield less often: a commit costs up to 5 ms, and hints go first anyway. */
const SCAN_GROUP_MS = 40;
/** The same where many changes wait already: then fewer commits serve all of them sooner. */
const BACKLOG = 256;
const BACKLOG_GROUP_MS = 30;
const MAX_PENDING = 200_000;
/** Every so many turns scans go first: endless hints must not starve them. */
const FAIR_TURN = 4;
/** Nothing is hashed so soon after a change, unless somebody waits for it. */
const HASH_REST_MS = 300;
/** Rest between two slices of hashing that nobody waits for. */
const HASH_PAUSE_MS = 30;
/** A hint that comes meanwhile waits no longer than that. */
const HASH_MS = 15;

/** What the queue's owner does about the work. */
export interface WorkListener {
	/** Roots to scan when hints had to be dropped. */
	roots(): string[];
	/** Other roots that are polled, when the one that a path lies in is: what it no longer finds, their next poll may find. */
	polledBesides(path: string): string[];
	/** Whether a first indexing is not complete. */
	indexing(): boolean;
	/** Where a scan that begins now gets its listings from. */
	lister(): Lister;
	/** Resolves when everything that the system has reported so far has been hinted. */
	reported(): Promise<unknown>;
	/** The move window of a path: how long its disappearance is held, in milliseconds. */
	holdMs(path: string): number;
	/** After the commit of a hint's reconcile. */
	reconciled(path: string, outcome: Outcome): void;
	/** A damaged record was come across. Returns whether it was mended, so that the same can be done again. */
	damaged(error: DamagedRecordError): boolean;
	/** A path is left out, because comparing it throws. */
	setAside(path: string, error: unknown): void;
	/** In each transaction that writes records, behind everything else in it. */
	committing(transaction: IndexTransaction): void;
	/** In the transaction of a scan's last slice. */
	scanCompleting(transaction: IndexTransaction, scan: Scan): void;
	/** After that commit. */
	scanCompleted(scan: Scan): void;
	/** After each commit that wrote records; `null`: more paths than a client wants to hear of. */
	committed(touched: string[] | null): void;
	/** Pending work, progress or the write problem changed. */
	changed(): void;
}

export class WorkQueue {
	readonly #listener: WorkListener;
	readonly #commits: Commits;
	#reconciler: Reconciler;
	readonly #bursts: BurstTracker;
	/** In order of arrival. */
	readonly #pending = new Set<string>();
	/** For the second pass, and for the last one. */
	readonly #later = new Set<string>();
	readonly #last = new Set<string>();
	readonly #held: Disappearances;
	readonly #hashes = new BaselineHashes();
	#turn = 0;
	readonly #scans: ScanTasks;
	#idleWaiters: (() => void)[] = [];
	#scheduled = false;
	#stopped = false;
	#wakeTimer: NodeJS.Timeout | undefined;
	#workTimer: NodeJS.Timeout | undefined;

	constructor(index: IndexWriter, reconciler: Reconciler, bursts: BurstTracker, listener: WorkListener) {
		this.#reconciler = reconciler;
		this.#bursts = bursts;
		this.#listener = listener;
		const schedule = () => {
			this.#schedule();
		};
		this.#commits = new Commits(index, bursts, {
			damaged: (error) => listener.damaged(error),
			committing: (transaction) => {
				listener.committing(transaction);
			},
			committed: (transaction) => {
				this.#committed(transaction);
			},
			thrownAway: () => {
				this.#reconciler.forget();
			},
			paused: () => {
				listener.changed();
			},
			resumed: schedule,
		});
		this.#held = new Disappearances({
			polledBesides: (path) => listener.polledBesides(path),
			reported: () => listener.reported(),
			told: schedule,
		});
		this.#scans = new ScanTasks((path) => this.#newScan(path));
		if (!index.baselined) {
			this.#hashes.addAll();
		}
	}

	/** Hints that wait. */
	get pending(): number {
		return this.#pending.size + this.#later.size + this.#last.size;
	}

	/** Whether nothing is to be compared and nothing is held: whatever comes now comes first. */
	get resting(): boolean {
		return this.pending === 0 && this.#held.size === 0 && this.#scans.size === 0 && !this.#commits.isPaused;
	}

	/** Why the index cannot be written now; undefined while it can. */
	get writeProblem(): string | undefined {
		return this.#commits.problem;
	}

	/** The scan that covers a path, if one runs or waits. */
	scanOver(isOver: (path: string) => boolean): Scan | undefined {
		return this.#scans.find(isOver);
	}

	/** The index was changed by somebody else: nothing that was looked up in it can be trusted. */
	indexMended(): void {
		this.#reconciler.forget();
		this.#hashes.addAll();
		this.#schedule();
	}

	/** Scans begin again, with the new scopes. */
	useReconciler(reconciler: Reconciler): void {
		this.#reconciler = reconciler;
		this.#scans.restartAll();
	}

	hint(path: string): void {
		this.#bursts.arrived(path, Date.now());
		this.#reconciler.tryAgain(path);
		this.#held.release(path);
		this.#pending.add(path);
		if (this.#listener.indexing()) {
			this.#scans.noteHint(path);
		}
		if (this.#pending.size > MAX_PENDING) {
			this.#scans.forget(this.#pending);
			this.#pending.clear();
			for (const root of this.#listener.roots()) {
				this.scan(root);
			}
		}
		this.#schedule();
	}

	/** Compares everything at and beneath a path; one that is under way is followed by another. */
	scan(path: string): void {
		this.#enqueue(path).required = true;
	}

	#enqueue(...asked: Parameters<ScanTasks['ask']>): ScanTask {
		this.#bursts.arrived(asked[0], Date.now());
		const task = this.#scans.ask(...asked);
		this.#listener.changed();
		this.#schedule();
		return task;
	}

	#newScan(path: string): Scan {
		const scan = new Scan(path, this.#reconciler, () => this.#listener.lister());
		for (const hinted of this.#pending) {
			if (isInside(path, hinted)) {
				scan.noteHint(hinted);
			}
		}
		return scan;
	}

	/** Like {@link scan}, but may be cancelled; resolves when it is done, and rejects when the queue stops first. */
	scanAndWait(path: string, onProgress?: (entries: number) => void): Promise<RescanResult> {
		return new Promise((resolve, reject) => {
			this.#enqueue(path, { resolve, reject, onProgress });
		});
	}

	/** Lets go who waits for a scan, and ends it if nothing else needs it; what it compared is kept. */
	cancelScan(path: string): void {
		for (const left of this.#scans.cancel(path)) {
			this.#pending.add(left);
		}
		this.#listener.changed();
		this.#schedule();
	}

	/** What {@link whenIdle} waits for now, in words. */
	backlog(): string[] {
		const counted = [
			[this.pending, 'changed paths'],
			[this.#held.size, 'paths that are held for a move'],
		] as const;
		return [
			...counted.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
			...this.#scans.backlog(),
			...(this.#hashes.complete ? [] : ['the hashes of contents']),
		];
	}

	/** Resolves when nothing waits any more. */
	whenIdle(): Promise<void> {
		return new Promise((resolve) => {
			this.#idleWaiters.push(resolve);
			this.#schedule();
		});
	}

	/**
	 * One transaction; once more, when a damaged record was in its way and could be mended. False when the index could not be
	 * written: nothing of it was kept, and queued work pauses for a growing while.
	 */
	transact(work: (transaction: IndexTransaction) => void): boolean {
		return this.#commits.transact(work);
	}

	#committed({ unhashed, reidentified, events, touched }: IndexTransaction): void {
		this.#hashes.add(unhashed);
		this.#hashes.reidentified(reidentified);
		if (events > 0) {
			this.#listener.committed(touched.length > MAX_PATHS_PER_NOTIFICATION ? null : touched);
		}
	}

	/**
	 * Like {@link transact}, but no single path may end the process: one whose comparing throws is set aside, told, and the
	 * rest is done again without it.
	 *
	 * @param path the path that is being compared
	 */
	#contained(path: () => string, work: (transaction: IndexTransaction) => void): boolean {
		try {
			return this.#commits.attempt(work);
		} catch (error) {
			if (this.#commits.isMended(error)) {
				return false;
			}
			const culprit = path();
			if (culprit === '' || this.#reconciler.isSetAside(culprit) || isIndexFault(error)) {
				throw error;
			}
			this.#reconciler.setAside(culprit);
			this.#pending.delete(culprit);
			this.#later.delete(culprit);
			this.#last.delete(culprit);
			this.#scans.forget([culprit]);
			this.#held.release(culprit);
			this.#listener.changed();
			this.#listener.setAside(culprit, error);
			this.#listener.reconciled(culprit, {
				kind: 'failed',
				path: culprit,
				error: error as NodeJS.ErrnoException,
			});
			return false;
		}
	}

	/** Reconciles the hints that wait, ends all else. */
	stop(): void {
		do {
			this.#held.hurryAll();
		} while (this.writeProblem === undefined && this.#serveEntries());
		this.#stopped = true;
		this.#commits.stop();
		clearTimeout(this.#wakeTimer);
		clearTimeout(this.#workTimer);
		this.#scans.stop();
	}

	#schedule(): void {
		if (!this.#scheduled && !this.#stopped && !this.#commits.isPaused) {
			this.#scheduled = true;
			clearTimeout(this.#wakeTimer);
			this.#wakeTimer = undefined;
			const work = () => {
				this.#scheduled = false;
				this.#work();
			};
			const pauseMs = this.#idleWaiters.length > 0 ? 0 : this.#commits.restMs;
			if (pauseMs > 1) {
				this.#workTimer = setTimeout(work, pauseMs);
			} else {
				setImmediate(work);
			}
		}
	}

	#wakeIn(ms: number): void {
		clearTimeout(this.#wakeTimer);
		this.#wakeTimer = setTimeout(() => {
			this.#wakeTimer = undefined;
			this.#schedule();
		}, ms);
	}

	#work(): void {
		if (this.#stopped) {
			return;
		}
		const scansFirst = ++this.#turn % FAIR_TURN === 0;
		if ((scansFirst && this.#serveScans()) || this.#serveEntries() || this.#serveScans() || this.#hurryFor()) {
			this.#schedule();
			return;
		}
		if (this.#commits.isPaused) {
			// The index cannot be written: nothing is done, and nobody is told that it is.
			return;
		}
		if (this.#scans.size === 0 && this.#held.size === 0) {
			this.#bursts.rested();
		}
		if (this.#hashes.complete) {
			this.#tellIdle();
		}
		this.#rest();
	}

	/** Nothing is to be done now: hashes contents, or waits for the next disappearance to be certain. */
	#rest(): void {
		const untilDue = this.#held.untilDueMs(this.#scans.running !== undefined);
		// What is compared for the first time comes before what can be hashed for it.
		if (this.#hashes.complete || this.#scans.size > 0) {
			if (untilDue !== undefined) {
				this.#wakeIn(untilDue);
			}
			return;
		}
		const restMs = HASH_REST_MS - this.#commits.sinceWrittenMs;
		if (restMs > 0 && this.#idleWaiters.length === 0) {
			this.#wakeIn(Math.min(restMs, untilDue ?? restMs));
		} else if (this.#hash()) {
			if (this.#idleWaiters.length > 0) {
				this.#schedule();
			} else {
				this.#wakeIn(Math.min(HASH_PAUSE_MS, untilDue ?? HASH_PAUSE_MS));
			}
		}
	}

	#tellIdle(): void {
		// A scan may wait for its listings.
		if (this.#held.size === 0 && this.#scans.size === 0) {
			for (const done of this.#idleWaiters.splice(0)) {
				done();
			}
		}
	}

	/** Whoever waits for everything waits neither for move windows nor for the time of the next poll. */
	#hurryFor(): boolean {
		// What is held may be found where a scan comes to.
		if (this.#idleWaiters.length === 0 || this.#held.size === 0 || this.#scans.size > 0) {
			return false;
		}
		const awaited = this.#held.awaitedRoots;
		for (const root of awaited) {
			this.scan(root);
		}
		if (awaited.size === 0) {
			this.#held.hurryAll();
		}
		return true;
	}

	#hash(): boolean {
		const until = performance.now() + HASH_MS;
		let done: (() => void) | undefined;
		const written = this.transact((transaction) => {
			done = this.#hashes.slice(transaction, () => performance.now() > until);
		});
		if (written) {
			done?.();
		}
		return written;
	}

	/** What scans have left is decided when all of them have compared everything; then they are complete. */
	#endScans(): boolean {
		const left = this.#scans.takeLeft();
		if (left !== undefined) {
			for (const path of left.later) {
				this.#later.add(path);
				this.#scans.decide(path);
			}
			for (const [path, seenAt] of left.gone) {
				if (this.#held.missed(path, seenAt)) {
					this.#scans.decide(path);
				}
			}
			return true;
		}
		const complete = this.#scans.takeComplete();
		for (const scan of complete) {
			this.#completed(scan);
		}
		if (complete.length > 0) {
			this.#listener.changed();
		}
		return complete.length > 0;
	}

	#completed(scan: Scan): void {
		this.#held.compared(scan.path, scan.startedAt ?? 0);
		this.#listener.scanCompleted(scan);
		if (scan.created) {
			this.#hashes.addAll();
		}
	}

	#serveEntries(): boolean {
		return this.#servePending() || this.#serveLater() || this.#serveLast() || this.#serveHeld();
	}

	#servePending(): boolean {
		return this.#serveLane(this.#pending, 'first', this.#later);
	}

	#serveLater(): boolean {
		return this.#serveLane(this.#later, 'second', this.#last);
	}

	#serveLast(): boolean {
		return this.#serveLane(this.#last, 'last', this.#last);
	}

	/** @param next takes what this pass leaves */
	#serveLane(lane: Set<string>, pass: Pass, next: Set<string>): boolean {
		return this.#serve(
			lane,
			(transaction, path) => this.#reconciler.entry(transaction, path, pass),
			(path) => {
				lane.delete(path);
			},
			next,
		);
	}

	#serveHeld(): boolean {
		const due = this.#held.due(this.#scans.running !== undefined);
		return this.#serve(
			due,
			(transaction, path) => this.#reconciler.held(transaction, path, this.#held.isHurried(path)),
			(path) => {
				this.#held.release(path);
			},
			this.#last,
		);
	}

	#serveScans(): boolean {
		const turn = this.#scans.running;
		if (turn === undefined) {
			return this.#endScans();
		}
		return this.#continueScan(turn) !== 'waiting';
	}

	/** A group of a lane's paths in one transaction. False when the lane has none. */
	#serve(
		paths: Iterable<string>,
		compare: (transaction: IndexTransaction, path: string) => Outcome,
		take: (path: string) => void,
		next: Set<string>,
	): boolean {
		const until = performance.now() + (this.pending > BACKLOG ? BACKLOG_GROUP_MS : GROUP_MS);
		const outcomes: { path: string; outcome: Outcome; events: number }[] = [];
		let current = '';
		const remaining = paths[Symbol.iterator]();
		let step = remaining.next();
		if (step.done === true) {
			return false;
		}
		const done = this.#contained(
			() => current,
			(transaction) => {
				while (step.done !== true) {
					current = step.value;
					const before = transaction.events;
					const outcome = compare(transaction, current);
					outcomes.push({ path: current, outcome, events: transaction.events - before });
					if (performance.now() > until || transaction.events > GROUP_CHANGES) {
						break;
					}
					step = remaining.next();
				}
			},
		);
		if (!done) {
			return !this.#commits.isPaused;
		}
		for (const { path, outcome, events } of outcomes) {
			take(path);
			if (outcome.kind === 'later') {
				for (const each of outcome.paths) {
					next.add(each);
				}
				if (!outcome.paths.includes(path)) {
					// What it lies in has to be known first; the scan of that finds it. No scan waits for the path itself.
					this.#scans.decided(path, events);
				}
			} else {
				this.#scans.decided(path, events);
				this.#dispatch(path, outcome);
			}
		}
		this.#dispatchBesides();
		this.#listener.changed();
		return true;
	}

	#dispatchBesides(): void {
		for (const { path, outcome } of this.#reconciler.takeBesides()) {
			if (outcome.kind === 'look') {
				for (const each of outcome.paths) {
					this.#pending.add(each);
				}
			}
			// It is in its lane still, where what is left of it is done.
			if (outcome.kind === 'scan' || outcome.kind === 'root' || outcome.kind === 'rules') {
				this.#dispatch(path, outcome);
			}
		}
	}

	#dispatch(path: string, outcome: Outcome): void {
		if (outcome.kind === 'gone') {
			this.#held.hold(outcome.path, this.#listener.holdMs(outcome.path));
		} else if (outcome.kind === 'unsettled') {
			this.#held.hold(outcome.path, outcome.ms);
		} else {
			this.#listener.reconciled(path, outcome);
		}
	}

	#continueScan(task: ScanTask): ReturnType<Scan['slice']> {
		const until = performance.now() + SCAN_GROUP_MS;
		let state = 'more' as ReturnType<Scan['slice']>;
		const done = this.#contained(
			() => task.scan.current,
			(transaction) => {
				state = task.scan.slice(
					transaction,
					(entries) => entries >= GROUP_CHANGES || performance.now() > until,
					() => {
						this.#schedule();
					},
				);
				if (state === 'complete') {
					this.#listener.scanCompleting(transaction, task.scan);
				}
			},
		);
		if (!done) {
			this.#scans.restart(task);
			return 'more';
		}
		this.#dispatchBesides();
		this.#scans.sliced(task, state === 'complete');
		for (const [each, ms] of task.scan.unsettled) {
			this.#held.hold(each, ms);
		}
		task.scan.unsettled.clear();
		this.#listener.changed();
		return state;
	}
}
