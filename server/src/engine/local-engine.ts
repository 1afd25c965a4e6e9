/**
 * The engine in this process: owns the writer and drain workers, and answers questions from the index itself, so that no
 * question waits for the writer.
 */
import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type ErrorCode, ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { Problem, ScanProgress, WatchState, WatchSummary } from '#shared/model.ts';
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
	PathStatsResult,
	RatesParams,
	RatesResult,
	RecentChangesParams,
	RecentChangesResult,
	RepairResult,
	RescanResult,
	SinceResult,
	StatsResult,
	Status,
	SyncParams,
	SyncResult,
	VerifyResult,
} from '#shared/protocol.ts';
import type { IndexNotice } from '../index/admission.ts';
import { beyondRepair, indexFaultOf } from '../index/index-fault.ts';
import { IndexReader } from '../index/reader.ts';
import { DamagedRecordError } from '../index/records.ts';
import type { Part } from '../index/verify/part.ts';
import type { Owner } from '../index/meta-table.ts';
import { workerEntry } from '../platform/entries.ts';
import { describeError, type Logger } from '../platform/log.ts';
import { giveBackMemory } from '../platform/memory.ts';
import { watchLimit } from '../watching/limits.ts';
import type { Engine, EngineListener } from './engine.ts';
import { GraphKeeper } from './graph-keeper.ts';
import type { FromWriter, Request, RequestResults, ToWriter, WatchRuntimeState } from './messages.ts';
import { summarize } from './summary.ts';
import { verifyInWorker } from './verifying.ts';
import type { WatchPlan } from './watch-plan.ts';
import { within } from './within.ts';

/**
 * V8 lets each worker's young generation grow to 48 MB and keeps it. Watching 10,000 files took 178 MB (anonymous) with
 * that, and 114 MB with this, at the same speed.
 */
const SMALL_YOUNG_GENERATION_MB = 4;
/** A crawl worker ends before long, and collects a third as long with this. */
const CRAWLER_YOUNG_GENERATION_MB = 24;

/**
 * One lists 110,100 entries in 0.6 s, two in 0.33 s; more gain little, and each costs 60 ms to start and 10 MB for a while.
 * On two cores, which the writer and the drain worker use as well, the second one still gains a tenth.
 */
const CRAWLERS = 2;

/** How long an answer waits for the graph. */
const GRAPH_MS = 60_000;

/** How long the writer may take to say what it is busy with. */
const BACKLOG_MS = 500;

/** How long a stopping writer may take to commit what is pending. */
const STOP_MS = 5000;

interface PendingRequest {
	resolve(result: never): void;
	reject(error: Error): void;
	onProgress: ((progress: ScanProgress) => void) | undefined;
}

export interface LocalEngineOptions {
	/** The index's folder. */
	folder: string;
	/** What befell the index before, so that it had to be opened anew. */
	fault?: IndexNotice | undefined;
	/** Where this process will listen, recorded with the claim. */
	socket: string;
	version: string;
	listener: EngineListener;
	logger: Logger;
	/** The workers ended unasked. The engine is of no use any more; committed changes are safe. */
	onCrash(error: Error): void;
	/** Tests put a worker of their own, with data of its own, in the place of the drain worker. */
	drain?: { entry: URL; data: object };
}

export class LocalEngine implements Engine {
	readonly #options: LocalEngineOptions;
	readonly #writer: Worker;
	readonly #writerEnded: Promise<unknown>;
	/** The writer and all others. Crawl workers end by themselves. */
	readonly #workers: readonly Worker[];
	readonly #reader: IndexReader;
	readonly #requests = new Map<number, PendingRequest>();
	/** What was wrong with the index that lay there; among the problems for as long as this engine runs. */
	readonly notice: IndexNotice | undefined;
	#serial = 0;
	#watches: readonly WatchRuntimeState[] = [];
	#pending = 0;
	#writerProblems: readonly Problem[] = [];
	#planProblems: readonly Problem[] = [];
	#handles = 0;
	#settled = false;
	#settledWaiters: (() => void)[] = [];
	#stopping: Promise<void> | undefined;
	readonly #graph: GraphKeeper;
	/** While the index is repaired because a damaged record was read. */
	#mending: Promise<unknown> | undefined;

