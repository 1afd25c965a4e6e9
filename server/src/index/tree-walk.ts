/** One pass over one tree of a data file, its entries in order. */
import { BRANCH, expect, LEAF, PAGE_HEADER, readU64, type Tree } from './data-pages.ts';

/** A node in a page: length of its data or number of its child (4), flags (2), length of its key (2). */
const NODE = 8;
/** A node whose data lies in pages of its own. */
export const BIG_DATA = 0x01;
/** What such a node holds instead: their first number, transaction, how many. */
export const BIG_REFERENCE = 24;

/** Called for each entry of a tree in order. The buffers are only valid during the call. */
export type Visit = (key: Buffer, value: Buffer) => void;

/** The same with the entry's flags. */
export type VisitAny = (key: Buffer, value: Buffer, flags: number) => void;

/** Where a walk gets its pages from. */
interface Pages {
	readPage: (pageNumber: number, depth: number) => Buffer;
	readBig: (reference: Buffer, bytes: number) => { value: Buffer; pages: number };
}

/** One pass over one tree. */
export class Walk {
	readonly #tree: Tree;
	readonly #visit: VisitAny;
	readonly #pages: Pages;
	readonly #found = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
	/** The key that came last. The next one is larger; equal when it opens the page that the last one, in a branch, led to. */
	readonly #last = Buffer.alloc(2048);
	#lastLength = -1;
	#mayEqual = false;

	constructor(tree: Tree, visit: VisitAny, pages: Pages) {
		this.#tree = tree;
		this.#visit = visit;
		this.#pages = pages;
	}

	page(pageNumber: number, depth: number): void {
		const isLeaf = depth === this.#tree.depth;
		const page = this.#pages.readPage(pageNumber, depth);
		expect(page.readUInt16LE(18) === (isLeaf ? LEAF : BRANCH), `has a page (${pageNumber}) of a wrong kind`);
		this.#found[isLeaf ? 'leafPages' : 'branchPages']++;
		const keys = page.readUInt16LE(20) >> 1;
		const upper = page.readUInt16LE(22) + PAGE_HEADER;
		expect(
			keys > 0 && PAGE_HEADER + 2 * keys <= upper && upper <= page.length,
			`has a page (${pageNumber}) with wrong bounds`,
		);
		let bytes = 0;
		for (let i = 0; i < keys; i++) {
			const at = page.readUInt16LE(PAGE_HEADER + 2 * i) + PAGE_HEADER;
			expect(at >= upper && at + NODE <= page.length, `has a page (${pageNumber}) with an entry out of bounds`);
			bytes += isLeaf ? this.#entry(page, at) : this.#child(page, at, i, depth);
		}
		// Entries lie one behind the other without gaps.
		expect(bytes === page.length - upper, `has a page (${pageNumber}) whose entries overlap`);
	}

	checkCounts(): void {
		const { branchPages, leafPages, overflowPages, entries } = this.#tree;
		expect(this.#found.entries === entries, `has a table of ${entries} entries with ${this.#found.entries}`);
		expect(
			this.#found.branchPages === branchPages &&
				this.#found.leafPages === leafPages &&
				this.#found.overflowPages === overflowPages,
			'has a table with a wrong number of pages',
		);
	}

	#entry(page: Buffer, at: number): number {
		const size = page.readUInt32LE(at);
		const flags = page.readUInt16LE(at + 4);
		const dataAt = at + NODE + page.readUInt16LE(at + 6);
		const isBig = (flags & BIG_DATA) !== 0;
		const end = dataAt + (isBig ? BIG_REFERENCE : size);
		expect(end <= page.length, 'has an entry that is longer than its page');
		const key = page.subarray(at + NODE, dataAt);
		this.#inOrder(key);
		this.#mayEqual = false;
		this.#found.entries++;
		if (isBig) {
			const { value, pages } = this.#pages.readBig(page.subarray(dataAt, end), size);
			this.#found.overflowPages += pages;
			this.#visit(key, value, flags);
		} else {
			this.#visit(key, page.subarray(dataAt, end), flags);
		}
		return even(end - at);
	}

	#child(page: Buffer, at: number, i: number, depth: number): number {
		const end = at + NODE + page.readUInt16LE(at + 6);
		expect(end <= page.length, 'has an entry that is longer than its page');
		const child = page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 2 ** 32;
		// The first child takes whatever is smaller than the second's key.
		if (i > 0) {
			this.#inOrder(page.subarray(at + NODE, end));
			this.#mayEqual = true;
		}
		this.page(child, depth + 1);
		return even(end - at);
	}

	#inOrder(key: Buffer): void {
		if (this.#tree.hasIntegerKeys) {
			expect(key.length === 4 || key.length === 8, 'has a key of a wrong length');
		}
		expect(key.length > 0 && key.length <= this.#last.length, 'has a key of a wrong length');
		if (this.#lastLength >= 0) {
			const order = this.#compareWithLast(key);
			expect(order > 0 || (order === 0 && this.#mayEqual), 'has keys that are out of order');
		}
		key.copy(this.#last);
		this.#lastLength = key.length;
	}

	#compareWithLast(key: Buffer): number {
		if (!this.#tree.hasIntegerKeys) {
			return key.compare(this.#last, 0, this.#lastLength);
		}
		expect(key.length === this.#lastLength, 'has keys of different lengths');
		return key.length === 4
			? key.readUInt32LE(0) - this.#last.readUInt32LE(0)
			: readU64(key, 0) - readU64(this.#last, 0);
	}
}

function even(bytes: number): number {
	return bytes + (bytes & 1);
}
