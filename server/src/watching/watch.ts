import type { WatchFilters } from '#shared/settings.ts';

/** A source that a watch really uses; `auto` is decided before. */
export type SourceKind = 'native' | 'chokidar' | 'polling';

/** What decides which entries a watch covers, besides the `.gitignore` files that it meets. */
export interface Coverage {
	id: string;
	/** Absolute, normalised, in the user's spelling, without a separator at its end. */
	root: string;
	include: readonly string[];
	ignore: readonly string[];
	/** Globs of `files.watcherExclude`; empty when that filter is off. */
	excludes: readonly string[];
	filters: WatchFilters;
	/** Levels of folders beneath the root; Infinity for all, 0 for direct children only. */
	maxDepth: number;
	/** Real paths of the folders in which the targets of followed links must lie; empty when links are not followed. */
	followInto: readonly string[];
}

/** A watch ready to run: paths absolute, defaults filled in, units in the names. Travels between threads as is. */
export interface Watch extends Coverage {
	name: string;
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
export function coverageKey({ root, include, ignore, excludes, filters, maxDepth, followInto }: Coverage): string {
	const key = [root, include, ignore, excludes, filters, maxDepth];
	return JSON.stringify(followInto.length === 0 ? key : [...key, followInto]);
}

/** The opposite of {@link coverageKey}. */
export function parseCoverageKey(id: string, key: string): Coverage {
	const [root, include, ignore, excludes, filters, maxDepth, followInto = []] = JSON.parse(key) as [
		string,
		string[],
		string[],
		string[],
		WatchFilters,
		number | null,
		string[]?,
	];
	// JSON has no Infinity.
	return {
		id,
		root,
		include,
		ignore,
		excludes,
		filters,
		maxDepth: maxDepth ?? Number.POSITIVE_INFINITY,
		followInto,
	};
}
