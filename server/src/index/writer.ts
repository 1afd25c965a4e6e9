/**
 * The only code that changes the index. Everything happens inside {@link IndexWriter.transact}: nodes, log, counters
 * and roll-ups in one LMDB transaction, so that a crash at any instant leaves them agreeing.
 */
import { randomBytes } from 'node:crypto';
import { isRunning, ownIdentity, type ProcessIdentity } from '../platform/process-identity.ts';
import { migrate } from './migrations.ts';
import { openTables, ROOT_NODE, schemaOf, SCHEMA_VERSION, type Tables } from './tables.ts';
import { isPruningDue, type RetentionLimits, excess } from './prune.ts';
import { WATCH_COUNTS, WATCH_FILES, WATCH_FOLDERS } from './counts.ts';
import { nodeAtPath } from './lookup.ts';
import { unpackCounts, unpackText } from './records.ts';
import { type BurstPolicy, lastBurstId } from './bursts.ts';
import { readRuntimeCounts, type RuntimeCounts } from './runtime-counts.ts';
import { PackedNodes } from './packed-nodes.ts';
import { IndexTransaction } from './transaction.ts';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';

/** Who writes the index, and where it listens. */
export interface Owner extends ProcessIdentity {
	socket: string;
}

/** The answer to a claim: the index, or who has it. */
export type Claim = { writer: IndexWriter } | { heldBy: Owner };

/** Facts that stay in memory between transactions. Emptied whenever one fails, so they never run ahead of the disk. */
export class IndexCaches {
	/** Folder node id → its place's parent, for roll-ups. Bounded by {@link trim}. */
	readonly parents = new Map<number, number>();
	/** Folder node id → its path. Bounded by {@link trim}. */
	readonly folderPaths = new Map<number, string>();
	/** No facts, only memory that is used again. */
	readonly packed: PackedNodes;
	/** Interned coverage sets, both ways. */
	readonly coverageIds = new Map<string, number>();
	readonly coverages = new Map<number, readonly string[]>();
	nextNodeId = 0;
	nextSeq = 0;
	/** Id that the next new coverage set gets. */
	nextCoverage = 0;

	constructor(packed: PackedNodes) {
		this.packed = packed;
	}

	/** Keeps memory flat however many folders a tree has. */
	trim(): void {
		if (this.parents.size > 20_000) {
			this.parents.clear();
		}
		if (this.folderPaths.size > 5000) {
			this.folderPaths.clear();
		}
	}
}

export class IndexWriter {
	readonly tables: Tables;
	readonly indexId: string;
	#caches: IndexCaches;

	private constructor(tables: Tables, indexId: string) {
		this.tables = tables;
		this.indexId = indexId;
		this.#caches = loadCaches(tables);
	}

	/**
	 * Opens the index in `folder` and claims it, in one transaction: of two servers that try at once, one is told of the
	 * other. An index of an older schema is migrated in the same transaction.
	 *
	 * @throws FiletideError `SCHEMA_TOO_NEW`; LMDB's own errors when the folder cannot be written.
	 */
	static claim(folder: string, socket: string): Claim {
		const tables = openTables(folder, false);
		const outcome = tables.env.transactionSync((): { heldBy: Owner } | { indexId: string } => {
			const owner = tables.meta.get('owner') as Owner | undefined;
			if (owner !== undefined && owner.pid !== process.pid && isRunning(owner)) {
				return { heldBy: owner };
			}
			migrate(tables, schemaOf(tables.meta));
			tables.meta.putSync('schema', SCHEMA_VERSION);
			tables.meta.putSync('owner', { ...ownIdentity(), socket } satisfies Owner);
			let indexId = tables.meta.get('indexId') as string | undefined;
			if (indexId === undefined) {
				indexId = randomBytes(8).toString('hex');
				tables.meta.putSync('indexId', indexId);
			}
			return { indexId };
		});
		if ('heldBy' in outcome) {
			void tables.env.close();
			return outcome;
		}
		return { writer: new IndexWriter(tables, outcome.indexId) };
	}

