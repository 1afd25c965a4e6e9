/**
 * Which files were read of late, by what they ask for. A file that is removed and made again within a moment is told as one that was
 * modified; who was read in that moment has not found it, and no record says that it was away.
 */
import { placesOf } from './lookups.ts';

/** No file is away for longer before that is told as what it is. */
const LONGEST_MS = 60_000;
/**
 * Longer than a disappearance is held where files are not polled, and waits in a queue. What another process has read before need not be
 * known; not to know it costs a look at everybody who may ask.
 */
const HELD_MS = 15_000;
/** Rows; some 10 MB. */
const MOST = 100_000;

export class RecentReads {
	/** Place → who has looked there → when, in Unix milliseconds. */
	readonly #askers = new Map<string, Map<string, number>>();
	#rows = 0;
	#sweptAt = 0;
	/** Until then, who was read is not known. */
	#unknownUntil: number;

	/** @param before when another process has stored what was read last, in Unix milliseconds; undefined when none has */
	constructor(before: number | undefined) {
		this.#unknownUntil = before === undefined ? 0 : before + HELD_MS;
	}

	/** @param sought see `soughtPlaces` in lookups.ts */
	add(path: string, sought: readonly string[], now: number): void {
		this.#sweep(now);
		for (const place of sought) {
			const askers = this.#askers.get(place) ?? new Map<string, number>();
			this.#askers.set(place, askers);
			this.#rows += askers.has(path) ? 0 : 1;
			askers.set(path, now);
		}
		if (this.#rows > MOST) {
			this.#askers.clear();
			this.#rows = 0;
			this.#unknownUntil = now + LONGEST_MS;
		}
	}

	/** Who has looked of late where this file may be sought; undefined when that is not known. */
	askersOf(path: string, now: number): Set<string> | undefined {
		if (now < this.#unknownUntil) {
			return undefined;
		}
		return new Set(placesOf(path).flatMap((place) => [...(this.#askers.get(place)?.keys() ?? [])]));
	}

	#sweep(now: number): void {
		if (now - this.#sweptAt < LONGEST_MS) {
			return;
		}
		this.#sweptAt = now;
		for (const [place, askers] of this.#askers) {
			for (const [path, at] of askers) {
				if (now - at >= LONGEST_MS) {
					askers.delete(path);
					this.#rows--;
				}
			}
			if (askers.size === 0) {
				this.#askers.delete(place);
			}
		}
	}
}
