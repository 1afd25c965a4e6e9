/**
 * How a file's entry is stored: sections of rows of numbers, so that `view.ts` finds in it what a change asks for without the rest being
 * read.
 */
import type { Concern, FileFacts, Request } from './facts.ts';
import { Unpacked } from './packed.ts';

/** Bits of a part, and of a use beside its meaning and the kind of its target. */
export const MENTIONS_ALL = 1;
export const EVALUATED = 2;
export const IN_INTERFACE = 4;
export const BROKEN = 1;

/** How a target is stored: its kind, and two numbers: a part; a request and a name; a name. */
export const TO_PART = 0;
export const TO_MODULE = 1;
export const TO_GLOBAL = 2;
export const TARGET_SHIFT = 3;

export const REQUEST_KINDS: readonly Request['kind'][] = ['module', 'glob', 'file', 'types', 'path', 'options'];
export const REQUEST_SHIFT = 2;
export const EVALUATES = 1;
export const IS_REQUIRE = 2;

export const SCOPES: readonly Concern['scope'][] = ['program', 'package', 'directory', 'glob'];

/** The sections of an entry, in their order, and how many numbers a row of each has. */
const STRIDES = {
	/** name, owner + 1, meaning, start, end, bits, how many uses, mentions and members, lengths of the two fingerprints */
	parts: 11,
	/** bits, target; those of the first part first */
	uses: 3,
	/** name */
	mentions: 1,
	/** name */
	members: 1,
	/** specifier, bits, what it leads to */
	requests: 3,
	/** name, bits, target */
	exports: 4,
	/** request */
	stars: 1,
	/** name, part */
	globals: 2,
	/** request, name, part */
	augmentations: 3,
	/** scope, reason */
	widenings: 2,
	/** part, scope, pattern, reason */
	concerns: 4,
	/** name */
	awaits: 1,
} as const;

export type Section = keyof typeof STRIDES;
export const SECTIONS = Object.keys(STRIDES) as Section[];

/** Fields of a row of `parts`. */
export const PART = {
	name: 0,
	owner: 1,
	meaning: 2,
	start: 3,
	end: 4,
	bits: 5,
	uses: 6,
	mentions: 7,
	members: 8,
	shown: 9,
	behaviour: 10,
} as const;

/** Where the rows of an entry are. */
export class Layout {
	readonly unpacked: Unpacked;
	readonly numbers: Int32Array;
	readonly isBroken: boolean;
	readonly counts: Readonly<Record<Section, number>>;
	readonly #starts: Readonly<Record<Section, number>>;

	constructor(text: string) {
		this.unpacked = new Unpacked(text);
		this.numbers = this.unpacked.numbers;
		this.isBroken = (this.numbers[0]! & BROKEN) !== 0;
		const counts = {} as Record<Section, number>;
		const starts = {} as Record<Section, number>;
		let at = 1 + SECTIONS.length;
		for (const [index, section] of SECTIONS.entries()) {
			counts[section] = this.numbers[1 + index]!;
			starts[section] = at;
			at += counts[section] * STRIDES[section];
		}
		this.counts = counts;
		this.#starts = starts;
	}

	/** Where a row begins. */
	row(section: Section, index: number): number {
		return this.#starts[section] + index * STRIDES[section];
	}

	/** A number of a row. */
	at(section: Section, index: number, field = 0): number {
		return this.numbers[this.row(section, index) + field]!;
	}

	/** The name that a number of a row stands for. */
	name(section: Section, index: number, field = 0): string {
		return this.unpacked.name(this.at(section, index, field));
	}

	/** What each row is. */
	map<T>(section: Section, of: (index: number) => T): T[] {
		return Array.from({ length: this.counts[section] }, (_, index) => of(index));
	}

	/**
	 * Where what the rows of parts count begins for each of them, and ends for the last one.
	 *
	 * @param field the count
	 */
	ends(field: number): Int32Array {
		const ends = new Int32Array(this.counts.parts + 1);
		for (let part = 0; part < this.counts.parts; part++) {
			ends[part + 1] = ends[part]! + this.at('parts', part, field);
		}
		return ends;
	}

	requestKind(request: number): Request['kind'] {
		return REQUEST_KINDS[this.at('requests', request, 1) >> REQUEST_SHIFT]!;
	}

	/** What a request leads to. */
	resolved(request: number): string {
		return this.name('requests', request, 2);
	}

	widenings(): FileFacts['widenings'] {
		return this.map('widenings', (i) => ({
			scope: SCOPES[this.at('widenings', i)] as FileFacts['widenings'][number]['scope'],
			reason: this.name('widenings', i, 1),
		}));
	}

	concerns(): Concern[] {
		return this.map('concerns', (i) => ({
			part: this.at('concerns', i),
			scope: SCOPES[this.at('concerns', i, 1)]!,
			pattern: this.name('concerns', i, 2),
			reason: this.name('concerns', i, 3),
		}));
	}
}
