/** The uses in a file by what they use, so that those of one thing are found at once, however many there are. */
import type { Request } from './facts.ts';
import { IN_INTERFACE, type Layout, PART, TARGET_SHIFT, TO_MODULE, TO_PART } from './layout.ts';
import type { FileView } from './view.ts';

/** A part that uses something. */
export interface PartUse {
	view: FileView;
	/** Its index. */
	part: number;
	/** As what it uses it; see `Meaning`. */
	meaning: number;
	/** Whether its own interface is made of that. */
	inInterface: boolean;
	/** How it asks for the module that it uses an export of, and the export's name; undefined where it uses none. */
	of: { request: Request['kind']; name: string } | undefined;
}

export class GroupedUses {
	readonly #view: FileView;
	readonly #layout: Layout;
	/** Where the uses of each part begin, and those of the last one end. */
	readonly #parts: Int32Array;
	/** The same of each group of `#uses`: those of a part, of what a request leads to, and of names of the program. */
	readonly #groups: Int32Array;
	/** Indexes of uses. */
	readonly #uses: Int32Array;
	readonly #made: PartUse[] = [];

	constructor(view: FileView, layout: Layout) {
		this.#view = view;
		this.#layout = layout;
		this.#parts = layout.ends(PART.uses);
		const { counts } = layout;
		this.#groups = new Int32Array(counts.parts + counts.requests + 2);
		for (let use = 0; use < counts.uses; use++) {
			this.#groups[this.#groupOf(use) + 1]!++;
		}
		for (let group = 1; group < this.#groups.length; group++) {
			this.#groups[group]! += this.#groups[group - 1]!;
		}
		const next = this.#groups.slice();
		this.#uses = new Int32Array(counts.uses);
		for (let use = 0; use < counts.uses; use++) {
			this.#uses[next[this.#groupOf(use)]!++] = use;
		}
	}

	ofPart(part: number): PartUse[] {
		return this.#in(part, undefined);
	}

	/** @param names the names that are meant, as numbers; undefined for all */
	ofRequest(request: number, names: readonly number[] | undefined): PartUse[] {
		return this.#in(this.#layout.counts.parts + request, names);
	}

	/** @param name a name of the program, as its number */
	ofGlobal(name: number): PartUse[] {
		return this.#in(this.#layout.counts.parts + this.#layout.counts.requests, [name]);
	}

	#groupOf(use: number): number {
		const { counts } = this.#layout;
		const kind = this.#layout.at('uses', use) >> TARGET_SHIFT;
		const first = this.#layout.at('uses', use, 1);
		return kind === TO_PART ? first : counts.parts + (kind === TO_MODULE ? first : counts.requests);
	}

	#in(group: number, names: readonly number[] | undefined): PartUse[] {
		const found: PartUse[] = [];
		for (let i = this.#groups[group]!; i < this.#groups[group + 1]!; i++) {
			const use = this.#uses[i]!;
			if (names?.includes(this.#layout.at('uses', use, 2)) !== false) {
				found.push((this.#made[use] ??= this.#make(use)));
			}
		}
		return found;
	}

	#make(use: number): PartUse {
		const bits = this.#layout.at('uses', use);
		const isOfModule = bits >> TARGET_SHIFT === TO_MODULE;
		const request = isOfModule ? this.#layout.requestKind(this.#layout.at('uses', use, 1)) : undefined;
		return {
			view: this.#view,
			part: this.#partOf(use),
			meaning: bits & 3,
			inInterface: (bits & IN_INTERFACE) !== 0,
			of: request && { request, name: this.#layout.name('uses', use, 2) },
		};
	}

	#partOf(use: number): number {
		let low = 0;
		let high = this.#layout.counts.parts - 1;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.#parts[middle + 1]! <= use) {
				low = middle + 1;
			} else {
				high = middle;
			}
		}
		return low;
	}
}
