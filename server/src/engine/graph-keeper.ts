/** The dependency graph as an engine offers it: kept by a process of its own, asked in this one. */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type {
	AffectedParams,
	AffectedResult,
	GraphStatus,
	ImpactOnResult,
	ImpactParams,
	ImpactResult,
	InvalidatedFiles,
} from '#shared/protocol.ts';
import { type Followed, placeOf } from '../graph/followed.ts';
import type { Logger } from '../platform/log.ts';
import { GraphProcess } from './graph-process.ts';
import type { Impact } from './impact.ts';
import type { ImpactPages } from './impact-pages.ts';
import { within } from './within.ts';

/** The graph begins so long after everything is live: what watches comes first. */
const REST_MS = 500;
/** Who asks about a change mostly does so at once. */
const FOLLOWED_MS = 20_000;

export interface GraphKeeperOptions {
	/** The index's folder. */
	folder: string;
	logger: Logger;
	/** {@link GraphKeeper.progress} differs. */
	progressed(): void;
	/** What a batch of changes invalidates. */
	invalidated(change: InvalidatedFiles): void;
}

export class GraphKeeper {
	readonly #options: GraphKeeperOptions;
	#process: GraphProcess | undefined;
	#timer: NodeJS.Timeout | undefined;
	#impact: Promise<{ impact: Impact; pages: ImpactPages }> | undefined;
	/** Whether the graph is kept at all. */
	#enabled = false;
	#stopped = false;
	#open: readonly string[] = [];
	/** What was followed last, while somebody may ask about it. */
	#followed: Followed | undefined;
	#followedTimer: NodeJS.Timeout | undefined;
	/** Undefined before anything was heard of it. */
	progress: GraphStatus | undefined;

	constructor(options: GraphKeeperOptions) {
		this.#options = options;
	}

	/** Says whether the graph is kept; one that was is there still, and goes on from there when it is kept again. */
	enable(enabled: boolean): void {
		this.#enabled = enabled;
		if (!enabled) {
			clearTimeout(this.#timer);
			void this.#process?.stop();
			this.#process = undefined;
			this.progress = undefined;
		}
	}

	get enabled(): boolean {
		return this.#enabled;
	}

	/** Everything is watched now. */
	settled(): void {
		if (this.#enabled && this.#process === undefined) {
			clearTimeout(this.#timer);
			this.#timer = setTimeout(() => {
				this.#start();
			}, REST_MS);
		}
	}

	/** These files are open in editors: their updates go first. */
	openFiles(paths: readonly string[]): void {
		this.#open = paths;
		this.#process?.openFiles(paths);
	}

	/** Has files read once more that could not be read: these, or all of them. */
	retry(paths?: readonly string[]): void {
		this.#process?.retry(paths);
	}

	/** The log has grown. */
	wake(): void {
		this.#process?.wake();
	}

	/**
	 * Resolves when the graph knows everything up to a record of the log.
	 *
	 * @throws FiletideError `SYNC_TIMEOUT`, `GRAPH_OFF`
	 */
	async whenAt(seq: number, timeoutMs: number): Promise<void> {
		const keeper = this.#start();
		if (keeper === undefined) {
			throw new FiletideError(
				ErrorCodes.graphOff,
				'The dependency graph is switched off. Switch it on with the setting filetide.graph.enabled.',
			);
		}
		const done = keeper.whenAt(seq).then(() => true);
		if ((await within(timeoutMs, done)) === undefined) {
			throw new FiletideError(
				ErrorCodes.syncTimeout,
				`The dependency graph was not brought up to date within ${timeoutMs / 1000} s. Try again, or allow more time.`,
			);
		}
	}

	/** @throws FiletideError `CURSOR_UNKNOWN`, `REVISION_UNKNOWN` */
	async affected(params: AffectedParams & { roots: readonly string[] }): Promise<AffectedResult> {
		return await (await this.#asked()).impact.affected(params);
	}

	/** @throws FiletideError `NOT_COVERED` */
	async impact(params: ImpactParams): Promise<ImpactResult> {
		return (await this.#asked()).pages.page(params);
	}

	async impactOn(paths: readonly string[]): Promise<ImpactOnResult> {
		return (await this.#asked()).pages.on(paths);
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		this.#stopped = true;
		clearTimeout(this.#timer);
		clearTimeout(this.#followedTimer);
		await this.#process?.stop();
		await this.#close();
	}

	async #close(): Promise<void> {
		const opened = this.#impact;
		this.#impact = undefined;
		await (await opened)?.impact.close();
	}

	#keep(followed: Followed): void {
		this.#followed = followed;
		clearTimeout(this.#followedTimer);
		this.#followedTimer = setTimeout(() => {
			this.#followed = undefined;
		}, FOLLOWED_MS).unref();
	}

	async #asked(): Promise<{ impact: Impact; pages: ImpactPages }> {
		const opened = await this.#opened();
		opened.impact.followed = this.#followed;
		return opened;
	}

	/** Loaded when it is asked for: a server that nobody asks needs no parser. */
	#opened(): Promise<{ impact: Impact; pages: ImpactPages }> {
		this.#impact ??= Promise.all([import('./impact.ts'), import('./impact-pages.ts')]).then(
			([{ Impact: Opened }, { ImpactPages: Pages }]) => {
				const impact = new Opened(this.#options.folder);
				return { impact, pages: new Pages(impact) };
			},
		);
		return this.#impact;
	}

	#start(): GraphProcess | undefined {
		clearTimeout(this.#timer);
		if (this.#enabled && !this.#stopped) {
			this.#process ??= new GraphProcess(this.#options.folder, this.#options.logger, this.#open, {
				progressed: (progress) => {
					this.progress = progress;
					this.#options.progressed();
				},
				invalidated: (followed) => {
					this.#keep(followed);
					this.#options.invalidated({ files: followed.files, widened: followed.widened.map(placeOf) });
				},
				dropping: () => this.#close(),
			});
		}
		return this.#process;
	}
}
