import type { Disposable } from './disposables.ts';

/**
 * Gathers keys and hands them over together: the first at once, later ones at most once per interval, the last always.
 * Views refresh through it, so that a storm of changes costs VS Code a few refreshes a second.
 */
export class Coalescer<K> implements Disposable {
	readonly #intervalMs: number;
	readonly #deliver: (keys: ReadonlySet<K>) => void;
	#keys = new Set<K>();
	#timer: NodeJS.Timeout | undefined;

	constructor(intervalMs: number, deliver: (keys: ReadonlySet<K>) => void) {
		this.#intervalMs = intervalMs;
		this.#deliver = deliver;
	}

	add(key: K): void {
		this.#keys.add(key);
		if (this.#timer === undefined) {
			this.#flush();
		}
	}

	/** Forgets what has not been delivered. Says whether there was anything. */
	clear(): boolean {
		const waiting = this.#keys.size > 0;
		this.#keys.clear();
		return waiting;
	}

	dispose(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#keys.clear();
	}

	#flush(): void {
		if (this.#keys.size === 0) {
			this.#timer = undefined;
			return;
		}
		const keys = this.#keys;
		this.#keys = new Set();
		this.#timer = setTimeout(() => this.#flush(), this.#intervalMs);
		this.#deliver(keys);
	}
}
