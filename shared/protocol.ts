/**
 * Everything that travels between a Filetide server and its clients: the VS Code extension (over the language
 * client's IPC), the CLI and follower servers (over the index's socket). Standard LSP messages are used where LSP has
 * one (configuration, workspace folders, log messages, work-done progress); the rest is here.
 *
 * Paths are absolute file-system paths in the spelling of the watch that covers them, not URIs: the CLI has no URIs,
 * and the client only ever asks about `file:` resources.
 */
import type {
	BurstSummary,
	ChangeType,
	Counters,
	HotPath,
	IndexDifference,
	IndexSummary,
	LoggedChange,
	NetChange,
	PathStats,
	Problem,
	RatePeriod,
	RateUnit,
	ServerRole,
	WatchSummary,
} from './model.ts';

/** Changes when an old client could misunderstand a new server. A different number is refused in one sentence. */
export const PROTOCOL_VERSION = 1;

/** The most paths one {@link Messages.pathStats} request may name. */
export const MAX_PATHS_PER_REQUEST = 500;

/** The most paths one {@link PathsChanged} names; more become `null` ("ask again for what you show"). */
export const MAX_PATHS_PER_NOTIFICATION = 200;

/** The most paths one {@link OpenFiles} names. */
export const MAX_OPEN_FILES = 200;

/** The shortest time between two {@link StatusChanged} notifications to one client, in milliseconds. */
export const NOTIFY_INTERVAL_MS = 250;

/** Method names. `Requests` and `Notifications` give each its parameters and result. */
export const Methods = {
	hello: 'filetide/hello',
	status: 'filetide/status',
	pathStats: 'filetide/pathStats',
	recentChanges: 'filetide/recentChanges',
	bursts: 'filetide/bursts',
	hotPaths: 'filetide/hotPaths',
	rates: 'filetide/rates',
	rescan: 'filetide/rescan',
	pause: 'filetide/pause',
	resume: 'filetide/resume',
	pauseAll: 'filetide/pauseAll',
	resumeAll: 'filetide/resumeAll',
	sync: 'filetide/sync',
	since: 'filetide/since',
	affected: 'filetide/affected',
	impact: 'filetide/impact',
	impactOn: 'filetide/impactOn',
	retryParked: 'filetide/retryParked',
	openFiles: 'filetide/openFiles',
	invalidated: 'filetide/invalidated',
	stats: 'filetide/stats',
	trustGranted: 'filetide/trustGranted',
	statusChanged: 'filetide/statusChanged',
	pathsChanged: 'filetide/pathsChanged',
	cancelScan: 'filetide/cancelScan',
	verify: 'filetide/verify',
	repair: 'filetide/repair',
} as const;

/** First message on the socket, from the client. The server answers with its own or an error. */
export interface Hello {
	protocol: number;
	schema: number;
	version: string;
	/** From the client: whether it wants {@link StatusChanged} and {@link PathsChanged}. */
	follow: boolean;
}

/** The whole state that a client shows, sent in answer to `status` and, after each change, pushed. */
export interface Status {
	role: ServerRole;
	version: string;
	/** Process id of the server that writes the index: this one, or for a follower the one it follows. */
	leaderPid: number;
	/** The index's folder. */
	indexPath: string;
	/** The cursor of now, to pass to `since` later. */
	cursor: string;
	index: IndexSummary;
	global: Counters;
	watches: WatchSummary[];
	problems: Problem[];
	/** Whether every watch is live or in another state that lasts. */
	settled: boolean;
	/** Hints waiting for reconcile, over all watches. 0 means: nothing pending. */
	pending: number;
	/** Absent while the dependency graph is not kept, or has nothing to say yet. */
	graph?: GraphStatus;
}

