/**
 * One index, one writer: a session leads when it gets the index and follows the leader otherwise; when the leader goes,
 * it takes over. Surfaces ask for `engine()` and need not know which it is.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { PROTOCOL_VERSION, type Hello, type Status } from '#shared/protocol.ts';
import { VERSION } from '#shared/version.ts';
import type { Engine } from '../engine/engine.ts';
import { LocalEngine } from '../engine/local-engine.ts';
import type { WatchPlan } from '../engine/watch-plan.ts';
import { isIndexFault } from '../index/index-fault.ts';
import type { Owner } from '../index/meta-table.ts';
import { SCHEMA_VERSION } from '../index/tables.ts';
import { recordRoots, socketPath } from '../platform/locations.ts';
import { fileSystemType, isNetworkFileSystem } from '../platform/mounts.ts';
import { describeError, type Logger } from '../platform/log.ts';
import { Notifier } from './notifier.ts';
import { OpenFileSet } from './open-files.ts';
import type { RemoteEngine } from './remote-engine.ts';
import { SocketServer } from './socket-server.ts';

/** Between two tries to reach or replace a leader that neither answers nor ends. */
const RETRY_MS = 200;
const RETRY_MOST_MS = 5000;
/** Silence after which the user is told. */
const SILENT_MS = 10_000;
/** After the workers crashed: the wait, doubled each time up to the most. */
const CRASH_FIRST_MS = 500;
const CRASH_MOST_MS = 30_000;
/** Life after which a crash counts as the first again. */
const STABLE_MS = 60_000;

/** What a server says of itself. */
export const HELLO: Omit<Hello, 'follow'> = { protocol: PROTOCOL_VERSION, schema: SCHEMA_VERSION, version: VERSION };

export interface SessionOptions {
	/** The index's folder. */
	folder: string;
	/** The folders that the index is for, as the user spells them; written down once this session leads. */
	roots: readonly string[];
	logger: Logger;
	/** Said once each, for example that the index was written by a newer Filetide. */
	onProblem(message: string): void;
}

export class Session {
	/** Subscribers hear of this session's changes, whoever leads. */
	readonly notifier: Notifier;
	/** What the clients of this session have open; whoever leads is told. */
	readonly open: OpenFileSet;
	readonly #options: SessionOptions;
	readonly #socket: string;
	readonly #abort = new AbortController();
	#plan: WatchPlan | undefined;
	#local: LocalEngine | undefined;
	#remote: RemoteEngine | undefined;
	#server: SocketServer | undefined;
	#waiters: { resolve(engine: Engine): void; reject(error: Error): void }[] = [];
	#running: Promise<void> | undefined;
	#lastProblem: string | undefined;
	/** What befell the index while this session led, until it leads again and tells. */
	#fault: FiletideError | undefined;
	/** Since when the index has been somebody's who does not answer. */
	#heldSince: number | undefined;

	constructor(options: SessionOptions, open = new OpenFileSet()) {
		this.#options = options;
		this.#socket = socketPath(options.folder);
		this.open = open;
		open.changed = () => {
			(this.#local ?? this.#remote)?.openFiles(open.paths);
		};
		this.notifier = new Notifier(async () => {
			const engine = this.#local ?? this.#remote;
			return await engine?.status().catch((): Status | undefined => undefined);
		});
	}

	/** Whether {@link stop} was called. */
	get stopped(): boolean {
		return this.#abort.signal.aborted;
	}

	/** The engine in this process while this session leads. */
	get leader(): LocalEngine | undefined {
		return this.#local;
	}

	/** Begins to lead or follow. Returns at once; {@link engine} waits. */
	start(plan: WatchPlan): void {
		this.#plan = plan;
		const type = fileSystemType(this.#options.folder);
		if (type !== undefined && isNetworkFileSystem(this.#options.folder)) {
			// LMDB maps its file into memory and locks it, which network file systems do not do reliably.
			this.#tell(
				`The index lies on a network file system (${type}: ${this.#options.folder}), where it may be damaged. Point XDG_STATE_HOME at a local disk.`,
			);
		}
		this.#running = this.#run();
	}

	/** Takes another set of watches. While following, it waits until this session leads. */
	configure(plan: WatchPlan): void {
		this.#plan = plan;
		this.#local?.configure(plan);
	}

	/** The engine to ask, as soon as there is one. */
	async engine(): Promise<Engine> {
		const engine = this.#local ?? this.#remote;
		if (engine !== undefined) {
			return engine;
		}
		if (this.#abort.signal.aborted) {
			throw stopping();
		}
		return await new Promise((resolve, reject) => {
			this.#waiters.push({ resolve, reject });
		});
	}

	/** Ends it: what is pending is committed and the index given back. Idempotent. */
	async stop(): Promise<void> {
		this.#abort.abort();
		this.notifier.close();
		for (const waiter of this.#waiters.splice(0)) {
			waiter.reject(stopping());
		}
		this.#remote?.close();
		await this.#server?.close();
		await this.#local?.stop();
		await this.#running;
	}

	async #run(): Promise<void> {
		let crashWait = CRASH_FIRST_MS;
		while (!this.#abort.signal.aborted) {
			const began = performance.now();
			try {
				await this.#followOrLead();
			} catch (error) {
				if (error === this.#fault) {
					// What it was is told when the index is open again.
					this.#options.logger.log('debug', describeError(error));
				} else {
					this.#tell(describeError(error));
				}
				crashWait =
					performance.now() - began > STABLE_MS ? CRASH_FIRST_MS : Math.min(crashWait * 2, CRASH_MOST_MS);
				await this.#pause(crashWait);
			}
		}
	}

	/** Returns when this role ends: the leader went away, or the index is somebody's who does not answer. */
	async #followOrLead(): Promise<void> {
		if (await this.#follow(this.#socket)) {
			return;
		}
		let crashed: (error: Error) => void = () => undefined;
		const ended = new Promise<never>((_resolve, reject) => {
			crashed = reject;
		});
		// Awaited below; until then a crash must not count as unhandled.
		ended.catch(() => undefined);
		const local = await LocalEngine.start({
			folder: this.#options.folder,
			fault: this.#fault && { code: this.#fault.code, message: this.#fault.message },
			socket: this.#socket,
			version: VERSION,
			listener: this.notifier,
			logger: this.#options.logger,
			onCrash: crashed,
		});
		if ('heldBy' in local) {
			await this.#wait(local.heldBy);
			return;
		}
		this.#heldSince = undefined;
		await this.#lead(local, ended);
	}

