/**
 * The pages of LMDB's data file, read with plain file calls: LMDB itself maps the file and believes it, so that a damaged one
 * ends the process (SIGSEGV, SIGBUS) where nothing can be caught. Layouts are those of the LMDB that lmdb-js bundles, data
 * version 2 (`mdb.c`: MDB_page, MDB_meta, MDB_db), little-endian, 64 bits.
 */
import { readSync } from 'node:fs';

const MAGIC = 0xbeef_c0de;
/** The data version; upper bits hold what the writer could do. */
const VERSION = 2;
/** In front of every page: number (8), transaction (8), padding (2), flags (2), bounds or number of pages (4). */
export const PAGE_HEADER = 24;
export const BRANCH = 0x01;
export const LEAF = 0x02;
export const OVERFLOW = 0x04;
const META = 0x08;
/** What a tree without pages has for a root. */
const NO_PAGE = 2 ** 64;
const META_BYTES = 136;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 0x8000;
const FIRST_META_BYTES = PAGE_HEADER + META_BYTES;

/** What a tree's own record says of it. */
export interface Tree {
	/** Keys are native integers of 4 or 8 bytes, and sorted as such. */
	hasIntegerKeys: boolean;
	depth: number;
	branchPages: number;
	leafPages: number;
	overflowPages: number;
	entries: number;
	/** Undefined for a tree without entries. */
	root: number | undefined;
}

/** What a meta page says. */
interface Meta {
	pageBytes: number;
	mapBytes: number;
	/** Pages that are free: transaction → their numbers. */
	free: Tree;
	/** The named tables. */
	main: Tree;
	lastPage: number;
	transaction: number;
}

/** The same, and the beginning of the tables as the other meta page has it: before the last transaction. */
export interface Metas extends Meta {
	before: { root: number | undefined; transaction: number };
}

/** The file is no data file of LMDB, or not as LMDB leaves it. The message says what, as the end of "The file …". */
export class DamagedFileError extends Error {
	constructor(what: string) {
		super(what);
		this.name = 'DamagedFileError';
	}
}

/** Fails unless so. */
export function expect(holds: boolean, what: string): asserts holds {
	if (!holds) {
		throw new DamagedFileError(what);
	}
}

/** An unsigned 64-bit number; beyond 2^53 it is rounded, which every comparison with a sensible bound survives. */
export function readU64(bytes: Buffer, at: number): number {
	return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

const INTEGER_KEYS = 0x08;

/** Length of a {@link Tree}'s record. */
export const TREE_BYTES = 48;

export function readTree(bytes: Buffer, at: number): Tree {
	const root = readU64(bytes, at + 40);
	return {
		hasIntegerKeys: (bytes.readUInt16LE(at + 4) & INTEGER_KEYS) !== 0,
		depth: bytes.readUInt16LE(at + 6),
		branchPages: readU64(bytes, at + 8),
		leafPages: readU64(bytes, at + 16),
		overflowPages: readU64(bytes, at + 24),
		entries: readU64(bytes, at + 32),
		root: root === NO_PAGE ? undefined : root,
	};
}

/**
 * Reads both meta pages, which takes about a millisecond, and returns what the newer one says.
 *
 * @param size of the file in bytes
 * @throws DamagedFileError when LMDB could not open it, or would begin from something else than the last commit
 */
export function readMeta(file: number, size: number): Metas {
	expect(size >= FIRST_META_BYTES, size === 0 ? 'is empty' : `has only ${size} bytes`);
	// In one call, so that a writer who is at work meanwhile is seen at one moment.
	const both = Buffer.alloc(Math.min(size, 2 * LARGEST_PAGE));
	readSync(file, both, 0, both.length, 0);
	const { pageBytes } = checkMeta(both, 0);
	expect(size >= 2 * pageBytes, `has only ${size} bytes`);
	const metas = [checkMeta(both.subarray(0, pageBytes), 0), checkMeta(both.subarray(pageBytes), 1)] as const;
	expect(metas[1].pageBytes === pageBytes, 'has two meta pages that contradict each other');
	const newest = metas[0].transaction >= metas[1].transaction ? metas[0] : metas[1];
	const older = newest === metas[0] ? metas[1] : metas[0];
	// The pages are written in turn, one a transaction: a gap means that one of them is not what was written last. Only in a
	// compacted copy the first one is empty until something is written.
	expect(
		newest.transaction - older.transaction <= 1 || (older === metas[0] && older.transaction === 0),
		'has a meta page that is not the latest',
	);
	expect(
		newest.transaction === older.transaction || newest.transaction % 2 === metas.indexOf(newest),
		'has its meta pages in the wrong places',
	);
	// Opened for overlapping commits LMDB keeps a third one, of what is on the disk for certain, within the first page.
	expect(
		transactionOf(both, pageBytes / 2) <= newest.transaction,
		'has a meta page that is newer than its last commit',
	);
	return { ...newest, before: { root: older.main.root, transaction: older.transaction } };
}

function checkMeta(page: Buffer, pageNumber: number): Meta {
	const which = `has a meta page (${pageNumber}) that`;
	expect(page.readUInt32LE(PAGE_HEADER) === MAGIC, pageNumber === 0 ? 'is no data file of LMDB' : `${which} is none`);
	expect((page.readUInt32LE(PAGE_HEADER + 4) & 0xffff) === VERSION, `${which} has another version`);
	expect(readU64(page, 0) === pageNumber && page.readUInt16LE(18) === META, `${which} has a wrong header`);
	const at = PAGE_HEADER + 24;
	const meta = {
		pageBytes: page.readUInt32LE(at),
		mapBytes: readU64(page, PAGE_HEADER + 16),
		free: readTree(page, at),
		main: readTree(page, at + TREE_BYTES),
		lastPage: readU64(page, at + 2 * TREE_BYTES),
		transaction: transactionOf(page, 0),
	};
	const { pageBytes, lastPage } = meta;
	expect(
		pageBytes >= SMALLEST_PAGE && pageBytes <= LARGEST_PAGE && (pageBytes & (pageBytes - 1)) === 0,
		`${which} has a wrong page size`,
	);
	expect(lastPage >= 1 && lastPage < 2 ** 40, `${which} has a wrong number of pages`);
	for (const { root } of [meta.free, meta.main]) {
		expect(root === undefined || (root > 1 && root <= lastPage), `${which} names a page that does not exist`);
	}
	return meta;
}

function transactionOf(page: Buffer, at: number): number {
	return readU64(page, at + PAGE_HEADER + 24 + 2 * TREE_BYTES + 8);
}
