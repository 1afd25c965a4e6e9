/** The engine's questions (shared/protocol.ts) over any connection: a server's socket or the language server's. */
import type { MessageConnection } from 'vscode-languageserver/node';
import type { LoggedChange } from '#shared/model.ts';
import {
	type AffectedParams,
	type AffectedResult,
	type BurstsParams,
	type BurstsResult,
	type HotPathsParams,
	type HotPathsResult,
	type ImpactOnResult,
	type ImpactParams,
	type ImpactResult,
	Methods,
	type PathStatsResult,
	type RatesParams,
	type RatesResult,
	type RecentChangesParams,
	type RecentChangesResult,
	type RepairResult,
	type RescanResult,
	type RetryParkedParams,
	type SinceResult,
	type StatsResult,
	type Status,
	type StatusChanged,
	type SyncResult,
	type VerifyParams,
	type VerifyResult,
} from '#shared/protocol.ts';
import { recordsAfter } from './log-pages.ts';
import { UNTIL_MS } from './process.ts';

export class EngineClient {
	readonly connection: MessageConnection;
	readonly #listeners = new Set<(status: Status) => void>();

	/** The connection does not listen yet. */
	constructor(connection: MessageConnection) {
		this.connection = connection;
		connection.onNotification(Methods.statusChanged, (status: StatusChanged) => {
			for (const listener of this.#listeners) {
				listener(status);
			}
		});
	}

	status(): Promise<Status> {
		return this.connection.sendRequest(Methods.status, {});
	}

	stats(): Promise<StatsResult> {
		return this.connection.sendRequest(Methods.stats, {});
	}

	sync(full = false): Promise<SyncResult> {
		return this.connection.sendRequest(Methods.sync, { full, timeoutMs: 2 * UNTIL_MS });
	}

	since(cursor: string): Promise<SinceResult> {
		return this.connection.sendRequest(Methods.since, { cursor });
	}

	rescan(watchId: string, workDoneToken?: string): Promise<RescanResult> {
		return this.connection.sendRequest(Methods.rescan, {
			watchId,
			...(workDoneToken === undefined ? {} : { workDoneToken }),
		});
	}

	pathStats(paths: readonly string[]): Promise<PathStatsResult> {
		return this.connection.sendRequest(Methods.pathStats, { paths });
	}

	recentChanges(params: RecentChangesParams): Promise<RecentChangesResult> {
		return this.connection.sendRequest(Methods.recentChanges, params);
	}

	bursts(params: BurstsParams): Promise<BurstsResult> {
		return this.connection.sendRequest(Methods.bursts, params);
	}

	affected(params: AffectedParams): Promise<AffectedResult> {
		return this.connection.sendRequest(Methods.affected, params);
	}

	impact(params: Partial<ImpactParams> = {}): Promise<ImpactResult> {
		return this.connection.sendRequest(Methods.impact, { offset: 0, limit: 500, ...params });
	}

	impactOn(paths: readonly string[]): Promise<ImpactOnResult> {
		return this.connection.sendRequest(Methods.impactOn, { paths });
	}

	async retryParked(paths?: string[]): Promise<void> {
		const params: RetryParkedParams = paths === undefined ? {} : { paths };
		await this.connection.sendRequest(Methods.retryParked, params);
	}

	verify(params: VerifyParams = {}): Promise<VerifyResult> {
		return this.connection.sendRequest(Methods.verify, params);
	}

	repair(params: VerifyParams = {}): Promise<RepairResult> {
		return this.connection.sendRequest(Methods.repair, params);
	}

	hotPaths(params: HotPathsParams): Promise<HotPathsResult> {
		return this.connection.sendRequest(Methods.hotPaths, params);
	}

	rates(params: RatesParams): Promise<RatesResult> {
		return this.connection.sendRequest(Methods.rates, params);
	}

	/** All of a watch's log records, oldest first. */
	log(watchId: string): Promise<LoggedChange[]> {
		return recordsAfter(this, watchId);
	}

	/** Calls `listener` with each status that the server pushes, until the returned function is called. */
	onStatus(listener: (status: Status) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Waits, by the server's own notifications, until its status satisfies `holds`. */
	async until(what: string, holds: (status: Status) => boolean): Promise<Status> {
		const { promise, resolve, reject } = Promise.withResolvers<Status>();
		let latest: Status | undefined;
		const listener = (status: Status) => {
			latest = status;
			if (holds(status)) {
				resolve(status);
			}
		};
		const stopListening = this.onStatus(listener);
		const timer = setTimeout(() => {
			reject(new Error(`It never came about that ${what}. The latest status: ${JSON.stringify(latest)}`));
		}, UNTIL_MS);
		try {
			listener(await this.status());
			return await promise;
		} finally {
			clearTimeout(timer);
			stopListening();
		}
	}
}
