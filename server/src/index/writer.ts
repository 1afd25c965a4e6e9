/**
 * The only code that changes the index. Everything happens inside {@link IndexWriter.transact}: nodes, log, counters
 * and roll-ups in one LMDB transaction, so that a crash at any instant leaves them agreeing.
 */
import { randomBytes } from 'node:crypto';
import { isRunning, ownIdentity } from '../platform/process-identity.ts';
import { type Admission, admit, closed, doubtUnlessHeld, type IndexNotice } from './admission.ts';
import { beyondRepair, indexFaultOf, isIndexFault, unusable } from './index-fault.ts';
import { type Place, placeOf } from './place.ts';
import { migrate } from './migrations.ts';
import type { Owner } from './meta-table.ts';
import { adoptSchema, openTables, ROOT_NODE, SCHEMA_VERSION, type Tables } from './tables.ts';
import { isPruningDue, type RetentionLimits, excess } from './prune.ts';
import { WATCH_COUNTS, WATCH_FILES, WATCH_FOLDERS } from './counts.ts';
import { nodeAtPath } from './lookup.ts';
import { DamagedRecordError, unlessDamaged, unpackText } from './records.ts';
import { readCounts } from './verify/counter-check.ts';
import { type BurstPolicy, lastBurstId } from './bursts.ts';
import { readRuntimeCounts, type RuntimeCounts } from './runtime-counts.ts';
import { PackedNodes } from './packed-nodes.ts';
import { IndexTransaction } from './transaction.ts';
import { findSuspects, type Suspect } from './verify/suspects.ts';
import { type Verification, verify, type VerifyOptions, verifyToMend } from './verify/verify.ts';
import { KnownWatches } from './verify/watch-check.ts';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';

