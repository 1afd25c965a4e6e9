/**
 * Debounce per path, as a pure state machine (the clock is the caller's): the first hint of a path goes out at once,
 * further ones within the window are gathered, and the last state is always reported at the window's end. Under constant
 * hints a path is reported at least every `maxWaitMs`.
 */
export interface DebounceOptions {
	windowMs: number;
	maxWaitMs: number;
	/** Whether the first hint goes out at once; `settled` watches wait for the window to pass quietly instead. */
	leading: boolean;
}

interface Window {
	/** When the window ends. */
	until: number;
	/** Latest moment for a report, while hints keep coming. */
	deadline: number;
	/** Whether something came since the last report. */
	dirty: boolean;
}

export class Debouncer {
	readonly #options: DebounceOptions;
	readonly #windows = new Map<string, Window>();

	constructor(options: DebounceOptions) {
		this.#options = options;
	}

	/** Paths with an open window. */
	get size(): number {
		return this.#windows.size;
	}

	/** Takes a hint. True when it should be reported now. */
	hint(path: string, now: number): boolean {
		const { windowMs, maxWaitMs, leading } = this.#options;
		const open = this.#windows.get(path);
		if (open === undefined) {
			this.#windows.set(path, { until: now + windowMs, deadline: now + maxWaitMs, dirty: !leading });
			return leading;
		}
		if (!open.dirty) {
			open.dirty = true;
			open.deadline = now + maxWaitMs;
		}
		open.until = Math.min(now + windowMs, open.deadline);
		return false;
	}

	/** Reports the paths whose window has ended. */
	due(now: number): string[] {
		const reported: string[] = [];
		for (const [path, open] of this.#windows) {
			if (open.until > now) {
				continue;
			}
			if (open.dirty) {
				reported.push(path);
				open.dirty = false;
				open.until = now + this.#options.windowMs;
			} else {
				this.#windows.delete(path);
			}
		}
		return reported;
	}

	/** Ends all windows and reports what they gathered. */
	flush(): string[] {
		const reported = [...this.#windows].filter(([, open]) => open.dirty).map(([path]) => path);
		this.#windows.clear();
		return reported;
	}

	/** When {@link due} next has something to do; undefined when no window is open. */
	nextDue(): number | undefined {
		let next: number | undefined;
		for (const { until } of this.#windows.values()) {
			if (next === undefined || until < next) {
				next = until;
			}
		}
		return next;
	}
}
