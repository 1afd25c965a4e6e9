/** Where a scan gets its listings from: this thread, or crawl workers. */
import type { Scopes } from '../watching/scope.ts';
import { type Listing, listFolders } from './listing.ts';

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