/** How far the dependency graph is. */
export interface GraphStatus {
	/** Files that it knows. */
	files: number;
	/** Changed files whose update waits; records of the log that were not looked at yet count as one each. */
	pending: number;
	/** Files that are being read now. */
	inFlight: number;
	/** Files whose reading failed, and that wait for another attempt. */
	failed: number;
	/** Files that cannot be read, and why: at most 100, of {@link parkedCount}. They are read again when they change. */
	parked: { path: string; why: string }[];
	parkedCount: number;
	/** While the files that were there when the graph began, or a watch was added, are read. */
	indexing?: {
		/** Of `total` files. */
		done: number;
		total: number;
		/** Milliseconds, from the rate of late; absent until there is one. */
		msLeft?: number;
	};
	/** Updates of changed files since the server began, or its graph process has crashed; the first indexing is none. */
	updates: {
		done: number;
		/** Reading one file, in milliseconds. */
		processing: Percentiles;
		/** From the record's time in the log until what it affects is committed and told, in milliseconds. */
		propagation: Percentiles;
	};
}

/** To 5 %. All 0 while there is nothing that was measured. */
export interface Percentiles {
	p50: number;
	p95: number;
	p99: number;
}

/** Server → client, coalesced, at most one per {@link NOTIFY_INTERVAL_MS}: what the tree and status bar show changed. */
export type StatusChanged = Status;

/**
 * Server → client, coalesced as above: the counters of these paths (and of the folders above them) changed.
 * `null` means "more than {@link MAX_PATHS_PER_NOTIFICATION}".
 */
export interface PathsChanged {
	paths: string[] | null;
}

/** Client → server: the counters of up to {@link MAX_PATHS_PER_REQUEST} paths. `null` for a path that is not covered. */
export interface PathStatsParams {
	paths: string[];
}
export interface PathStatsResult {
	stats: (PathStats | null)[];
}

/**
 * Client → server: a page of the log, newest first, of what fits everything that is given. Costs O(result) for a burst and
 * for a path that is, or last was, no folder; a watch or a type costs O(result) and one read for each 1,024 records without
 * any; a folder is looked for in the log itself. A page that has looked at 20,000 records ends there.
 */
export interface RecentChangesParams {
	/** Only events that this watch covered when they happened. */
	watchId?: string;
	/** Only events of what is at this path now, or was there last, and of what is in it. Absolute. */
	path?: string;
	type?: ChangeType;
	/** 1..500. */
	limit: number;
	/** Only records with a smaller sequence number: `next` of the page before. */
	before?: number;
	/** Only events of this burst. */
	burst?: number;
}
export interface RecentChangesResult {
	/** May be empty although there is `more`. */
	changes: LoggedChange[];
	/** Whether older records may fit. */
	more: boolean;
	/** The `before` of the next page; present when there may be `more`. */
	next?: number;
}

/**
 * Client → server: the files that changed most in the latest time, most first. Costs O(periods of the window), at most 181
 * reads, and O(result), however many files and events there are.
 */
export interface HotPathsParams {
	/** Without it, all watches together. */
	watchId?: string;
	/** Milliseconds, 60,000 to 90 days; a longer one counts as that. */
	windowMs: number;
	/** 1..100. */
	limit: number;
}
export interface HotPathsResult {
	/**
	 * When the window begins, in Unix milliseconds: at a full minute for up to three hours, at a full hour for up to a week, else at
	 * midnight UTC.
	 */
	from: number;
	paths: HotPath[];
}

/** Client → server: how many events there were in each minute, hour or day, for plots. O(result). */
export interface RatesParams {
	/** Without it, all watches together. */
	watchId?: string;
	unit: RateUnit;
	/** Unix milliseconds: periods that begin within. Default: all that are kept (24 hours of minutes, 30 days of hours, 400 days). */
	from?: number;
	to?: number;
}
export interface RatesResult {
	unit: RateUnit;
	/** Oldest first; periods without events are left out. Nothing is kept of a time before the log begins. */
	periods: RatePeriod[];
}

/** Client → server: a page of the bursts in which a watch has events, newest first. */
export interface BurstsParams {
	watchId: string;
	/** 1..500. */
	limit: number;
	/** Only bursts with a smaller id: the last one of the page before. */
	before?: number;
}
export interface BurstsResult {
	bursts: BurstSummary[];
	/** Whether older ones exist. */
	more: boolean;
}

