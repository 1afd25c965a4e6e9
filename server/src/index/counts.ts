/**
 * Counter arithmetic. In memory and on disk counters are plain arrays: live types first, in the order of LIVE_TYPES.
 */
import type { Counters, LifetimeCounters } from '#shared/model.ts';
import { CHANGE_TYPES, LIVE_TYPES } from './records.ts';

/** create, modify, metadata, move. */
export const LIVE = LIVE_TYPES.length;
/** The same and remove. */
export const LIFETIME = CHANGE_TYPES.length;

/** `path_stats`: own live counters, then the subtree's (equal to the own ones for what is no folder). */
export const PATH_COUNTS = LIVE * 2;
/** `watch_stats`: live, lifetime, files, folders, time of the latest change (Unix milliseconds, 0 for none). */
export const WATCH_COUNTS = LIVE + LIFETIME + 3;
export const WATCH_FILES = LIVE + LIFETIME;
export const WATCH_FOLDERS = LIVE + LIFETIME + 1;
export const WATCH_LAST_CHANGE = LIVE + LIFETIME + 2;
/** `stats.global`: live, lifetime, number of log records. */
export const GLOBAL_COUNTS = LIVE + LIFETIME + 1;
export const GLOBAL_EVENTS = LIVE + LIFETIME;

/** Reads {@link Counters} out of an array, from `offset`. */
export function toCounters(counts: ArrayLike<number>, offset = 0): Counters {
	const at = (i: number) => counts[offset + i] ?? 0;
	return {
		event_count: at(0) + at(1) + at(3),
		metadata_count: at(2),
		per_type_counts: { create: at(0), modify: at(1), metadata: at(2), move: at(3) },
	};
}

/** Reads {@link LifetimeCounters} out of an array, from `offset`. */
export function toLifetime(counts: ArrayLike<number>, offset: number): LifetimeCounters {
	const at = (i: number) => counts[offset + i] ?? 0;
	return { create: at(0), modify: at(1), metadata: at(2), move: at(3), remove: at(4) };
}

/** target[offset + i] += sign × source[i] for the live types. */
export function addLive(
	target: number[] | Float64Array,
	offset: number,
	source: ArrayLike<number>,
	sign: 1 | -1,
): void {
	for (let i = 0; i < LIVE; i++) {
		target[offset + i] = (target[offset + i] ?? 0) + sign * (source[i] ?? 0);
	}
}
