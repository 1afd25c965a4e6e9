/**
 * The nouns that server, client and CLI agree on (DESIGN.md §2). Types only: nothing here runs.
 */

/** What a node is on disk. `other` covers FIFOs, sockets and devices: recorded, never opened. */
export type EntryKind = 'file' | 'folder' | 'link' | 'other';

/** What reconcile found. `metadata` means that only mode or owner differ, or the time of unchanged bytes. */
export type ChangeType = 'create' | 'modify' | 'metadata' | 'move' | 'remove';

/** Why a change was recorded although nobody changed the file: the watch's patterns or ignore files did. */
export type ChangeReason = 'coverage';

/** Types whose records are counted while their node exists; `remove` takes a node's records away instead. */
export type LiveChangeType = Exclude<ChangeType, 'remove'>;

/** What made a burst, where it can be told. */
export type BurstOrigin = 'git' | 'packages' | 'editor' | 'unknown';

/**
 * Live counters: records that are in the log and belong to a node that exists.
 * The field names are the CLI's JSON contract.
 */
export interface Counters {
	/** create + modify + move. */
	event_count: number;
	metadata_count: number;
	per_type_counts: Record<LiveChangeType, number>;
}

/** Totals since the index was made. They never fall. */
export type LifetimeCounters = Record<ChangeType, number>;

/**
 * - `starting`: subscribing or scanning for the first time in this process
 * - `live`: every change that the source can report reaches the log
 * - `degraded`: a part is watched by a fallback; `message` says which and why
 * - `polling`: live through periodic reconciles only
 * - `paused`: by the user; changes meanwhile are found on resume
 * - `missing`: the root does not exist now; nodes are kept and the watch recovers by itself
 * - `stopped`: no engine runs it, for example because trust is missing or it is disabled
 * - `error`: it cannot run; `message` says what to do
 */
export type WatchState = 'starting' | 'live' | 'degraded' | 'polling' | 'paused' | 'missing' | 'stopped' | 'error';

/** One watch as every surface shows it. Also the CLI's `stats` row, together with {@link Counters}. */
export interface WatchSummary extends Counters {
	id: string;
	name: string;
	/** Absolute path of the root, in the spelling that the user gave. */
	path: string;
	state: WatchState;
	/** One sentence for the user; present in states that need one. */
	message?: string;
	/** Covered files (all kinds but folders), the root excluded. */
	files: number;
	/** Covered folders, the root excluded. */
	folders: number;
	lifetime: LifetimeCounters;
	/** Unix milliseconds of the latest recorded change, absent when there is none. */
	lastChange?: number;
	/** Hints from the source since the watch was added, over all runs of a server; so are the five below. */
	events_received: number;
	/** Hints that have been reconciled. */
	events_processed: number;
	/** Hints that named nothing the watch covers. */
	events_filtered: number;
	/** Hints whose reconcile failed. */
	queue_errors: number;
	/** How often the kernel said that it had dropped events. Everything was compared each time. */
	overflows_seen: number;
	/** How often so many events came at once that the kernel may have dropped some. Everything was compared each time. */
	overflows_suspected: number;
	/** Present while a scan runs. */
	scan?: ScanProgress;
}

/** How far a scan has come. `total` is the number of nodes known before it and 0 on a first scan. */
export interface ScanProgress {
	done: number;
	total: number;
}

/** A path with its own counters and, for a folder, those of everything beneath it (itself included). */
export interface PathStats {
	path: string;
	own: Counters;
	subtree: Counters;
}

/** A log record, as it was at event time. */
export interface LoggedChange {
	seq: number;
	/** Unix milliseconds. */
	time: number;
	type: ChangeType;
	kind: EntryKind;
	/** Absolute path. */
	path: string;
	/** Base64 of the path's bytes, present when it is not valid UTF-8. */
	bytes?: string;
	/** Absolute previous path, for a move. */
	from?: string;
	/** Base64 of the previous path's bytes, present when it is not valid UTF-8. */
	fromBytes?: string;
	reason?: ChangeReason;
	/** Ids of the watches that covered the node; for a move, in either place. */
	watches: string[];
	/** The burst that it belongs to; 0 for none. A burst may have events of other watches, too. */
	burst: number;
	/** Stays the same when it is renamed, and is never used again. */
	nodeId: number;
}

/** Events of a watch that belong together, shown as one row. */
export interface BurstSummary {
	/** A later burst has a larger one. */
	id: number;
	/** The best guess so far; while the burst goes on it may change. */
	origin: BurstOrigin;
	/** Absolute path of the watch's root, or of the work tree in which version control worked. */
	root: string;
	/** Unix milliseconds of its first and its latest event. */
	start: number;
	end: number;
	/** How many events of this watch it has; 1 or more. */
	events: number;
	/** They by type. Those of a change of coverage are among them. */
	counts: Record<ChangeType, number>;
	/** The event, when it is the only one. */
	change?: LoggedChange;
}

/** One entry of a net difference between two moments (DESIGN.md §8, `since`). */
export interface NetChange {
	type: ChangeType;
	kind: EntryKind;
	path: string;
	bytes?: string;
	from?: string;
	fromBytes?: string;
	reason?: ChangeReason;
}

/** Whether this server writes the index or follows the one that does. */
export type ServerRole = 'leader' | 'follower';

/** What events are counted by for plots. Days begin at midnight UTC. */
export type RateUnit = 'minute' | 'hour' | 'day';

/** The events of one minute, hour or day. */
export interface RatePeriod extends LifetimeCounters {
	/** When it begins, in Unix milliseconds. */
	time: number;
}

/** A file or folder with its changes of content and place (create, modify, move) in a window. */
export interface HotPath {
	/** Absolute path, now. */
	path: string;
	/** Base64 of the path's bytes, present when it is not valid UTF-8. */
	bytes?: string;
	kind: EntryKind;
	/** How many changes it had: exactly, or where `atMost` is present, at least. */
	events: number;
	/** How many it may have had, when more than 128 files changed in a minute, hour or day of the window. */
	atMost?: number;
}

/** Facts about the index as a whole. */
export interface IndexSummary {
	/** Size of the data file. */
	bytes: number;
	/** Records in the log. */
	events: number;
	/** Last sequence number; 0 when the log is empty. */
	head: number;
}

/** A row of the index that disagrees with the others, or cannot be read. */
export interface IndexDifference {
	/** The table's name in the index. */
	table: string;
	/** The row: a path where the key is a node's, else the key. */
	key: string | number;
	/** What is stored. `null`: there is no such row; `"damaged"`: it cannot be read. */
	was: unknown;
	/** What all other rows say that it should be; `null`: there should be no such row. */
	is: unknown;
}

/** Something the user should know about their configuration or a watch; see `errors.ts` for the codes. */
export interface Problem {
	/** Stable while the problem lasts, so that it is told once. */
	key: string;
	code: string;
	/** One clear sentence: what, where, what to do. */
	message: string;
	severity: 'error' | 'warning';
	/** The watch concerned, when it has an identity. */
	watchId?: string;
}
