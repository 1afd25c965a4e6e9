/**
 * What waits to be compared with the disk, hints before scans, and the transactions that do it. Bounded: too many hints
 * become a scan of every root. When the index cannot be written, everything stays queued and is tried again.
 */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { MAX_PATHS_PER_NOTIFICATION, type RescanResult } from '#shared/protocol.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { Outcome, Reconciler } from './reconcile.ts';
import { Scan } from './scan.ts';

/** A group commit gathers at most this much work (DESIGN.md §5), so that a change waits for no more than that. */
const GROUP_MS = 5;
const GROUP_CHANGES = 10_000;
/** Scans yield less often: a commit costs up to 5 ms, and hints go first anyway. */
const SCAN_GROUP_MS = 40;
const MAX_PENDING = 200_000;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 30_000;

interface ScanWaiter {
	resolve(result: RescanResult): void;
	reject(error: Error): void;
	onProgress: ((entries: number) => void) | undefined;
}

interface ScanTask {
	scan: Scan;
	startedAt: number;
	waiting: ScanWaiter[];
	/** Asked for while the scan was under way: what it had passed by then must be looked at again. */
	again: boolean;
	waitingForAgain: ScanWaiter[];
	/** Whether more than a user's curiosity asked for it: then it cannot be cancelled. */
	required: boolean;
}

/** What the queue's owner does about the work. */
export interface WorkListener {
	/** Roots to scan when hints had to be dropped. */
	roots(): string[];
	/** After the commit of a hint's reconcile. */
	reconciled(path: string, outcome: Outcome): void;
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
	readonly #index: IndexWriter;
	readonly #listener: WorkListener;
	#reconciler: Reconciler;
	/** In order of arrival. */
	readonly #pending = new Set<string>();
	/** By the path where each begins; the first one runs. */
	readonly #scans = new Map<string, ScanTask>();
	#idleWaiters: (() => void)[] = [];
	#scheduled = false;
	#stopped = false;
	#retryMs = 0;
	#retryTimer: NodeJS.Timeout | undefined;
	#writeProblem: string | undefined;

	constructor(index: IndexWriter, reconciler: Reconciler, listener: WorkListener) {
		this.#index = index;
		this.#reconciler = reconciler;
		this.#listener = listener;
	}

	/** Hints that wait. */
	get pending(): number {
		return this.#pending.size;
	}

	/** Why the index cannot be written now; undefined while it can. */
	get writeProblem(): string | undefined {
		return this.#writeProblem;
	}

	/** The scan that covers a path, if one runs or waits. */
	scanOver(isOver: (path: string) => boolean): Scan | undefined {
		for (const [path, task] of this.#scans) {
			if (isOver(path)) {
				return task.scan;
			}
		}
		return undefined;
	}

	/** Scans begin again, with the new scopes. */
	useReconciler(reconciler: Reconciler): void {
		this.#reconciler = reconciler;
		for (const task of this.#scans.values()) {
			task.scan = new Scan(task.scan.path, reconciler);
		}
	}

