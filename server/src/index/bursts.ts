/**
 * Bursts: events that belong together, one row for each in the table `bursts`. Which burst an event belongs to is the
 * engine's decision; here they are counted, in the transaction that writes their records.
 */
import type { BurstOrigin, ChangeType } from '#shared/model.ts';
import { decodeName, encodeName } from '../platform/names.ts';
import { CHANGE_TYPES, seal, unseal } from './records.ts';
import type { Tables } from './tables.ts';

/** The burst id of records that belong to none. */
export const NO_BURST = 0;

export const ORIGINS = ['unknown', 'git', 'packages', 'editor'] as const satisfies readonly BurstOrigin[];

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
	/** Events by type. */
	counts: Record<ChangeType, number>;
}

const HEADER = 32;

export function packBurst({ origin, start, end, firstSeq, lastSeq, counts, root }: Burst): Buffer {
	const path = encodeName(root);
	const out = Buffer.allocUnsafe(HEADER + CHANGE_TYPES.length * 4 + path.length);
	out.writeUInt32LE(ORIGINS.indexOf(origin), 4);
	out.writeDoubleLE(start, 8);
	out.writeDoubleLE(end, 16);
	out.writeUInt32LE(firstSeq, 24);
	out.writeUInt32LE(lastSeq, 28);
	for (const [i, type] of CHANGE_TYPES.entries()) {
		out.writeUInt32LE(counts[type], HEADER + i * 4);
	}
	path.copy(out, HEADER + CHANGE_TYPES.length * 4);
	return seal(out);
}

export function unpackBurst(id: number, value: Buffer): Burst {
	const pathAt = HEADER + CHANGE_TYPES.length * 4;
	unseal(value, pathAt, 'burst');
	const at = (i: number) => value.readUInt32LE(HEADER + i * 4);
	return {
		id,
		origin: ORIGINS[value.readUInt32LE(4)] ?? 'unknown',
		start: value.readDoubleLE(8),
		end: value.readDoubleLE(16),
		firstSeq: value.readUInt32LE(24),
		lastSeq: value.readUInt32LE(28),
		counts: { create: at(0), modify: at(1), metadata: at(2), move: at(3), remove: at(4) },
		root: decodeName(value, pathAt),
	};
}

/** The row of a burst; undefined when there is none. */
export function readBurst(tables: Pick<Tables, 'bursts'>, id: number): Burst | undefined {
	const value = tables.bursts.get(id);
	return value === undefined ? undefined : unpackBurst(id, value);
}

/** The burst that was recorded last. */
export function lastBurst(tables: Pick<Tables, 'bursts'>): Burst | undefined {
	for (const { key, value } of tables.bursts.getRange({ reverse: true, limit: 1 })) {
		return unpackBurst(key, value);
	}
	return undefined;
}

/** The rows that one transaction changes, each written once. */
export class BurstRows {
	readonly #tables: Pick<Tables, 'bursts'>;
	readonly #rows = new Map<number, Burst>();

	constructor(tables: Pick<Tables, 'bursts'>) {
		this.#tables = tables;
	}

	/** Counts an event. */
	count(burst: OpenBurst, typeIndex: number, time: number, seq: number): void {
		let row = this.#rows.get(burst.id);
		if (row === undefined) {
			row = readBurst(this.#tables, burst.id) ?? {
				...burst,
				start: time,
				end: time,
				firstSeq: seq,
				lastSeq: seq,
				counts: { create: 0, modify: 0, metadata: 0, move: 0, remove: 0 },
			};
			this.#rows.set(burst.id, row);
		}
		row.origin = burst.origin;
		row.end = time;
		row.lastSeq = seq;
		row.counts[CHANGE_TYPES[typeIndex] ?? 'modify']++;
	}

	flush(): void {
		for (const [id, row] of this.#rows) {
			this.#tables.bursts.putSync(id, packBurst(row));
		}
	}
}
