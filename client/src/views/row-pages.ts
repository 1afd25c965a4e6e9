import type { BurstSummary, WatchSummary } from '#shared/model.ts';

/** Rows that "Load more…" brings. */
export const PAGE_SIZE = 50;
/** VS Code's trees have no paging and slow down with their rows; what is older is in the log. */
export const MAX_PAGES = 4;

export interface LoadedRows<Row> {
	rows: Row[];
	/** What lies beyond: nothing, a further page, or more than the tree shows. */
	beyond: 'nothing' | 'page' | 'too-much';
}

/** Changes whenever the watch's log does: the lifetime counters never fall. */
export function logVersion(watch: WatchSummary): string {
	const { create, modify, metadata, move, remove } = watch.lifetime;
	return `${create + modify + metadata + move + remove}@${watch.lastChange ?? 0}`;
}

/** Changes whenever a burst has got another event. */
export function burstVersion({ events, end }: BurstSummary): string {
	return `${events}@${end}`;
}

/** The newest rows of a list, as far as they have been asked for. Asks again only when the list has changed. */
export class RowPages<Row> {
	readonly #fetch: (limit: number) => Promise<{ rows: Row[]; more: boolean }>;
	#pages = 1;
	#version = '';
	#loading: Promise<LoadedRows<Row>> | undefined;
	#latest: LoadedRows<Row> = { rows: [], beyond: 'nothing' };

	constructor(fetch: (limit: number) => Promise<{ rows: Row[]; more: boolean }>) {
		this.#fetch = fetch;
	}

	/** What was loaded last, without asking. */
	get latest(): LoadedRows<Row> {
		return this.#latest;
	}

	more(): void {
		if (this.#pages < MAX_PAGES) {
			this.#pages += 1;
			this.#loading = undefined;
		}
	}

	/** Without an answer (the server is being started again), what was loaded before. */
	load(version: string): Promise<LoadedRows<Row>> {
		if (this.#loading === undefined || version !== this.#version) {
			this.#version = version;
			const loading = this.#load(this.#pages);
			this.#loading = loading;
			return loading;
		}
		return this.#loading;
	}

	async #load(pages: number): Promise<LoadedRows<Row>> {
		try {
			const { rows, more } = await this.#fetch(pages * PAGE_SIZE);
			const beyond = !more ? 'nothing' : pages < MAX_PAGES ? 'page' : 'too-much';
			this.#latest = { rows, beyond };
		} catch {
			// The status that follows the next start has another version or, if not, the same rows.
			this.#loading = undefined;
		}
		return this.#latest;
	}
}
