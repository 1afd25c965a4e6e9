/** Where a scan gets its listings from: this thread, or crawl workers. */
import type { Scopes } from '../watching/scope.ts';
import { type Listing, listFolders } from './listing.ts';
import type { FromCrawler } from './messages.ts';

/** Takes the listings of a request one after the other, and undefined behind the last one. */
export type Taker = (listing: Listing | undefined) => void;

export interface Request {
	/** Makes the next listing, if it can be made at once, and hands it over before it returns. */
	pull(): void;
}

export interface Lister {
	/**
	 * How many folders it takes now; 0 for none.
	 *
	 * @param requests how many of the scan's requests are not compared yet
	 * @param waiting how many folders wait
	 */
	capacity(requests: number, waiting: number): number;
	list(folders: readonly string[], take: Taker): Request;
}

/** A scan looks between two of them whether it has had enough. */
const FOLDERS_AT_ONCE = 16;

/** Lists in the scan's own thread, when asked to. */
export class LocalLister implements Lister {
	readonly #scopes: Scopes;

	constructor(scopes: Scopes) {
		this.#scopes = scopes;
	}

	capacity(requests: number): number {
		return requests === 0 ? FOLDERS_AT_ONCE : 0;
	}

	list(folders: readonly string[], take: Taker): Request {
		const listings = listFolders(folders, this.#scopes);
		return {
			pull: () => {
				const next = listings.next();
				take(next.done === true ? undefined : next.value);
			},
		};
	}
}

/** Requests to one worker that are not answered yet: it must find the next one when it has answered. */
const REQUESTS_EACH = 3;
/** Requests whose listings wait to be compared: memory is bounded, and a commit does not stop the workers. */
const MOST_REQUESTS = 32;
const FOLDERS_EACH = 64;

/** Crawl workers. The folders that a scan asks for come to them by way of the drain worker, which watches them first. */
export class CrawlerPool implements Lister {
	readonly #size: number;
	readonly #ask: (request: number, folders: string[]) => void;
	readonly #takers = new Map<number, Taker>();
	#serial = 0;

	/** @param size how many workers there are */
	constructor(size: number, ask: (request: number, folders: string[]) => void) {
		this.#size = size;
		this.#ask = ask;
	}

	/** Whether no request is under way. */
	get idle(): boolean {
		return this.#takers.size === 0;
	}

	capacity(requests: number, waiting: number): number {
		return requests < MOST_REQUESTS && this.#takers.size < this.#size * REQUESTS_EACH
			? Math.min(Math.ceil(waiting / this.#size), FOLDERS_EACH)
			: 0;
	}

	list(folders: readonly string[], take: Taker): Request {
		const request = ++this.#serial;
		this.#takers.set(request, take);
		this.#ask(request, [...folders]);
		return { pull: () => undefined };
	}

	/** A worker's answer. */
	receive({ request, listing }: FromCrawler): void {
		const take = this.#takers.get(request);
		if (listing === undefined) {
			this.#takers.delete(request);
		}
		take?.(listing);
	}
}
