/** The time until everything has been compared once, when crawl workers list folders; afterwards scans list by themselves. */
import { isShortage } from '../watching/limits.ts';
import type { ToDrain } from '../watching/messages.ts';
import type { Scopes } from '../watching/scope.ts';
import type { Watch } from '../watching/watch.ts';
import { CrawlerPool, type Lister, LocalLister } from './lister.ts';
import type { FromCrawler } from './messages.ts';
import type { Scan } from './scan.ts';

export class FirstCrawl {
	readonly #toDrain: (message: ToDrain) => void;
	#crawlers: CrawlerPool | undefined;
	/** Roots in which crawl workers could not list everything. */
	readonly #unnamed = new Set<string>();

	/** @param crawlers how many crawl workers there are */
	constructor(crawlers: number, toDrain: (message: ToDrain) => void) {
		this.#toDrain = toDrain;
		this.#crawlers = new CrawlerPool(crawlers, (request, folders) => {
			toDrain({ type: 'crawl', request, folders });
		});
	}

	get hasEnded(): boolean {
		return this.#crawlers === undefined;
	}

	/** Whether the crawl workers have nothing to list. */
	get idle(): boolean {
		return this.#crawlers?.idle === true;
	}

	/** Who lists folders now. */
	lister(scopes: Scopes): Lister {
		return this.#crawlers ?? new LocalLister(scopes);
	}

	/** Takes what a crawl worker has listed. */
	listed(message: FromCrawler): void {
		if (message.listing?.workTrees !== undefined) {
			this.#toDrain({ type: 'workTrees', folders: message.listing.workTrees });
		}
		this.#crawlers?.receive(message);
	}

	/** Crawl workers read all ignore files anew. */
	useWatches(watches: readonly Watch[], storage: string): void {
		if (this.#crawlers !== undefined) {
			this.#toDrain({ type: 'scopes', watches: [...watches], storage });
		}
	}

	/** @param roots of the watches that a scan was for */
	noteUnreadable(scan: Scan, roots: readonly string[]): void {
		if (this.#crawlers !== undefined && scan.unreadable.some(({ error }) => isShortage(error))) {
			for (const root of roots) {
				this.#unnamed.add(root);
			}
		}
	}

	/**
	 * Everything has been compared once.
	 *
	 * @returns roots with folders that could not be listed for want of descriptors, and so were not named to their sources
	 */
	end(): string[] {
		this.#crawlers = undefined;
		this.#toDrain({ type: 'endCrawl' });
		const roots = [...this.#unnamed];
		this.#unnamed.clear();
		return roots;
	}
}
