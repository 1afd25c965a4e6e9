/** How far the updates are and how long they took: counts, histograms of bounded size, and an estimate from the rate of late. */
import type { GraphStatus, Percentiles } from '#shared/protocol.ts';

/** Each bucket of a histogram reaches 5 % further than the one before; the first one ends at 10 µs, the last one after days. */
const GROWTH = Math.log(1.05);
const FIRST_MS = 0.01;
const BUCKETS = 500;

/** Durations, as counts of buckets. */
export class Histogram {
	readonly #buckets = new Uint32Array(BUCKETS);
	#count = 0;

	add(ms: number): void {
		const bucket = Math.ceil(Math.log(Math.max(ms, FIRST_MS) / FIRST_MS) / GROWTH);
		this.#buckets[Math.min(bucket, BUCKETS - 1)]! += 1;
		this.#count++;
	}

	/** Buckets that are not empty, with their counts. */
	get counts(): [bucket: number, count: number][] {
		return Array.from(this.#buckets.entries()).filter(([, count]) => count > 0);
	}

	/** Adds what another one has counted. */
	addCounts(counts: readonly [bucket: number, count: number][]): void {
		for (const [bucket, count] of counts) {
			this.#buckets[bucket]! += count;
			this.#count += count;
		}
	}

	get percentiles(): Percentiles {
		return { p50: this.#at(0.5), p95: this.#at(0.95), p99: this.#at(0.99) };
	}

	/** Milliseconds that a share of all durations did not exceed. */
	#at(share: number): number {
		let left = Math.ceil(this.#count * share);
		const bucket = this.#buckets.findIndex((count) => (left -= count) <= 0);
		return this.#count === 0 ? 0 : Number((FIRST_MS * Math.exp(bucket * GROWTH)).toPrecision(3));
	}
}

/** What was measured, for whoever goes on when the process ends that did it. */
export interface Measured {
	done: number;
	processing: [bucket: number, count: number][];
	propagation: [bucket: number, count: number][];
}

/** What the rate is taken from. */
const WINDOW_MS = 5000;

/** The files that were there already, as they are read. */
interface Indexing {
	done: number;
	total: number;
	/** Where it was at the beginning of the window before this one, and of this one. */
	marks: { at: number; done: number }[];
}

export class ProgressTracker {
	readonly #now: () => number;
	readonly #processing = new Histogram();
	readonly #propagation = new Histogram();
	#done = 0;
	#indexing: Indexing | undefined;

	/** @param now milliseconds of a clock that does not jump */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** A file was read in so many milliseconds. */
	processed(ms: number): void {
		this.#processing.add(ms);
	}

	/** What a change affects was committed and told so many milliseconds after it was recorded. */
	propagated(ms: number): void {
		this.#done++;
		this.#propagation.add(ms);
	}

	get measured(): Measured {
		return { done: this.#done, processing: this.#processing.counts, propagation: this.#propagation.counts };
	}

	/** Goes on with what was measured before. */
	resume({ done, processing, propagation }: Measured): void {
		this.#done += done;
		this.#processing.addCounts(processing);
		this.#propagation.addCounts(propagation);
	}

	/** A first indexing is under way. */
	indexed(done: number, total: number): void {
		const at = this.#now();
		const marks = this.#indexing?.marks ?? [{ at, done }];
		if (at - marks.at(-1)!.at > WINDOW_MS) {
			marks.push({ at, done });
		}
		this.#indexing = { done, total: Math.max(done, total), marks: marks.slice(-2) };
	}

	indexingEnded(): void {
		this.#indexing = undefined;
	}

	get status(): Pick<GraphStatus, 'indexing' | 'updates'> {
		return {
			...(this.#indexing === undefined ? {} : { indexing: this.#estimate(this.#indexing) }),
			updates: {
				done: this.#done,
				processing: this.#processing.percentiles,
				propagation: this.#propagation.percentiles,
			},
		};
	}

	#estimate({ done, total, marks: [from] }: Indexing): NonNullable<GraphStatus['indexing']> {
		const rate = from === undefined ? 0 : (done - from.done) / (this.#now() - from.at);
		return { done, total, ...(rate > 0 ? { msLeft: Math.round((total - done) / rate) } : {}) };
	}
}