/** The answer to a claim: the index, and what the user has to hear of it; or who has it. */
export type Claim = { writer: IndexWriter; notice: IndexNotice | undefined } | { heldBy: Owner };

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
	/** Whether nothing is left of what first indexings and changes leave for later (engine/baseline.ts). */
	baselined = false;

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
	/** Whether whoever wrote the index before did not close it. */
	readonly afterCrash: boolean;
	/** What was found wrong when the index was opened and a repair mends; undefined for nothing. */
	readonly suspicion: string | undefined;
	readonly #folder: string;
	/** Where the data file was when it was opened. */
	readonly #place: Place;
	#caches: IndexCaches;

	private constructor(
		folder: string,
		tables: Tables,
		{ indexId, afterCrash }: Claimed,
		suspicion: string | undefined,
	) {
		this.#folder = folder;
		this.#place = placeOf(folder);
		this.tables = tables;
		this.indexId = indexId;
		this.afterCrash = afterCrash;
		const known = KnownWatches.read(tables);
		this.#caches = loadCaches(tables, known);
		this.suspicion =
			suspicion ?? (known.isWhole ? undefined : 'has damaged rows in its table watches or coverages');
	}

	/**
	 * Opens the index in `folder` and claims it, in one transaction: of two servers that try at once, one is told of the
	 * other. An index of an older schema is migrated in the same transaction.
	 *
	 * A damaged data file is put aside before, and a new index begun (admission.ts); also one that proves to be damaged here.
	 *
	 * @throws FiletideError `SCHEMA_TOO_NEW`, `INDEX_DAMAGED`; the file system's and LMDB's errors when the folder cannot be
	 *   written
	 */
	static claim(folder: string, socket: string): Claim {
		try {
			return IndexWriter.#claimOnce(folder, socket);
		} catch (error) {
			if (!(error instanceof DamagedRecordError)) {
				throw error;
			}
			// What repairs an index knows its latest schema only, and needs to know what `meta` says.
			doubtUnlessHeld(folder, error);
			return IndexWriter.#claimOnce(folder, socket);
		}
	}

	static #claimOnce(folder: string, socket: string): Claim {
		const admission = admit(folder);
		let tables: Tables | undefined;
		try {
			const opened = openTables(folder, false);
			tables = opened;
			const outcome = opened.env.transactionSync(() => claimIn(opened, socket, admission));
			if ('indexId' in outcome) {
				const writer = new IndexWriter(folder, opened, outcome, admission.suspicion);
				admission.opened();
				return { writer, notice: admission.notice };
			}
			void opened.env.close();
			admission.withdraw();
			return outcome;
		} catch (error) {
			void tables?.env.close();
			if (!isIndexFault(error)) {
				admission.withdraw();
			}
			throw error;
		}
	}

	/** The id of the burst that began last; 0 when there is none. */
	lastBurstId(): number {
		return lastBurstId(this.tables);
	}

	/** Last sequence number committed; 0 for an empty log. */
	get head(): number {
		return this.#caches.nextSeq - 1;
	}

	/** Whether every node can be found by its id and identity, and every file has the hash that it can have. */
	get baselined(): boolean {
		return this.#caches.baselined;
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

	/** Entries that a watch is known to cover; for telling how far a scan is, so that 0 does where the row is damaged. */
	knownEntries(watchId: string): number {
		const value = this.tables.watchStats.get(watchId);
		const row = value === undefined ? [] : (readCounts(value, WATCH_COUNTS) ?? []);
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
	 * @throws what `work` throws; `INDEX_WRITE_FAILED` when LMDB cannot commit (disk full, read-only, I/O error);
	 *   `INDEX_REPLACED`, `INDEX_DAMAGED` and `INDEX_UNUSABLE` when it must be opened anew
	 */
	transact<T>(now: number, work: (transaction: IndexTransaction) => T, bursts?: BurstPolicy): T {
		return this.#commit(() => {
			const transaction = new IndexTransaction(this.tables, this.#caches, now, bursts);
			const result = work(transaction);
			transaction.flush();
			return result;
		});
	}

	#commit<T>(work: () => T): T {
		this.checkPlace();
		let workError: unknown;
		try {
			return this.tables.env.transactionSync(() => {
				try {
					return work();
				} catch (error) {
					workError = error;
					throw error;
				}
			});
		} catch (error) {
			const fault = indexFaultOf(error, this.#folder);
			if (fault !== undefined) {
				throw fault;
			}
			this.#reloadCaches();
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

	/**
	 * Verifies a part of the index and brings what is wrong into line, in one transaction. What is right is not written.
	 *
	 * @throws as {@link transact}; what {@link verify} throws
	 */
	repair(options: VerifyOptions): Verification {
		try {
			return this.#commit(() => {
				const verification = verifyToMend(this.tables, options);
				verification.mend();
				return verification;
			});
		} catch (error) {
			throw error instanceof DamagedRecordError ? this.beyondRepair(error) : error;
		} finally {
			this.#reloadCaches();
		}
	}

	/** A damaged record that no repair mends. */
	beyondRepair(error: DamagedRecordError): FiletideError {
		return beyondRepair(error, this.#folder);
	}

	/** What is wrong with the rows that were written last; see {@link findSuspects}. */
	suspects(): Suspect[] {
		return findSuspects(this.tables);
	}

	/** Verifies the index as it is now. @throws what {@link verify} throws */
	verify(options: VerifyOptions): Verification {
		return verify(this.tables, options);
	}

	#reloadCaches(): void {
		try {
			this.#caches = loadCaches(this.tables, KnownWatches.read(this.tables));
		} catch (error) {
			throw indexFaultOf(error, this.#folder) ?? unusable(this.#folder, error);
		}
	}

	/**
	 * Makes sure that what is written goes where the next start looks for it: a removed file takes writes in silence. Costs two
	 * microseconds.
	 *
	 * @throws FiletideError `INDEX_REPLACED`
	 */
	checkPlace(): void {
		this.#place.check();
	}

	/** Gives the claim back and closes the environment. */
	async close(): Promise<void> {
		// One that is damaged the next claim comes across.
		const owner = unlessDamaged(() => this.tables.meta.get('owner'));
		if (owner?.pid === process.pid) {
			this.tables.env.transactionSync(() => {
				this.tables.meta.removeSync('owner');
			});
		}
		await this.tables.env.close();
		if (this.#place.isSame()) {
			closed(this.#folder);
		}
	}
}

/** What a claim says of the index that it got. */
interface Claimed {
	indexId: string;
	afterCrash: boolean;
}

function claimIn(tables: Tables, socket: string, { needsNewId }: Admission): { heldBy: Owner } | Claimed {
	const { meta } = tables;
	adoptSchema(tables);
	const owner = meta.get('owner');
	if (owner !== undefined && owner.pid !== process.pid && isRunning(owner)) {
		return { heldBy: owner };
	}
	migrate(tables, meta.schema ?? SCHEMA_VERSION);
	meta.readAll();
	meta.putSchema(SCHEMA_VERSION);
	meta.putSync('owner', { ...ownIdentity(), socket } satisfies Owner);
	let indexId = needsNewId ? undefined : meta.get('indexId');
	if (indexId === undefined) {
		indexId = randomBytes(8).toString('hex');
		meta.putSync('indexId', indexId);
	}
	return { indexId, afterCrash: owner !== undefined };
}

/** LMDB's errors carry the numeric code of the system call or of LMDB. */
function isLmdbError(error: unknown): boolean {
	return error instanceof Error && typeof (error as { code?: unknown }).code === 'number';
}

function loadCaches(tables: Tables, known: KnownWatches): IndexCaches {
	const caches = new IndexCaches(new PackedNodes(tables));
	caches.nextNodeId = (tables.meta.get('lastNodeId') ?? ROOT_NODE) + 1;
	// The last record may have been damaged and removed: its number is not given again.
	caches.nextSeq = Math.max(lastKey(tables.log) ?? 0, tables.meta.get('head') ?? 0) + 1;
	caches.nextCoverage = KnownWatches.lastCoverage(tables) + 1;
	caches.baselined = tables.meta.get('baselined') === true;
	for (const [id, watches] of known.coverages) {
		caches.coverages.set(id, watches);
		caches.coverageIds.set(watches.join('\n'), id);
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
