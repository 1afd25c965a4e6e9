/**
 * Brings watches, sources and work together, in the writer worker: the only thread that changes the index.
 */
import { dirname } from 'node:path';
import { ErrorCodes } from '#shared/errors.ts';
import type { ScanProgress } from '#shared/model.ts';
import type { RescanResult } from '#shared/protocol.ts';
import type { RetentionConfig } from '#shared/settings.ts';
import { FiletideError } from '#shared/errors.ts';
import type { DamagedRecordError } from '../index/records.ts';
import type { Pruned } from '../index/prune.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import type { IndexWriter } from '../index/writer.ts';
import { giveBackMemory } from '../platform/memory.ts';
import { describeError } from '../platform/log.ts';
import { isInside } from '../platform/paths.ts';
import { isShortage } from '../watching/limits.ts';
import type { FromDrain, ToDrain } from '../watching/messages.ts';
import { Scopes } from '../watching/scope.ts';
import { BurstTracker } from './burst-tracker.ts';
import { CountsStore } from './counts-store.ts';
import { isMountPoint } from './disk.ts';
import { FirstCrawl } from './first-crawl.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Lister } from './lister.ts';
import type { FromCrawler, FromWriter, Request, RequestResults } from './messages.ts';
import { Mending } from './mending.ts';
import type { RecordingPolicy } from './placing.ts';
import { type Outcome, Reconciler } from './reconcile.ts';
import { RootChecks } from './root-checks.ts';
import type { Scan } from './scan.ts';
import { SourceControl } from './source-control.ts';
import { SourceHealth } from './source-health.ts';
import type { WatchRuntime } from './watch-runtime.ts';
import { storeLost, storeMissing, storePaused, storeScanned } from './watch-rows.ts';
import { WatchSet, type WatchesAsked } from './watch-set.ts';
import { type WorkListener, WorkQueue } from './work-queue.ts';

/** How long state changes are gathered before they are told. */
const STATE_MS = 20;
/** Before the watches are taken over once more when the index could not be written; sooner than queued work is tried. */
const CONFIGURE_RETRY_MS = 500;

/** The longest move window (DESIGN.md §4, "A disappearance is held"). */
const LONGEST_HOLD_MS = 200;

/** Whom the writer talks to. */
export interface WriterPeers {
	post: (message: FromWriter) => void;
	toDrain: (message: ToDrain) => void;
	/** How many crawl workers there are. */
	crawlers: number;
}

export class Writer implements WorkListener {
	readonly #index: IndexWriter;
	readonly #storage: string;
	readonly #post: (message: FromWriter) => void;
	readonly #sources: SourceControl;
	readonly #health: SourceHealth;
	readonly #crawl: FirstCrawl;
	readonly #watches = new WatchSet();
	readonly #bursts: BurstTracker;
	readonly #policy: RecordingPolicy;
	#scopes: Scopes;
	#reconciler: Reconciler;
	readonly #queue: WorkQueue;
	readonly #mending: Mending;
	#checked = false;
	#stopped = false;
	/** Kernel watches that all sources hold. */
	#handles = 0;
	#stateTimer: NodeJS.Timeout | undefined;
	#configureTimer: NodeJS.Timeout | undefined;
	readonly #roots: RootChecks;
	readonly #counts: CountsStore;
	readonly #housekeeping: Housekeeping;

