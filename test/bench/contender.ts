/**
 * One watcher under measurement, in a process of its own so that memory and time are its alone. Filetide and its peers
 * are driven through the same few questions.
 */
export interface Contender {
	name: string;
	/** Whether it can start again upon what it stored, and find nothing changed. */
	remembers: boolean;
	/** Why it cannot take part on this machine. */
	missing?: string;
	/**
	 * Starts watching a tree; resolves when it claims to see everything.
	 *
	 * @param storage folder for what it stores; a second start with the same one is a warm start
	 */
	start(root: string, storage: string): Promise<Running>;
}

export interface Running {
	/** Process whose memory, processor time and handles count. */
	pid: number;
	/** From starting the process to being live, in milliseconds. */
	readyMs: number;
	/** What is reported from now on counts. */
	begin(): Promise<void>;
	/**
	 * Resolves when each of these paths has been reported since {@link begin} (for Filetide: is in the log), at the latest
	 * after `timeoutMs`.
	 */
	sees(paths: readonly string[], timeoutMs: number): Promise<Seen>;
	stop(): Promise<void>;
}

export interface Seen {
	/** Paths that were not reported. */
	missing: number;
	/** When the last one was reported, on the clock of `performance.now()`. */
	at: number;
}
