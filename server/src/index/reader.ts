/**
 * Everything that is asked of the index. Reads only; each answer costs O(1) reads, or O(result) for pages and lists.
 */
import { statSync } from 'node:fs';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type {
	BurstSummary,
	Counters,
	IndexSummary,
	HotPath,
	LifetimeCounters,
	NetChange,
	PathStats,
} from '#shared/model.ts';
import type {
	BurstsParams,
	BurstsResult,
	HotPathsParams,
	HotPathsResult,
	RatesParams,
	RatesResult,
	RecentChangesParams,
	RecentChangesResult,
	RetentionSummary,
	SinceResult,
} from '#shared/protocol.ts';
import { fromShown, shownPath } from '../platform/names.ts';
import { childPath, joinNames } from '../platform/paths.ts';
import { openToRead } from './admission.ts';
import { summarizeBurst, unpackBurst } from './bursts.ts';
import * as counts from './counts.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { readGlobal } from './global-stats.ts';
import { LONGEST_WINDOW_MS, readHotNodes } from './hot-nodes.ts';
import { LogReader, type LogSelection } from './log-reader.ts';
import { nodeAtPath } from './lookup.ts';
import {
	DamagedRecordError,
	type LogRecord,
	LogRow,
	nameOfKey,
	nodeKey,
	type NodeRecord,
	readLog,
	typeOfLog,
	unpackCounts,
	unpackNode,
	WATCH_ADDED,
	WATCH_REMOVED,
} from './records.ts';
import { ALL_WATCHES, UNIT_MS } from './periods.ts';
import { unpackPathCounts } from './path-counts.ts';
import { Places } from './places.ts';
import { readRates } from './rates.ts';
import { readRuntimeCounts, type RuntimeCounts } from './runtime-counts.ts';
import { foldChanges } from './since.ts';
import type { Owner } from './meta-table.ts';
import {
	bytesInUse,
	dataFile,
	type InPlace,
	logInPlace,
	refreshTables,
	ROOT_NODE,
	SCHEMA_VERSION,
	type Tables,
} from './tables.ts';
import { type Verification, verify, type VerifyOptions } from './verify/verify.ts';
import { KnownWatches } from './verify/watch-check.ts';
import type { StoredWatch } from './watch-table.ts';

/** The index's part of a watch's summary. */
export interface WatchCounts extends Counters {
	lifetime: LifetimeCounters;
	files: number;
	folders: number;
	lastChange?: number;
}

/** The schema since which an index has all by which its log is searched. */
const SEARCHABLE_SINCE = 3;
/** Rows looked at for one page before saying "there is more". */
const PAGE_SCAN_LIMIT = 20_000;

export class IndexReader {
	readonly #folder: string;
	readonly #tables: Tables;
	#log: InPlace | undefined;
	readonly #onDamage: (error: DamagedRecordError) => void;
	readonly indexId: string;

	/**
	 * @param onDamage hears of damaged records that an answer leaves out
	 * @param tables of the folder, when they are open already; closed with the reader
	 * @throws FiletideError `INDEX_DAMAGED`, `SCHEMA_TOO_NEW`; LMDB's errors when the folder holds no index.
	 */
	constructor(folder: string, onDamage: (error: DamagedRecordError) => void, tables = openToRead(folder)) {
		this.#folder = folder;
		this.#onDamage = onDamage;
		this.#tables = tables;
		this.indexId = this.#tables.meta.get('indexId') ?? '';
	}

	/** Who writes, or wrote, the index; undefined when it was closed in order. */
	owner(): Owner | undefined {
		return this.#tables.meta.get('owner');
	}

	/** Last sequence number; 0 when the log is empty. */
	get head(): number {
		return this.#tables.meta.get('head') ?? 0;
	}

