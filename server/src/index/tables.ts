/**
 * The LMDB environment and its tables. This folder alone knows LMDB.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeRoom, mapBytesFor } from './room.ts';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';

/** Version of the table layouts. A newer one than this program's is refused, untouched. */
export const SCHEMA_VERSION = 1;

/** Id of the node that stands for the file system's root; every other node hangs beneath it. */
export const ROOT_NODE = 1;

/** The data file within an index folder. */
const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';

export interface Tables {
	env: RootDatabase;
	/** `schema`, `indexId`, `lastNodeId`, `head`, `owner`, `baselined` → JSON-like values. */
	meta: Database<unknown, string>;
	/** watch id → {@link import('./watch-table.ts').StoredWatch}. */
	watches: Database<unknown, string>;
	/** nodeKey(parent, name) → packNode. */
	nodes: Database<Buffer, Buffer>;
	/** node id → packPlace. */
	nodeById: Database<Buffer, number>;
	/** identityKey(dev, inode, node id) → nothing. */
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
}

/**
 * Opens the index in `folder`, creating it unless `readOnly`.
 *
 * @throws what LMDB throws: no such file, no permission, read-only file system.
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
	return {
		env,
		meta: env.openDB({ name: 'meta' }),
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
	};
}

function bytesOf(path: string): number {
	return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
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
