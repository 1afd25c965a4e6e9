/** What the index remembers of the watches, as it changes (index/watch-table.ts). A watch without a row is removed meanwhile. */
import type { IndexTransaction } from '../index/transaction.ts';
import { type StoredWatch, UNKNOWN_ROOT } from '../index/watch-table.ts';
import { coverageKey } from '../watching/watch.ts';
import { isMountPoint } from './disk.ts';
import type { WatchRuntime } from './watch-runtime.ts';

/** A scan of all that these watches cover is complete. */
export function storeScanned(transaction: IndexTransaction, scanned: readonly WatchRuntime[]): void {
	for (const [runtime, known] of rowsOf(transaction, scanned)) {
		const { watch } = runtime;
		const mountPoint = isMountPoint(watch.root);
		const row = { ...known, mountPoint, coverageKey: coverageKey(watch) };
		if (!runtime.indexed) {
			transaction.recordWatchAdded(watch.id, row);
		} else if (runtime.stale || runtime.mountPoint !== mountPoint) {
			transaction.putWatch(watch.id, row);
		}
	}
}

/** A root that does not exist holds nothing: whatever comes into it from now on is an event. */
export function storeMissing(transaction: IndexTransaction, missing: readonly WatchRuntime[]): void {
	for (const [{ watch }, known] of rowsOf(transaction, missing)) {
		transaction.recordWatchAdded(watch.id, { ...known, coverageKey: coverageKey(watch) });
	}
}

/** Watches whose rows were lost, and put back by a repair, say again what they are. */
export function storeLost(transaction: IndexTransaction, all: readonly WatchRuntime[]): void {
	for (const [{ watch, indexed, paused, mountPoint }, known] of rowsOf(transaction, all)) {
		if (known.root === UNKNOWN_ROOT) {
			const { id, root, name } = watch;
			transaction.putWatch(id, { root, name, coverageKey: coverageKey(watch), indexed, paused, mountPoint });
		}
	}
}

export function storePaused(transaction: IndexTransaction, changing: readonly WatchRuntime[], paused: boolean): void {
	for (const [{ watch }, known] of rowsOf(transaction, changing)) {
		transaction.putWatch(watch.id, { ...known, paused });
	}
}

function rowsOf(transaction: IndexTransaction, runtimes: readonly WatchRuntime[]): [WatchRuntime, StoredWatch][] {
	const stored = transaction.storedWatches();
	return runtimes.flatMap((runtime): [WatchRuntime, StoredWatch][] => {
		const known = stored.get(runtime.watch.id);
		return known === undefined ? [] : [[runtime, known]];
	});
}
