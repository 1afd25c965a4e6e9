/** Work in slices of a few milliseconds, so that the kernel's queue is drained in between. */

/** Longest piece of work before the kernel's queue is looked at again. */
const SLICE_MS = 5;

export class SlicedWork {
	readonly #step: (until: number) => boolean;
	readonly #onIdle: () => void;
	#scheduled: NodeJS.Immediate | undefined;
	#waiters: (() => void)[] = [];
	#closed = false;

	/**
	 * @param step does a piece of work, until a moment of `performance.now()`; false when there was nothing to do
	 * @param onIdle called when there is nothing left
	 */
	constructor(step: (until: number) => boolean, onIdle: () => void) {
		this.#step = step;
		this.#onIdle = onIdle;
	}

	/** Whether there is work. */
	get busy(): boolean {
		return this.#scheduled !== undefined;
	}

	/** Says that there is work. */
	schedule(): void {
		if (!this.#closed) {
			this.#scheduled ??= setImmediate(() => {
				this.#scheduled = undefined;
				this.#work();
			});
		}
	}

	/** Resolves when there is nothing left to do, or with false when that takes too long. */
	async whenIdle(limitMs?: number): Promise<boolean> {
		if (this.#scheduled === undefined) {
			return true;
		}
		let timer: NodeJS.Timeout | undefined;
		const idle = new Promise<boolean>((resolve) => {
			this.#waiters.push(() => {
				resolve(true);
			});
			timer = limitMs === undefined ? undefined : setTimeout(resolve, limitMs, false);
		});
		const inTime = await idle;
		clearTimeout(timer);
		return inTime;
	}

	/** Idempotent. Who waits, waits no longer. */
	close(): void {
		this.#closed = true;
		clearImmediate(this.#scheduled);
		this.#scheduled = undefined;
		this.#tell();
	}

	#work(): void {
		const until = performance.now() + SLICE_MS;
		while (this.#step(until)) {
			if (performance.now() > until) {
				this.schedule();
				return;
			}
		}
		this.#onIdle();
		this.#tell();
	}

	#tell(): void {
		for (const done of this.#waiters.splice(0)) {
			done();
		}
	}
}
