/** A watch while the writer runs it: its state, and what it has done since the server started. */
import type { WatchState } from '#shared/model.ts';
import type { Watch } from '../watching/watch.ts';
import type { WatchRuntimeState } from './messages.ts';
import type { Scan } from './scan.ts';

export class WatchRuntime {
	watch: Watch;
	state: WatchState = 'starting';
	message: string | undefined;
	/** Whether the first indexing is complete. */
	indexed: boolean;
	/** Whether coverage must be worked out anew. */
	stale: boolean;
	paused: boolean;
	/** Why its source cannot report everything; scans make up for it. */
	sourceProblem: string | undefined;
	/** When the last full reconcile ended, on the clock of `performance.now()`. */
	reconciledAt = 0;
	received = 0;
	processed = 0;
	filtered = 0;
	errors = 0;

	constructor(watch: Watch, stored: { indexed: boolean; stale: boolean; paused: boolean }) {
		this.watch = watch;
		this.indexed = stored.indexed;
		this.stale = stored.stale;
		this.paused = stored.paused;
	}

	/** Whether its root cannot be used now; it is looked at again until it can. */
	get blocked(): boolean {
		return this.state === 'missing' || this.state === 'error';
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
		if (this.sourceProblem !== undefined) {
			this.enter('degraded', this.sourceProblem);
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
			received: this.received,
			processed: this.processed,
			filtered: this.filtered,
			errors: this.errors,
		};
	}
}
