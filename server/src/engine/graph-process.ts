/**
 * The server's side of the process that keeps the graph: started when there is an index, started again when it ends, and ended
 * while there is nothing to do: a process that rests takes some 45 MB, and is there again within a tenth of a second.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GraphStatus } from '#shared/protocol.ts';
import type { Followed } from '../graph/followed.ts';
import { dropGraph } from '../index/graph-admission.ts';
import type { Measured } from '../graph/progress-tracker.ts';
import type { FromGraph, ToGraph } from './graph-messages.ts';
import { workerEntry } from '../platform/entries.ts';
import type { Logger } from '../platform/log.ts';

/** Before it is started again, doubled each time up to the most. */
const RESTART_FIRST_MS = 500;
const RESTART_MOST_MS = 30_000;
/** After so many crashes without anything done in between, it is what is stored that ends the process. */
const MOST_CRASHES = 3;
/** After so long without work it is ended. Longer than the pauses of somebody who types. */
const REST_MS = 20_000;

export interface GraphListener {
	progressed(progress: GraphStatus): void;
	invalidated(followed: Followed): void;
	/** The stored graph is about to be removed: whoever reads it lets go of it. */
	dropping(): Promise<void>;
}

export class GraphProcess {
	readonly #folder: string;
	readonly #logger: Logger;
	readonly #listener: GraphListener;
	#open: readonly string[];
	#child: ChildProcess | undefined;
	#isReady = false;
	#stopped = false;
	#restartMs = RESTART_FIRST_MS;
	#restartTimer: NodeJS.Timeout | undefined;
	#rest: NodeJS.Timeout | undefined;
	/** Ended because there was nothing to do. */
	#isResting = false;
	/** There is something to do again. */
	#isNeeded = false;
	/** What could not be read and is to be read once more; nobody was asked yet. */
	#retry: { paths: readonly string[] | undefined } | undefined;
	/** By the process that rests. */
	#measured: Measured | undefined;
	#crashes = 0;
	#isDamaged = false;
	#serial = 0;
	/** Who waits until the graph has come to a record of the log. */
	readonly #waiting = new Map<number, { seq: number; done: () => void }>();

	/**
	 * @param folder the index's folder
	 * @param open see {@link openFiles}
	 */
	constructor(folder: string, logger: Logger, open: readonly string[], listener: GraphListener) {
		this.#folder = folder;
		this.#logger = logger;
		this.#open = open;
		this.#listener = listener;
		this.#start();
	}

	/** The log has grown. */
	wake(): void {
		this.#work({ type: 'wake' });
	}

	/** Resolves when the graph knows everything up to a record of the log. */
	async whenAt(seq: number): Promise<void> {
		await new Promise<void>((done) => {
			const id = ++this.#serial;
			this.#waiting.set(id, { seq, done });
			this.#work({ type: 'sync', id, seq });
		});
	}

	/** These files are open in editors: their updates go first. */
	openFiles(paths: readonly string[]): void {
		this.#open = paths;
		this.#send({ type: 'open', paths });
	}

