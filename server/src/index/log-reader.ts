/**
 * Reads the log in its own order, or backwards, and selects. A record tells where its node was then; `watchId` and `path`
 * ask where the node is now, or for a removed one where it was last (DESIGN.md §5).
 */
import type { ChangeType, LoggedChange } from '#shared/model.ts';
import { shownFrom, shownPath } from '../platform/names.ts';
import { isInside } from '../platform/paths.ts';
import { readBurst } from './bursts.ts';
import { nodesAt, type PathNode, search, type Wanted } from './log-search.ts';
import { Places } from './places.ts';
import { CHANGE_TYPES, DamagedRecordError, type LogRecord, readLog } from './records.ts';
import type { Tables } from './tables.ts';

export interface LogSelection {
	/** What this watch covers now. */
	watchId?: string;
	/** What this watch covered when it happened. */
	coveredBy?: string;
	/** Absolute. What is there now or was there last, and when that is or was a folder, everything in it. */
	path?: string;
	type?: ChangeType;
	burst?: number;
}

/** A page that is read backwards. */
export interface LogPage {
	/** Newest first. */
	changes: LoggedChange[];
	/** What the next page lies before; undefined when there is none. */
	next: number | undefined;
}

export class LogReader {
	readonly #tables: Tables;
	readonly #selection: LogSelection;
	readonly #onDamage: (error: DamagedRecordError) => void;
	readonly #places: Places;
	/** The nodes of the path, when none is a folder; as of the latest page. */
	#nodes: readonly PathNode[] | undefined;

	/** @param onDamage hears of records that cannot be read, and are left out */
	constructor(tables: Tables, selection: LogSelection, onDamage: (error: DamagedRecordError) => void) {
		this.#tables = tables;
		this.#selection = selection;
		this.#onDamage = onDamage;
		this.#places = new Places(tables);
	}

	/**
	 * Selected records after a sequence number, oldest first.
	 *
	 * @param most records that are looked at
	 * @returns `upTo`: the one looked at last, to go on after; `after` when there is none
	 */
	page(after: number, most: number): { changes: LoggedChange[]; upTo: number } {
		const changes: LoggedChange[] = [];
		let upTo = after;
		this.#refresh();
		for (const { key, value } of this.#tables.log.getRange({ start: after + 1, limit: most })) {
			upTo = key;
			const change = this.#select(key, value);
			if (change !== undefined) {
				changes.push(change);
			}
		}
		return { changes, upTo };
	}

	/**
	 * The newest selected records before a sequence number.
	 *
	 * @param most records that are looked at
	 */
	before(before: number, limit: number, most = Number.POSITIVE_INFINITY): LogPage {
		const changes: LoggedChange[] = [];
		this.#refresh();
		const wanted = this.#wanted(before);
		if (wanted === undefined) {
			return { changes, next: undefined };
		}
		let looked = 0;
		let last = before;
		for (const { seq, value } of search(this.#tables, wanted)) {
			if (looked++ >= most) {
				return { changes, next: last };
			}
			const change = this.#select(seq, value);
			if (change !== undefined) {
				if (changes.length === limit) {
					return { changes, next: last };
				}
				changes.push(change);
			}
			last = seq;
		}
		return { changes, next: undefined };
	}

	/** Since the page before, nodes may have moved. */
	#refresh(): void {
		const { path } = this.#selection;
		this.#places.refresh();
		this.#nodes = path === undefined ? undefined : nodesAt(this.#tables, path);
	}

	/** Undefined when nothing can fit. */
	#wanted(before: number): Wanted | undefined {
		const { type, coveredBy, burst } = this.#selection;
		const row = burst === undefined ? undefined : readBurst(this.#tables, burst);
		if (burst !== undefined && row === undefined) {
			return undefined;
		}
		const beginning = (this.#tables.meta.get('prunedTo') ?? 0) + 1;
		const coverages = new Map<number, boolean>();
		const isCovered = (coverage: number) => {
			let covered = coverages.get(coverage);
			if (covered === undefined) {
				covered = this.#covers(coverage, coveredBy);
				coverages.set(coverage, covered);
			}
			return covered;
		};
		return {
			before: Math.min(before, (row?.lastSeq ?? this.#tables.meta.get('head') ?? 0) + 1),
			from: Math.max(beginning, row?.firstSeq ?? 0),
			nodes: this.#nodes,
			type: type === undefined ? undefined : CHANGE_TYPES.indexOf(type),
			isCovered: coveredBy === undefined ? undefined : isCovered,
		};
	}

	#select(seq: number, value: Buffer): LoggedChange | undefined {
		const record = readLog(value);
		if (record === undefined) {
			this.#onDamage(new DamagedRecordError('log'));
			return undefined;
		}
		const { type, path, watchId, coveredBy, burst } = this.#selection;
		if (
			(type !== undefined && CHANGE_TYPES[record.type] !== type) ||
			(burst !== undefined && record.burst !== burst) ||
			(coveredBy !== undefined && !this.#covers(record.coverage, coveredBy))
		) {
			return undefined;
		}
		if (path !== undefined || watchId !== undefined) {
			const place = this.#placeOf(record);
			if (path !== undefined && !(this.#nodes === undefined ? isInside(path, place.path) : place.path === path)) {
				return undefined;
			}
			if (watchId !== undefined && !this.#covers(place.coverage, watchId)) {
				return undefined;
			}
		}
		return toLoggedChange(this.#tables, seq, record);
	}

	/** Where the node of a record is now, or was last. */
	#placeOf(record: LogRecord): { path: string; coverage: number } {
		try {
			return this.#places.of(record.nodeId) ?? record;
		} catch (error) {
			if (!(error instanceof DamagedRecordError)) {
				throw error;
			}
			this.#onDamage(error);
			return record;
		}
	}

	#covers(coverage: number, watchId: string | undefined): boolean {
		return watchId !== undefined && this.#tables.coverages.get(coverage)?.includes(watchId) === true;
	}
}

/** A record as it is told; undefined for those that are no changes of a node. */
function toLoggedChange(tables: Pick<Tables, 'coverages'>, seq: number, record: LogRecord): LoggedChange | undefined {
	const type = CHANGE_TYPES[record.type];
	if (type === undefined) {
		return undefined;
	}
	return {
		seq,
		time: record.time,
		type,
		kind: record.kind,
		...shownPath(record.path),
		...(record.from === '' ? {} : shownFrom(record.from)),
		...(record.reason === undefined ? {} : { reason: record.reason }),
		watches: [...(tables.coverages.get(record.coverage) ?? [])],
		burst: record.burst,
		nodeId: record.nodeId,
	};
}
