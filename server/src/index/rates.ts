/** Events per minute, hour and day, of each watch and of all together: one row for each period that has any. */
import type { RatePeriod, RateUnit } from '#shared/model.ts';
import { type Keep, periodKey, periodOf, periodRows, putPeriod, UNIT_MS, UNITS } from './periods.ts';
import { CHANGE_TYPES, seal, unseal } from './records.ts';
import type { Tables } from './tables.ts';

/** A day of minutes, a month of hours, and more days than the log has by default. */
export const RATES_KEPT: Keep = { minute: 1440, hour: 720, day: 400 };

const LENGTH = 4 + CHANGE_TYPES.length * 4;

function unpackRate(value: Buffer): number[] {
	unseal(value, LENGTH, 'rate');
	return CHANGE_TYPES.map((_type, i) => value.readUInt32LE(4 + i * 4));
}

/** Adds events by type to the periods of a time (Unix milliseconds). */
export function addRates(
	tables: Pick<Tables, 'rates'>,
	watchId: string,
	time: number,
	byType: readonly number[],
): void {
	for (const unit of UNITS) {
		const period = periodOf(time, unit);
		const old = tables.rates.get(periodKey(watchId, unit, period));
		const before = old === undefined ? [] : unpackRate(old);
		const out = Buffer.allocUnsafe(LENGTH);
		byType.forEach((n, i) => out.writeUInt32LE(n + (before[i] ?? 0), 4 + i * 4));
		putPeriod(tables.rates, watchId, unit, period, { value: seal(out), isNew: old === undefined }, RATES_KEPT);
	}
}

/** The periods with events that begin from one time to another, oldest first. O(result). */
export function readRates(
	tables: Pick<Tables, 'rates'>,
	watchId: string,
	unit: RateUnit,
	from: number,
	to: number,
): RatePeriod[] {
	const rows = periodRows(tables.rates, watchId, unit, periodOf(from, unit), periodOf(to, unit));
	return Array.from(rows, ({ period, value }) => {
		const [create = 0, modify = 0, metadata = 0, move = 0, remove = 0] = unpackRate(value);
		return { time: period * UNIT_MS[unit], create, modify, metadata, move, remove };
	});
}
