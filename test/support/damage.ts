/** Kinds of damage to an index, each made again from a seed. */
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { open } from 'lmdb';
import type { Tables } from '../../server/src/index/tables.ts';
import { random } from './random-changes.ts';

type Next = (below: number) => number;

export interface Damage {
	name: string;
	/** What must come of it: the file is put aside, or it serves on. Undefined where it depends on what was hit. */
	expected: 'aside' | 'kept' | undefined;
	/** Harms the index in a folder, whose data file has these bytes. */
	apply(folder: string, bytes: Buffer): Promise<void> | void;
}

const PAGE = 4096;
/** Of a page's header (server/src/index/data-pages.ts). */
const HEADER = 24;
const META_TRANSACTION = 152;
const META_LAST_PAGE = 144;
const META_MAIN_ROOT = 136;
const META_PAGE_SIZE = 48;

/** Of an index. */
const TABLES: Record<Exclude<keyof Tables, 'env' | 'storing'>, string> = {
	meta: 'meta',
	watches: 'watches',
	nodes: 'nodes',
	nodeById: 'node_by_id',
	nodeByIdentity: 'node_by_identity',
	ignoreRules: 'ignore_rules',
	log: 'log',
	bursts: 'bursts',
	coverages: 'coverages',
	pathStats: 'path_stats',
	watchStats: 'watch_stats',
	stats: 'stats',
	logByNode: 'log_by_node',
	nodeEnds: 'node_ends',
	removals: 'removals',
	logBlocks: 'log_blocks',
	rates: 'rates',
	hotNodes: 'hot_nodes',
	watchRuntime: 'watch_runtime',
};
const INDEX_TABLES: readonly string[] = Object.values(TABLES);

/**
 * @param rounds how often each kind that has something random in it is made
 * @param older bytes that the file had at an earlier time
 * @param tables names of the tables, of which rows are harmed
 */
export function damages(seed: number, rounds: number, older: Buffer, tables = INDEX_TABLES): Damage[] {
	const found: Damage[] = [];
	/** A kind that changes the data file's bytes. Random ones are made once in each round. */
	const bytes = (
		name: string,
		expected: Damage['expected'],
		change: (bytes: Buffer, next: Next) => Buffer | void,
		times = 1,
	) => {
		for (let i = 0; i < times; i++) {
			const next = random(seed + found.length * 7919);
			found.push({
				name: times === 1 ? name : `${name} (${i + 1})`,
				expected,
				apply: (folder, before) => {
					const copy = Buffer.from(before);
					writeInPlace(join(folder, 'data.mdb'), change(copy, next) ?? copy);
				},
			});
		}
	};
	const folder = (name: string, expected: Damage['expected'], apply: Damage['apply']) => {
		found.push({ name, expected, apply });
	};
	truncations(bytes);
	metaPages(bytes, rounds, older);
	pages(bytes, rounds);
	rows(folder, tables, seed, rounds);
	foreign(bytes, folder);
	folder('nothing', 'kept', () => undefined);
	folder('a lock file of garbage', 'kept', (at) => {
		writeFileSync(join(at, 'lock.mdb'), Buffer.alloc(5000, 0xa5));
	});
	folder('a lock file that was cut', 'kept', (at) => {
		writeFileSync(join(at, 'lock.mdb'), 'x');
	});
	folder('a mark of garbage', 'kept', (at) => {
		writeFileSync(join(at, 'mark.json'), '{"owner":');
	});
	folder('a mark that is something else', 'kept', (at) => {
		writeFileSync(join(at, 'mark.json'), 'null');
	});
	return found;
}

type AddBytes = (
	name: string,
	expected: Damage['expected'],
	change: (bytes: Buffer, next: Next) => Buffer | void,
	times?: number,
) => void;
type AddFolder = (name: string, expected: Damage['expected'], apply: Damage['apply']) => void;

function truncations(add: AddBytes): void {
	add('cut to half', 'aside', (bytes) => bytes.subarray(0, Math.floor(bytes.length / PAGE / 2) * PAGE));
	add('cut to an odd size', 'aside', (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2) + 17));
	add('cut to 2 pages', 'aside', (bytes) => bytes.subarray(0, 2 * PAGE));
	add('cut to 1 page', 'aside', (bytes) => bytes.subarray(0, PAGE));
	add('cut to 100 bytes', 'aside', (bytes) => bytes.subarray(0, 100));
	add('emptied', 'aside', () => Buffer.alloc(0));
	add('without its last 10 pages', undefined, (bytes) => bytes.subarray(0, bytes.length - 10 * PAGE));
	add('without its last byte', undefined, (bytes) => bytes.subarray(0, bytes.length - 1));
	add('with garbage behind', 'kept', (bytes, next) => Buffer.concat([bytes, garbage(5000, next)]));
	add('with empty pages behind', 'kept', (bytes) => Buffer.concat([bytes, Buffer.alloc(8 * PAGE)]));
}