	/** @param storage the index's folder, which is never covered */
	constructor(index: IndexWriter, storage: string, { post, toDrain, crawlers }: WriterPeers) {
		this.#index = index;
		this.#storage = storage;
		this.#post = post;
		this.#sources = new SourceControl(storage, toDrain);
		this.#health = new SourceHealth(this.#watches, {
			describe: (key) => this.#sources.describe(key),
			scan: (path) => {
				this.#queue.scan(path);
			},
			changed: () => {
				this.changed();
			},
		});
		this.#crawl = new FirstCrawl(crawlers, toDrain);
		this.#bursts = new BurstTracker(index.lastBurstId());
		this.#policy = {
			indexed: (id) => this.#watches.indexed(id),
			isMounted: (root) => this.#watches.isMounted(root),
			burstStartedAt: (path) => this.#bursts.startedAt(path, Date.now()),
			settleMs: (path) => {
				const watches = this.#watches.over(path).map(({ watch }) => watch);
				return watches.every(({ settled }) => settled)
					? Math.max(...watches.map(({ windowMs }) => windowMs), 0)
					: 0;
			},
			noteSave: (path) => {
				this.#bursts.noteSave(path, Date.now());
			},
		};
		this.#scopes = new Scopes([], storage);
		this.#reconciler = new Reconciler(this.#scopes, this.#scopes, new Set(), this.#policy);
		this.#queue = new WorkQueue(index, this.#reconciler, this.#bursts, this);
		this.#mending = new Mending(index, {
			log: (level, message) => {
				post({ type: 'log', level, message });
			},
			roots: () => this.roots(),
			scan: (folder) => {
				this.#queue.scan(folder);
			},
			mended: () => {
				this.#indexMended();
			},
		});
		this.#housekeeping = new Housekeeping({
			resting: () => this.#queue.resting,
			pruningDue: (limits) => index.pruningDue(limits),
			transact: (work) => this.#queue.transact(work),
			storeCounts: () => {
				this.#counts.store((work) => this.#queue.transact(work));
			},
			pruned: (slice) => {
				this.#pruned(slice);
			},
		});
		this.#counts = new CountsStore(this.#watches, index);
		this.#roots = new RootChecks(this.#watches, {
			checking: () => {
				index.checkPlace();
			},
			woken: () => {
				for (const root of this.roots()) {
					this.#queue.scan(root);
				}
			},
			scan: (root) => {
				this.#queue.scan(root);
			},
			changed: () => {
				this.#planSources();
			},
		});
	}

	/** Takes the whole set of watches; those that did not change go on undisturbed. */
	configure(plan: WatchesAsked & { retention: RetentionConfig }): void {
		clearTimeout(this.#configureTimer);
		this.#housekeeping.keep(plan.retention);
		if (!this.#checked) {
			this.#checked = true;
			this.#mending.begin();
		}
		let adopt = () => {};
		const done = this.#queue.transact((transaction) => {
			adopt = this.#watches.configure(transaction, plan, (id, root) => {
				this.#reconciler.uncover(transaction, root, id);
			});
		});
		if (done) {
			adopt();
			this.#rebuild();
		} else {
			this.#configureTimer = setTimeout(() => {
				this.configure(plan);
			}, CONFIGURE_RETRY_MS);
		}
	}

	/** Takes what a crawl worker has listed. */
	listed(message: FromCrawler): void {
		this.#crawl.listed(message);
	}

	/** Takes what the drain worker says. */
	receive(message: FromDrain): void {
		switch (message.type) {
			case 'hints':
				for (const path of message.entries) {
					for (const runtime of this.#watches.over(path)) {
						runtime.counts.received++;
					}
					this.#queue.hint(path);
				}
				for (const path of message.trees) {
					this.#queue.scan(path);
				}
				for (const path of message.polls) {
					this.#poll(path);
				}
				break;
			case 'ready':
				this.#sourceReady(message.key);
				break;
			case 'failed':
				this.#health.failed(message.key, message.message);
				break;
			case 'barrier':
				this.#sources.barrierPassed(message.id, message.unsettled);
				break;
			case 'limited':
				this.#health.limited(message.key, message.shortfall);
				break;
			case 'overflow':
				this.#health.lost(message.how, message.roots, message.later);
				break;
			case 'handles':
				this.#handles = message.used;
				this.changed();
				break;
			case 'vcs':
				if (message.phase === 'begin') {
					this.#bursts.begin(message.workTree, message.origin);
				} else {
					this.#bursts.end(message.workTree);
				}
				break;
			case 'stopped':
				break;
		}
	}

	/** @throws FiletideError `WATCH_UNKNOWN`, `WATCH_STOPPED` */
	async request(
		request: Request,
		onProgress: (progress: ScanProgress) => void,
	): Promise<RequestResults[Request['type']]> {
		try {
			return await this.#answer(request, onProgress);
		} finally {
			// Who asks for the status after the answer sees what the request brought about.
			if (this.#stateTimer !== undefined) {
				clearTimeout(this.#stateTimer);
				this.#stateTimer = undefined;
				this.#tellState();
			}
		}
	}

	async #answer(
		request: Request,
		onProgress: (progress: ScanProgress) => void,
	): Promise<RequestResults[Request['type']]> {
		switch (request.type) {
			case 'rescan':
				return await this.#rescan(this.#watches.get(request.watchId), onProgress);
			case 'cancelScan':
				this.#cancelScan(this.#watches.get(request.watchId).watch.root);
				return null;
			case 'pause':
			case 'resume':
				this.#setPaused([this.#watches.get(request.watchId)], request.type === 'pause');
				return null;
			case 'pauseAll':
			case 'resumeAll':
				this.#setPaused(this.#watches.all, request.type === 'pauseAll');
				return null;
			case 'sync':
				await this.#sync(request.full);
				return { parked: 0 };
			case 'repair':
				return this.#mending.repair(request.part);
			case 'backlog':
				return [...this.#sources.backlog(), ...this.#queue.backlog()];
		}
	}

	/** Commits what is pending and gives the index back. Idempotent. */
	async stop(): Promise<void> {
		if (!this.#stopped) {
			this.#stopped = true;
			this.#roots.stop();
			clearTimeout(this.#configureTimer);
			this.#sources.stop();
			this.#housekeeping.stop();
			this.#queue.stop();
			this.#storeLastCounts();
			clearTimeout(this.#stateTimer);
			await this.#index.close();
		}
	}

	// --- WorkListener ------------------------------------------------------------------------------------------------

	roots(): string[] {
		const running = this.#watches.all.filter((runtime) => runtime.runnable).map((runtime) => runtime.watch);
		return new Scopes(running, this.#storage).topRoots();
	}

	polledBesides(path: string): string[] {
		const polled = this.#watches.all
			.filter(({ watch, runnable, state }) => runnable && watch.source === 'polling' && state !== 'starting')
			.map(({ watch }) => watch.root);
		const roots = [...new Set(polled)];
		// The innermost one has not found it.
		const own = roots.filter((root) => isInside(root, path)).sort((one, other) => other.length - one.length)[0];
		return own === undefined ? [] : roots.filter((root) => root !== own);
	}

	indexing(): boolean {
		return this.#watches.all.some(({ indexed }) => !indexed);
	}

	lister(): Lister {
		return this.#crawl.lister(this.#scopes);
	}

	async reported(): Promise<void> {
		await this.#sources.reported();
	}

	holdMs(path: string): number {
		const windows = this.#watches.over(path).map(({ watch }) => watch.windowMs);
		return Math.min(Math.max(...windows, 0), LONGEST_HOLD_MS);
	}

	reconciled(path: string, outcome: Outcome): void {
		const count = outcome.kind === 'filtered' ? 'filtered' : outcome.kind === 'failed' ? 'errors' : 'processed';
		for (const runtime of this.#watches.over(path)) {
			runtime.counts[count]++;
		}
		if (outcome.kind === 'scan') {
			this.#queue.scan(outcome.folder.path);
			this.#sources.ensure([outcome.folder]);
		} else if (outcome.kind === 'rules') {
			this.#rulesChanged(outcome.path);
		} else if (outcome.kind === 'root') {
			this.#roots.changed(outcome.path);
		}
	}

	damaged(error: DamagedRecordError): boolean {
		return this.#mending.damaged(error);
	}

	setAside(path: string, error: unknown): void {
		this.#post({
			type: 'log',
			level: 'error',
			message: `${path} could not be compared and is left out until it changes again: ${describeError(error)}`,
		});
	}

	committing(transaction: IndexTransaction): void {
		this.#counts.put(transaction);
	}

	scanCompleting(transaction: IndexTransaction, scan: Scan): void {
		if (!scan.failed) {
			storeScanned(transaction, this.#scannedBy(scan.path));
		}
	}

	scanCompleted(scan: Scan): void {
		this.#noteUnreadable(scan);
		if (scan.failed) {
			if (scan.unreadable.some(({ path, error }) => path === scan.path && isShortage(error))) {
				this.#awaitRoom(scan.path);
			} else if (this.#watches.all.some((runtime) => runtime.watch.root === scan.path)) {
				this.#roots.changed(scan.path);
			}
			return;
		}
		// A source that just started has seen new folders itself; one that runs may have missed that they came.
		const live = this.#watches.all.filter(({ runnable, state }) => runnable && state !== 'starting');
		const folders = scan.newFolders.filter(({ path }) => live.some(({ watch }) => isInside(watch.root, path)));
		for (const runtime of this.#scannedBy(scan.path)) {
			runtime.before = runtime.watch;
			runtime.stale = false;
			runtime.mountPoint = isMountPoint(runtime.watch.root);
			runtime.reconciledAt = performance.now();
			if (runtime.state === 'starting' && !this.#sources.isStarting(runtime.watch.root)) {
				runtime.enterLive();
			}
		}
		this.#reconciler.scanned(scan.path);
		this.#reconciler.useScopesBefore(this.#scopesBefore());
		if (folders.length > 0) {
			this.#sources.ensure(folders);
		}
	}

	/** The folder is as good as ever, but nothing can be opened now: tried again at the poll interval. */
	#awaitRoom(root: string): void {
		for (const runtime of this.#watches.all) {
			if (runtime.watch.root === root && runtime.runnable) {
				runtime.reconciledAt = performance.now();
				runtime.enterLive();
			}
		}
	}

	/** What could not be read makes a watch degraded until a scan can read it. */
	#noteUnreadable(scan: Scan): void {
		this.#crawl.noteUnreadable(
			scan,
			this.#watches.over(scan.path).map(({ watch }) => watch.root),
		);
		this.#watches.noteUnreadable(scan.path, scan.unreadable);
	}

	committed(touched: string[] | null): void {
		this.#counts.stored();
		this.#housekeeping.committed();
		this.#post({ type: 'committed', touched });
	}

	/** Counters of any path may have fallen. */
	#pruned({ records, damaged }: Pruned): void {
		for (const seq of damaged) {
			const message = `Record ${seq} of the log was damaged and has been taken out. What it counted for is counted still: repair the index.`;
			this.#post({ type: 'log', level: 'warn', message });
		}
		if (records > 0) {
			this.#post({ type: 'committed', touched: null });
		}
	}

	/** On stopping, when nothing is tried again any more. */
	#storeLastCounts(): void {
		try {
			this.#counts.storeLast();
		} catch (error) {
			const message = `The watches' latest counts could not be stored: ${describeError(error)}`;
			this.#post({ type: 'log', level: 'warn', message });
		}
	}

	changed(): void {
		this.#stateTimer ??= setTimeout(() => {
			this.#stateTimer = undefined;
			this.#tellState();
		}, STATE_MS);
	}

	// --- watches and sources -----------------------------------------------------------------------------------------

	/** Derives scopes, states and sources from the watches. */
	#rebuild(): void {
		const watches = this.#watches.all.map((runtime) => runtime.watch);
		this.#scopes = new Scopes(watches, this.#storage);
		const roots = new Set(watches.map((watch) => watch.root));
		this.#reconciler = new Reconciler(this.#scopes, this.#scopesBefore(), roots, this.#policy);
		this.#bursts.useRoots(this.#scopes.topRoots());
		this.#crawl.useWatches(watches, this.#storage);
		this.#queue.useReconciler(this.#reconciler);
		this.#watches.enterStates();
		this.#indexMissing();
		this.#planSources();
	}

	#indexMended(): void {
		this.#queue.indexMended();
		this.#queue.transact((transaction) => {
			storeLost(transaction, this.#watches.all);
		});
		this.#post({ type: 'committed', touched: null });
	}

	#indexMissing(): void {
		const missing = this.#watches.all.filter(({ state, indexed }) => state === 'missing' && !indexed);
		if (missing.length === 0) {
			return;
		}
		const done = this.#queue.transact((transaction) => {
			storeMissing(transaction, missing);
		});
		if (done) {
			for (const runtime of missing) {
				runtime.before = runtime.watch;
			}
			this.#reconciler.useScopesBefore(this.#scopesBefore());
		}
	}

	/** What the watches covered when they were last compared with the disk, by the ignore files of then. */
	#scopesBefore(): Scopes {
		const coverages = this.#watches.all.flatMap(({ before }) => before ?? []);
		const readIgnoreFile = (folder: string) => this.#index.ignoreText(folder);
		return new Scopes(coverages, this.#storage, readIgnoreFile, this.#scopes.follow);
	}

	#planSources(): void {
		const watches = this.#watches.all.filter((runtime) => runtime.runnable).map((runtime) => runtime.watch);
		const named = !this.#crawl.hasEnded;
		for (const root of this.#sources.run(watches, (each) => this.#watches.generation(each), named)) {
			this.#health.renewed(root);
		}
		for (const runtime of this.#watches.all) {
			const { root } = runtime.watch;
			if (
				runtime.runnable &&
				(runtime.stale || runtime.state === 'starting') &&
				!this.#sources.isStarting(root)
			) {
				this.#queue.scan(root);
			}
		}
		this.changed();
	}

	#sourceReady(key: string): void {
		const root = this.#sources.ready(key);
		if (root !== undefined) {
			this.#queue.scan(root);
		}
	}

	/** A poll that comes during a scan of the same is answered by that scan and the next poll. */
	#poll(path: string): void {
		if (this.#queue.scanOver((scanned) => scanned === path) === undefined) {
			this.#queue.scan(path);
		}
	}

	#rulesChanged(folder: string): void {
		for (const runtime of this.#watches.all) {
			const { watch } = runtime;
			if (watch.filters.gitignore && (isInside(watch.root, folder) || isInside(folder, watch.root))) {
				runtime.stale = true;
				this.#watches.renewSources(watch.root);
			}
		}
		this.#rebuild();
	}

	/** In one transaction, so that all of them change or none does. */
	#setPaused(runtimes: readonly WatchRuntime[], paused: boolean): void {
		const changing = runtimes.filter((runtime) => runtime.paused !== paused);
		if (changing.length === 0) {
			return;
		}
		const done = this.#queue.transact((transaction) => {
			storePaused(transaction, changing, paused);
		});
		if (!done) {
			throw new FiletideError(ErrorCodes.indexWriteFailed, this.#queue.writeProblem ?? '');
		}
		for (const runtime of changing) {
			runtime.paused = paused;
			this.#watches.renewSources(runtime.watch.root);
		}
		this.#rebuild();
	}

	// --- scans and the barrier ---------------------------------------------------------------------------------------

	async #rescan(runtime: WatchRuntime, onProgress: (progress: ScanProgress) => void): Promise<RescanResult> {
		const { id, name, root } = runtime.watch;
		if (!runtime.runnable) {
			throw new FiletideError(
				ErrorCodes.watchStopped,
				runtime.message ?? `The watch "${name}" is paused. Resume it first.`,
			);
		}
		const total = this.#index.knownEntries(id);
		return await this.#queue.scanAndWait(root, (done) => {
			onProgress({ done, total });
		});
	}

	#cancelScan(root: string): void {
		// A first indexing goes on: without it the watch would know nothing.
		if (this.#watches.all.every((runtime) => runtime.watch.root !== root || (runtime.indexed && !runtime.stale))) {
			this.#queue.cancelScan(root);
		}
	}

	/** The barrier: everything that the sources can report now is in the log when this settles. */
	async #sync(full: boolean): Promise<void> {
		await this.#sources.whenSettled();
		const unsettled = await this.#sources.barrier();
		for (const root of full ? this.roots() : unsettled) {
			this.#queue.scan(root);
		}
		await this.#queue.whenIdle();
		// Changed ignore rules and replaced roots make sources start anew; what they find belongs to this barrier.
		while (!this.#sources.settled) {
			await this.#sources.whenSettled();
			await this.#queue.whenIdle();
		}
	}

	/** Watches whose whole folder a scan from `path` comes past. */
	#scannedBy(path: string): WatchRuntime[] {
		return this.#watches.all.filter(({ watch: { root }, runnable }) => {
			return runnable && (root === path || (isInside(path, root) && this.#scopes.of(dirname(root)).watched));
		});
	}

	#endCrawl(): void {
		const unnamed = this.#crawl.end();
		this.#scopes.forget();
		giveBackMemory();
		for (const root of unnamed) {
			this.#watches.renewSources(root);
		}
		if (unnamed.length > 0) {
			this.#planSources();
		}
	}

	#tellState(): void {
		const watches = this.#watches.all.map((runtime) => {
			const scan = this.#queue.scanOver((path) => isInside(path, runtime.watch.root));
			return runtime.snapshot(scan, scan === undefined ? 0 : this.#index.knownEntries(runtime.watch.id));
		});
		const idle = this.#watches.idle.map((watch) => ({ ...watch, ...this.#index.runtimeCounts(watch.id) }));
		const settled = this.#sources.settled && watches.every((watch) => watch.state !== 'starting');
		if (settled && this.#crawl.idle && this.#queue.scanOver(() => true) === undefined) {
			this.#endCrawl();
		}
		const { writeProblem, pending } = this.#queue;
		this.#post({
			type: 'state',
			watches: [...watches, ...idle],
			pending,
			problems:
				writeProblem === undefined
					? []
					: [{ key: 'index', code: ErrorCodes.indexWriteFailed, message: writeProblem, severity: 'error' }],
			handles: this.#handles,
			settled,
		});
	}
}
