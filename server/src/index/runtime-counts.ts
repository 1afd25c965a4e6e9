/** What the source of a watch has brought since the watch was added: one row of `watch_runtime` for each. */
import { packCounts, unpackCounts } from './records.ts';
import type { Tables } from './tables.ts';

/** Never fall; a crash loses at most those since the last commit. */
export interface RuntimeCounts {
	received: number;
	processed: number;
	filtered: number;
	errors: number;
	overflowsSeen: number;
	overflowsSuspected: number;
}

const NO_RUNTIME_COUNTS: Readonly<RuntimeCounts> = {
	received: 0,
	processed: 0,
	filtered: 0,
	errors: 0,
	overflowsSeen: 0,
	overflowsSuspected: 0,
};

const NAMES = Object.keys(NO_RUNTIME_COUNTS) as (keyof RuntimeCounts)[];

/** All 0 for a watch that has none, and in an index of an older schema. */
export function readRuntimeCounts(
	tables: { watchRuntime: Tables['watchRuntime'] | undefined },
	watchId: string,
): RuntimeCounts {
	const value = tables.watchRuntime?.get(watchId);
	const row = value === undefined ? [] : unpackCounts(value, NAMES.length);
	return Object.fromEntries(NAMES.map((name, i) => [name, row[i] ?? 0])) as unknown as RuntimeCounts;
}

export function writeRuntimeCounts(tables: Pick<Tables, 'watchRuntime'>, watchId: string, counts: RuntimeCounts): void {
	tables.watchRuntime.putSync(watchId, packCounts(NAMES.map((name) => counts[name])));
}
