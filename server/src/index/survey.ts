/**
 * Reads a whole data file without LMDB and says whether it is an index as some transaction of ours left it: every page
 * (data-tree.ts), the checksum of every value, and what keys, which have none, can be compared with.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DamagedFileError, expect, type Metas, readMeta, readU64, type Tree } from './data-pages.ts';
import { DataTrees, type Visit } from './data-tree.ts';
import { NODE_HEADER, nodeOfIdentity } from './records.ts';
import { ROOT_NODE, SCHEMA_VERSION } from './tables.ts';

/** Tables whose values begin with a checksum. */
const SEALED = ['nodes', 'node_by_id', 'log', 'bursts', 'path_stats', 'watch_stats', 'stats', 'ignore_rules'] as const;
/** Only they are compared with one another; a program of another schema may mean something else by them. */
const COMPARED = ['nodes', 'node_by_id', 'node_by_identity', 'path_stats'] as const;
/** Node ids up to this are remembered for being compared: 128 MB at most, while the survey runs. */
const MOST_IDS = 2 ** 24;
/** So many damaged records are named. */
const MOST_NAMED = 100;

/** A value whose checksum does not fit, though LMDB can read it. */
interface DamagedRecord {
	table: string;
	/** In hexadecimal. */
	key: string;
}

/** What was found in a data file. */
export type Found =
	/** It is whole, and this is the last transaction that was committed to it. */
	| { transaction: number }
	| {
			/** What is wrong, to be said behind the file's path. */
			damage: string;
			/** Present when LMDB can read the file and only these values are damaged; of more than 100 the first ones. */
			records?: readonly DamagedRecord[];
	  };

const GARBAGE = 'has lengths that lead out of it';

/**
 * Reads all of a data file: a second for each million records, and 8 MB of memory for each million nodes.
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

/** Reads the meta pages alone, which takes 0.1 ms. @throws the file system's errors */
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
		schema = readSchema(trees, trees.tables()) ?? schema;
		return meta;
	});
	return schema;
}

