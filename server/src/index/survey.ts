/**
 * Reads a whole data file without LMDB and says whether it is an index as some transaction of ours left it: every page
 * (data-tree.ts), the checksum of every row, and what those without can be compared with.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { checksum } from './checksum.ts';
import { DamagedFileError, expect, type Metas, readMeta, type Tree } from './data-pages.ts';
import { DataTrees } from './data-tree.ts';
import { SCHEMA } from './meta-table.ts';
import { isSealed } from './records.ts';
import { SEALED_SINCE } from './sealed-table.ts';
import { SCHEMA_VERSION } from './tables.ts';
import { Comparison } from './table-comparison.ts';

/** The table whose values begin with a checksum of their own alone: its records name each other. */
const LOG = 'log';
/** Those whose checksums cover the key, too, since {@link SEALED_SINCE}. */
const KEY_SEALED: readonly string[] = [
	'nodes',
	'node_by_id',
	'log_blocks',
	'bursts',
	'node_ends',
	'path_stats',
	'watch_stats',
	'stats',
	'ignore_rules',
	'rates',
	'hot_nodes',
	'watch_runtime',
];
/** Those that had no checksum at all before. */
const NEWLY_SEALED: readonly string[] = ['watches', 'coverages'];

/** What was found in a data file. */
export type Found =
	/** It is whole, and this is the last transaction that was committed to it. */
	| { transaction: number }
	/** What is wrong, to be said behind the file's path or behind "the index". LMDB must not open it. */
	| { damage: string; isMendable: false }
	/** LMDB can read all of it, but records in it are damaged or disagree: a repair mends that. */
	| { damage: string; isMendable: true; transaction: number };

type Damage = Extract<Found, { isMendable: false }>;

/** In MessagePack. */
const TRUE = 0xc3;
const GARBAGE = 'has lengths that lead out of it';

/**
 * Reads all of a data file: a second for each million records, and 8 MB of memory for each million nodes, 9 MB for each million
 * records of the log.
 *
 * @param path of a regular file
 * @returns `busy` when somebody wrote meanwhile, so that nothing can be said
 * @throws the file system's errors
 */
export function survey(path: string): Found | 'busy' {
	return withFile(path, (file, size) => {
		const meta = readMeta(file, size);
		let found: Found;
		try {
			found = new Surveyor(file, size, meta).survey();
		} catch (error) {
			found = damageOf(error);
		}
		return hasMoved(file, meta) ? 'busy' : found;
	});
}

/**
 * The same of a file all of whose values are sealed with their keys, and with nothing else to compare.
 *
 * @param path of a regular file
 * @returns `busy` when somebody wrote meanwhile, so that nothing can be said
 * @throws the file system's errors
 */
export function surveySealed(path: string): Found | 'busy' {
	return withFile(path, (file, size) => {
		const meta = readMeta(file, size);
		let found: Found = { transaction: meta.transaction };
		try {
			const trees = new DataTrees(file, size, meta);
			for (const [name, table] of trees.tables()) {
				trees.walk(table, (key, value) => {
					expect(isSealedWithKey(key, value), `has a damaged row in its table ${name}`);
				});
			}
			trees.checkFreePages();
		} catch (error) {
			found = damageOf(error);
		}
		return hasMoved(file, meta) ? 'busy' : found;
	});
}

/** Reads the meta pages alone, which takes about a millisecond. @throws the file system's errors */
export function inspect(path: string): Found {
	return withFile(path, (file, size) => ({ transaction: readMeta(file, size).transaction }));
}

/**
 * The schema version that a data file says it has; ours when it says nothing yet.
 *
 * @param path of a file that was {@link inspect}ed or surveyed
 * @throws the file system's errors
 */
export function schemaOf(path: string): number {
	let schema = SCHEMA_VERSION;
	withFile(path, (file, size) => {
		const meta = readMeta(file, size);
		const trees = new DataTrees(file, size, meta);
		schema = readMetaRows(trees, trees.tables()).schema ?? schema;
		return meta;
	});
	return schema;
}

function withFile<T>(path: string, look: (file: number, size: number) => T): T | Damage {
	const file = openSync(path, 'r');
	try {
		return look(file, fstatSync(file).size);
	} catch (error) {
		return damageOf(error);
	} finally {
		closeSync(file);
	}
}

/** @throws what is no damage */
function damageOf(error: unknown): Damage {
	if (error instanceof DamagedFileError) {
		return { damage: error.message, isMendable: false };
	}
	if ((error as { code?: unknown }).code === 'ERR_OUT_OF_RANGE' || error instanceof RangeError) {
		return { damage: GARBAGE, isMendable: false };
	}
	throw error;
}

function hasMoved(file: number, before: Metas): boolean {
	try {
		return readMeta(file, fstatSync(file).size).transaction !== before.transaction;
	} catch {
		// It was whole when the survey began.
		return true;
	}
}

class Surveyor {
	readonly #meta: Metas;
	readonly #trees: DataTrees;
	/** Records whose checksum does not fit, and the first table with one. */
	#damaged = { count: 0, table: '' };

