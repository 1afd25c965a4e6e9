/**
 * Goes through the trees of LMDB's data file page by page and checks everything that LMDB would follow without a look: page
 * numbers, kinds, bounds, the order of keys, counts. What passes cannot make LMDB read where nothing is, nor end a range
 * early; what a value means is for others to check.
 */
import { readSync } from 'node:fs';
import { expect, type Metas, OVERFLOW, PAGE_HEADER, readTree, readU64, type Tree, TREE_BYTES } from './data-pages.ts';
import { BIG_DATA, BIG_REFERENCE, type Visit, type VisitAny, Walk } from './tree-walk.ts';

const SUB_TREE = 0x02;
/** Deeper than a tree of any real size: 4 KB pages hold at least two entries. */
const DEEPEST = 24;

export class DataTrees {
	readonly #file: number;
	readonly #meta: Metas;
	/** One bit for each page that something uses. */
	readonly #used: Uint8Array;
	/** One page for each depth of the tree. */
	readonly #pages: Buffer[] = [];
	readonly #pagesInFile: number;

	/** @param size of the file in bytes */
	constructor(file: number, size: number, meta: Metas) {
		this.#file = file;
		this.#meta = meta;
		this.#pagesInFile = Math.floor(size / meta.pageBytes);
		// A file may be shorter than it says, when what is missing is free. Nothing behind its end can be used.
		this.#used = new Uint8Array((Math.min(meta.lastPage + 1, this.#pagesInFile) >> 3) + 1);
		this.#take(0);
		this.#take(1);
		this.#checkLatest();
	}

	/**
	 * A meta page whose transaction number has become smaller would make an older state the latest one. But the state that it
	 * describes is there still, and was written by a later transaction than the page claims.
	 */
	#checkLatest(): void {
		const { root, transaction } = this.#meta.before;
		if (root !== undefined && root < this.#pagesInFile) {
			const page = Buffer.alloc(PAGE_HEADER);
			readSync(this.#file, page, 0, PAGE_HEADER, root * this.#meta.pageBytes);
			expect(readU64(page, 8) <= transaction, 'has a meta page that is older than what it leads to');
		}
	}

	/** The named tables, by name. @throws DamagedFileError */
	tables(): Map<string, Tree> {
		const found = new Map<string, Tree>();
		this.#walk(this.#meta.main, (key, value, flags) => {
			const name = key.toString('latin1').replace(/\0$/, '');
			expect(
				flags === SUB_TREE && value.length === TREE_BYTES,
				`has a wrong entry in its list of tables (${name})`,
			);
			found.set(name, readTree(value, 0));
		});
		return found;
	}

	/** Visits each entry of a table. @throws DamagedFileError */
	walk(table: Tree, visit: Visit): void {
		this.#walk(table, (key, value, flags) => {
			expect((flags & ~BIG_DATA) === 0, 'has an entry of an unknown kind');
			visit(key, value);
		});
	}

	/** Checks that no page is free and used at once. To be called when every table has been gone through. */
	checkFreePages(): void {
		this.#walk(this.#meta.free, (key, value, flags) => {
			expect((flags & ~BIG_DATA) === 0 && key.length === 8, 'has a wrong list of free pages');
			expect(readU64(key, 0) <= this.#meta.transaction, 'has a list of free pages of the future');
			this.#freePages(value);
		});
	}

	/** A count, then numbers; a negative one is the length of a run of pages whose first number follows. 0 is a gap. */
	#freePages(list: Buffer): void {
		const count = list.length >= 8 ? readU64(list, 0) : -1;
		expect(count >= 0 && (count + 1) * 8 <= list.length, 'has a wrong list of free pages');
		for (let i = 1; i <= count; i++) {
			const first = list.readBigInt64LE(i * 8);
			let run = 1;
			let page = Number(first);
			if (first < 0n) {
				if (i === count) {
					// The run's first number is in the next list; there it counts as a single page.
					return;
				}
				run = -page;
				page = Number(list.readBigInt64LE(++i * 8));
			}
			expect(page === 0 || page > 1, 'lists a meta page as free');
			expect(page + run - 1 <= this.#meta.lastPage, 'lists a page as free that does not exist');
			for (let each = page; each < page + run && each > 0; each++) {
				if (each < this.#pagesInFile) {
					expect(
						(this.#used[each >> 3]! & (1 << (each & 7))) === 0,
						`has a page (${each}) that is free and used`,
					);
				}
			}
		}
	}

	#walk(tree: Tree, visit: VisitAny): void {
		if (tree.root === undefined) {
			expect(tree.entries === 0, 'has a table without entries that counts some');
			return;
		}
		expect(tree.depth >= 1 && tree.depth <= DEEPEST, 'has a table of an impossible depth');
		const walk = new Walk(tree, visit, {
			readPage: (pageNumber, depth) => this.#readPage(pageNumber, depth),
			readBig: (reference, bytes) => this.#readBig(reference, bytes),
		});
		walk.page(tree.root, 1);
		walk.checkCounts();
	}

	#readPage(pageNumber: number, depth: number): Buffer {
		this.#take(pageNumber);
		const page = (this.#pages[depth] ??= Buffer.alloc(this.#meta.pageBytes));
		this.#read(page, pageNumber);
		this.#checkHeader(page, pageNumber);
		return page;
	}

	/** Data that lies in pages of its own, and how many these are. */
	#readBig(reference: Buffer, bytes: number): { value: Buffer; pages: number } {
		expect(reference.length === BIG_REFERENCE, 'has a wrong reference to a large value');
		const first = readU64(reference, 0);
		const needed = Math.floor((PAGE_HEADER - 1 + bytes) / this.#meta.pageBytes) + 1;
		// A value that was overwritten by a smaller one keeps its pages.
		const pages = readU64(reference, 16);
		expect(pages >= needed && first + pages - 1 <= this.#meta.lastPage, 'has a large value of a wrong length');
		for (let i = 0; i < pages; i++) {
			this.#take(first + i);
		}
		const whole = Buffer.alloc(needed * this.#meta.pageBytes);
		this.#read(whole, first);
		this.#checkHeader(whole, first);
		expect(whole.readUInt16LE(18) === OVERFLOW && whole.readUInt32LE(20) === pages, 'has a wrong large value');
		return { value: whole.subarray(PAGE_HEADER, PAGE_HEADER + bytes), pages };
	}

	#take(pageNumber: number): void {
		expect(pageNumber <= this.#meta.lastPage, `uses a page (${pageNumber}) that does not exist`);
		expect(pageNumber < this.#pagesInFile, `ends before a page (${pageNumber}) that it uses`);
		const bit = 1 << (pageNumber & 7);
		expect((this.#used[pageNumber >> 3]! & bit) === 0, `uses a page (${pageNumber}) twice`);
		this.#used[pageNumber >> 3]! |= bit;
	}

	#read(into: Buffer, pageNumber: number): void {
		const read = readSync(this.#file, into, 0, into.length, pageNumber * this.#meta.pageBytes);
		expect(read === into.length, `ends before a page (${pageNumber}) that it uses`);
	}

	#checkHeader(page: Buffer, pageNumber: number): void {
		expect(
			readU64(page, 0) === pageNumber && readU64(page, 8) <= this.#meta.transaction,
			`has a page (${pageNumber}) with a wrong header`,
		);
	}
}
