/** What the index remembers of a watch between two runs. */
export interface StoredWatch {
	/** Absolute root. */
	root: string;
	name: string;
	/** Everything that decides coverage, as canonical text: a difference means that coverage must be worked out anew. */
	coverageKey: string;
	/** Whether the first indexing is complete. Until then nodes that only this watch covers are no events. */
	indexed: boolean;
	paused: boolean;
	/** Whether a file system was mounted at the root when it was last scanned. */
	mountPoint: boolean;
}

/** Whether what was read has the fields of a {@link StoredWatch}. */
export function isStoredWatch(value: unknown): value is StoredWatch {
	const watch = value as Partial<Record<keyof StoredWatch, unknown>> | null | undefined;
	return (
		typeof watch === 'object' &&
		watch !== null &&
		typeof watch.root === 'string' &&
		typeof watch.name === 'string' &&
		typeof watch.coverageKey === 'string' &&
		typeof watch.indexed === 'boolean' &&
		typeof watch.paused === 'boolean' &&
		typeof watch.mountPoint === 'boolean'
	);
}

/** Whether what was read is a coverage: sorted, without repetition; empty only for a set that was lost. */
export function isCoverage(value: unknown): value is string[] {
	return (
		Array.isArray(value) &&
		value.every((id, i) => typeof id === 'string' && (i === 0 || (value[i - 1] as string) < id))
	);
}

/** The root of a watch whose row was lost and put back: no path. The settings say it when they are read next. */
export const UNKNOWN_ROOT = '';
