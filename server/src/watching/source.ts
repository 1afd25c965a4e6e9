/**
 * What tells that something may have changed. A source only gives hints: it may lose, repeat, reorder or invent, and
 * reconcile alone decides what is true (DESIGN.md §4).
 */
/** A folder that reconcile found. */
export interface NewFolder {
	path: string;
	/** Whether something else stood there before, a file or a link: sources tend to take it for that still. */
	replaced: boolean;
}

export interface SourceListener {
	/** Look at this entry. */
	entry(path: string): void;
	/** Look at this folder and everything beneath. */
	tree(path: string): void;
	/** Like {@link tree}, at an interval: one that comes during a look is answered by that and the next one. */
	poll(path: string): void;
	/** This folder may be the top of a work tree of version control. */
	workTree(folder: string): void;
	/** Events may have been lost; the source goes on. */
	failed(error: Error): void;
	/** A limit of the system leaves a part without a watch, which the source polls; undefined: no longer. */
	limited(shortfall: { message: string; paths: readonly string[] } | undefined): void;
}

export interface Source {
	/** Settles when everything that exists is watched; rejects when that cannot be. */
	readonly ready: Promise<void>;
	/**
	 * Settles when everything that the system has reported so far has become a hint. False when the source cannot tell,
	 * so that the caller must look for itself.
	 */
	settle(): Promise<boolean>;
	/**
	 * Makes sure that folders are watched which reconcile found new or in the place of something else, then hints them as
	 * trees: reconcile looked into them before that, so what came in between is found.
	 */
	ensure(folders: readonly NewFolder[]): Promise<void>;
	/** Watches folders that somebody is about to list for the first time. Idempotent. */
	watch?(folders: readonly string[]): void;
	/**
	 * The kernel has dropped events: makes sure again that everything is watched. Whoever calls it scans everything
	 * afterwards.
	 */
	recover(): Promise<void>;
	/** Kernel watches held, as far as it is known. */
	readonly handles: number;
	/** Idempotent; afterwards no hint comes. */
	close(): Promise<void>;
}
