/**
 * What the writer does beside its work, in slices and while it rests: takes what exceeds the limits of retention out of the log,
 * and stores the watches' counts when no other commit has.
 */
import type { RetentionConfig } from '#shared/settings.ts';
import type { Pruned, RetentionLimits } from '../index/prune.ts';
import type { IndexTransaction } from '../index/transaction.ts';

/** After a commit, until it is looked whether anything exceeds the limits. */
const AFTER_COMMIT_MS = 1000;
/** The same while nothing is committed: records grow old. */
const CHECK_MS = 60_000;
/** A slice takes this long and one commit, so a change that comes meanwhile waits about 10 ms. */
const SLICE_MS = 5;
/** Between two slices; a writer that is busy meanwhile is left alone, unless there is far too much. */
const PAUSE_MS = 30;

const DAY_MS = 86_400_000;
const MEGABYTE = 1_048_576;

export interface Household {
	/** Whether nothing waits to be recorded. */
	resting(): boolean;
	/** Whether anything exceeds the limits, and whether so much does that it cannot wait. */
	pruningDue(limits: RetentionLimits): 'no' | 'yes' | 'much';
	/** False when the index cannot be written. */
	transact(work: (transaction: IndexTransaction) => void): boolean;
	/** Stores counts that have changed, and that no commit has stored. */
	storeCounts(): void;
	/** After a commit that took records out. */
	pruned(slice: Pruned): void;
}

export class Housekeeping {
	readonly #household: Household;
	#keep: RetentionConfig | undefined;
	#timer: NodeJS.Timeout | undefined;
	#dueAt = Number.POSITIVE_INFINITY;

	constructor(household: Household) {
		this.#household = household;
	}

	/** Sets what is kept; until then everything is. */
	keep(config: RetentionConfig): void {
		this.#keep = config;
		this.#wakeIn(AFTER_COMMIT_MS);
	}

	/** Something was committed. */
	committed(): void {
		this.#wakeIn(AFTER_COMMIT_MS);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#keep = undefined;
	}

	/** The earliest time that anybody asked for counts. */
	#wakeIn(ms: number): void {
		const at = performance.now() + ms;
		if (this.#keep !== undefined && at < this.#dueAt) {
			this.#dueAt = at;
			clearTimeout(this.#timer);
			this.#timer = setTimeout(() => {
				this.#dueAt = Number.POSITIVE_INFINITY;
				this.#wakeIn(this.#work());
			}, ms);
		}
	}

	/** Returns after how many milliseconds to come back. */
	#work(): number {
		const keep = this.#keep;
		if (keep === undefined) {
			return CHECK_MS;
		}
		const limits = limitsOf(keep, Date.now());
		const due = this.#household.pruningDue(limits);
		if (due === 'no') {
			this.#household.storeCounts();
			return CHECK_MS;
		}
		if (due === 'yes' && !this.#household.resting()) {
			return PAUSE_MS;
		}
		return this.#prune(limits) ? PAUSE_MS : CHECK_MS;
	}

	/** One slice. Whether there is more to do. */
	#prune(limits: RetentionLimits): boolean {
		const until = performance.now() + SLICE_MS;
		let slice: Pruned | undefined;
		const written = this.#household.transact((transaction) => {
			slice = transaction.prune(limits, () => performance.now() > until);
		});
		if (!written || slice === undefined) {
			return false;
		}
		this.#household.pruned(slice);
		return slice.more;
	}
}

function limitsOf({ days, records, megabytes }: RetentionConfig, now: number): RetentionLimits {
	return { since: now - days * DAY_MS, records, bytes: megabytes * MEGABYTE };
}