function metaPages(add: AddBytes, rounds: number, older: Buffer): void {
	const meta = (bytes: Buffer, i: number) => bytes.subarray(i * PAGE, (i + 1) * PAGE);
	const newest = (bytes: Buffer) =>
		bytes.readUInt32LE(META_TRANSACTION) > bytes.readUInt32LE(PAGE + META_TRANSACTION) ? 0 : 1;
	add('meta page 0 of zeros', 'aside', (bytes) => void meta(bytes, 0).fill(0));
	add('meta page 1 of zeros', 'aside', (bytes) => void meta(bytes, 1).fill(0));
	add('both meta pages of zeros', 'aside', (bytes) => void bytes.fill(0, 0, 2 * PAGE));
	add('meta page 0 of garbage', 'aside', (bytes, next) => void garbage(PAGE, next).copy(meta(bytes, 0)));
	add('meta page 1 of garbage', 'aside', (bytes, next) => void garbage(PAGE, next).copy(meta(bytes, 1)));
	add('meta pages exchanged', 'aside', (bytes) => {
		const first = Buffer.from(meta(bytes, 0));
		meta(bytes, 1).copy(meta(bytes, 0));
		first.copy(meta(bytes, 1));
	});
	add('the newer meta page as it was long ago', 'aside', (bytes) => {
		const i = newest(bytes);
		meta(older, i).copy(meta(bytes, i));
	});
	add('a meta page that claims to be newer', 'aside', (bytes) => {
		const at = (1 - newest(bytes)) * PAGE + META_TRANSACTION;
		bytes.writeUInt32LE(bytes.readUInt32LE(at) + 1000, at);
	});
	add('a wrong page size', 'aside', (bytes) => void bytes.writeUInt32LE(8192, META_PAGE_SIZE));
	add('a root that does not exist', 'aside', (bytes) => {
		bytes.writeUInt32LE(0x7f_ff_ff, newest(bytes) * PAGE + META_MAIN_ROOT);
	});
	add('a root that is another page', 'aside', (bytes) => {
		const at = newest(bytes) * PAGE + META_MAIN_ROOT;
		bytes.writeUInt32LE(bytes.readUInt32LE(at) === 2 ? 3 : 2, at);
	});
	add('too few pages', 'aside', (bytes) => {
		bytes.writeUInt32LE(3, newest(bytes) * PAGE + META_LAST_PAGE);
	});
	add(
		'16 bytes of garbage in the meta pages',
		undefined,
		(bytes, next) => scatter(bytes, 16, 2 * 160, next),
		3 * rounds,
	);
	add(
		'one bit of a meta page',
		undefined,
		(bytes, next) => flip(bytes, next(2) * PAGE + next(160), next),
		3 * rounds,
	);
}

function pages(add: AddBytes, rounds: number): void {
	const count = (bytes: Buffer) => Math.floor(bytes.length / PAGE) - 2;
	const anyPage = (bytes: Buffer, next: Next) => {
		const at = (2 + next(count(bytes))) * PAGE;
		return bytes.subarray(at, at + PAGE);
	};
	add('a second half of zeros', 'aside', (bytes) => void bytes.fill(0, Math.floor(bytes.length / PAGE / 2) * PAGE));
	add(
		'60 bytes of garbage in the headers of pages',
		undefined,
		(bytes, next) => {
			for (let i = 0; i < 60; i++) {
				anyPage(bytes, next)[next(HEADER)] = next(256);
			}
		},
		2 * rounds,
	);
	add('200 bytes of garbage', undefined, (bytes, next) => scatter(bytes, 200, bytes.length, next), 3 * rounds);
	add('one byte of garbage', undefined, (bytes, next) => scatter(bytes, 1, bytes.length, next), 4 * rounds);
	add('one bit', undefined, (bytes, next) => flip(bytes, 2 * PAGE + next(bytes.length - 2 * PAGE), next), 4 * rounds);
	add('10 pages of zeros', undefined, (bytes, next) => times(10, () => anyPage(bytes, next).fill(0)), 2 * rounds);
	add(
		'10 pages of garbage',
		undefined,
		(bytes, next) => {
			times(10, () => garbage(PAGE, next).copy(anyPage(bytes, next)));
		},
		2 * rounds,
	);
	add('a page of zeros', undefined, (bytes, next) => void anyPage(bytes, next).fill(0), 2 * rounds);
	add(
		'half a page that was not written',
		undefined,
		(bytes, next) => {
			anyPage(bytes, next).fill(0, PAGE / 2);
		},
		2 * rounds,
	);
	add(
		'two pages exchanged',
		undefined,
		(bytes, next) => {
			const [a, b] = [anyPage(bytes, next), anyPage(bytes, next)];
			const first = Buffer.from(a);
			b.copy(a);
			first.copy(b);
		},
		2 * rounds,
	);
	add(
		'a page in place of another',
		undefined,
		(bytes, next) => {
			anyPage(bytes, next).copy(anyPage(bytes, next));
		},
		2 * rounds,
	);
}

