/**
 * The LMDB environment and its tables. This folder alone knows LMDB.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { MetaTable } from './meta-table.ts';
import { makeRoom, mapBytesFor } from './room.ts';
import { DamagedRecordError, unlessDamaged } from './records.ts';
import { JsonTable, SEALED_SINCE, SealedTable, type Storing } from './sealed-table.ts';
import type { StoredWatch } from './watch-table.ts';

/**
 * Version of the table layouts. An older one is migrated by whoever claims the index (migrations.ts), a newer one than this
 * program's is refused, untouched.
 */
export const SCHEMA_VERSION = 4;

/** Id of the node that stands for the file system's root; every other node hangs beneath it. */
export const ROOT_NODE = 1;

/** The data file within an index folder. */
const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';

export interface Tables {
	env: RootDatabase;
	/** How they are stored: {@link adoptSchema}. */
	storing: Storing;
	meta: MetaTable;
	watches: JsonTable<string, StoredWatch>;
	/** nodeKey(parent, name) → packNode. */
	nodes: SealedTable<Buffer>;
	/** node id → packPlace. */
	nodeById: SealedTable<number>;
	/** identityKey(lower half of the inode, node id) → nothing. */
	nodeByIdentity: Database<Buffer, Buffer>;
	/** folder's node id → packText: its `.gitignore` when the folder was last compared. */
	ignoreRules: SealedTable<number>;
	/** seq → packLog. */
	log: Database<Buffer, number>;
	/** burst id → packBurst. */
	bursts: SealedTable<number>;
	/** coverage id → sorted watch ids. Interned and never reused, so that old log records keep their meaning. */
	coverages: JsonTable<number, readonly string[]>;
	/** node id → own and subtree counters. */
	pathStats: SealedTable<number>;
	/** watch id → live, lifetime, files, folders. */
	watchStats: SealedTable<string>;
	/** `event_type:<type>`, `lifetime:<type>`, `log_records` → one number. */
	stats: SealedTable<string>;
	/** (node id, seq) → nothing: one record of 64, to begin with among many of a node (node-history.ts). */
	logByNode: Database<Buffer, Buffer>;
	/** node id → sealed seq: the record with which it ended (node-history.ts). */
	nodeEnds: SealedTable<number>;
	/** (CRC-32 of the last path, seq) → nothing: the same by path. */
	removals: Database<Buffer, Buffer>;
	/** block of the log → which coverages and types it has (log-blocks.ts). */
	logBlocks: SealedTable<number>;
	/** periodKey → events by type (rates.ts). */
	rates: SealedTable<Buffer>;
	/** periodKey → the nodes with the most events (hot-nodes.ts). */
	hotNodes: SealedTable<Buffer>;
	/** watch id → what its source has brought (runtime-counts.ts). */
	watchRuntime: SealedTable<string>;
}

/**
 * Opens the index in `folder`, creating it unless `readOnly`.
 *
 * Opened read-only, an older index lacks tables; `IndexReader` says so before it reads them.
 *
 * @throws FiletideError `SCHEMA_TOO_NEW`, before anything of the index is changed; what LMDB throws: no such file, no
 *   permission, read-only file system.
 */
export function openTables(folder: string, readOnly: boolean): Tables {
	if (!readOnly) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		makeRoom(folder, dataFile(folder), lockFile(folder));
	}
	const env = open({
		path: folder,
		readOnly,
		maxDbs: 32,
		mapSize: mapBytesFor(bytesOf(dataFile(folder))),
		// A data file's folder, not a file: LMDB puts data.mdb and lock.mdb in it.
		noSubdir: false,
		// Values are small; compression would only cost.
		compression: false,
	});
	const packed = { encoding: 'binary' } as const;
	const numbers = MetaTable.numbersIn(env);
	if (numbers === undefined) {
		void env.close();
		throw unused(folder);
	}
	const storing: Storing = { env, isBare: false };
	const tables: Tables = {
		env,
		storing,
		meta: new MetaTable(storing, numbers),
		watches: new JsonTable(storing, 'watches', 'text'),
		nodes: SealedTable.open(storing, 'nodes', 'binary'),
		nodeById: SealedTable.open(storing, 'node_by_id', 'uint32'),
		nodeByIdentity: env.openDB({ name: 'node_by_identity', keyEncoding: 'binary', ...packed }),
		bursts: SealedTable.open(storing, 'bursts', 'uint32'),
		ignoreRules: SealedTable.open(storing, 'ignore_rules', 'uint32'),
		log: env.openDB({ name: 'log', keyEncoding: 'uint32', ...packed }),
		coverages: new JsonTable(storing, 'coverages', 'uint32'),
		pathStats: SealedTable.open(storing, 'path_stats', 'uint32'),
		watchStats: SealedTable.open(storing, 'watch_stats', 'text'),
		stats: SealedTable.open(storing, 'stats', 'text'),
		logByNode: env.openDB({ name: 'log_by_node', keyEncoding: 'binary', ...packed }),
		nodeEnds: SealedTable.open(storing, 'node_ends', 'uint32'),
		removals: env.openDB({ name: 'removals', keyEncoding: 'binary', ...packed }),
		logBlocks: SealedTable.open(storing, 'log_blocks', 'uint32'),
		rates: SealedTable.open(storing, 'rates', 'binary'),
		hotNodes: SealedTable.open(storing, 'hot_nodes', 'binary'),
		watchRuntime: SealedTable.open(storing, 'watch_runtime', 'text'),
	};
	try {
		refuseNewer(tables.meta, folder);
	} catch (error) {
		void env.close();
		throw error;
	}
	adoptSchema(tables);
	return tables;
}

