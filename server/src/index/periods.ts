/**
 * Minutes, hours and days, by UTC, and the rows that tables keep for each of them: for each watch, and under the id '' for all of
 * them together. Bounded: a row that begins a period drops those that are too old to be kept.
 */
import type { RateUnit } from '#shared/model.ts';
import type { SealedTable } from './sealed-table.ts';

export const UNITS = ['minute', 'hour', 'day'] as const satisfies readonly RateUnit[];
export const UNIT_MS: Readonly<Record<RateUnit, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** The id under which everything is counted, whatever covers it. */
export const ALL_WATCHES = '';

/** How many periods of each unit are kept. */
export type Keep = Readonly<Record<RateUnit, number>>;

type PeriodTable = SealedTable<Buffer>;

/** The period of a time (Unix milliseconds). */
export function periodOf(time: number, unit: RateUnit): number {
	return Math.max(0, Math.floor(time / UNIT_MS[unit]));
}

/** Ids have no zero byte, so no id's rows lie among another's. */
export function periodKey(watchId: string, unit: RateUnit, period: number): Buffer {
	const id = Buffer.from(watchId);
	const out = Buffer.allocUnsafe(id.length + 6);
	id.copy(out);
	out.writeUInt8(0, id.length);
	out.writeUInt8(UNITS.indexOf(unit), id.length + 1);
	out.writeUInt32BE(Math.min(period, 0xffff_ffff), id.length + 2);
	return out;
}

/** The period in a {@link periodKey}. */
function periodOfKey(key: Buffer): number {
	return key.readUInt32BE(key.length - 4);
}

/** Rows of a watch from one period to another, both included, oldest first. */
export function* periodRows(
	table: PeriodTable,
	watchId: string,
	unit: RateUnit,
	from: number,
	to: number,
): Generator<{ period: number; value: Buffer }> {
	const range = { start: periodKey(watchId, unit, from), end: periodKey(watchId, unit, to + 1) };
	for (const { key, value } of table.getRange(range)) {
		yield { period: periodOfKey(key), value };
	}
}

/** Writes a row, and when it is the first one of its period, drops what is too old by then. */
export function putPeriod(
	table: PeriodTable,
	watchId: string,
	unit: RateUnit,
	period: number,
	row: { value: Buffer; isNew: boolean },
	keep: Keep,
): void {
	table.putSync(periodKey(watchId, unit, period), row.value);
	if (row.isNew) {
		dropPeriods(table, watchId, unit, period - keep[unit] + 1);
	}
}

/** Drops the rows of a watch before a period. */
export function dropPeriods(table: PeriodTable, watchId: string, unit: RateUnit, before: number): void {
	if (before > 0) {
		const range = { start: periodKey(watchId, unit, 0), end: periodKey(watchId, unit, before) };
		// A list: nothing is removed while the range is read.
		for (const key of Array.from(table.getKeys(range))) {
			table.removeSync(key);
		}
	}
}

/** Drops all rows of a watch. */
export function dropWatchPeriods(table: PeriodTable, watchId: string): void {
	for (const unit of UNITS) {
		dropPeriods(table, watchId, unit, 0xffff_ffff);
	}
}