	hint(path: string): void {
		this.#reconciler.tryAgain(path);
		this.#pending.add(path);
		if (this.#pending.size > MAX_PENDING) {
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

	#enqueue(path: string, waiter?: ScanWaiter): ScanTask {
		let task = this.#scans.get(path);
		if (task === undefined) {
			task = this.#newTask(path);
			this.#scans.set(path, task);
		}
		task.again ||= task.scan.done > 0;
		if (waiter !== undefined) {
			(task.again ? task.waitingForAgain : task.waiting).push(waiter);
		}
		this.#listener.changed();
		this.#schedule();
		return task;
	}

	#newTask(path: string): ScanTask {
		const scan = new Scan(path, this.#reconciler);
		return { scan, startedAt: performance.now(), waiting: [], again: false, waitingForAgain: [], required: false };
	}

	/** Like {@link scan}, but may be cancelled; resolves when it is done, and rejects when the queue stops first. */
	scanAndWait(path: string, onProgress?: (entries: number) => void): Promise<RescanResult> {
		return new Promise((resolve, reject) => {
			this.#enqueue(path, { resolve, reject, onProgress });
		});
	}

	/** Lets go who waits for a scan, and ends it if nothing else needs it; what it compared is kept. */
	cancelScan(path: string): void {
		const task = this.#scans.get(path);
		if (task === undefined) {
			return;
		}
		answer(task, [...task.waiting, ...task.waitingForAgain], true);
		task.waiting = [];
		task.waitingForAgain = [];
		if (!task.required) {
			this.#scans.delete(path);
		}
		this.#listener.changed();
		this.#schedule();
	}

	/** Resolves when nothing waits any more. */
	whenIdle(): Promise<void> {
		return new Promise((resolve) => {
			this.#idleWaiters.push(resolve);
			this.#schedule();
		});
	}

	/**
	 * One transaction. False when the index could not be written: nothing of it was kept, and queued work pauses for a
	 * growing while.
	 */
	transact(work: (transaction: IndexTransaction) => void): boolean {
		let written: IndexTransaction | undefined;
		try {
			this.#index.transact(Date.now(), (transaction) => {
				work(transaction);
				written = transaction;
			});
		} catch (error) {
			this.#reconciler.forget();
			if (!(error instanceof FiletideError) || error.code !== ErrorCodes.indexWriteFailed) {
				throw error;
			}
			this.#writeProblem = error.message;
			this.#retryLater();
			return false;
		}
		this.#writeProblem = undefined;
		this.#retryMs = 0;
		if (written !== undefined && written.events > 0) {
			this.#listener.committed(written.touched.length > MAX_PATHS_PER_NOTIFICATION ? null : written.touched);
		}
		return true;
	}

	/**
	 * Like {@link transact}, but no single path may end the process: one whose comparing throws is set aside, told, and the
	 * rest is done again without it.
	 *
	 * @param path the path that is being compared
	 */
	#contained(path: () => string, work: (transaction: IndexTransaction) => void): boolean {
		try {
			return this.transact(work);
		} catch (error) {
			const culprit = path();
			if (culprit === '' || this.#reconciler.isSetAside(culprit)) {
				throw error;
			}
			this.#reconciler.setAside(culprit);
			this.#pending.delete(culprit);
			this.#listener.changed();
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
		while (this.#pending.size > 0 && this.#writeProblem === undefined) {
			this.#reconcileHints();
		}
		this.#stopped = true;
		clearTimeout(this.#retryTimer);
		for (const task of this.#scans.values()) {
			for (const waiter of [...task.waiting, ...task.waitingForAgain]) {
				waiter.reject(new FiletideError(ErrorCodes.watchStopped, 'The server is stopping.'));
			}
		}
	}

	#retryLater(): void {
		this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY_FIRST_MS), RETRY_MOST_MS);
		this.#retryTimer = setTimeout(() => {
			this.#retryTimer = undefined;
			this.#schedule();
		}, this.#retryMs);
		this.#listener.changed();
	}

	#schedule(): void {
		if (!this.#scheduled && !this.#stopped && this.#retryTimer === undefined) {
			this.#scheduled = true;
			setImmediate(() => {
				this.#scheduled = false;
				this.#work();
			});
		}
	}

	#work(): void {
		if (this.#stopped) {
			return;
		}
		if (this.#pending.size > 0) {
			this.#reconcileHints();
		} else if (this.#scans.size > 0) {
			this.#continueScan();
		}
		if (this.#pending.size > 0 || this.#scans.size > 0) {
			this.#schedule();
			return;
		}
		const waiters = this.#idleWaiters;
		this.#idleWaiters = [];
		for (const done of waiters) {
			done();
		}
	}

	#reconcileHints(): void {
		const until = performance.now() + GROUP_MS;
		const outcomes: { path: string; outcome: Outcome }[] = [];
		let current = '';
		const done = this.#contained(
			() => current,
			(transaction) => {
				for (const path of this.#pending) {
					current = path;
					outcomes.push({ path, outcome: this.#reconciler.entry(transaction, path) });
					if (performance.now() > until || transaction.events > GROUP_CHANGES) {
						break;
					}
				}
			},
		);
		if (!done) {
			return;
		}
		for (const { path } of outcomes) {
			this.#pending.delete(path);
		}
		for (const { path, outcome } of outcomes) {
			this.#listener.reconciled(path, outcome);
		}
		this.#listener.changed();
	}

	#continueScan(): void {
		const [path, task] = this.#scans.entries().next().value!;
		const until = performance.now() + SCAN_GROUP_MS;
		let complete = false;
		const done = this.#contained(
			() => task.scan.current,
			(transaction) => {
				complete = task.scan.slice(
					transaction,
					(entries) => entries >= GROUP_CHANGES || performance.now() > until,
				);
				if (complete) {
					this.#listener.scanCompleting(transaction, task.scan);
				}
			},
		);
		if (!done) {
			task.scan = new Scan(path, this.#reconciler);
			return;
		}
		for (const waiter of task.waiting) {
			waiter.onProgress?.(task.scan.done);
		}
		if (complete) {
			this.#complete(path, task);
		}
		this.#listener.changed();
	}

	#complete(path: string, task: ScanTask): void {
		this.#scans.delete(path);
		this.#listener.scanCompleted(task.scan);
		answer(task, task.waiting, false);
		if (task.again) {
			// Behind the others: a path that keeps asking must not starve them.
			this.#scans.set(path, { ...this.#newTask(path), waiting: task.waitingForAgain, required: task.required });
		}
	}
}

function answer(task: ScanTask, waiters: readonly ScanWaiter[], cancelled: boolean): void {
	const { changes, done } = task.scan;
	for (const waiter of waiters) {
		waiter.resolve({ changes, entries: done, ms: Math.round(performance.now() - task.startedAt), cancelled });
	}
}