	/** Sees what has been committed since the last call; LMDB otherwise keeps one snapshot per event-loop turn. */
	refresh(): void {
		refreshTables(this.#tables);
	}

	cursor(): string {
		return formatCursor(this.indexId, this.head);
	}

	global(): Counters {
		return counts.toCounters(readGlobal(this.#tables));
	}

	summary(): IndexSummary {
		let bytes = 0;
		try {
			bytes = statSync(dataFile(this.#folder)).size;
		} catch {
			// Somebody deleted the index under us: its size is what is there now, nothing.
		}
		const events = readGlobal(this.#tables)[counts.GLOBAL_EVENTS] ?? 0;
		return { bytes, events, head: this.head };
	}

	retention(): RetentionSummary {
		return { bytesInUse: bytesInUse(this.#tables), prunedTo: this.#prunedTo };
	}

	/** The watches that the index knows, by id. */
	watches(): Map<string, StoredWatch> {
		return KnownWatches.read(this.#tables).watches;
	}

	watchCounts(id: string): WatchCounts {
		const value = this.#tables.watchStats.get(id);
		const row = value === undefined ? [] : unpackCounts(value, counts.WATCH_COUNTS);
		const lastChange = row[counts.WATCH_LAST_CHANGE] ?? 0;
		return {
			...counts.toCounters(row),
			lifetime: counts.toLifetime(row, counts.LIVE),
			files: row[counts.WATCH_FILES] ?? 0,
			folders: row[counts.WATCH_FOLDERS] ?? 0,
			...(lastChange === 0 ? {} : { lastChange }),
		};
	}

	/** Counters of a path; undefined when no watch covers it and nothing beneath it can be covered. */
	pathStats(path: string): PathStats | undefined {
		const node = nodeAtPath(this.#tables, path);
		if (node === undefined) {
			return undefined;
		}
		const value = this.#tables.pathStats.get(node.id);
		const row = value === undefined ? [] : unpackPathCounts(value);
		return { path, own: counts.toCounters(row), subtree: counts.toCounters(row, counts.LIVE) };
	}

	/** A page of the log, newest first. @throws FiletideError `SCHEMA_TOO_OLD` */
	recentChanges({ watchId, limit, before, ...selection }: RecentChangesParams): RecentChangesResult {
		const log = this.log({ ...selection, ...(watchId === undefined ? {} : { coveredBy: watchId }) });
		const { changes, next } = log.before(before ?? this.head + 1, limit, PAGE_SCAN_LIMIT);
		return { changes, more: next !== undefined, ...(next === undefined ? {} : { next }) };
	}

	/** The files that changed most in the latest time. @throws FiletideError `SCHEMA_TOO_OLD` */
	hotPaths({ watchId, windowMs, limit }: HotPathsParams, now: number): HotPathsResult {
		this.#requireCurrent();
		const since = now - Math.min(Math.max(windowMs, UNIT_MS.minute), LONGEST_WINDOW_MS);
		const { from, nodes } = readHotNodes(this.#tables, watchId ?? ALL_WATCHES, since, now);
		const places = new Places(this.#tables);
		const paths: HotPath[] = [];
		for (const { node, least, most } of nodes) {
			const place = paths.length < limit ? places.now(node) : undefined;
			if (place !== undefined && (watchId === undefined || this.#covers(place.coverage, watchId))) {
				const exact = most === least ? {} : { atMost: most };
				paths.push({ ...shownPath(place.path), kind: place.kind, events: least, ...exact });
			}
		}
		return { from, paths };
	}

	/** Events per minute, hour or day. @throws FiletideError `SCHEMA_TOO_OLD` */
	rates({ watchId, unit, from, to }: RatesParams, now: number): RatesResult {
		this.#requireCurrent();
		return { unit, periods: readRates(this.#tables, watchId ?? ALL_WATCHES, unit, from ?? 0, to ?? now) };
	}

	/** What the source of a watch has brought, as far as it was committed. */
	runtimeCounts(watchId: string): RuntimeCounts {
		return readRuntimeCounts(this.#tables, watchId);
	}

	/** The log in its own order, or what is selected of it. @throws FiletideError `SCHEMA_TOO_OLD` */
	log(selection: LogSelection): LogReader {
		if (selection.path !== undefined || selection.watchId !== undefined) {
			this.#requireCurrent();
		}
		return new LogReader(this.#tables, selection, this.#onDamage);
	}

	/** A page of the bursts with events of a watch, newest first. */
	bursts({ watchId, limit, before }: BurstsParams): BurstsResult {
		const bursts: BurstSummary[] = [];
		let scanned = 0;
		const range = this.#tables.bursts.getRange({
			reverse: true,
			...(before === undefined ? {} : { start: before - 1 }),
		});
		for (const { key, value } of range) {
			const burst = summarizeBurst(unpackBurst(key, value), (coverage) => this.#covers(coverage, watchId));
			if (burst !== undefined && bursts.push(this.#withOnlyChange(burst, watchId)) > limit) {
				return { bursts: bursts.slice(0, limit), more: true };
			}
			if (++scanned >= PAGE_SCAN_LIMIT) {
				return { bursts, more: true };
			}
		}
		return { bursts, more: false };
	}

	/** Net changes since a cursor, or everything that exists when it cannot be followed. */
	since(cursor: string): SinceResult {
		const from = parseCursor(cursor, this.indexId);
		const now = this.cursor();
		if (from === undefined || from > this.head) {
			return this.#fresh(now);
		}
		if (from < this.#prunedTo) {
			return { ...this.#fresh(now), pruned: true };
		}
		const added = this.#watchesAddedAfter(from);
		if (added === undefined) {
			// What only a watch covered that was removed went without a record for each: the reader starts afresh.
			return this.#fresh(now);
		}
		const isBrought = ({ coverage }: { coverage: number }) =>
			added.size > 0 && (this.#tables.coverages.get(coverage) ?? []).every((watch) => added.has(watch));
		const gap = { found: false };
		// Read once more instead of remembered: a million records take a quarter of a gigabyte.
		const changes = foldChanges(this.#recordsAfter(from, gap), isBrought);
		if (gap.found) {
			// What a damaged record said nobody knows, whether it is still there or was removed by a repair.
			return this.#fresh(now);
		}
		return {
			cursor: now,
			fresh: false,
			changes: added.size === 0 ? changes : [...changes, ...this.#broughtBy(isBrought, changes)],
		};
	}

	/** Undefined when one was removed. */
	#watchesAddedAfter(seq: number): Set<string> | undefined {
		const added = new Set<string>();
		if ((this.#tables.meta.get('lastWatchSeq') ?? this.head) <= seq) {
			return added;
		}
		for (const { value } of this.#tables.log.getRange({ start: seq + 1 })) {
			const type = typeOfLog(value);
			if (type === WATCH_REMOVED) {
				return undefined;
			}
			const record = type === WATCH_ADDED ? readLog(value) : undefined;
			if (record !== undefined) {
				added.add(record.path);
			}
		}
		return added;
	}

	/**
	 * One object with ever other fields: a million records would take a quarter of a gigabyte.
	 *
	 * @param gap told of records that are damaged, or were
	 */
	*#recordsAfter(seq: number, gap: { found: boolean }): Generator<LogRecord> {
		this.#log ??= logInPlace(this.#tables);
		const row = new LogRow();
		let last = seq;
		for (const { key, value } of this.#log.getRange({ start: seq + 1 })) {
			gap.found ||= key !== last + 1;
			last = key;
			try {
				row.read(value);
			} catch (error) {
				if (!(error instanceof DamagedRecordError)) {
					throw error;
				}
				gap.found = true;
				this.#onDamage(error);
				continue;
			}
			yield row;
		}
		gap.found ||= last !== this.head;
	}

	#fresh(now: string): SinceResult {
		return {
			cursor: now,
			fresh: true,
			changes: Array.from(this.#everything(ROOT_NODE, ''), ({ node: { kind }, path }): NetChange => {
				return { type: 'create', kind, ...shownPath(path) };
			}),
		};
	}

	/** What exists only because of watches that were added meanwhile, and has no records of its own. */
	*#broughtBy(isBrought: (node: NodeRecord) => boolean, listed: readonly NetChange[]): Generator<NetChange> {
		const known = new Set(listed.map(({ path, bytes }) => fromShown(path, bytes)));
		for (const { node, path } of this.#everything(ROOT_NODE, '')) {
			if (!known.has(path) && isBrought(node)) {
				yield { type: 'create', kind: node.kind, ...shownPath(path), reason: 'coverage' };
			}
		}
	}

	/** Every table against every other, in the state of now. Takes about a second for 100,000 files. @throws as {@link verify} */
	verify(options: VerifyOptions): Verification {
		this.refresh();
		return verify(this.#tables, options);
	}

	async close(): Promise<void> {
		await this.#tables.env.close();
	}

	#covers(coverage: number, watchId: string): boolean {
		return this.#tables.coverages.get(coverage)?.includes(watchId) ?? false;
	}

	#withOnlyChange(burst: BurstSummary, watchId: string): BurstSummary {
		const [change] = burst.events === 1 ? this.recentChanges({ watchId, limit: 1, burst: burst.id }).changes : [];
		return change === undefined ? burst : { ...burst, change };
	}

	*#everything(parent: number, path: string): Generator<{ node: NodeRecord; path: string }> {
		for (const { key, value } of this.#tables.nodes.getRange({
			start: nodeKey(parent, ''),
			end: nodeKey(parent + 1, ''),
		})) {
			const node = unpackNode(value);
			const own = path === '' ? joinNames([nameOfKey(key)]) : childPath(path, nameOfKey(key));
			if (node.coverage !== 0) {
				yield { node, path: own };
			}
			if (node.kind === 'folder') {
				yield* this.#everything(node.id, own);
			}
		}
	}

	/** Last sequence number that is no longer in the log. */
	get #prunedTo(): number {
		return this.#tables.meta.get('prunedTo') ?? 0;
	}

	/** An index that no server has migrated yet lacks what this needs; its counters and its net changes can be read. */
	#requireCurrent(): void {
		const schema = this.#tables.meta.schema ?? SCHEMA_VERSION;
		if (schema < SEARCHABLE_SINCE) {
			throw new FiletideError(
				ErrorCodes.schemaTooOld,
				`The index in ${this.#folder} was written by an older Filetide (schema ${schema}, this one reads ${SCHEMA_VERSION}). Start a server for it once ("filetide serve"), which brings it up to date.`,
			);
		}
	}
}
