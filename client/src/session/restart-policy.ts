/** What to do after the server ended although nobody asked it to. */
export type Verdict = { restart: true; delayMs: number } | { restart: false; crashes: number };

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** A server that has lived this long was healthy: its end is a first one. */
const HEALTHY_LIFE_MS = 60_000;
const MAX_CRASHES = 5;
const CRASH_WINDOW_MS = 3 * 60_000;

/**
 * Backoff that doubles from 0.5 s to 30 s, and an end to it: the fifth crash within three minutes. A server that dies
 * at once, for example because its binary does not fit the machine, must not be started for ever.
 */
export class RestartPolicy {
	readonly #now: () => number;
	#startedAt = 0;
	#crashes: number[] = [];
	#nextDelayMs = FIRST_DELAY_MS;

	constructor(now: () => number) {
		this.#now = now;
	}

	started(): void {
		this.#startedAt = this.#now();
	}

	ended(): Verdict {
		const now = this.#now();
		if (now - this.#startedAt >= HEALTHY_LIFE_MS) {
			this.reset();
		}
		this.#crashes = [...this.#crashes.filter((time) => now - time < CRASH_WINDOW_MS), now];
		if (this.#crashes.length >= MAX_CRASHES) {
			return { restart: false, crashes: this.#crashes.length };
		}
		const delayMs = this.#nextDelayMs;
		this.#nextDelayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
		return { restart: true, delayMs };
	}

	/** The user asked for a restart: they may have repaired something. */
	reset(): void {
		this.#crashes = [];
		this.#nextDelayMs = FIRST_DELAY_MS;
	}
}
