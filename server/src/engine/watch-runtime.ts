/** A watch while the writer runs it: its state, and what it has done, in all runs together. */
import type { WatchState } from '#shared/model.ts';
import type { RuntimeCounts } from '../index/runtime-counts.ts';
import type { Coverage, Watch } from '../watching/watch.ts';
import type { WatchRuntimeState } from './messages.ts';
import type { Scan } from './scan.ts';

export class WatchRuntime {
	watch: Watch;
	state: WatchState = 'starting';
	message: string | undefined;
	/** What it covered when it was last compared with the disk; undefined until the first indexing is complete. */
	before: Coverage | undefined;
	/** Whether coverage must be worked out anew. */
	stale: boolean;
	paused: boolean;
	/** Why its source cannot report everything; scans make up for it. */
	sourceProblem: string | undefined;
	/** Why a part of it has no watch of the system; its source polls that part. */
	shortfall: string | undefined;
	/** Folders that could not be read → why. */
	readonly unreadable = new Map<string, string>();
	/** Whether the root is where a file system is mounted; then the bare folder beneath is something else. */
	mountPoint: boolean;
	/** When the last full reconcile ended, on the clock of `performance.now()`. */
	reconciledAt = 0;
	readonly counts: RuntimeCounts;
	/** The counts as they were committed last. */
	#stored: RuntimeCounts;

	constructor(
		watch: Watch,
		stored: {
			before: Coverage | undefined;
			stale: boolean;
			paused: boolean;
			mountPoint: boolean;
			counts: RuntimeCounts;
		},
	) {
		this.watch = watch;
		this.counts = { ...stored.counts };
		this.#stored = stored.counts;
		this.mountPoint = stored.mountPoint;
		this.before = stored.before;
		this.stale = stored.stale;
		this.paused = stored.paused;
	}

	/** Whether the first indexing is complete. */
	get indexed(): boolean {
		return this.before !== undefined;
	}

	/** Whether its root cannot be used now; it is looked at again until it can. */
	get blocked(): boolean {
		return this.state === 'missing' || this.state === 'error';
	}

	/** Whether the counts differ from those that were committed last. */
	get hasCountsToStore(): boolean {
		return Object.entries(this.counts).some(([name, count]) => count !== this.#stored[name as keyof RuntimeCounts]);
	}

	/** The counts of now have been committed. */
	countsStored(): void {
		this.#stored = { ...this.counts };
	}

	/** Whether a source should run for it. */
	get runnable(): boolean {
		return !this.blocked && !this.paused;
	}

	enter(state: WatchState, message?: string): void {
		this.state = state;
		this.message = message;
	}

	/** The state after a complete scan. */
	enterLive(): void {
		const problem = this.sourceProblem ?? this.shortfall ?? this.unreadable.values().next().value;
		if (problem !== undefined) {
			this.enter('degraded', problem);
			return;
		}
		this.enter(this.watch.source === 'polling' ? 'polling' : 'live');
	}

	snapshot(scan: Scan | undefined, known: number): WatchRuntimeState {
		return {
			id: this.watch.id,
			name: this.watch.name,
			root: this.watch.root,
			state: this.state,
			...(this.message === undefined ? {} : { message: this.message }),
			...(scan === undefined ? {} : { scan: { done: scan.done, total: known } }),
			...this.counts,
		};
	}
}