	/** Somebody has the index. They may listen elsewhere (another environment), or not yet, or hang. */
	async #wait(owner: Owner): Promise<void> {
		if (owner.socket !== this.#socket && (await this.#follow(owner.socket))) {
			return;
		}
		this.#heldSince ??= performance.now();
		const waitedMs = performance.now() - this.#heldSince;
		if (waitedMs > SILENT_MS) {
			this.#tell(
				`Process ${owner.pid} writes the index ${this.#options.folder} and does not answer. End it, and this server takes over.`,
			);
		}
		await this.#pause(Math.min(Math.max(RETRY_MS, waitedMs), RETRY_MOST_MS));
	}

	/** False when nobody answers at the socket; true after having followed whoever did. */
	async #follow(socket: string): Promise<boolean> {
		// Who leads needs none of it.
		const { RemoteEngine } = await import('./remote-engine.ts');
		const remote = await RemoteEngine.connect(socket, HELLO, this.notifier);
		if (remote === undefined) {
			return false;
		}
		this.#heldSince = undefined;
		this.#remote = remote;
		this.#options.logger.log('info', `following the server that writes ${this.#options.folder}`);
		this.#ready(remote);
		if (this.#abort.signal.aborted) {
			remote.close();
		}
		await remote.closed;
		this.#remote = undefined;
		return true;
	}

	async #lead(local: LocalEngine, ended: Promise<never>): Promise<void> {
		if (this.#abort.signal.aborted) {
			await local.stop();
			return;
		}
		this.#local = local;
		try {
			recordRoots(this.#options.folder, this.#options.roots);
			const hello = { ...HELLO, follow: false };
			this.#server = await SocketServer.listen({
				path: this.#socket,
				hello,
				engine: local,
				notifier: this.notifier,
				open: this.open,
			});
			this.#options.logger.log('info', `writing ${this.#options.folder}`);
			if (this.#fault !== undefined && local.notice !== undefined) {
				// Those who were told the problems of the first start hear of this one here.
				this.#options.logger.log('warn', local.notice.message);
			}
			this.#fault = undefined;
			if (this.#plan !== undefined) {
				local.configure(this.#plan);
			}
			this.#ready(local);
			await Promise.race([ended, aborted(this.#abort.signal)]);
		} catch (error) {
			this.#fault = isIndexFault(error) ? error : undefined;
			throw error;
		} finally {
			this.#local = undefined;
			await this.#server?.close();
			this.#server = undefined;
			await local.stop();
		}
	}

	#ready(engine: Engine): void {
		this.#lastProblem = undefined;
		engine.openFiles(this.open.paths);
		for (const waiter of this.#waiters.splice(0)) {
			waiter.resolve(engine);
		}
		this.notifier.statusChanged();
		this.notifier.pathsChanged({ paths: null });
	}

	#tell(problem: string): void {
		this.#options.logger.log('error', problem);
		if (problem !== this.#lastProblem) {
			this.#lastProblem = problem;
			this.#options.onProblem(problem);
		}
	}

	async #pause(ms: number): Promise<void> {
		// Rejects when the session stops, which is all that ends the wait early.
		await delay(ms, undefined, { signal: this.#abort.signal }).catch(() => undefined);
	}
}

function stopping(): FiletideError {
	return new FiletideError(ErrorCodes.watchStopped, 'The server is stopping.');
}

async function aborted(signal: AbortSignal): Promise<void> {
	if (!signal.aborted) {
		await new Promise((resolve) => {
			signal.addEventListener('abort', resolve, { once: true });
		});
	}
}
