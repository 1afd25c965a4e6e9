/** What sources say of themselves, as states of the watches that they serve: what they cannot watch, or have lost. */
import { isInside } from '../platform/paths.ts';
import type { Loss } from '../watching/kernel-queue.ts';
import type { WatchSet } from './watch-set.ts';

export interface SourceHealthPeers {
	/** The root of a source, and whether it is starting. */
	describe(key: string): { root: string; starting: boolean };
	/** Compares everything at and beneath a path. */
	scan(path: string): void;
	/** A state differs. */
	changed(): void;
}

export class SourceHealth {
	readonly #watches: WatchSet;
	readonly #peers: SourceHealthPeers;

	constructor(watches: WatchSet, peers: SourceHealthPeers) {
		this.#watches = watches;
		this.#peers = peers;
	}

	/** A new source may do better. */
	renewed(root: string): void {
		for (const runtime of this.#watches.all) {
			if (isInside(root, runtime.watch.root)) {
				runtime.sourceProblem = undefined;
				runtime.shortfall = undefined;
			}
		}
	}

	/** A source may have lost something. Scans at the poll interval make up for it from now on. */
	failed(key: string, message: string): void {
		const { root, starting } = this.#peers.describe(key);
		for (const runtime of this.#watches.all) {
			if (isInside(root, runtime.watch.root) && runtime.runnable) {
				runtime.counts.errors++;
				runtime.sourceProblem = `Not everything in ${root} can be watched (${message}). It is scanned every ${runtime.watch.pollIntervalMs / 1000} s instead.`;
				runtime.enter('degraded', runtime.sourceProblem);
			}
		}
		// One that is starting is followed by a scan anyway.
		if (!starting) {
			this.#peers.scan(root);
		}
		this.#peers.changed();
	}

	/** A limit of the system leaves a part without a watch; the source polls that part. `null`: nothing is left out any more. */
	limited(key: string, shortfall: { message: string; paths: readonly string[] } | null): void {
		const { root } = this.#peers.describe(key);
		for (const runtime of this.#watches.all) {
			const mine = runtime.watch.root;
			if (!isInside(root, mine) || !runtime.runnable) {
				continue;
			}
			const concerned = shortfall?.paths.some((path) => isInside(mine, path) || isInside(path, mine)) ?? false;
			runtime.shortfall = concerned ? shortfall?.message : undefined;
			if (runtime.state !== 'starting') {
				runtime.enterLive();
			}
		}
		this.#peers.changed();
	}

	/**
	 * The kernel dropped events: only a look at everything tells what they were.
	 *
	 * @param later roots that somebody else will have scanned
	 */
	lost(how: Loss, roots: readonly string[], later: readonly string[]): void {
		for (const runtime of this.#watches.all) {
			if (roots.some((root) => isInside(root, runtime.watch.root))) {
				runtime.counts[how === 'seen' ? 'overflowsSeen' : 'overflowsSuspected']++;
			}
		}
		for (const root of roots.filter((each) => !later.includes(each))) {
			this.#peers.scan(root);
		}
		this.#peers.changed();
	}
}
