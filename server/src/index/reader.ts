/**
 * Everything that is asked of the index. Reads only; each answer costs O(1) reads, or O(result) for pages and lists.
 */
import { statSync } from 'node:fs';
import type {
	BurstSummary,
	Counters,
	IndexSummary,
	LifetimeCounters,
	LoggedChange,
	NetChange,
	PathStats,
} from '#shared/model.ts';
import type {
	BurstsParams,
	BurstsResult,
	RecentChangesParams,
	RecentChangesResult,
	SinceResult,
} from '#shared/protocol.ts';
import { fromShown, shownPath } from '../platform/names.ts';
import { childPath, joinNames } from '../platform/paths.ts';
import { admitReader } from './admission.ts';
import { readBurst, summarizeBurst, unpackBurst } from './bursts.ts';
import * as counts from './counts.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { readGlobal } from './global-stats.ts';
import { LogReader, type LogSelection, toldRecord } from './log-reader.ts';
import { nodeAtPath } from './lookup.ts';
import {
	DamagedRecordError,
	type LogRecord,
	nameOfKey,
	nodeKey,
	type NodeRecord,
	unpackCounts,
	unpackNode,
	WATCH_ADDED,
	WATCH_REMOVED,
} from './records.ts';
import { foldChanges } from './since.ts';
import type { Owner } from './writer.ts';
import { dataFile, openTables, ROOT_NODE, type Tables } from './tables.ts';
import { readLog } from './verify/log-check.ts';
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

/** Log records looked at for one page of a watch's changes before saying "there is more". */
const PAGE_SCAN_LIMIT = 20_000;

export class IndexReader {
	readonly #folder: string;
	readonly #tables: Tables;
	readonly #onDamage: (error: DamagedRecordError) => void;
	readonly indexId: string;

	/**
	 * @param onDamage hears of damaged records that an answer leaves out
	 * @throws FiletideError `INDEX_DAMAGED`, `SCHEMA_TOO_NEW`; LMDB's errors when the folder holds no index.
	 */
	constructor(folder: string, onDamage: (error: DamagedRecordError) => void) {
		admitReader(folder);
		this.#folder = folder;
		this.#onDamage = onDamage;
		this.#tables = openTables(folder, true);
		this.indexId = (this.#tables.meta.get('indexId') as string | undefined) ?? '';
	}

	/** Who writes, or wrote, the index; undefined when it was closed in order. */
	owner(): Owner | undefined {
		return this.#tables.meta.get('owner') as Owner | undefined;
	}

	/** Last sequence number; 0 when the log is empty. */
	get head(): number {
		return (this.#tables.meta.get('head') as number | undefined) ?? 0;
	}

	/** Sees what has been committed since the last call; LMDB otherwise keeps one snapshot per event-loop turn. */
	refresh(): void {
		this.#tables.env.resetReadTxn();
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
		return { bytes, events: readGlobal(this.#tables)[counts.GLOBAL_EVENTS] ?? 0, head: this.head };
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
		const row = value === undefined ? [] : unpackCounts(value, counts.PATH_COUNTS);
		return { path, own: counts.toCounters(row), subtree: counts.toCounters(row, counts.LIVE) };
	}

	/** A page of a watch's records, newest first; of one burst when the question names one. */
	recentChanges({ watchId, limit, before, burst }: RecentChangesParams): RecentChangesResult {
		const changes: LoggedChange[] = [];
		let scanned = 0;
		const row = burst === undefined ? undefined : readBurst(this.#tables, burst);
		if (burst !== undefined && row === undefined) {
			return { changes, more: false };
		}
		const range = this.#tables.log.getRange({
			reverse: true,
			start: Math.min((before ?? Number.POSITIVE_INFINITY) - 1, row?.lastSeq ?? this.head),
			...(row === undefined ? {} : { end: row.firstSeq - 1 }),
		});
		for (const { key, value } of range) {
			const change = toldRecord(this.#tables, key, value, this.#onDamage);
			if (change?.watches.includes(watchId) === true && (burst === undefined || change.burst === burst)) {
				if (changes.length === limit) {
					return { changes, more: true };
				}
				changes.push(change);
			}
			// A page has something that the next one can begin behind.
			if (++scanned >= PAGE_SCAN_LIMIT && changes.length > 0) {
				return { changes, more: true };
			}
		}
		return { changes, more: false };
	}

	/** The log in its own order, or what is selected of it. */
	log(selection: LogSelection): LogReader {
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
		if (from === undefined || from > this.head || from < this.#firstSeq() - 1) {
			return this.#fresh(now);
		}
		const records: LogRecord[] = [];
		const added = new Set<string>();
		for (const { value } of this.#tables.log.getRange({ start: from + 1 })) {
			const record = readLog(value);
			if (record === undefined) {
				this.#onDamage(new DamagedRecordError('log'));
				continue;
			}
			records.push(record);
			if (record.type === WATCH_ADDED) {
				added.add(record.path);
			} else if (record.type === WATCH_REMOVED) {
				// What only that watch covered went without a record for each: the reader starts afresh.
				return this.#fresh(now);
			}
		}
		if (records.length !== this.head - from) {
			// What a damaged record said nobody knows, whether it is still there or was removed by a repair.
			return this.#fresh(now);
		}
		const isBrought = ({ coverage }: { coverage: number }) =>
			added.size > 0 && (this.#tables.coverages.get(coverage) ?? []).every((watch) => added.has(watch));
		const changes = foldChanges(records, isBrought);
		return {
			cursor: now,
			fresh: false,
			changes: added.size === 0 ? changes : [...changes, ...this.#broughtBy(isBrought, changes)],
		};
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

	#firstSeq(): number {
		for (const key of this.#tables.log.getKeys({ limit: 1 })) {
			return key;
		}
		return 1;
	}
}
