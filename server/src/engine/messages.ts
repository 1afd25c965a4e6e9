/** What the main thread and the writer worker say to each other. */
import type { Problem, ScanProgress, WatchState } from '#shared/model.ts';
import type { RepairResult, RescanResult, SyncResult } from '#shared/protocol.ts';
import type { RetentionConfig } from '#shared/settings.ts';
import type { IndexNotice } from '../index/admission.ts';
import type { RuntimeCounts } from '../index/runtime-counts.ts';
import type { Part } from '../index/verify/part.ts';
import type { Owner } from '../index/meta-table.ts';
import type { LogLevel } from '../platform/log.ts';
import type { Watch } from '../watching/watch.ts';
import type { Listing } from './listing.ts';

/** A watch that cannot run for a reason known before it starts (bad pattern, no trust, disabled). */
export interface IdleWatch {
	id: string;
	name: string;
	root: string;
	state: 'error' | 'stopped';
	message: string;
}

/** What the writer knows of a watch beyond the index. */
export interface WatchRuntimeState extends RuntimeCounts {
	id: string;
	name: string;
	root: string;
	state: WatchState;
	message?: string;
	scan?: ScanProgress;
}

export type Request =
	| { type: 'rescan'; watchId: string }
	| { type: 'cancelScan'; watchId: string }
	| { type: 'pause'; watchId: string }
	| { type: 'resume'; watchId: string }
	| { type: 'pauseAll' }
	| { type: 'resumeAll' }
	| { type: 'sync'; full: boolean }
	| { type: 'repair'; part: Part }
	/** What {@link Request} `sync` would wait for now, in words. */
	| { type: 'backlog' };

/** The result of each kind of request. */
export interface RequestResults {
	rescan: RescanResult;
	cancelScan: null;
	pause: null;
	resume: null;
	pauseAll: null;
	resumeAll: null;
	sync: Pick<SyncResult, 'parked'>;
	repair: RepairResult;
	backlog: string[];
}

export type ToWriter =
	/** The whole set of watches. What is not in it stops, and is removed from the index if the set is `complete`. */
	| { type: 'configure'; watches: Watch[]; idle: IdleWatch[]; retention: RetentionConfig; complete: boolean }
	| { type: 'request'; id: number; request: Request }
	| { type: 'stop' }
	/** The index is of no use any more: to end at once, without a word to it. */
	| { type: 'abandon' };

/** Crawl worker → writer. `listing` undefined: the request is answered. */
export interface FromCrawler {
	request: number;
	listing: Listing | undefined;
}

export type FromWriter =
	/** `notice`: what was wrong with the index that lay there. */
	| { type: 'opened'; notice: IndexNotice | undefined }
	| { type: 'held'; owner: Owner }
	| { type: 'openFailed'; message: string; code: string | undefined }
	/** Sent when anything in it changed, gathered over a few milliseconds. */
	| {
			type: 'state';
			watches: WatchRuntimeState[];
			pending: number;
			problems: Problem[];
			settled: boolean;
			handles: number;
	  }
	/** After each commit; `touched` null means "more than fit". */
	| { type: 'committed'; touched: string[] | null }
	| { type: 'log'; level: LogLevel; message: string }
	| { type: 'progress'; id: number; progress: ScanProgress }
	| { type: 'reply'; id: number; result: RequestResults[keyof RequestResults] }
	| { type: 'failure'; id: number; code: string; message: string }
	| { type: 'stopped' };
