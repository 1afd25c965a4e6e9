/**
 * What a native source does about folders for which there is no kernel watch: polls them, tries again, and says so, once.
 */
import type { FolderNode, FolderTree } from './folder-tree.ts';
import type { FolderWatches } from './folder-watches.ts';
import { describeShortage, limitFacts } from './limits.ts';
import type { SourceListener } from './source.ts';

/** More subtrees than this are polled as the whole root. */
const MAX_SUBTREES = 500;

export class Shortfall {
	readonly #tree: FolderTree;
	readonly #watches: FolderWatches;
	readonly #pollIntervalMs: number;
	readonly #listener: SourceListener;
	readonly #enter: (node: FolderNode) => void;
	#timer: NodeJS.Timeout | undefined;
	/** How many folders needed a watch when the user was told. */
	#told: number | undefined;

	/** @param enter tries to watch a folder and what is beneath, then hints it */
	constructor(
		tree: FolderTree,
		watches: FolderWatches,
		pollIntervalMs: number,
		listener: SourceListener,
		enter: (node: FolderNode) => void,
	) {
		this.#tree = tree;
		this.#watches = watches;
		this.#pollIntervalMs = pollIntervalMs;
		this.#listener = listener;
		this.#enter = enter;
	}

	/**
	 * Says what is missing, or that nothing is any more. Called when the crawl has nothing left to do.
	 *
	 * @param counting while folders are still being named: nobody shows the sentence before that is through
	 */
	tell(counting = false): void {
		const tops = this.#paths();
		const { shortage } = this.#watches;
		if (tops.length === 0 || shortage === undefined) {
			if (this.#told !== undefined) {
				this.#told = undefined;
				clearInterval(this.#timer);
				this.#timer = undefined;
				this.#listener.limited(undefined);
			}
			return;
		}
		this.#timer ??= setInterval(() => {
			this.#poll();
		}, this.#pollIntervalMs);
		const needed = this.#tree.size;
		// The same sentence as long as its advice is right: each new one is a new notification.
		if (this.#told === undefined || needed > this.#told * (counting ? 1 : 1.25)) {
			this.#told = needed;
			const message = describeShortage(
				{
					code: shortage,
					needed,
					had: this.#watches.used,
					first: tops[0]!,
					pollIntervalMs: this.#pollIntervalMs,
				},
				limitFacts(),
			);
			this.#listener.limited({ message, paths: tops });
		}
	}

	/** Hints all that no watch reports, for who wants to know now. */
	hintAll(): void {
		for (const path of this.#paths()) {
			this.#listener.tree(path);
		}
	}

	close(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#poll(): void {
		const tops = this.#watches.outermostWaiting();
		for (const path of this.#paths()) {
			this.#listener.poll(path);
		}
		const first = tops.find((node) => this.#tree.pathOf(node) !== undefined);
		if (first !== undefined && this.#watches.tryAgain(first, this.#tree.pathOf(first)!)) {
			for (const node of tops) {
				this.#enter(node);
			}
		}
	}

	#paths(): string[] {
		const paths = this.#watches.outermostWaiting().flatMap((node) => this.#tree.pathOf(node) ?? []);
		return paths.length > MAX_SUBTREES ? [this.#tree.pathOf(this.#tree.root)!] : paths;
	}
}
