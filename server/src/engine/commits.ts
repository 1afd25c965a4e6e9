/**
 * The transactions of the work queue. One that comes across a damaged record is done again when that is mended. While the index
 * cannot be written, nothing is kept of any, and work pauses for a growing while.
 */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { DamagedRecordError } from '../index/records.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { BurstTracker } from './burst-tracker.ts';

/** The longest rest between two commits. */
const MOST_REST_MS = 25;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 30_000;

/** What the queue does about its transactions. */
export interface CommitListener {
	/** A damaged record was come across. Returns whether it was mended, so that the same can be done again. */
	damaged(error: DamagedRecordError): boolean;
	/** In each transaction that writes records, behind everything else in it. */
	committing(transaction: IndexTransaction): void;
	committed(transaction: IndexTransaction): void;
	/** Nothing of a transaction was kept. */
	thrownAway(): void;
	/** Work pauses from now on. */
	paused(): void;
	/** Work goes on. */
	resumed(): void;
}

export class Commits {
	readonly #index: IndexWriter;
	readonly #bursts: BurstTracker;
	readonly #listener: CommitListener;
	#problem: string | undefined;
	#retryMs = 0;
	#retryTimer: NodeJS.Timeout | undefined;
	/** When the last transaction that wrote records had ended, on the clock of `performance.now()`, and how long it took. */
	#wroteAt = Number.NEGATIVE_INFINITY;
	#wroteMs = 0;

	constructor(index: IndexWriter, bursts: BurstTracker, listener: CommitListener) {
		this.#index = index;
		this.#bursts = bursts;
		this.#listener = listener;
	}

	/** Why the index cannot be written now; undefined while it can. */
	get problem(): string | undefined {
		return this.#problem;
	}

	/** Whether work pauses, because the index could not be written. */
	get isPaused(): boolean {
		return this.#retryTimer !== undefined;
	}

	/** Milliseconds since records were written last. */
	get sinceWrittenMs(): number {
		return performance.now() - this.#wroteAt;
	}

	/**
	 * How long the disk is left to others, in milliseconds. Under a burst that is as long as a commit takes: more is gathered
	 * meanwhile, and fewer commits make all of it durable sooner. A single change finds no commit before it and goes at once.
	 */
	get restMs(): number {
		return Math.min(this.#wroteMs, MOST_REST_MS) - this.sinceWrittenMs;
	}

	/**
	 * One transaction; once more, when a damaged record was in its way and could be mended. False when the index could not be
	 * written: nothing of it was kept, and work pauses.
	 *
	 * @throws what `work` throws; FiletideError as {@link isMended}, and of an index that must be opened anew
	 */
	transact(work: (transaction: IndexTransaction) => void): boolean {
		try {
			return this.attempt(work);
		} catch (error) {
			if (!this.isMended(error)) {
				throw error;
			}
			return this.attempt(work);
		}
	}

	/** Whether an error was a damaged record, and is none any more. @throws FiletideError `INDEX_DAMAGED` */
	isMended(error: unknown): boolean {
		if (!(error instanceof DamagedRecordError)) {
			return false;
		}
		if (!this.#listener.damaged(error)) {
			throw this.#index.beyondRepair(error);
		}
		return true;
	}

	/** {@link transact}, once. */
	attempt(work: (transaction: IndexTransaction) => void): boolean {
		const startedAt = performance.now();
		let written: IndexTransaction | undefined;
		try {
			this.#index.transact(
				Date.now(),
				(transaction) => {
					work(transaction);
					if (transaction.events > 0) {
						this.#listener.committing(transaction);
					}
					written = transaction;
				},
				this.#bursts,
			);
		} catch (error) {
			this.#listener.thrownAway();
			if (!(error instanceof FiletideError) || error.code !== ErrorCodes.indexWriteFailed) {
				throw error;
			}
			this.#problem = error.message;
			this.#pause();
			return false;
		}
		this.#problem = undefined;
		this.#retryMs = 0;
		if (written !== undefined) {
			if (written.events > 0) {
				this.#wroteAt = performance.now();
				this.#wroteMs = this.#wroteAt - startedAt;
			}
			this.#listener.committed(written);
		}
		return true;
	}

	/** Work that pauses does not go on by itself. */
	stop(): void {
		clearTimeout(this.#retryTimer);
	}

	#pause(): void {
		if (this.#retryTimer !== undefined) {
			return;
		}
		this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY_FIRST_MS), RETRY_MOST_MS);
		this.#retryTimer = setTimeout(() => {
			this.#retryTimer = undefined;
			this.#listener.resumed();
		}, this.#retryMs);
		this.#listener.paused();
	}
}