	/** Has files read once more that could not be read: these, or all of them. */
	retry(paths?: readonly string[]): void {
		const { paths: before } = this.#retry ?? { paths: [] };
		this.#retry = { paths: before && paths && [...before, ...paths] };
		this.#work({ type: 'retry', ...this.#retry });
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		if (this.#stopped) {
			return;
		}
		this.#stopped = true;
		clearTimeout(this.#restartTimer);
		clearTimeout(this.#rest);
		const child = this.#child;
		if (child !== undefined) {
			const ended = new Promise((resolve) => {
				child.once('exit', resolve);
			});
			if (!this.#isResting) {
				this.#send({ type: 'stop' });
			}
			const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
			await ended;
			clearTimeout(timer);
		}
	}

	#start(): void {
		this.#isResting = false;
		const child = fork(fileURLToPath(workerEntry('graph')), [this.#folder], {
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			// A debugger's or profiler's flags are for the server. With less room half of a large change's time is collecting garbage.
			execArgv: ['--max-semi-space-size=16'],
		});
		this.#child = child;
		this.#isReady = false;
		child.on('message', (message: FromGraph) => {
			this.#receive(message);
		});
		child.on('error', (error) => {
			this.#logger.log('error', `The dependency graph cannot be kept: ${error.message}`);
		});
		child.once('exit', (code, signal) => {
			this.#ended(code, signal);
		});
	}

	#ended(code: number | null, signal: NodeJS.Signals | null): void {
		this.#child = undefined;
		this.#isReady = false;
		clearTimeout(this.#rest);
		if (this.#stopped) {
			return;
		}
		if (this.#isResting) {
			if (this.#isNeeded) {
				this.#start();
			}
			return;
		}
		this.#logger.log(
			'warn',
			`The process that keeps the dependency graph ended (${signal ?? code}); it is started again.`,
		);
		// Whoever is killed has not crashed.
		this.#crashes += signal !== null && signal !== 'SIGKILL' && signal !== 'SIGTERM' ? 1 : 0;
		this.#restartTimer = setTimeout(() => {
			void this.#startAfterEnd();
		}, this.#restartMs);
		this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MOST_MS);
	}

	async #startAfterEnd(): Promise<void> {
		if (this.#isDamaged || this.#crashes >= MOST_CRASHES) {
			this.#isDamaged = false;
			this.#crashes = 0;
			await this.#listener.dropping();
			if (this.#stopped) {
				return;
			}
			this.#logger.log('warn', 'The dependency graph is damaged; it is made again from the files.');
			dropGraph(this.#folder);
		}
		this.#start();
	}

	#receive(message: FromGraph): void {
		switch (message.type) {
			case 'ready':
				this.#isReady = true;
				if (this.#measured !== undefined) {
					this.#send({ type: 'resume', measured: this.#measured });
					this.#measured = undefined;
				}
				this.#send({ type: 'open', paths: this.#open });
				for (const [id, { seq }] of this.#waiting) {
					this.#send({ type: 'sync', id, seq });
				}
				this.#send(this.#retry ? { type: 'retry', ...this.#retry } : { type: 'wake' });
				break;
			case 'progress': {
				const { pending, inFlight, failed, indexing } = message.progress;
				clearTimeout(this.#rest);
				if (pending + inFlight + failed === 0 && indexing === undefined) {
					this.#restartMs = RESTART_FIRST_MS;
					this.#crashes = 0;
					this.#rest = setTimeout(() => {
						this.#end();
					}, REST_MS);
				}
				this.#listener.progressed(message.progress);
				break;
			}
			case 'synced':
				this.#waiting.get(message.id)?.done();
				this.#waiting.delete(message.id);
				break;
			case 'invalidated':
				this.#listener.invalidated(message.followed);
				break;
			case 'stopping':
				this.#measured = message.measured;
				break;
			case 'failed':
				this.#isDamaged = message.isDamaged;
				this.#logger.log('error', `The dependency graph cannot be kept: ${message.message}`);
				break;
		}
	}

	/** Has something done by a process, which is started when there is none. */
	#work(message: ToGraph): void {
		clearTimeout(this.#rest);
		if (this.#isResting) {
			this.#isNeeded = true;
			if (this.#child === undefined) {
				this.#start();
			}
		} else {
			this.#send(message);
		}
	}

	#end(): void {
		if (this.#waiting.size === 0) {
			this.#isNeeded = false;
			this.#send({ type: 'stop' });
			this.#isResting = true;
		}
	}

	#send(message: ToGraph): void {
		if (this.#child?.connected === true && (this.#isReady || message.type === 'stop')) {
			// One that ends now is started again and asked anew.
			this.#child.send(message, () => undefined);
			if (message.type === 'retry') {
				this.#retry = undefined;
			}
		}
	}
}
