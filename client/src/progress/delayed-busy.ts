import type { Disposable } from '../lifecycle/disposables.ts';

/** Something on screen that lasts while work does. */
export interface Indicator {
	begin(): void;
	end(): void;
}

/**
 * Shows work that lasts: an indicator that flashes for every saved file would be noise. Its end is shown at once, and
 * an indicator that began always ends.
 */
export class DelayedBusy implements Disposable {
	readonly #delayMs: number;
	readonly #indicator: Indicator;
	#timer: NodeJS.Timeout | undefined;
	#shown = false;

	constructor(delayMs: number, indicator: Indicator) {
		this.#delayMs = delayMs;
		this.#indicator = indicator;
	}

	set(busy: boolean): void {
		if (!busy) {
			this.dispose();
		} else if (!this.#shown) {
			this.#timer ??= setTimeout(() => {
				this.#timer = undefined;
				this.#shown = true;
				this.#indicator.begin();
			}, this.#delayMs);
		}
	}

	dispose(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		if (this.#shown) {
			this.#shown = false;
			this.#indicator.end();
		}
	}
}