/** @throws FiletideError `SCHEMA_TOO_NEW`; DamagedRecordError when the index does not say so for certain */
function refuseNewer(meta: MetaTable, folder: string): void {
	const schema = meta.schema ?? SCHEMA_VERSION;
	if (schema <= SCHEMA_VERSION) {
		return;
	}
	// Whatever seals the rows of a later schema.
	const again = unlessDamaged(() => meta.get('sealedSchema'));
	throw again === undefined || again === schema ? schemaTooNew(folder, schema) : new DamagedRecordError('meta');
}

/** Sees what has been committed since; LMDB otherwise keeps one snapshot per event-loop turn. */
export function refreshTables(tables: Tables): void {
	tables.env.resetReadTxn();
	adoptSchema(tables);
}

/** Reads and writes rows as they are stored now: somebody may have migrated the index. */
export function adoptSchema({ storing, meta }: Pick<Tables, 'storing' | 'meta'>): void {
	storing.isBare = (meta.schema ?? SCHEMA_VERSION) < SEALED_SINCE;
}

/** A table that is gone through quickly: what a range yields lasts until its next step. */
export type InPlace = Database<Buffer, number>;

/** The log, read in place: four times as fast as ranges that copy each value, three times as fast as gets. */
export function logInPlace({ env }: Pick<Tables, 'env'>): InPlace {
	// Documented, but not in its types: what has a decoder gets the bytes where LMDB has copied them to.
	const options = { name: 'log', keyEncoding: 'uint32', encoder: { encode: refuse, decode: itself } } as const;
	return env.openDB(options);
}

function itself(value: Buffer): Buffer {
	return value;
}

function refuse(): never {
	throw new TypeError('This table is only read.');
}

function bytesOf(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Bytes of the data file that hold something. The file itself never shrinks: what was freed is used again. O(tables). */
export function bytesInUse(tables: Tables): number {
	let bytes = 0;
	// An older index, opened read-only, lacks tables.
	const { storing: _, ...all } = tables;
	for (const table of Object.values(all as Partial<typeof all>).filter((each) => each !== undefined)) {
		// The environment's own statistics are those of the list of tables.
		const { treeBranchPageCount, treeLeafPageCount, overflowPages, pageSize } = table.getStats() as Record<
			'treeBranchPageCount' | 'treeLeafPageCount' | 'overflowPages' | 'pageSize',
			number
		>;
		bytes += (treeBranchPageCount + treeLeafPageCount + overflowPages) * pageSize;
	}
	return bytes;
}

/** Path of the data file, whose size is the index's. */
export function dataFile(folder: string): string {
	return join(folder, DATA_FILE);
}

/** Path of LMDB's table of readers and writers, which it makes anew when there is none. */
export function lockFile(folder: string): string {
	return join(folder, LOCK_FILE);
}

function unused(folder: string): FiletideError {
	return new FiletideError(
		ErrorCodes.indexUnusable,
		`The index in ${folder} is empty: the server that made it ended before it had written anything. Start a server for it (filetide serve).`,
	);
}

/** The index is not for this program. */
export function schemaTooNew(folder: string, schema: number): FiletideError {
	const found = Number.isFinite(schema) ? `schema ${schema}` : 'an unknown schema';
	return new FiletideError(
		ErrorCodes.schemaTooNew,
		`The index in ${folder} was written by a newer Filetide (${found}, this one knows ${SCHEMA_VERSION}). Update Filetide, or name another folder for the index.`,
	);
}
