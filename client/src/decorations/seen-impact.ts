/** A set of more is kept as far as it goes: what falls out is marked once more, no harm. */
const MOST_KEPT = 500;

/** What is kept of it while the window is closed. */
export interface StoredSeen {
	burst: string;
	all: boolean;
	keys: string[];
}

/** Which of the files that a burst affects have been opened since: they are marked no more. */
export class SeenImpact {
	readonly #store: (seen: StoredSeen) => void;
	#burst: string;
	#all: boolean;
	readonly #keys: Set<string>;

	/** @param stored what the window before had */
	constructor(stored: StoredSeen | undefined, store: (seen: StoredSeen) => void) {
		this.#store = store;
		this.#burst = stored?.burst ?? '';
		this.#all = stored?.all ?? false;
		this.#keys = new Set(stored?.keys);
	}

	/** This is the last burst: of another one nothing has been seen. */
	begin(burst: string): void {
		if (burst !== this.#burst) {
			this.#burst = burst;
			this.#all = false;
			this.#keys.clear();
		}
	}

	has(key: string): boolean {
		return this.#all || this.#keys.has(key);
	}

	see(key: string): void {
		this.#keys.add(key);
		this.#keep();
	}

	seeAll(): void {
		this.#all = true;
		this.#keep();
	}

	#keep(): void {
		this.#store({ burst: this.#burst, all: this.#all, keys: [...this.#keys].slice(-MOST_KEPT) });
	}
}