	private constructor(
		options: LocalEngineOptions,
		writer: Worker,
		workers: readonly Worker[],
		notice: IndexNotice | undefined,
	) {
		this.#options = options;
		this.notice = notice ?? options.fault;
		this.#writer = writer;
		this.#writerEnded = new Promise((resolve) => writer.once('exit', resolve));
		this.#workers = workers;
		this.#reader = new IndexReader(options.folder, (error) => {
			this.#mend(error).catch((failure: unknown) => {
				options.logger.log('error', `The index could not be repaired: ${describeError(failure)}`);
			});
		});
		this.#graph = new GraphKeeper({
			folder: options.folder,
			logger: options.logger,
			progressed: () => {
				options.listener.statusChanged();
			},
			invalidated: (change) => {
				options.listener.invalidated?.(change);
			},
		});
		writer.on('message', (message: FromWriter) => {
			this.#receive(message);
		});
		for (const worker of workers) {
			worker.on('error', (error) => {
				this.#crashed(error instanceof Error ? error : new Error(String(error)));
			});
		}
	}

	/**
	 * Starts the workers and claims the index.
	 *
	 * @returns the engine, or who holds the index.
	 * @throws FiletideError when the index cannot be opened
	 */
	static async start(options: LocalEngineOptions): Promise<LocalEngine | { heldBy: Owner }> {
		const { port1: toDrain, port2: toWriter } = new MessageChannel();
		const orders = Array.from({ length: CRAWLERS }, () => new MessageChannel());
		const listings = Array.from({ length: CRAWLERS }, () => new MessageChannel());
		const listingsIn = listings.map(({ port1 }) => port1);
		const ordersOut = orders.map(({ port1 }) => port1);
		const writer = startWorker(
			workerEntry('writer'),
			{ folder: options.folder, socket: options.socket, drain: toDrain, listings: listingsIn },
			[toDrain, ...listingsIn],
		);
		const drain = startWorker(
			options.drain?.entry ?? workerEntry('drain'),
			{ ...options.drain?.data, port: toWriter, crawlers: ordersOut },
			[toWriter, ...ordersOut],
		);
		const crawlers = Array.from({ length: CRAWLERS }, (_, i) => {
			const ports = { orders: orders[i]!.port2, listings: listings[i]!.port2 };
			return startWorker(workerEntry('crawl'), ports, Object.values(ports), CRAWLER_YOUNG_GENERATION_MB);
		});
		const workers = [writer, drain, ...crawlers];
		try {
			const failed = [drain, ...crawlers].map((worker) => once(worker, 'error').then(rethrow));
			const [answer] = (await Promise.race([once(writer, 'message'), ...failed])) as [FromWriter];
			if (answer.type === 'opened') {
				return new LocalEngine(options, writer, workers, answer.notice);
			}
			return await LocalEngine.#notOpened(options, answer, workers);
		} catch (error) {
			await Promise.all(workers.map((worker) => worker.terminate()));
			throw error;
		}
	}

	static async #notOpened(
		options: LocalEngineOptions,
		answer: FromWriter,
		workers: readonly Worker[],
	): Promise<{ heldBy: Owner }> {
		await Promise.all(workers.map((worker) => worker.terminate()));
		if (answer.type === 'held') {
			return { heldBy: answer.owner };
		}
		const why = answer.type === 'openFailed' ? answer : { message: 'unexpected answer', code: undefined };
		throw new FiletideError(
			(why.code as ErrorCode | undefined) ?? ErrorCodes.indexWriteFailed,
			why.code === undefined ? `The index in ${options.folder} cannot be opened: ${why.message}.` : why.message,
		);
	}

	/** Takes the whole set of watches. */
	configure(plan: WatchPlan): void {
		this.#planProblems = plan.problems;
		this.#graph.enable(plan.graph);
		this.#settled = false;
		const { watches, idle, retention, complete } = plan;
		this.#send({ type: 'configure', watches, idle, retention, complete });
	}

	/** Resolves when every watch is live or in another state that it stays in; never, when the engine ends before. */
	async whenSettled(): Promise<void> {
		if (!this.#settled) {
			await new Promise<void>((resolve) => {
				this.#settledWaiters.push(resolve);
			});
		}
	}

	/** The cursor of now. */
	cursor(): string {
		this.#reader.refresh();
		return this.#reader.cursor();
	}

	status(): Promise<Status> {
		return this.#read((reader) => ({
			role: 'leader',
			version: this.#options.version,
			leaderPid: process.pid,
			indexPath: this.#options.folder,
			cursor: reader.cursor(),
			index: reader.summary(),
			global: reader.global(),
			watches: this.#summaries(),
			problems: [
				...this.#planProblems,
				...this.#watchProblems(),
				...this.#writerProblems,
				...noticeProblems(this.notice),
			],
			settled: this.#settled,
			pending: this.#pending,
			...(this.#graph.progress === undefined ? {} : { graph: this.#graph.progress }),
		}));
	}

	stats(): Promise<StatsResult> {
		return this.#read((reader) => ({
			global: reader.global(),
			watches: this.#summaries(),
			index: reader.summary(),
			handles: { used: this.#handles, limit: watchLimit()?.value ?? null },
			retention: reader.retention(),
		}));
	}

	pathStats(paths: readonly string[]): Promise<PathStatsResult> {
		return this.#read((reader) => ({ stats: paths.map((path) => reader.pathStats(path) ?? null) }));
	}

	recentChanges(params: RecentChangesParams): Promise<RecentChangesResult> {
		return this.#read((reader) => reader.recentChanges(params));
	}

	hotPaths(params: HotPathsParams): Promise<HotPathsResult> {
		return this.#read((reader) => reader.hotPaths(params, Date.now()));
	}

	rates(params: RatesParams): Promise<RatesResult> {
		return this.#read((reader) => reader.rates(params, Date.now()));
	}

	bursts(params: BurstsParams): Promise<BurstsResult> {
		return this.#read((reader) => reader.bursts(params));
	}

	since(cursor: string): Promise<SinceResult> {
		return this.#read((reader) => reader.since(cursor));
	}

	async verify(part: Part, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<VerifyResult> {
		return await verifyInWorker({ folder: this.#options.folder, part }, onProgress);
	}

	/** The writer is not kept from its work when there is nothing to repair. */
	async repair(part: Part, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<RepairResult> {
		const found = await this.verify(part, onProgress);
		return found.clean ? { ...found, repaired: 0 } : await this.#request({ type: 'repair', part });
	}

	async rescan(watchId: string, onProgress: ((progress: ScanProgress) => void) | undefined): Promise<RescanResult> {
		return await this.#request({ type: 'rescan', watchId }, onProgress);
	}

	async cancelScan(watchId: string): Promise<void> {
		await this.#request({ type: 'cancelScan', watchId });
	}

	async pause(watchId: string): Promise<void> {
		await this.#request({ type: 'pause', watchId });
	}

	async resume(watchId: string): Promise<void> {
		await this.#request({ type: 'resume', watchId });
	}

	async pauseAll(): Promise<void> {
		await this.#request({ type: 'pauseAll' });
	}

	async resumeAll(): Promise<void> {
		await this.#request({ type: 'resumeAll' });
	}

	async sync(params: SyncParams): Promise<SyncResult> {
		const done = this.#request({ type: 'sync', full: params.full });
		const result = await within(params.timeoutMs, done);
		if (result === undefined) {
			const waiting = (await within(BACKLOG_MS, this.#request({ type: 'backlog' }))) ?? [
				'the writer, which is busy',
			];
			throw new FiletideError(
				ErrorCodes.syncTimeout,
				`Not everything was reconciled within ${params.timeoutMs / 1000} s. Try again, or allow more time.${
					waiting.length === 0 ? '' : ` Left: ${waiting.join('; ')}.`
				}`,
			);
		}
		const cursor = await this.#read((reader) => reader.cursor());
		if (params.graph === true && this.#graph.enabled) {
			await this.#graph.whenAt(this.#reader.head, params.timeoutMs);
		}
		return { cursor, parked: this.#graph.progress?.parkedCount ?? 0 };
	}

	retryParked(paths?: string[]): Promise<void> {
		this.#graph.retry(paths);
		return Promise.resolve();
	}

	openFiles(paths: readonly string[]): void {
		this.#graph.openFiles(paths);
	}

	async affected(params: AffectedParams): Promise<AffectedResult> {
		await this.#graphUpToDate();
		const roots = [...this.#reader.watches().values()].map(({ root }) => root);
		return await this.#graph.affected({ ...params, roots });
	}

	async impact(params: ImpactParams, signal?: AbortSignal): Promise<ImpactResult> {
		await this.#graphUpToDate();
		// Who has gone on to another file meanwhile costs no walk.
		signal?.throwIfAborted();
		return await this.#graph.impact(params);
	}

	async impactOn(paths: readonly string[]): Promise<ImpactOnResult> {
		await this.#graphUpToDate();
		return await this.#graph.impactOn(paths);
	}

	async #graphUpToDate(): Promise<void> {
		await this.#graph.whenAt(await this.#read((reader) => reader.head), GRAPH_MS);
	}

	/**
	 * Answers from what is committed now; once more after a repair, when a damaged record is in the way. When the index must be
	 * opened anew, this engine ends.
	 */
	async #read<T>(ask: (reader: IndexReader) => T): Promise<T> {
		try {
			return await this.#readMended(ask);
		} catch (error) {
			const fault = indexFaultOf(error, this.#options.folder);
			if (fault !== undefined) {
				this.#crashed(fault);
			}
			throw fault ?? error;
		}
	}

	async #readMended<T>(ask: (reader: IndexReader) => T): Promise<T> {
		try {
			this.#reader.refresh();
			return ask(this.#reader);
		} catch (error) {
			if (!(error instanceof DamagedRecordError)) {
				throw error;
			}
			await this.#mend(error);
			this.#reader.refresh();
			return this.#askMended(ask);
		}
	}

	#askMended<T>(ask: (reader: IndexReader) => T): T {
		try {
			return ask(this.#reader);
		} catch (error) {
			throw error instanceof DamagedRecordError ? beyondRepair(error, this.#options.folder) : error;
		}
	}

	/** Has the index repaired, once for all who come across the damage. */
	async #mend(error: DamagedRecordError): Promise<void> {
		if (this.#mending === undefined) {
			this.#options.logger.log('warn', `${error.message} It is repaired.`);
			this.#mending = this.#request({ type: 'repair', part: {} }).finally(() => {
				this.#mending = undefined;
			});
		}
		await this.#mending;
	}

	/** Commits what is pending, ends the workers, gives the index back. Idempotent. */
	stop(): Promise<void> {
		this.#stopping ??= this.#stop();
		return this.#stopping;
	}

	async #stop(): Promise<void> {
		await this.#graph.stop();
		const stopped = new Promise<void>((resolve) => {
			this.#writer.on('message', (message: FromWriter) => {
				if (message.type === 'stopped') {
					resolve();
				}
			});
			this.#writer.once('exit', () => {
				resolve();
			});
		});
		this.#send({ type: 'stop' });
		const timer = setTimeout(() => {
			void this.#writer.terminate();
		}, STOP_MS);
		await stopped;
		clearTimeout(timer);
		await this.#terminate();
		this.#rejectAll(new FiletideError(ErrorCodes.watchStopped, 'The server is stopping.'));
		await this.#reader.close();
	}

	/**
	 * Ends the workers without another word to the index. The writer between two transactions: one that is stopped within holds
	 * LMDB's lock for as long as this process runs, and the next engine waits for it.
	 */
	async #abandon(): Promise<void> {
		this.#send({ type: 'abandon' });
		await Promise.all([within(STOP_MS, this.#writerEnded), this.#graph.stop()]);
		await this.#terminate();
		await this.#reader.close();
	}

	async #terminate(): Promise<void> {
		await Promise.all(this.#workers.map((worker) => worker.terminate()));
	}

	#crashed(error: Error): void {
		if (this.#stopping === undefined) {
			this.#stopping = this.#abandon();
			this.#rejectAll(error);
			this.#options.onCrash(error);
		}
	}

	#rejectAll(error: Error): void {
		for (const pending of this.#requests.values()) {
			pending.reject(error);
		}
		this.#requests.clear();
	}

	#send(message: ToWriter): void {
		this.#writer.postMessage(message);
	}

	#request<T extends Request>(
		request: T,
		onProgress?: (progress: ScanProgress) => void,
	): Promise<RequestResults[T['type']]> {
		const id = ++this.#serial;
		if (this.#stopping !== undefined) {
			return Promise.reject(new FiletideError(ErrorCodes.watchStopped, 'The server is stopping.'));
		}
		return new Promise((resolve, reject) => {
			this.#requests.set(id, { resolve, reject, onProgress });
			this.#send({ type: 'request', id, request });
		});
	}

	#receive(message: FromWriter): void {
		switch (message.type) {
			case 'state':
				this.#watches = message.watches;
				this.#handles = message.handles;
				this.#pending = message.pending;
				this.#writerProblems = message.problems;
				this.#settle(message.settled);
				this.#options.listener.statusChanged();
				break;
			case 'committed':
				this.#graph.wake();
				this.#options.listener.pathsChanged({ paths: message.touched });
				this.#options.listener.statusChanged();
				break;
			case 'log':
				this.#options.logger.log(message.level, message.message);
				break;
			case 'progress':
				this.#requests.get(message.id)?.onProgress?.(message.progress);
				break;
			case 'reply':
				this.#requests.get(message.id)?.resolve(message.result as never);
				this.#requests.delete(message.id);
				break;
			case 'failure':
				this.#requests.get(message.id)?.reject(new FiletideError(message.code as ErrorCode, message.message));
				this.#requests.delete(message.id);
				break;
			case 'opened':
			case 'held':
			case 'openFailed':
			case 'stopped':
				break;
		}
	}

	#settle(settled: boolean): void {
		if (settled && !this.#settled) {
			giveBackMemory();
			this.#graph.settled();
		}
		this.#settled = settled;
		if (settled) {
			const waiters = this.#settledWaiters;
			this.#settledWaiters = [];
			for (const done of waiters) {
				done();
			}
		}
	}

	#summaries(): WatchSummary[] {
		return this.#watches.map((watch) => summarize(watch, this.#reader.watchCounts(watch.id)));
	}

	/** Watches that need the user are problems too, so that each is told once. */
	#watchProblems(): Problem[] {
		const told = new Set(this.#planProblems.map((problem) => problem.watchId));
		return this.#watches.flatMap((watch): Problem[] => {
			const code = problemCode(watch.state);
			if (code === undefined || watch.message === undefined || told.has(watch.id)) {
				return [];
			}
			const severity = watch.state === 'error' ? 'error' : 'warning';
			return [{ key: `${watch.id}:${watch.message}`, code, message: watch.message, severity, watchId: watch.id }];
		});
	}
}

function startWorker(
	entry: URL,
	data: object,
	ports: MessagePort[],
	youngGenerationMb = SMALL_YOUNG_GENERATION_MB,
): Worker {
	return new Worker(entry, {
		workerData: data,
		transferList: ports,
		resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
	});
}

function rethrow([error]: unknown[]): never {
	throw error;
}

function noticeProblems(notice: IndexNotice | undefined): Problem[] {
	return notice === undefined ? [] : [{ key: 'index-notice', ...notice, severity: 'warning' }];
}

/** The code of a state that needs the user; undefined for the others. */
function problemCode(state: WatchState): ErrorCode | undefined {
	return { missing: ErrorCodes.rootMissing, degraded: ErrorCodes.sourceFailed, error: ErrorCodes.unreadable }[
		state as string
	];
}
