import type { ImpactParams, ImpactResult, Invalidated } from '#shared/protocol.ts';

/** Rows that one request brings: few enough that none holds the window up, whatever the answer's size. */
export const PAGE_SIZE = 100;

export type AskImpact = (page: Omit<ImpactParams, 'path'>, signal: AbortSignal) => Promise<ImpactResult>;

/** One answer (to what the last burst affects, or what depends on a file), as far as it was asked for. */
export class ImpactList {
	readonly #ask: AskImpact;
	readonly #abort = new AbortController();
	/** By their place in the answer. */
	readonly #rows = new Map<number, Invalidated>();
	#first: Promise<ImpactResult> | undefined;
	#head: ImpactResult | undefined;

	constructor(ask: AskImpact) {
		this.#ask = ask;
	}

	/** Everything but the files, once that is known. */
	get known(): ImpactResult | undefined {
		return this.#head;
	}

	get cancelled(): boolean {
		return this.#abort.signal.aborted;
	}

	/** Nobody wants to know any more: requests under way are taken back, and fail. */
	cancel(): void {
		this.#abort.abort();
	}

	/** Everything but the files. Rejects as requests do. */
	head(): Promise<ImpactResult> {
		this.#first ??= this.#fetch(0, PAGE_SIZE).then((head) => {
			this.#head = head;
			return head;
		});
		return this.#first;
	}

	/**
	 * Files by their places in the answer.
	 *
	 * @returns undefined when the answer has become another one meanwhile
	 */
	async files(from: number, to: number): Promise<Invalidated[] | undefined> {
		const { version } = await this.head();
		for (let at = from; at < to; at++) {
			if (!this.#rows.has(at)) {
				const page = await this.#fetch(at, Math.min(to - at, PAGE_SIZE));
				if (page.version !== version || page.files.length === 0) {
					return undefined;
				}
			}
		}
		return Array.from({ length: Math.max(to - from, 0) }, (_, index) => this.#rows.get(from + index)!);
	}

	async #fetch(offset: number, limit: number): Promise<ImpactResult> {
		const page = await this.#ask({ offset, limit }, this.#abort.signal);
		this.#abort.signal.throwIfAborted();
		for (const [index, file] of page.files.entries()) {
			this.#rows.set(offset + index, file);
		}
		return page;
	}
}
