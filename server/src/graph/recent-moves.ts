/**
 * What came, went or was configured of late. A file that was being read meanwhile may have asked for it and found what is so no
 * longer: it is stored only now, so nobody who looked for those that ask could find it.
 */
import { isInside } from '../platform/paths.ts';
import { placesOf, requestedStems, stemsOf } from './lookups.ts';
import type { FileEntry } from './store.ts';

/** Beyond so many, anything may have come or gone. */
const MOST = 10_000;

/** A file that was read. */
interface Asker {
	path: string;
	/** `serial` when reading it began. */
	since: number;
	/** See `soughtPlaces` in lookups.ts. */
	sought: readonly string[];
}

export class RecentMoves {
	/** Files that came or went, and what they may be asked for by → the last time, as a serial. */
	readonly #moved = new Map<string, number>();
	readonly #stems = new Map<string, number>();
	/** Where a file may be sought → files that are there, and were perhaps not for a moment → the last time. */
	readonly #away = new Map<string, Map<string, number>>();
	/** Folders in which what requests lead to is decided in another way → the last time. */
	readonly #configured = new Map<string, number>();
	#count = 0;
	/** Moves up to this one are not known any more. */
	#forgotten = 0;
	/** Grows with each move. */
	serial = 0;

	/** A file came or went. */
	add(path: string): void {
		const serial = this.#next();
		this.#moved.set(path, serial);
		for (const stem of stemsOf(path)) {
			this.#stems.set(stem, serial);
		}
	}

	/** A file may not have been there for a moment: that concerns who has not found it. */
	away(path: string): void {
		const serial = this.#next();
		for (const place of placesOf(path)) {
			const files = this.#away.get(place) ?? new Map<string, number>();
			this.#away.set(place, files.set(path, serial));
		}
	}

	/** What requests in a folder lead to is decided in another way. */
	configure(folder: string): void {
		this.#configured.set(folder, this.#next());
	}

	/**
	 * Whether a file that was read may have found what is so no longer. Takes as long as it has requests, however much has moved.
	 *
	 * @param read what was made of it; only asked for when anything has moved
	 */
	concern({ path, since, sought }: Asker, read: () => FileEntry): boolean {
		if (since === this.serial) {
			return false;
		}
		if (since < this.#forgotten) {
			return true;
		}
		const isSince = (serial: number | undefined) => serial !== undefined && serial > since;
		if (Array.from(this.#configured).some(([folder, serial]) => isSince(serial) && isInside(folder, path))) {
			return true;
		}
		const away = sought
			.flatMap((place) => [...(this.#away.get(place) ?? [])])
			.filter(([, serial]) => isSince(serial));
		if (away.length === 0 && this.#moved.size === 0) {
			return false;
		}
		const entry = read();
		return (
			entry.resolved.some((found) => isSince(this.#moved.get(found))) ||
			requestedStems(entry).some((stem) => isSince(this.#stems.get(stem))) ||
			away.some(([missed]) => !entry.resolved.includes(missed))
		);
	}

	/** Nobody reads since before then. */
	forget(serial: number): void {
		if (serial >= this.serial) {
			this.#clear();
		}
	}

	#next(): number {
		if (this.#count === MOST) {
			this.#clear();
			this.#forgotten = this.serial;
		}
		this.#count++;
		return ++this.serial;
	}

	#clear(): void {
		this.#moved.clear();
		this.#stems.clear();
		this.#away.clear();
		this.#configured.clear();
		this.#count = 0;
	}
}
