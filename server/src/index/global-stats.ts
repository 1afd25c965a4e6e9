/** The `stats` table: one row per number, named as in DESIGN.md §5, read and written as one array. */
import * as counts from './counts.ts';
import { CHANGE_TYPES, LIVE_TYPES, packCounts, unpackCounts } from './records.ts';
import type { Tables } from './tables.ts';

/** The table's keys, in the order of the array. */
export const GLOBAL_KEYS = [
	...LIVE_TYPES.map((type) => `event_type:${type}`),
	...CHANGE_TYPES.map((type) => `lifetime:${type}`),
	'log_records',
];

/** Live counters, lifetime counters and the number of log records. */
export function readGlobal(tables: Pick<Tables, 'stats'>): number[] {
	return GLOBAL_KEYS.map((key) => {
		const value = tables.stats.get(key);
		return value === undefined ? 0 : (unpackCounts(value, 1)[0] ?? 0);
	});
}

export function writeGlobal(tables: Pick<Tables, 'stats'>, row: readonly number[]): void {
	for (let i = 0; i < counts.GLOBAL_COUNTS; i++) {
		tables.stats.putSync(GLOBAL_KEYS[i] ?? '', packCounts([row[i] ?? 0]));
	}
}