/** Small tables are seldom hit by what hits anywhere, so one byte of a key or a value in each of them. */
function rows(add: AddFolder, tables: readonly string[], seed: number, rounds: number): void {
	for (const [i, table] of tables.entries()) {
		for (let round = 0; round < rounds; round++) {
			const next = random(seed + i * 7907 + round * 104_729);
			const part = next(2) === 0 ? 'key' : 'value';
			add(`one byte in a ${part} of ${table} (${round + 1})`, undefined, async (at, bytes) => {
				const all = await rowsOf(at, table);
				const row = all[next(all.length)];
				if (row !== undefined && row[part].length > 0) {
					writeInPlace(join(at, 'data.mdb'), withOtherByte(bytes, row, part, next));
				}
			});
		}
	}
}

interface Row {
	key: Buffer;
	value: Buffer;
}

function withOtherByte(bytes: Buffer, row: Row, part: keyof Row, next: Next): Buffer {
	const whole = Buffer.concat([row.key, row.value]);
	// A long value lies in pages of its own.
	const isApart = !bytes.includes(whole);
	const [what, offset] = isApart ? [row[part], 0] : [whole, part === 'key' ? 0 : row.key.length];
	const [place, change] = [offset + next(row[part].length), 1 + next(255)];
	const copy = Buffer.from(bytes);
	// Also where it was before, in pages that are free now.
	for (let i = bytes.indexOf(what); i >= 0; i = bytes.indexOf(what, i + 1)) {
		copy[i + place]! ^= change;
	}
	return copy;
}

async function rowsOf(folder: string, name: string): Promise<Row[]> {
	const env = open({ path: folder, noSubdir: false, readOnly: true, maxDbs: 32 });
	const table = env.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' });
	const rows = Array.from(table.getRange({}), ({ key, value }) => ({
		key: Buffer.from(key),
		value: Buffer.from(value),
	}));
	await env.close();
	return rows;
}

function foreign(add: AddBytes, folder: AddFolder): void {
	add('a text', 'aside', () => Buffer.from('Dear diary,\n'.repeat(1000)));
	add('a short text', 'aside', () => Buffer.from('{}'));
	add('zeros', 'aside', (bytes) => void bytes.fill(0));
	add('garbage', 'aside', (bytes, next) => garbage(bytes.length, next));
	folder('a database of SQLite', 'aside', (at) => {
		const path = join(at, 'data.mdb');
		rmSync(path);
		const database = new DatabaseSync(path);
		database.exec('CREATE TABLE a (b); INSERT INTO a VALUES (1)');
		database.close();
	});
	folder('an index of another program', 'aside', async (at) => {
		rmSync(join(at, 'data.mdb'));
		const env = open({ path: at, noSubdir: false });
		await env.openDB({ name: 'addresses' }).put('Ada', 'London');
		await env.close();
	});
	folder('an index of another program without tables', 'aside', async (at) => {
		rmSync(join(at, 'data.mdb'));
		const env = open({ path: at, noSubdir: false });
		await env.put('Ada', 'London');
		await env.close();
	});
	folder('a folder', 'aside', (at) => {
		rmSync(join(at, 'data.mdb'));
		mkdirSync(join(at, 'data.mdb'));
	});
	folder('a link to a text', 'aside', (at) => {
		rmSync(join(at, 'data.mdb'));
		writeFileSync(join(at, 'text'), 'Dear diary,\n'.repeat(1000));
		symlinkSync(join(at, 'text'), join(at, 'data.mdb'));
	});
}

function garbage(length: number, next: Next): Buffer {
	return Buffer.from(Uint8Array.from({ length }, () => next(256)));
}

/** Bytes of garbage anywhere below a limit; in the first pages only where something is. */
function scatter(bytes: Buffer, count: number, below: number, next: Next): void {
	for (let i = 0; i < count; i++) {
		const at = next(below);
		bytes[below <= 2 * PAGE && at >= below / 2 ? PAGE + at - below / 2 : at] = next(256);
	}
}

function flip(bytes: Buffer, at: number, next: Next): void {
	bytes[at]! ^= 1 << next(8);
}

function times(count: number, act: () => void): void {
	for (let i = 0; i < count; i++) {
		act();
	}
}

/** The file stays the same one. */
export function writeInPlace(path: string, bytes: Buffer): void {
	const file = openSync(path, 'r+');
	try {
		ftruncateSync(file, 0);
		writeSync(file, bytes);
	} finally {
		closeSync(file);
	}
}
