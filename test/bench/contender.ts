/**
 * One watcher under measurement, in a process of its own so that memory and time are its alone. Filetide and its peers
 * are driven through the same few questions.
 */
export interface Contender {
	name: string;
	/** Starts watching a tree; resolves when it claims to see everything. */
	start(root: string): Promise<Running>;
}

export interface Running {
	/** Process whose memory counts. */
	pid: number;
	/** From starting the process to being live, in milliseconds. */
	readyMs: number;
	/**
	 * Resolves when each of these paths has been reported (for Filetide: is in the log), with the number of paths that
	 * were not, after `timeoutMs`.
	 */
	sees(paths: readonly string[], timeoutMs: number): Promise<{ missing: number; at: number }>;
	stop(): Promise<void>;
}

/** Memory of a process in MB, from /proc; `rss` without the pages of files where the kernel tells. */
export interface Memory {
	rssMb: number;
	anonMb: number;
}