/**
 * Client → server: compare the whole watch with the disk now. The result comes when it is done. With a
 * `workDoneToken` (LSP work-done progress) the server reports begin, percentages and end on that token.
 */
export interface RescanParams {
	watchId: string;
	workDoneToken?: string | number;
}
export interface RescanResult {
	/** Changes found. */
	changes: number;
	/** Entries compared. */
	entries: number;
	ms: number;
	/** Whether `cancelScan` ended it early; what was compared until then is committed. */
	cancelled: boolean;
}

/**
 * Client → server: names one watch. `pauseAll` and `resumeAll` take no parameters: they are about every watch that can run,
 * and either all of them change or, with `INDEX_WRITE_FAILED`, none does.
 */
export interface WatchParams {
	watchId: string;
}

/** Client → server: the barrier (DESIGN.md §8). */
export interface SyncParams {
	/** Reconcile everything instead of what the source can report. */
	full: boolean;
	/** Whether to wait for the dependency graph too. Default: no. */
	graph?: boolean;
	/** Milliseconds, 1 or more; afterwards the request fails with `SYNC_TIMEOUT`. */
	timeoutMs: number;
}
export interface SyncResult {
	/** Opaque; names the log's head and the index. */
	cursor: string;
	/** Updates given up on until their file changes again. */
	parked: number;
}

/** A file whose result can differ because of a change in others. */
export interface Invalidated {
	/** Absolute path. */
	file: string;
	kinds: ('behaviour' | 'interface')[];
	certainty: 'certain' | 'possible';
	/** Steps from what was changed. */
	distance: number;
	/** From what was changed to what is affected. `name` is empty for what a file does when it is evaluated. */
	reason: { file: string; name: string }[];
	/** Where what is affected stands in the file, in UTF-16 units from its beginning. */
	start?: number;
}

/**
 * Server → client, coalesced as `StatusChanged`: what changes have invalidated since the last one. `null` means "more than
 * {@link MAX_PATHS_PER_NOTIFICATION}, of both together".
 */
export interface InvalidatedFiles {
	files: Invalidated[] | null;
	/** What may be affected besides, and is told as a whole. */
	widened: WidenedPlace[];
}

/**
 * Client → server, a notification, whenever they differ: the files that are open in this client's editors. Their updates go
 * first; those beneath their folders come next. An empty list ends it, as does the end of the connection.
 */
export interface OpenFiles {
	/** Absolute; more than {@link MAX_OPEN_FILES} are cut off. The one that is looked at comes first. */
	paths: string[];
}

/** Client → server: read files once more that the dependency graph could not read. */
export interface RetryParkedParams {
	/** Absolute; one that is not parked is left out. Default: all. */
	paths?: string[];
}

/** Client → server: what changes affect, by the dependency graph (DESIGN.md §6). */
export interface AffectedParams {
	/** A cursor of this index or a revision of git. Default: `HEAD`, unless paths are named. */
	since?: string;
	/** Absolute. Alone: as if everything in them had changed; with `since`: only the changes in them. */
	paths: string[];
	/** Whether the files of what is widened are listed. */
	expand?: boolean;
}
/** Files that may be affected and are told as a whole: because of an option, say, or because analysis cannot follow them. */
export interface WidenedPlace {
	scope: 'program' | 'package' | 'directory' | 'glob';
	/** Absolute: the configuration of a program (`/` for any), the folder, or the pattern. */
	of: string;
	/** The file that makes it so, absolute. */
	by: string;
	reason: string;
	/** The only file that is meant: what it loads may be anything in the place. */
	file?: string;
}

interface Widened extends WidenedPlace {
	/** How many files that are. */
	files: number;
	/** The files, absolute, when they were asked for. */
	paths?: string[];
}

export interface AffectedResult {
	/** Absolute paths. */
	changed: string[];
	/** Nearest first; nothing that is in `changed`. */
	affected: Invalidated[];
	/** What is told as a whole. */
	widened: Widened[];
	/** Milliseconds that the answer took. */
	ms: number;
}

