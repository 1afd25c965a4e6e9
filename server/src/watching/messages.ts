/** What the writer and the drain worker say to each other, over one port, in order. */
import type { BurstOrigin } from '#shared/model.ts';
import type { Loss } from './kernel-queue.ts';
import type { NewFolder } from './source.ts';
import type { SourceKind, Watch } from './watch.ts';

/** One source: all watches under one root that share what tells about changes. */
export interface SourceGroup {
	/** Equal keys mean that nothing about the source changed, so that it is left alone. */
	key: string;
	root: string;
	kind: SourceKind;
	pollIntervalMs: number;
	windowMs: number;
	maxWaitMs: number;
	/** False when every watch of the group is `settled`. */
	leading: boolean;
	/** Whether a watch of the group follows links, which chokidar does not. */
	follows: boolean;
}

export type ToDrain =
	/** These sources shall run, and no others. `named`: every folder of those that start comes with `crawl`. */
	| { type: 'sources'; groups: SourceGroup[]; watches: Watch[]; storage: string; named: boolean }
	/** This folder is new or took something's place: make sure that it is watched. */
	| { type: 'ensure'; folders: NewFolder[] }
	/** What the watches cover, for the crawl workers: also those whose sources do not run. */
	| { type: 'scopes'; watches: Watch[]; storage: string }
	/** Watch these folders, then have a crawl worker list them. */
	| { type: 'crawl'; request: number; folders: string[] }
	/** These folders, which crawl workers have listed, may be the tops of work trees of version control. */
	| { type: 'workTrees'; folders: string[] }
	/** The crawl workers are not needed any more. */
	| { type: 'endCrawl' }
	/** Answer once everything that was reported before has been sent as hints. */
	| { type: 'barrier'; id: number; endsWindows: boolean }
	| { type: 'stop' };

/** Drain worker → crawl worker. */
export type ToCrawler =
	| { type: 'scopes'; watches: Watch[]; storage: string }
	| { type: 'list'; request: number; folders: string[] }
	| { type: 'stop' };

export type FromDrain =
	| { type: 'ready'; key: string }
	| { type: 'failed'; key: string; message: string; code: string | undefined }
	/** `polls`: trees whose interval has passed. */
	| { type: 'hints'; entries: string[]; trees: string[]; polls: string[] }
	/** A part of what a source covers has no watch, for want of room, and is polled; null: no longer. */
	| { type: 'limited'; key: string; shortfall: { message: string; paths: readonly string[] } | null }
	/**
	 * Events of these roots were lost in the kernel. What must be watched is watched again; everything must be looked at:
	 * now, or for those in `later` when they are hinted.
	 */
	| { type: 'overflow'; how: Loss; roots: string[]; later: string[] }
	/** Kernel watches that all sources hold together, when that changed. */
	| { type: 'handles'; used: number }
	/** `unsettled`: roots whose source cannot say whether it has reported everything. */
	| { type: 'barrier'; id: number; unsettled: string[] }
	/**
	 * Version control has begun to work in a work tree, or has ended; between the two come the hints of what it did. Only
	 * told when there are hints.
	 */
	| { type: 'vcs'; phase: 'begin' | 'end'; workTree: string; origin: BurstOrigin }
	| { type: 'stopped' };
