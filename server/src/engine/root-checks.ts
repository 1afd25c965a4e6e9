/** Looks at the watches' roots: blocked ones may have come back, others gone; what was asleep or is due is compared again. */
import { isInside } from '../platform/paths.ts';
import { lookAtRoot } from './disk.ts';
import { WakeDetector } from './wake.ts';
import type { WatchRuntime } from './watch-runtime.ts';
import { enterByRoot, type WatchSet } from './watch-set.ts';

const CHECK_MS = 1000;

interface RootListener {
	/** Before each look. */
	checking(): void;
	/** The machine has slept: whatever happened meanwhile, nobody has told. */
	woken(): void;
	scan(root: string): void;
	/** Roots went, came back or are other folders now: sources must follow. */
	changed(): void;
}

export class RootChecks {
	readonly #watches: WatchSet;
	readonly #listener: RootListener;
	readonly #wake = new WakeDetector({ wall: () => Date.now(), monotonic: () => performance.now() });
	readonly #timer: NodeJS.Timeout;

	constructor(watches: WatchSet, listener: RootListener) {
		this.#watches = watches;
		this.#listener = listener;
		this.#timer = setInterval(() => {
			this.#check();
		}, CHECK_MS);
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	/** A root, or a folder above it, went away, came back or is another folder now. */
	changed(path: string): void {
		for (const runtime of this.#watches.all) {
			if (isInside(path, runtime.watch.root) && !runtime.paused) {
				enterByRoot(runtime);
				this.#watches.renewSources(runtime.watch.root);
			}
		}
		this.#listener.changed();
	}

	#check(): void {
		this.#listener.checking();
		if (this.#wake.hasWoken()) {
			this.#listener.woken();
		}
		let hasChanged = false;
		for (const runtime of this.#watches.all) {
			const { watch } = runtime;
			if (runtime.paused) {
				continue;
			}
			if (runtime.blocked || 'absent' in lookAtRoot(watch.root) || !this.#watches.isMounted(watch.root)) {
				if (enterByRoot(runtime)) {
					hasChanged = true;
					this.#watches.renewSources(watch.root);
				}
				continue;
			}
			this.#compareWhenDue(runtime);
		}
		if (hasChanged) {
			this.#listener.changed();
		}
	}

	#compareWhenDue(runtime: WatchRuntime): void {
		const { watch } = runtime;
		const now = performance.now();
		const isWhole = runtime.sourceProblem === undefined && !runtime.unreadable.has(watch.root);
		const every = isWhole ? watch.reconcileIntervalMs : watch.pollIntervalMs;
		if (every > 0 && runtime.reconciledAt > 0 && now - runtime.reconciledAt > every) {
			runtime.reconciledAt = now;
			this.#listener.scan(watch.root);
		}
	}
}
