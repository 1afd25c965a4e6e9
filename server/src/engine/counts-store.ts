/** Stores what sources have brought: with every commit, or alone when nothing else is written. */
import type { IndexTransaction } from '../index/transaction.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { WatchSet } from './watch-set.ts';

export class CountsStore {
	readonly #watches: WatchSet;
	readonly #index: IndexWriter;

	constructor(watches: WatchSet, index: IndexWriter) {
		this.#watches = watches;
		this.#index = index;
	}

	/** Puts the counts that are not stored yet into a transaction; {@link stored} is to be called when it is committed. */
	put(transaction: IndexTransaction): void {
		for (const { watch, counts, hasCountsToStore } of this.#watches.all) {
			if (hasCountsToStore) {
				transaction.putRuntimeCounts(watch.id, counts);
			}
		}
	}

	stored(): void {
		for (const runtime of this.#watches.all) {
			runtime.countsStored();
		}
	}

	/**
	 * Stores what no commit has stored, by a transaction of its own; sources report much that changes nothing.
	 *
	 * @param transact returns whether it was committed
	 */
	store(transact: (work: (transaction: IndexTransaction) => void) => boolean): void {
		if (
			this.#watches.all.some(({ hasCountsToStore }) => hasCountsToStore) &&
			transact((transaction) => {
				this.put(transaction);
			})
		) {
			this.stored();
		}
	}

	/** The same on stopping, when nothing is tried again any more. @throws what LMDB throws */
	storeLast(): void {
		this.store((work) => {
			this.#index.transact(Date.now(), work);
			return true;
		});
	}
}
