import type { Disposable } from '../lifecycle/disposables.ts';

export interface PathCacheOptions<T> {
	/** One answer per path, in order; `null` for one that is not covered. */
	fetch(paths: string[]): Promise<readonly (T | null)[]>;
	/** How long questions are gathered. */
	delayMs: number;
	/** The most paths one `fetch` may name. */
	maxPaths: number;
	/** The most answers that are kept; the oldest go first. */
	maxEntries: number;
}

interface Question<T> {
	path: string;
	answers: ((answer: T | undefined) => void)[];
	/** The answer under way may be older than the latest change: give it, do not keep it. */
	stale: boolean;
}

/**
 * What the server says of the paths that VS Code shows. It asks path by path, hundreds at once when a folder opens: they
 * travel together, one request at a time, so that a slow server is not flooded.
 */
export class PathCache<T> implements Disposable {
	readonly #options: PathCacheOptions<T>;
	/** By key, oldest first. `null` is an answer too. */
	readonly #known = new Map<string, T | null>();
	readonly #open = new Map<string, Question<T>>();
	readonly #asked = new Map<string, Question<T>>();
	#timer: NodeJS.Timeout | undefined;
	#overflowed = false;

	constructor(options: PathCacheOptions<T>) {
		this.#options = options;
	}

	/** `key` is the path in its one spelling. Resolves with nothing when there is no answer now. */
	get(key: string, path: string): Promise<T | undefined> {
		const known = this.#known.get(key);
		if (known !== undefined) {
			return Promise.resolve(known ?? undefined);
		}
		return new Promise((resolve) => {
			const asked = this.#asked.get(key);
			const question = this.#open.get(key) ?? (asked?.stale === false ? asked : undefined);
			if (question) {
				question.answers.push(resolve);
				return;
			}
			this.#open.set(key, { path, answers: [resolve], stale: false });
			this.#timer ??= setTimeout(() => void this.#flush(), this.#options.delayMs);
		});
	}

	/** Forgets an answer. Says whether somebody may be showing it. */
	invalidate(key: string): boolean {
		const asked = this.#asked.get(key);
		if (asked) {
			asked.stale = true;
		}
		// What was dropped for space may still be on screen.
		return this.#known.delete(key) || asked !== undefined || this.#overflowed;
	}

	clear(): void {
		this.#known.clear();
		this.#overflowed = false;
		for (const question of this.#asked.values()) {
			question.stale = true;
		}
	}

	dispose(): void {
		clearTimeout(this.#timer);
		this.#known.clear();
		for (const { answers } of this.#open.values()) {
			answers.forEach((answer) => answer(undefined));
		}
		this.#open.clear();
	}

	async #flush(): Promise<void> {
		while (this.#open.size > 0) {
			for (const [key, question] of [...this.#open].slice(0, this.#options.maxPaths)) {
				this.#open.delete(key);
				this.#asked.set(key, question);
			}
			await this.#ask();
		}
		this.#timer = undefined;
	}

	async #ask(): Promise<void> {
		const batch = [...this.#asked];
		let answers: readonly (T | null)[] | undefined;
		try {
			answers = await this.#options.fetch(batch.map(([, { path }]) => path));
		} catch {
			// No server now: nothing is shown and nothing kept, and its return makes VS Code ask again.
		}
		for (const [index, [key, question]] of batch.entries()) {
			this.#asked.delete(key);
			const answer = answers?.[index];
			if (answer !== undefined && !question.stale) {
				this.#keep(key, answer);
			}
			question.answers.forEach((give) => give(answer ?? undefined));
		}
	}

	#keep(key: string, answer: T | null): void {
		this.#known.set(key, answer);
		if (this.#known.size > this.#options.maxEntries) {
			const oldest = this.#known.keys().next();
			if (!oldest.done) {
				this.#known.delete(oldest.value);
				this.#overflowed = true;
			}
		}
	}
}