/**
 * Client → server: a page of what {@link AffectedResult} has, for views: of what the last burst affects (the one that got an
 * event last), or of what depends on a file, as if everything in it had changed. Waits until the graph knows everything that is
 * in the log now. Pages of one answer cost one walk of the graph. May be cancelled.
 */
export interface ImpactParams {
	/** The file, absolute. Absent: the last burst. `NOT_COVERED` for a path at which no watch has a file. */
	path?: string;
	/** Affected files to leave out, 0 or more. */
	offset: number;
	/** 0..{@link MAX_PATHS_PER_REQUEST}. */
	limit: number;
}
export interface ImpactResult {
	/** Pages with the same one fit together. */
	version: string;
	/** Absent for a file, and while the graph has not followed any burst. */
	burst?: BurstSummary;
	/** How many files have changed. */
	changed: number;
	/** How many files are affected at each distance, nearest first, and how many of them only possibly. */
	groups: { distance: number; files: number; possible: number }[];
	/** The page: nearest first, what is certain before what is possible, then by path. */
	files: Invalidated[];
	/** At most {@link MAX_WIDENED} of them. */
	widened: AffectedResult['widened'];
	widenedCount: number;
}

/** The most places that one {@link ImpactResult} names. */
export const MAX_WIDENED = 100;

/** Client → server: which of up to {@link MAX_PATHS_PER_REQUEST} files the last burst affects. */
export interface ImpactOnParams {
	/** Absolute. */
	paths: string[];
}
export interface ImpactOnResult {
	/** The burst's id; absent while the graph has not followed any. */
	burst?: number;
	/** How many files it affects in all. */
	affected: number;
	/** `null` for a file that it does not affect. */
	files: (Invalidated | null)[];
}

/** Client → server: net changes from a cursor to now. */
export interface SinceParams {
	cursor: string;
}
export interface SinceResult {
	/** The cursor to pass next time. */
	cursor: string;
	/** Whether the cursor was `0`, foreign or pruned: `changes` then lists everything that exists as `create`. */
	fresh: boolean;
	/** Present when it is `fresh` because retention has taken records after the cursor out of the log. */
	pruned?: true;
	changes: NetChange[];
}

/** Client → server: the statistics of everything, as the CLI's `stats` prints them. */
export interface StatsResult {
	global: Counters;
	watches: WatchSummary[];
	index: IndexSummary;
	handles: HandleBudget;
	retention: RetentionSummary;
}

/** What retention has to do with. */
export interface RetentionSummary {
	/** The part of the data file that is in use. The file never shrinks: what is pruned makes room within. */
	bytesInUse: number;
	/** Last sequence number that was taken out of the log; 0 when there is none. */
	prunedTo: number;
}

/** The system's watches: what this server holds of them, and how many this user may have in all programs together. */
interface HandleBudget {
	/** Linux: one for each folder that is not ignored. 0 when no server runs. */
	used: number;
	/** inotify's limit; null where there is none. */
	limit: number | null;
}

/**
 * Client → server: hold every table of the index against every other (`verify`), and bring what is wrong into line (`repair`).
 * Without `watch` and `path` everything; with one of them what that watch covers, or what is at and beneath that absolute path.
 * With a `workDoneToken` the server reports percentages on it.
 */
export interface VerifyParams {
	/** A watch's id or name. */
	watch?: string;
	path?: string;
	workDoneToken?: string | number;
}
export interface VerifyResult {
	/** `verify`: no difference was found. `repair`: none is left. */
	clean: boolean;
	/** Rows that were read and compared. */
	checked: number;
	/** What was found; at most 10,000 of them. */
	differences: IndexDifference[];
	/** How many were found. */
	found: number;
}
export interface RepairResult extends VerifyResult {
	/** How many differences were brought into line. */
	repaired: number;
}

/** What the extension passes as LSP `initializationOptions`. */
export interface InitializationOptions {
	/** File-system path of the saved `.code-workspace` file; absent for a folder window. */
	workspaceFile?: string;
	/** Whether the user trusts the workspace. */
	trusted: boolean;
}

/** Error codes of failed requests, carried in the JSON-RPC error's `data.code`. */
export interface ErrorData {
	code: string;
}
