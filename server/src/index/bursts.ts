/**
 * Bursts: events that belong together, one row for each in the table `bursts`. Which burst an event belongs to is the
 * engine's decision; here they are counted, in the transaction that writes their records.
 */
import type { BurstOrigin, BurstSummary, ChangeType } from '#shared/model.ts';
import { decodeName, encodeName, shownPath } from '../platform/names.ts';
import { CHANGE_TYPES, type LogRecord, seal, unseal } from './records.ts';
import type { Tables } from './tables.ts';

/** The burst id of records that belong to none. */
export const NO_BURST = 0;

const ORIGINS = ['unknown', 'git', 'packages', 'editor'] as const satisfies readonly BurstOrigin[];

/** What the engine knows of the burst that an event belongs to. */
export interface OpenBurst {
	/** 1 or more. */
	id: number;
	origin: BurstOrigin;
	/** Absolute path of the root in which it happens. */
	root: string;
}

export interface BurstPolicy {
	/** The burst of an event at a path, now (Unix milliseconds). */
	burstOf(path: string, now: number): OpenBurst;
}

/** A row of the table. */
export interface Burst extends OpenBurst {
	/** Unix milliseconds of its first and its latest event. */
	start: number;
	end: number;
	/** Sequence numbers of its first and its latest event. Others of another burst may lie between. */
	firstSeq: number;
	lastSeq: number;
	/** Events by type, by the watches that covered them (a key into `coverages`). */
	counts: Map<number, TypeCounts>;
}

type TypeCounts = Record<ChangeType, number>;

const HEADER = 32;
/** A coverage and its counts. */
const SHARE = 4 + CHANGE_TYPES.length * 4;

export function packBurst({ origin, start, end, firstSeq, lastSeq, counts, root }: Burst): Buffer {
	const path = encodeName(root);
	const out = Buffer.allocUnsafe(HEADER + 4 + counts.size * SHARE + path.length);
	out.writeUInt32LE(ORIGINS.indexOf(origin), 4);
	out.writeDoubleLE(start, 8);
	out.writeDoubleLE(end, 16);
	out.writeUInt32LE(firstSeq, 24);
	out.writeUInt32LE(lastSeq, 28);
	let at = out.writeUInt32LE(counts.size, HEADER);
	for (const [coverage, share] of counts) {
		at = out.writeUInt32LE(coverage, at);
		for (const type of CHANGE_TYPES) {
			at = out.writeUInt32LE(share[type], at);
		}
	}
	path.copy(out, at);
	return seal(out);
}

export function unpackBurst(id: number, value: Buffer): Burst {
	unseal(value, HEADER + 4, 'burst');
	const counts = new Map<number, TypeCounts>();
	let at = HEADER + 4;
	for (let left = value.readUInt32LE(HEADER); left > 0; left--) {
		const shareAt = at + 4;
		const of = (i: number) => value.readUInt32LE(shareAt + i * 4);
		counts.set(value.readUInt32LE(at), {
			create: of(0),
			modify: of(1),
			metadata: of(2),
			move: of(3),
			remove: of(4),
		});
		at += SHARE;
	}
	return {
		id,
		origin: ORIGINS[value.readUInt32LE(4)] ?? 'unknown',
		start: value.readDoubleLE(8),
		end: value.readDoubleLE(16),
		firstSeq: value.readUInt32LE(24),
		lastSeq: value.readUInt32LE(28),
		counts,
		root: decodeName(value, at),
	};
}

function noCounts(): TypeCounts {
	return { create: 0, modify: 0, metadata: 0, move: 0, remove: 0 };
}

/** The row of a burst; undefined when there is none. */
export function readBurst(tables: Pick<Tables, 'bursts'>, id: number): Burst | undefined {
	const value = tables.bursts.get(id);
	return value === undefined ? undefined : unpackBurst(id, value);
}

/** The id of the burst that began last, also when its row was pruned; {@link NO_BURST} when there was none. */
export function lastBurstId(tables: Pick<Tables, 'bursts' | 'meta'>): number {
	for (const id of tables.bursts.getKeys({ reverse: true, limit: 1 })) {
		return id;
	}
	return tables.meta.get('lastBurstId') ?? NO_BURST;
}

/**
 * What is told of a burst to those who see only some watches; undefined when they see nothing of it.
 *
 * @param sees whether they see the events of a coverage
 */
export function summarizeBurst(burst: Burst, sees: (coverage: number) => boolean): BurstSummary | undefined {
	const { id, origin, root, start, end } = burst;
	const counts = noCounts();
	let events = 0;
	for (const [, share] of [...burst.counts].filter(([coverage]) => sees(coverage))) {
		for (const type of CHANGE_TYPES) {
			counts[type] += share[type];
			events += share[type];
		}
	}
	return events === 0 ? undefined : { id, origin, root: shownPath(root).path, start, end, events, counts };
}

/** The rows that one transaction changes, each written once. */
export class BurstRows {
	readonly #tables: Pick<Tables, 'bursts' | 'meta'>;
	readonly #rows = new Map<number, Burst>();

	constructor(tables: Pick<Tables, 'bursts' | 'meta'>) {
		this.#tables = tables;
	}

	/** Counts an event that these watches covered. */
	count(burst: OpenBurst, coverage: number, typeIndex: number, time: number, seq: number): void {
		let row = this.#rows.get(burst.id);
		if (row === undefined) {
			row = readBurst(this.#tables, burst.id) ?? {
				...burst,
				start: time,
				end: time,
				firstSeq: seq,
				lastSeq: seq,
				counts: new Map(),
			};
			this.#rows.set(burst.id, row);
		}
		row.origin = burst.origin;
		row.end = time;
		row.lastSeq = seq;
		let share = row.counts.get(coverage);
		if (share === undefined) {
			share = noCounts();
			row.counts.set(coverage, share);
		}
		share[CHANGE_TYPES[typeIndex] ?? 'modify']++;
	}

	/** The oldest record of a burst is no longer in the log. */
	uncount({ burst, coverage, type }: LogRecord, seq: number): void {
		const row = this.#rows.get(burst) ?? readBurst(this.#tables, burst);
		const share = row?.counts.get(coverage);
		const name = CHANGE_TYPES[type];
		if (row === undefined || share === undefined || name === undefined) {
			return;
		}
		this.#rows.set(burst, row);
		row.firstSeq = seq + 1;
		share[name]--;
		if (CHANGE_TYPES.every((each) => share[each] === 0)) {
			row.counts.delete(coverage);
		}
	}

	flush(): void {
		for (const [id, row] of this.#rows) {
			if (row.counts.size > 0) {
				this.#tables.bursts.putSync(id, packBurst(row));
				continue;
			}
			if (id === lastBurstId(this.#tables)) {
				// No later burst may get its id.
				this.#tables.meta.putSync('lastBurstId', id);
			}
			this.#tables.bursts.removeSync(id);
		}
	}
}
