/**
 * `bursts` against the log. The records of a burst lie between its first and its last one, so only those that are open at a
 * place of the log are in memory.
 */
import type { BurstOrigin, ChangeType } from '#shared/model.ts';
import { type Burst, packBurst, unpackBurst } from '../bursts.ts';
import { CHANGE_TYPES, DamagedRecordError, type LogFacts } from '../records.ts';
import type { Tables } from '../tables.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { IdSlots } from './id-slots.ts';
import type { KnownWatches } from './watch-check.ts';

interface OpenBurst {
	stored: Burst | typeof DAMAGED | undefined;
	counted: Burst;
}

export class BurstCheck {
	readonly #tables: Pick<Tables, 'bursts'>;
	readonly #known: KnownWatches;
	readonly #findings: Findings;
	/** The first record of the log; what a burst had before it was pruned. */
	readonly #firstSeq: number;
	readonly #open = new Map<number, OpenBurst>();
	/** Bursts that have records. */
	readonly #seen = new IdSlots(0);

	constructor(tables: Pick<Tables, 'bursts'>, known: KnownWatches, findings: Findings, firstSeq: number) {
		this.#tables = tables;
		this.#known = known;
		this.#findings = findings;
		this.#firstSeq = firstSeq;
	}

	/** Takes the records in their order. */
	count(seq: number, record: LogFacts): void {
		const type = CHANGE_TYPES[record.type];
		if (record.burst === 0 || type === undefined) {
			return;
		}
		let burst = this.#open.get(record.burst);
		if (burst === undefined) {
			const stored = this.#read(record.burst);
			// One that agreed until here and goes on has as many as its row says, and more.
			const soFar =
				typeof stored === 'object' && this.#seen.has(record.burst) ? structuredClone(stored) : undefined;
			burst = { stored, counted: soFar ?? this.#begin(record, seq, stored) };
			this.#seen.add(record.burst);
			this.#open.set(record.burst, burst);
		}
		countIn(burst.counted, seq, record, type);
		if (
			typeof burst.stored === 'object' &&
			burst.stored.lastSeq === seq &&
			this.#agrees(burst.stored, burst.counted)
		) {
			this.#open.delete(record.burst);
		}
	}

	/** After the last record. @param each called once per row */
	end(each: () => void): void {
		for (const burst of this.#open.values()) {
			this.#correct(burst);
		}
		for (const id of this.#tables.bursts.getKeys({})) {
			each();
			const stored = this.#seen.has(id) ? undefined : this.#read(id);
			if (stored === undefined || (stored !== DAMAGED && stored.lastSeq < this.#firstSeq)) {
				continue;
			}
			const about = stored === DAMAGED ? {} : { path: stored.root };
			this.#findings.add({ table: 'bursts', key: id, was: told(stored), is: null }, about, () =>
				this.#tables.bursts.removeSync(id),
			);
		}
	}

	#read(id: number): Burst | typeof DAMAGED | undefined {
		const value = this.#tables.bursts.get(id);
		try {
			return value === undefined ? undefined : unpackBurst(id, value);
		} catch (error) {
			if (error instanceof DamagedRecordError || error instanceof RangeError) {
				return DAMAGED;
			}
			throw error;
		}
	}

	/** What the log does not know of a burst is taken from its row, or from a watch that had its first event. */
	#begin({ burst: id, coverage, time }: LogFacts, seq: number, stored: OpenBurst['stored']): Burst {
		const [watch = ''] = this.#known.watchesOf(coverage);
		const known = typeof stored === 'object' ? stored : undefined;
		const origin: BurstOrigin = known?.origin ?? 'unknown';
		const root = known?.root ?? this.#known.watches.get(watch)?.root ?? '';
		const counts: Burst['counts'] = new Map();
		return { id, origin, root, start: time, end: time, firstSeq: seq, lastSeq: seq, counts };
	}

	#correct({ stored, counted }: OpenBurst): void {
		if (typeof stored === 'object' && this.#agrees(stored, counted)) {
			return;
		}
		const is =
			typeof stored === 'object' && stored.firstSeq < this.#firstSeq ? withPruned(stored, counted) : counted;
		const about = { path: is.root, watches: watchesIn(is, this.#known) };
		this.#findings.add({ table: 'bursts', key: is.id, was: told(stored), is: told(is) }, about, () =>
			this.#tables.bursts.putSync(is.id, packBurst(is)),
		);
	}

	#agrees(stored: Burst, counted: Burst): boolean {
		// One whose first records were pruned begins where the log does, or before.
		const isPruned = this.#firstSeq > 1 && stored.firstSeq <= this.#firstSeq;
		const isSameStart = stored.firstSeq === counted.firstSeq && stored.start === counted.start;
		if (!(isPruned || isSameStart) || stored.lastSeq !== counted.lastSeq || stored.end !== counted.end) {
			return false;
		}
		if (!isPruned && stored.counts.size !== counted.counts.size) {
			return false;
		}
		return Array.from(counted.counts).every(([coverage, share]) => {
			const shown = stored.counts.get(coverage);
			return (
				shown !== undefined &&
				CHANGE_TYPES.every((type) => (isPruned ? shown[type] >= share[type] : shown[type] === share[type]))
			);
		});
	}
}

function countIn(burst: Burst, seq: number, { coverage, time }: LogFacts, type: ChangeType): void {
	burst.end = time;
	burst.lastSeq = seq;
	let share = burst.counts.get(coverage);
	if (share === undefined) {
		share = { create: 0, modify: 0, metadata: 0, move: 0, remove: 0 };
		burst.counts.set(coverage, share);
	}
	share[type]++;
}

/** A burst some of whose records have been pruned: at least what is left, at most what can be believed of its row. */
function withPruned(stored: Burst, counted: Burst): Burst {
	return { ...counted, firstSeq: stored.firstSeq, start: stored.start };
}

function watchesIn({ counts }: Burst, known: KnownWatches): string[] {
	return [...new Set(Array.from(counts.keys(), (coverage) => known.watchesOf(coverage)).flat())];
}

/** A row as it is told. */
function told(burst: Burst | typeof DAMAGED | undefined): unknown {
	return typeof burst === 'object' ? { ...burst, counts: Object.fromEntries(burst.counts) } : (burst ?? null);
}
