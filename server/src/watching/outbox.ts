/** Hints on their way to the writer, gathered for a moment so that a burst is few messages. */
import type { FromDrain } from './messages.ts';

/** How long hints are gathered in a burst: below what a person or the debounce would notice. */
const BATCH_MS = 2;

export class Outbox {
	readonly #post: (message: FromDrain) => void;
	#entries = new Set<string>();
	#trees = new Set<string>();
	#polls = new Set<string>();
	#scheduled = false;
	#timer: NodeJS.Timeout | undefined;
	#sentAt = 0;

	constructor(post: (message: FromDrain) => void) {
		this.#post = post;
	}

	entry(path: string): void {
		this.#entries.add(path);
		this.#schedule();
	}

	tree(path: string): void {
		this.#trees.add(path);
		this.#schedule();
	}

	poll(path: string): void {
		this.#polls.add(path);
		this.#schedule();
	}

	/** Sends what was gathered. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#scheduled = false;
		if (this.#entries.size + this.#trees.size + this.#polls.size > 0) {
			this.#sentAt = performance.now();
			const [entries, trees, polls] = [[...this.#entries], [...this.#trees], [...this.#polls]];
			this.#post({ type: 'hints', entries, trees, polls });
			this.#entries = new Set();
			this.#trees = new Set();
			this.#polls = new Set();
		}
	}

	#schedule(): void {
		if (this.#scheduled) {
			return;
		}
		this.#scheduled = true;
		const send = () => {
			if (this.#scheduled) {
				this.flush();
			}
		};
		if (performance.now() - this.#sentAt > BATCH_MS) {
			// The first one goes with its turn. The turn after that: a source that found a new folder has watched it by then,
			// and its hint of the whole folder goes along, so that reconcile looks into it once.
			setImmediate(() => setImmediate(send));
		} else {
			this.#timer = setTimeout(send, BATCH_MS);
		}
	}
}
