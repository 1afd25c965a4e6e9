/**
 * What came, went or was configured of late. A file that was being read meanwhile may have asked for it and found what is so no
 * longer: it is stored only now, so nobody who looked for those that ask could find it.
 */
import { isInside } from '../platform/paths.ts';
import { requestedStems, stemsOf } from './lookups.ts';
import type { FileEntry } from './store.ts';

/** Beyond so many, anything may have come or gone. */
const MOST = 10_000;

interface Move {
	serial: number;
	/** Of a file, or of the folder that was configured anew. */
	path: string;
	/**
	 * - `moved`: a file came or went
	 * - `away`: it is there, and was perhaps not for a moment
	 * - `configured`: what requests in a folder lead to is decided in another way
	 */
	what: 'moved' | 'away' | 'configured';
}

export class RecentMoves {
	#moves: Move[] = [];
	/** Moves up to this one are not known any more. */
	#forgotten = 0;
	/** Grows with each move. */
	serial = 0;

	/** A file came or went. */
	add(path: string): void {
		this.#push({ serial: ++this.serial, path, what: 'moved' });
	}

	/** A file may not have been there for a moment: that concerns who has not found it. */
	away(path: string): void {
		this.#push({ serial: ++this.serial, path, what: 'away' });
	}

	/** What requests in a folder lead to is decided in another way. */
	configure(folder: string): void {
		this.#push({ serial: ++this.serial, path: folder, what: 'configured' });
	}

	/**
	 * Whether a file that was read since then may have found what is so no longer.
	 *
	 * @param read what was made of it; only asked for when anything has moved
	 */
	concern(path: string, since: number, read: () => FileEntry): boolean {
		if (since === this.serial) {
			return false;
		}
		if (since < this.#forgotten) {
			return true;
		}
		const entry = read();
		const asked = new Set(requestedStems(entry));
		const found = new Set(entry.resolved);
		return this.#moves.some(({ serial, path: moved, what }) => {
			if (serial <= since) {
				return false;
			}
			if (what === 'configured') {
				return isInside(moved, path);
			}
			return found.has(moved) ? what === 'moved' : stemsOf(moved).some((stem) => asked.has(stem));
		});
	}

	/** Nobody reads since before then. */
	forget(serial: number): void {
		if (this.#moves[0] !== undefined && this.#moves[0].serial <= serial) {
			this.#moves = this.#moves.filter((move) => move.serial > serial);
		}
	}

	#push(move: Move): void {
		if (this.#moves.length === MOST) {
			this.#moves = [];
			this.#forgotten = move.serial;
		} else {
			this.#moves.push(move);
		}
	}
}
