/**
 * Reads the log in its own order, or backwards, and selects. A record tells where its node was then; `watchId` and `path`
 * ask where the node is now, or for a removed one where it was last (DESIGN.md §5).
 */
import type { ChangeType, LoggedChange } from '#shared/model.ts';
import { shownFrom, shownPath } from '../platform/names.ts';
import { isInside } from '../platform/paths.ts';
import { pathOfNode } from './lookup.ts';
import {
	CHANGE_TYPES,
	DamagedRecordError,
	type LogRecord,
	nodeKey,
	unpackLog,
	unpackNode,
	unpackPlace,
} from './records.ts';
import type { Tables } from './tables.ts';
import { readLog } from './verify/log-check.ts';

export interface LogSelection {
	watchId?: string;
	/** Absolute path of a file, or of a folder with everything in it. */
	path?: string;
	type?: ChangeType;
}

interface Place {
	path: string;
	coverage: number;
}

const REMOVE = CHANGE_TYPES.indexOf('remove');

export class LogReader {
	readonly #tables: Tables;
	readonly #selection: LogSelection;
	readonly #onDamage: (error: DamagedRecordError) => void;
	/** Removed node → sequence number of the record that says so. Up to {@link #knownUpTo}; filled when it is needed. */
	readonly #removals = new Map<number, number>();
	#knownUpTo = 0;

	/** @param onDamage hears of records that cannot be read, and are left out */
	constructor(tables: Tables, selection: LogSelection, onDamage: (error: DamagedRecordError) => void) {
		this.#tables = tables;
		this.#selection = selection;
		this.#onDamage = onDamage;
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
		for (const { key, value } of this.#tables.log.getRange({ start: after + 1, limit: most })) {
			upTo = key;
			const change = this.#select(key, value);
			if (change !== undefined) {
				changes.push(change);
			}
		}
		return { changes, upTo };
	}

	/** The newest selected records up to a sequence number, oldest first. */
	newest(upTo: number, count: number): LoggedChange[] {
		const changes: LoggedChange[] = [];
		for (const { key, value } of this.#tables.log.getRange({ start: upTo, reverse: true })) {
			if (changes.length >= count) {
				break;
			}
			const change = this.#select(key, value);
			if (change !== undefined) {
				changes.push(change);
			}
		}
		return changes.toReversed();
	}

	#select(seq: number, value: Buffer): LoggedChange | undefined {
		const record = readLog(value);
		if (record === undefined) {
			this.#onDamage(new DamagedRecordError('log'));
			return undefined;
		}
		const { type, path, watchId } = this.#selection;
		if (type !== undefined && CHANGE_TYPES[record.type] !== type) {
			return undefined;
		}
		if (path !== undefined || watchId !== undefined) {
			const place = this.#placeNow(record) ?? this.#lastPlace(seq, record);
			if (path !== undefined && !isInside(path, place.path)) {
				return undefined;
			}
			if (watchId !== undefined && this.#tables.coverages.get(place.coverage)?.includes(watchId) !== true) {
				return undefined;
			}
		}
		return toLoggedChange(this.#tables, seq, record);
	}

	#placeNow(record: LogRecord): Place | undefined {
		try {
			return this.#readPlaceNow(record);
		} catch (error) {
			if (!(error instanceof DamagedRecordError)) {
				throw error;
			}
			this.#onDamage(error);
			return undefined;
		}
	}

	#readPlaceNow({ nodeId }: LogRecord): Place | undefined {
		const packed = this.#tables.nodeById.get(nodeId);
		const path = packed === undefined ? undefined : pathOfNode(this.#tables, nodeId);
		if (packed === undefined || path === undefined) {
			return undefined;
		}
		const { parent, name } = unpackPlace(packed);
		const node = this.#tables.nodes.get(nodeKey(parent, name));
		return node === undefined ? undefined : { path, coverage: unpackNode(node).coverage };
	}

	/** What went without a record (its watch was removed) stays where this one saw it. */
	#lastPlace(seq: number, record: LogRecord): Place {
		if (seq > this.#knownUpTo) {
			for (const { key, value } of this.#tables.log.getRange({ start: this.#knownUpTo + 1 })) {
				this.#knownUpTo = key;
				const removal = readLog(value);
				if (removal?.type === REMOVE) {
					this.#removals.set(removal.nodeId, key);
				}
			}
		}
		const removal = this.#removals.get(record.nodeId);
		const value = removal === undefined ? undefined : this.#tables.log.get(removal);
		return value === undefined ? record : unpackLog(value);
	}
}

/**
 * A row of the log as it is told; undefined for records that are no changes of a node.
 *
 * @param onDamage hears of one that cannot be read, and is left out
 */
export function toldRecord(
	tables: Pick<Tables, 'coverages'>,
	seq: number,
	value: Buffer,
	onDamage: (error: DamagedRecordError) => void,
): LoggedChange | undefined {
	const record = readLog(value);
	if (record === undefined) {
		onDamage(new DamagedRecordError('log'));
		return undefined;
	}
	return toLoggedChange(tables, seq, record);
}

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
