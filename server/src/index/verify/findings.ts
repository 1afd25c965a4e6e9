/** What a verification has found: differences between the tables, and what would mend each. */
import type { IndexDifference } from '#shared/model.ts';

/** A stored value that cannot be read: its checksum does not fit, or it is no value of its table. */
export const DAMAGED = 'damaged';

/** More differences than these are counted and mended, but not told one by one. */
const MOST_TOLD = 10_000;

/** What a difference is about; what is left out concerns only whoever asks for the whole index. */
export interface About {
	/** A node, by its slot in the tree. */
	slot?: number;
	/** An absolute path. */
	path?: string | undefined;
	/** Ids of watches. */
	watches?: readonly string[];
}

interface Finding {
	/** Undefined for those beyond {@link MOST_TOLD}. */
	difference: IndexDifference | undefined;
	about: About;
	mend: (() => void) | undefined;
}

export class Findings {
	/** Rows that were read and compared. */
	checked = 0;
	/** Folders that are to be compared with the disk, because something in them was put back from what is known. */
	readonly rescan = new Set<string>();
	readonly #keepsMends: boolean;
	readonly #all: Finding[] = [];
	#dropped = 0;

	/** @param keepsMends whether {@link mend} will be called */
	constructor(keepsMends: boolean) {
		this.#keepsMends = keepsMends;
	}

	/** @param mend brings the table into line; called within a write transaction, after everything has been read */
	add(difference: IndexDifference, about: About, mend: () => void): void {
		const told = this.#all.length < MOST_TOLD;
		if (told || this.#keepsMends) {
			this.#all.push({
				difference: told ? difference : undefined,
				about,
				mend: this.#keepsMends ? mend : undefined,
			});
		} else {
			this.#dropped++;
		}
	}

	/** Leaves only what is about the part that was asked for. */
	select(concerns: (about: About) => boolean): Selected {
		const chosen = this.#all.filter(({ about }) => concerns(about));
		return {
			differences: chosen.flatMap(({ difference }) => difference ?? []),
			found: chosen.length + this.#dropped,
			mend: () => {
				for (const { mend } of chosen) {
					mend?.();
				}
			},
		};
	}
}

export interface Selected {
	differences: IndexDifference[];
	/** How many there are, also those that are not told one by one. */
	found: number;
	mend(): void;
}
