/**
 * What every surface (LSP, socket, CLI) asks of Filetide. Two things offer it: the engine in this process, and, for a
 * server that follows another one, that one over its socket.
 */
import type { ScanProgress } from '#shared/model.ts';
import type {
	AffectedParams,
	AffectedResult,
	BurstsParams,
	BurstsResult,
	HotPathsParams,
	HotPathsResult,
	ImpactOnResult,
	ImpactParams,
	ImpactResult,
	InvalidatedFiles,
	PathsChanged,
	PathStatsResult,
	RatesParams,
	RatesResult,
	RecentChangesParams,
	RecentChangesResult,
	RescanResult,
	RepairResult,
	SinceResult,
	StatsResult,
	Status,
	SyncParams,
	SyncResult,
	VerifyResult,
} from '#shared/protocol.ts';
import type { Part } from '../index/verify/part.ts';

export interface EngineListener {
	/** Anything in the status may have changed. Not coalesced; surfaces do that. */
	statusChanged(): void;
	pathsChanged(change: PathsChanged): void;
	/** The dependency graph has found what changes invalidate. */
	invalidated?(change: InvalidatedFiles): void;
}

/** All requests fail with a FiletideError whose message is one sentence for the user. */
export interface Engine {
	status(): Promise<Status>;
	stats(): Promise<StatsResult>;
	pathStats(paths: readonly string[]): Promise<PathStatsResult>;
	recentChanges(params: RecentChangesParams): Promise<RecentChangesResult>;
	bursts(params: BurstsParams): Promise<BurstsResult>;
	hotPaths(params: HotPathsParams): Promise<HotPathsResult>;
	rates(params: RatesParams): Promise<RatesResult>;
	since(cursor: string): Promise<SinceResult>;
	rescan(watchId: string, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<RescanResult>;
	cancelScan(watchId: string): Promise<void>;
	pause(watchId: string): Promise<void>;
	resume(watchId: string): Promise<void>;
	/** Every watch, or, when that cannot be written, none. */
	pauseAll(): Promise<void>;
	resumeAll(): Promise<void>;
	sync(params: SyncParams): Promise<SyncResult>;
	/** Has files read once more that the dependency graph could not read: these, or all of them. */
	retryParked(paths?: string[]): Promise<void>;
	/** Waits until the graph knows everything that is in the log now. */
	affected(params: AffectedParams): Promise<AffectedResult>;
	/** These files are open in editors: their updates go first. */
	openFiles(paths: readonly string[]): void;
	/**
	 * Waits as {@link affected} does.
	 *
	 * @param signal once it is aborted, nothing is worked out: rejects with its reason
	 */
	impact(params: ImpactParams, signal?: AbortSignal): Promise<ImpactResult>;
	/** Waits as {@link affected} does. */
	impactOn(paths: readonly string[]): Promise<ImpactOnResult>;
	verify(part: Part, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<VerifyResult>;
	repair(part: Part, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<RepairResult>;
}
