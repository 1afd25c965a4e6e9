/** What the server and the process that keeps the graph say to each other. */
import type { GraphStatus } from '#shared/protocol.ts';
import type { Measured } from '../graph/progress-tracker.ts';
import type { Followed } from '../graph/followed.ts';

export type ToGraph =
	/** The log has grown. */
	| { type: 'wake' }
	/** To be answered when everything up to this record of the log is in. */
	| { type: 'sync'; id: number; seq: number }
	/** Files that are open in editors: their updates go first. */
	| { type: 'open'; paths: readonly string[] }
	/** Files that could not be read are read once more: these, or all of them. */
	| { type: 'retry'; paths: readonly string[] | undefined }
	/** What the process before measured. */
	| { type: 'resume'; measured: Measured }
	| { type: 'stop' };

export type FromGraph =
	| { type: 'ready' }
	| { type: 'progress'; progress: GraphStatus }
	| { type: 'synced'; id: number }
	/** The last word of one that was told to stop. */
	| { type: 'stopping'; measured: Measured }
	| { type: 'invalidated'; followed: Followed }
	/** `isDamaged` when what is stored cannot be read, and must be made again. */
	| { type: 'failed'; message: string; isDamaged: boolean };
