import type { WatchFilters } from '#shared/settings.ts';

/** A source that a watch really uses; `auto` is decided before. */
export type SourceKind = 'chokidar' | 'polling';

/** A watch ready to run: paths absolute, defaults filled in, units in the names. Travels between threads as is. */
export interface Watch {
	id: string;
	name: string;
	/** Absolute, normalised, in the user's spelling, without a separator at its end. */
	root: string;
	include: readonly string[];
	ignore: readonly string[];
	/** Globs of `files.watcherExclude`; empty when that filter is off. */
	excludes: readonly string[];
	filters: WatchFilters;
	/** Levels of folders beneath the root; Infinity for all, 0 for direct children only. */
	maxDepth: number;
	source: SourceKind;
	pollIntervalMs: number;
	/** Debounce window. */
	windowMs: number;
	/** Longest time that a path under constant writes goes unreported. */
	maxWaitMs: number;
	settled: boolean;
	/** Time between two full reconciles; 0 for never. */
	reconcileIntervalMs: number;
}

/** Everything that decides which entries a watch covers, as text: equal text, equal coverage. */
export function coverageKey(watch: Watch): string {
	return JSON.stringify([watch.root, watch.include, watch.ignore, watch.excludes, watch.filters, watch.maxDepth]);
}
