/** What the server and the process that keeps the graph say to each other. */
import type { AffectedFile } from '../graph/affected.ts';
import type { GraphProgress } from '../graph/updater.ts';

export type ToGraph =
	/** The log has grown. */
	| { type: 'wake' }
	/** To be answered when everything up to this record of the log is in. */
	| { type: 'sync'; id: number; seq: number }
	| { type: 'stop' };

export type FromGraph =
	| { type: 'ready' }
	| { type: 'progress'; progress: GraphProgress }
	| { type: 'synced'; id: number }
	| { type: 'invalidated'; files: AffectedFile[]; seq: number }
	| { type: 'failed'; message: string };
