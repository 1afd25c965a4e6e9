/**
 * The LMDB environment and its tables. This folder alone knows LMDB.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeRoom, mapBytesFor } from './room.ts';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';

/**
 * Version of the table layouts. An older one is migrated by whoever claims the index (migrations.ts), a newer one than this
 * program's is refused, untouched.
 */
export const SCHEMA_VERSION = 3;

/** Id of the node that stands for the file system's root; every other node hangs beneath it. */
export const ROOT_NODE = 1;

/** The data file within an index folder. */
const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';

export interface Tables {
	env: RootDatabase;
	/**
	 * `schema`, `indexId`, `owner`, `head`, `lastNodeId`, `baselined`, `prunedTo`, `lastBurstId`, `lastWatchSeq` → JSON-like
	 * values.
	 */
	meta: Database<unknown, string>;
	/** watch id → {@link import('./watch-table.ts').StoredWatch}. */
	watches: Database<unknown, string>;
	/** nodeKey(parent, name) → packNode. */
	nodes: Database<Buffer, Buffer>;
	/** node id → packPlace. */
	nodeById: Database<Buffer, number>;
	/** identityKey(lower half of the inode, node id) → nothing. */
	nodeByIdentity: Database<Buffer, Buffer>;
	/** folder's node id → packText: its `.gitignore` when the folder was last compared. */
	ignoreRules: Database<Buffer, number>;
	/** seq → packLog. */
	log: Database<Buffer, number>;
	/** burst id → packBurst. */
	bursts: Database<Buffer, number>;
	/** coverage id → sorted watch ids. Interned and never reused, so that old log records keep their meaning. */
	coverages: Database<string[], number>;
	/** node id → own and subtree counters. */
	pathStats: Database<Buffer, number>;
	/** watch id → live, lifetime, files, folders. */
	watchStats: Database<Buffer, string>;
	/** `event_type:<type>`, `lifetime:<type>`, `log_records` → one number. */
	stats: Database<Buffer, string>;
	/** (node id, seq) → nothing: one record of 64, to begin with among many of a node (node-history.ts). */
	logByNode: Database<Buffer, Buffer>;
	/** node id → sealed seq: the record with which it ended (node-history.ts). */
	nodeEnds: Database<Buffer, number>;
	/** (CRC-32 of the last path, seq) → nothing: the same by path. */
	removals: Database<Buffer, Buffer>;
	/** block of the log → which coverages and types it has (log-blocks.ts). */
	logBlocks: Database<Buffer, number>;
	/** periodKey → events by type (rates.ts). */
	rates: Database<Buffer, Buffer>;
	/** periodKey → the nodes with the most events (hot-nodes.ts). */
	hotNodes: Database<Buffer, Buffer>;
	/** watch id → what its source has brought (runtime-counts.ts). */
	watchRuntime: Database<Buffer, string>;
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
	const meta: Tables['meta'] = env.openDB({ name: 'meta' });
	try {
		refuseNewer(meta, folder);
	} catch (error) {
		void env.close();
		throw error;
	}
	return {
		env,
		meta,
		watches: env.openDB({ name: 'watches' }),
		nodes: env.openDB({ name: 'nodes', keyEncoding: 'binary', ...packed }),
		nodeById: env.openDB({ name: 'node_by_id', keyEncoding: 'uint32', ...packed }),
		nodeByIdentity: env.openDB({ name: 'node_by_identity', keyEncoding: 'binary', ...packed }),
		bursts: env.openDB({ name: 'bursts', keyEncoding: 'uint32', ...packed }),
		ignoreRules: env.openDB({ name: 'ignore_rules', keyEncoding: 'uint32', ...packed }),
		log: env.openDB({ name: 'log', keyEncoding: 'uint32', ...packed }),
		coverages: env.openDB({ name: 'coverages', keyEncoding: 'uint32' }),
		pathStats: env.openDB({ name: 'path_stats', keyEncoding: 'uint32', ...packed }),
		watchStats: env.openDB({ name: 'watch_stats', ...packed }),
		stats: env.openDB({ name: 'stats', ...packed }),
		logByNode: env.openDB({ name: 'log_by_node', keyEncoding: 'binary', ...packed }),
		nodeEnds: env.openDB({ name: 'node_ends', keyEncoding: 'uint32', ...packed }),
		removals: env.openDB({ name: 'removals', keyEncoding: 'binary', ...packed }),
		logBlocks: env.openDB({ name: 'log_blocks', keyEncoding: 'uint32', ...packed }),
		rates: env.openDB({ name: 'rates', keyEncoding: 'binary', ...packed }),
		hotNodes: env.openDB({ name: 'hot_nodes', keyEncoding: 'binary', ...packed }),
		watchRuntime: env.openDB({ name: 'watch_runtime', ...packed }),
	};
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

/** Schema of what is there; this program's for an index that is being made. */
export function schemaOf(meta: Tables['meta'] | undefined): number {
	return (meta?.get('schema') as number | undefined) ?? SCHEMA_VERSION;
}

function refuseNewer(meta: Tables['meta'] | undefined, folder: string): void {
	const schema = schemaOf(meta);
	if (schema > SCHEMA_VERSION) {
		throw schemaTooNew(folder, schema);
	}
}

/** Bytes of the data file that hold something. The file itself never shrinks: what was freed is used again. O(tables). */
export function bytesInUse(tables: Tables): number {
	let bytes = 0;
	// An older index, opened read-only, lacks tables.
	for (const table of Object.values(tables as Partial<Tables>).filter((each) => each !== undefined)) {
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

/** The index is not for this program. */
export function schemaTooNew(folder: string, schema: number): FiletideError {
	const found = Number.isFinite(schema) ? `schema ${schema}` : 'an unknown schema';
	return new FiletideError(
		ErrorCodes.schemaTooNew,
		`The index in ${folder} was written by a newer Filetide (${found}, this one knows ${SCHEMA_VERSION}). Update Filetide, or name another folder for the index.`,
	);
}