	constructor(file: number, size: number, meta: Metas) {
		this.#meta = meta;
		this.#trees = new DataTrees(file, size, meta);
	}

	/** @throws DamagedFileError, RangeError when LMDB could not read it */
	survey(): Found {
		const tables = this.#trees.tables();
		const { schema, numbers } = readMetaRows(this.#trees, tables);
		const isUnused = [...tables.values()].every(({ entries }) => entries === 0);
		expect(schema !== undefined || isUnused, 'is an index of another program');
		const isOurs = schema !== undefined && schema <= SCHEMA_VERSION;
		const comparison = isOurs && Comparison.isPossible(tables) ? new Comparison(schema) : undefined;
		// Nodes first: the others are compared with them.
		const names = [...tables.keys()].sort((a, b) => Number(b === 'nodes') - Number(a === 'nodes'));
		for (const name of names) {
			if (name === 'meta') {
				continue;
			}
			const isSound = isOurs ? soundnessOf(name, schema) : undefined;
			const compare = comparison?.visitorFor(name);
			this.#trees.walk(tables.get(name)!, (key, value) => {
				if (isSound?.(key, value) === false) {
					this.#note(name);
				} else {
					compare?.(key, value);
				}
			});
		}
		this.#trees.checkFreePages();
		const { transaction } = this.#meta;
		const { count, table } = this.#damaged;
		if (count > 0) {
			const damage = `has ${count} records with a wrong checksum, the first of them in its table ${table}`;
			return { damage, isMendable: true, transaction };
		}
		try {
			comparison?.check(numbers);
		} catch (error) {
			return { ...damageOf(error), isMendable: true, transaction };
		}
		return { transaction };
	}

	#note(table: string): void {
		this.#damaged.table ||= table;
		this.#damaged.count++;
	}
}

/** Says of an entry whether its checksum fits; undefined for a table without. */
function soundnessOf(table: string, schema: number): ((key: Buffer, value: Buffer) => boolean) | undefined {
	const hasKeys = schema >= SEALED_SINCE && (KEY_SEALED.includes(table) || NEWLY_SEALED.includes(table));
	return hasKeys
		? isSealedWithKey
		: table === LOG || KEY_SEALED.includes(table)
			? (_key, value) => isSealed(value)
			: undefined;
}

/** As {@link import('./sealed-table.ts').SealedTable} stores them. */
function isSealedWithKey(key: Buffer, value: Buffer): boolean {
	return value.length >= 4 && value.readUInt32LE(0) === (checksum(value, 4) ^ checksum(key, 0)) >>> 0;
}

/** What `meta` says: the schema, and what else is a number or true. */
interface MetaRows {
	schema: number | undefined;
	numbers: ReadonlyMap<string, number>;
}

/** @throws DamagedFileError where rows of it are damaged: what they say cannot be known from elsewhere */
function readMetaRows(trees: DataTrees, tables: ReadonlyMap<string, Tree>): MetaRows {
	const meta = tables.get('meta');
	const [older, sealed] = [new Map<string, number>(), new Map<string, number>()];
	let damaged = 0;
	if (meta !== undefined) {
		trees.walk(meta, (key, value) => {
			const name = key.toString('latin1');
			set(older, name, readNumber(value));
			if (isSealedWithKey(key, value)) {
				set(sealed, name, numberIn(value.toString('utf8', 4)));
			} else if (name !== SCHEMA) {
				damaged++;
			}
		});
	}
	const schema = older.get(SCHEMA);
	const again = sealed.get('sealedSchema');
	if (schema !== undefined && schema > SCHEMA_VERSION && again === undefined) {
		// Whatever seals the rows of a later schema.
		return { schema, numbers: older };
	}
	const isSealedToo = (schema ?? 0) >= SEALED_SINCE;
	expect((isSealedToo ? schema : undefined) === again, 'does not say for certain of which schema it is');
	expect(!isSealedToo || damaged === 0, 'has damaged rows in its table meta');
	return { schema, numbers: isSealedToo ? sealed : older };
}

function set(numbers: Map<string, number>, name: string, value: number | undefined): void {
	if (value !== undefined) {
		numbers.set(name, value);
	}
}

/** A number in JSON, 1 for true; undefined for everything else. */
function numberIn(json: string): number | undefined {
	const value: unknown = JSON.parse(json);
	return typeof value === 'number' ? value : value === true ? 1 : undefined;
}

/** A number that is not negative, in MessagePack, 1 for true; undefined for everything else. */
function readNumber(value: Buffer): number | undefined {
	const [kind = 0xff] = value;
	switch (value.length) {
		case 1:
			return kind === TRUE ? 1 : kind < 0x80 ? kind : undefined;
		case 2:
			return kind === 0xcc ? value.readUInt8(1) : undefined;
		case 3:
			return kind === 0xcd ? value.readUInt16BE(1) : undefined;
		case 5:
			return kind === 0xce ? value.readUInt32BE(1) : undefined;
		case 9:
			return kind === 0xcb ? value.readDoubleBE(1) : undefined;
		default:
			return undefined;
	}
}