function withFile<T>(path: string, look: (file: number, size: number) => T): T | { damage: string } {
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
function damageOf(error: unknown): { damage: string } {
	if (error instanceof DamagedFileError) {
		return { damage: error.message };
	}
	if ((error as { code?: unknown }).code === 'ERR_OUT_OF_RANGE' || error instanceof RangeError) {
		return { damage: GARBAGE };
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
	readonly #damaged: DamagedRecord[] = [];
	#damagedCount = 0;

	constructor(file: number, size: number, meta: Metas) {
		this.#meta = meta;
		this.#trees = new DataTrees(file, size, meta);
	}

	/** @throws DamagedFileError, RangeError when LMDB could not read it */
	survey(): Found {
		const tables = this.#trees.tables();
		const schema = readSchema(this.#trees, tables);
		const isUnused = [...tables.values()].every(({ entries }) => entries === 0);
		expect(schema !== undefined || isUnused, 'is an index of another program');
		const isOurs = schema !== undefined && schema <= SCHEMA_VERSION;
		const comparison = isOurs && COMPARED.every((name) => tables.has(name)) ? new Comparison() : undefined;
		// Nodes first: the others are compared with them.
		const names = [...tables.keys()].sort((a, b) => Number(b === 'nodes') - Number(a === 'nodes'));
		for (const name of names) {
			if (name === 'meta') {
				continue;
			}
			const isSealed = isOurs && SEALED.some((each) => each === name);
			const compare = comparison?.visitorFor(name);
			this.#trees.walk(tables.get(name)!, (key, value) => {
				if (isSealed && (value.length < 4 || value.readUInt32LE(0) !== crc32(value.subarray(4)))) {
					this.#note(name, key);
				} else {
					compare?.(key, value);
				}
			});
		}
		this.#trees.checkFreePages();
		if (this.#damagedCount > 0) {
			const first = this.#damaged[0]?.table;
			const damage = `has ${this.#damagedCount} records with a wrong checksum, the first of them in its table ${first}`;
			return { damage, records: this.#damaged };
		}
		comparison?.check();
		return { transaction: this.#meta.transaction };
	}

	#note(table: string, key: Buffer): void {
		this.#damagedCount++;
		if (this.#damaged.length < MOST_NAMED) {
			this.#damaged.push({ table, key: key.toString('hex') });
		}
	}
}

/** Undefined when there is none yet. */
function readSchema(trees: DataTrees, tables: ReadonlyMap<string, Tree>): number | undefined {
	let schema: number | undefined;
	const meta = tables.get('meta');
	if (meta !== undefined) {
		trees.walk(meta, (key, value) => {
			if (key.toString('latin1') === 'schema') {
				schema = readWhole(value);
			}
		});
	}
	return schema;
}

/** A whole number in MessagePack; infinity for what is none below 65,536. */
function readWhole(value: Buffer): number {
	const [kind] = value;
	if (value.length === 1 && kind !== undefined && kind < 0x80) {
		return kind;
	}
	return kind === 0xcc && value.length === 2
		? value.readUInt8(1)
		: kind === 0xcd && value.length === 3
			? value.readUInt16BE(1)
			: Number.POSITIVE_INFINITY;
}

/**
 * Keys have no checksum. A node's is told again by `node_by_id`, its identity by `node_by_identity`: both must say the same.
 * Without these a damaged name would be taken for a file that went and another one that came.
 */
class Comparison {
	/** By node id: checksums of what the node's key and value say; 0 where there is no node. */
	#places = new Uint32Array(1024);
	#identities = new Uint32Array(1024);
	#placed = 0;
	#identified = 0;
	#problem: string | undefined;

	visitorFor(table: string): Visit | undefined {
		switch (table) {
			case 'nodes':
				return (key, value) => {
					this.#node(key, value);
				};
			case 'node_by_id':
				return (key, value) => {
					this.#place(key.readUInt32LE(0), value);
				};
			case 'node_by_identity':
				return (key) => {
					this.#identity(key);
				};
			case 'path_stats':
				return (key) => {
					this.#exists(key.readUInt32LE(0), 'path_stats');
				};
			default:
				return undefined;
		}
	}

	/** @throws DamagedFileError when something did not fit */
	check(): void {
		expect(this.#problem === undefined, this.#problem ?? '');
		expect(this.#placed === this.#identified, 'has nodes whose identity cannot be found');
	}

	#node(key: Buffer, value: Buffer): void {
		if (key.length < 5 || value.length < NODE_HEADER) {
			this.#problem ??= 'has a node of a wrong length';
			return;
		}
		const id = value.readUInt32LE(6);
		if (id >= MOST_IDS) {
			return;
		}
		if (id >= this.#places.length) {
			this.#places = grown(this.#places, id);
			this.#identities = grown(this.#identities, id);
		}
		if (this.#places[id] !== 0) {
			this.#problem ??= `has two nodes with the id ${id}`;
		}
		this.#places[id] = atLeastOne(crc32(key));
		this.#identities[id] = atLeastOne(identitySum(readU64(value, 18), readU64(value, 26)));
	}

	#place(id: number, value: Buffer): void {
		this.#placed++;
		if (id >= MOST_IDS || id === ROOT_NODE) {
			return;
		}
		const key = Buffer.from(value.subarray(4));
		key.writeUInt32BE(value.readUInt32LE(4), 0);
		if (this.#places[id] !== atLeastOne(crc32(key))) {
			this.#problem ??= `has a node (${id}) that is not where its id says`;
		}
	}

	#identity(key: Buffer): void {
		this.#identified++;
		if (key.length !== 20) {
			this.#problem ??= 'has an identity of a wrong length';
			return;
		}
		const id = nodeOfIdentity(key);
		const [dev, inode] = [key.readBigUInt64BE(0), key.readBigUInt64BE(8)];
		if (id < MOST_IDS && this.#identities[id] !== atLeastOne(identitySum(Number(dev), Number(inode)))) {
			this.#problem ??= `has a node (${id}) with another identity than the one that it is found by`;
		}
	}

	#exists(id: number, table: string): void {
		if (id < MOST_IDS && id !== ROOT_NODE && (this.#places[id] ?? 0) === 0) {
			this.#problem ??= `has a row in ${table} for a node (${id}) that does not exist`;
		}
	}
}

const IDENTITY = Buffer.alloc(16);

function identitySum(dev: number, inode: number): number {
	IDENTITY.writeDoubleLE(dev, 0);
	IDENTITY.writeDoubleLE(inode, 8);
	return crc32(IDENTITY);
}

function atLeastOne(sum: number): number {
	return sum === 0 ? 1 : sum;
}

function grown(values: Uint32Array<ArrayBuffer>, index: number): Uint32Array<ArrayBuffer> {
	const larger = new Uint32Array(Math.max(index + 1, values.length * 2));
	larger.set(values);
	return larger;
}
