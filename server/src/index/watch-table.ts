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

/** The root of a watch whose row was lost and put back: no path. The settings say it when they are read next. */
export const UNKNOWN_ROOT = '';
