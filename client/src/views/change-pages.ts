import type { LoggedChange, WatchSummary } from '#shared/model.ts';
import type { RecentChangesResult } from '#shared/protocol.ts';

/** Rows that "Load more…" brings. */
export const PAGE_SIZE = 50;
/** VS Code's trees have no paging and slow down with their rows; what is older is in the log. */
export const MAX_PAGES = 4;

export interface LoadedChanges {
	changes: LoggedChange[];
	/** What lies beyond: nothing, a further page, or more than the tree shows. */
	beyond: 'nothing' | 'page' | 'too-much';
}

/** Changes whenever the watch's log does: the lifetime counters never fall. */
export function logVersion(watch: WatchSummary): string {
	const { create, modify, metadata, move, remove } = watch.lifetime;
	return `${create + modify + metadata + move + remove}@${watch.lastChange ?? 0}`;
}

/** The newest changes of one watch, as far as they have been asked for. Asks again only when the log has grown. */
export class ChangePages {
	readonly #fetch: (limit: number) => Promise<RecentChangesResult>;
	#pages = 1;
	#version = '';
	#loading: Promise<LoadedChanges> | undefined;
	#latest: LoadedChanges = { changes: [], beyond: 'nothing' };

	constructor(fetch: (limit: number) => Promise<RecentChangesResult>) {
		this.#fetch = fetch;
	}

	/** What was loaded last, without asking. */
	get latest(): LoadedChanges {
		return this.#latest;
	}

	more(): void {
		if (this.#pages < MAX_PAGES) {
			this.#pages += 1;
			this.#loading = undefined;
		}
	}

	/** Without an answer (the server is being started again), what was loaded before. */
	load(version: string): Promise<LoadedChanges> {
		if (this.#loading === undefined || version !== this.#version) {
			this.#version = version;
			const loading = this.#load(this.#pages);
			this.#loading = loading;
			return loading;
		}
		return this.#loading;
	}

	async #load(pages: number): Promise<LoadedChanges> {
		try {
			const { changes, more } = await this.#fetch(pages * PAGE_SIZE);
			const beyond = !more ? 'nothing' : pages < MAX_PAGES ? 'page' : 'too-much';
			this.#latest = { changes, beyond };
		} catch {
			// The status that follows the next start has another version or, if not, the same rows.
			this.#loading = undefined;
		}
		return this.#latest;
	}
}