	/** The id of the burst that began last; 0 when there is none. */
	lastBurstId(): number {
		return lastBurstId(this.tables);
	}

	/** Last sequence number committed; 0 for an empty log. */
	get head(): number {
		return this.#caches.nextSeq - 1;
	}

	/** The text of a folder's `.gitignore` when the folder was last compared with the disk. */
	ignoreText(folder: string): string | undefined {
		const node = nodeAtPath(this.tables, folder);
		const value = node === undefined ? undefined : this.tables.ignoreRules.get(node.id);
		return value === undefined ? undefined : unpackText(value);
	}

	/** What the source of a watch has brought, as far as it was committed. */
	runtimeCounts(watchId: string): RuntimeCounts {
		return readRuntimeCounts(this.tables, watchId);
	}

	/** Entries that a watch is known to cover. */
	knownEntries(watchId: string): number {
		const value = this.tables.watchStats.get(watchId);
		const row = value === undefined ? [] : unpackCounts(value, WATCH_COUNTS);
		return (row[WATCH_FILES] ?? 0) + (row[WATCH_FOLDERS] ?? 0);
	}

	/** Whether retention has anything to do, and whether by much: more than a tenth above what is kept. */
	pruningDue(limits: RetentionLimits): 'no' | 'yes' | 'much' {
		if (!isPruningDue(this.tables, limits)) {
			return 'no';
		}
		return excess(this.tables, limits) > limits.records / 10 ? 'much' : 'yes';
	}

	/**
	 * Runs `work` in one transaction. When it throws, or the commit fails, nothing of it is kept, in the file or in
	 * memory.
	 *
	 * @throws what `work` throws; `INDEX_WRITE_FAILED` when LMDB cannot commit (disk full, read-only, I/O error).
	 */
	transact<T>(now: number, work: (transaction: IndexTransaction) => T, bursts?: BurstPolicy): T {
		let workError: unknown;
		try {
			return this.tables.env.transactionSync(() => {
				const transaction = new IndexTransaction(this.tables, this.#caches, now, bursts);
				try {
					const result = work(transaction);
					transaction.flush();
					return result;
				} catch (error) {
					workError = error;
					throw error;
				}
			});
		} catch (error) {
			this.#caches = loadCaches(this.tables);
			if (error === workError && !isLmdbError(error)) {
				throw error;
			}
			throw new FiletideError(
				ErrorCodes.indexWriteFailed,
				`The index cannot be written (${error instanceof Error ? error.message : String(error)}). Free some space or make its folder writable; nothing that was recorded is lost and Filetide goes on by itself.`,
				{ cause: error },
			);
		} finally {
			this.#caches.trim();
		}
	}

	/** Gives the claim back and closes the environment. */
	async close(): Promise<void> {
		const owner = this.tables.meta.get('owner') as Owner | undefined;
		if (owner?.pid === process.pid) {
			this.tables.env.transactionSync(() => {
				this.tables.meta.removeSync('owner');
			});
		}
		await this.tables.env.close();
	}
}

/** LMDB's errors carry the numeric code of the system call or of LMDB. */
function isLmdbError(error: unknown): boolean {
	return error instanceof Error && typeof (error as { code?: unknown }).code === 'number';
}

function loadCaches(tables: Tables): IndexCaches {
	const caches = new IndexCaches(new PackedNodes(tables));
	caches.nextNodeId = ((tables.meta.get('lastNodeId') as number | undefined) ?? ROOT_NODE) + 1;
	caches.nextSeq = (lastKey(tables.log) ?? (tables.meta.get('head') as number | undefined) ?? 0) + 1;
	caches.nextCoverage = 1;
	for (const { key, value } of tables.coverages.getRange({})) {
		caches.coverages.set(key, value);
		caches.coverageIds.set(value.join('\n'), key);
		caches.nextCoverage = key + 1;
	}
	return caches;
}

function lastKey(table: {
	getKeys(options: { reverse: boolean; limit: number }): Iterable<number>;
}): number | undefined {
	for (const key of table.getKeys({ reverse: true, limit: 1 })) {
		return key;
	}
	return undefined;
}
