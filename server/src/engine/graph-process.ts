/** The server's side of the process that keeps the graph: started when there is an index, started again when it ends. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GraphStatus } from '#shared/protocol.ts';
import type { AffectedFile } from '../graph/affected.ts';
import type { FromGraph, ToGraph } from './graph-messages.ts';
import { workerEntry } from '../platform/entries.ts';
import type { Logger } from '../platform/log.ts';

/** Before it is started again, doubled each time up to the most. */
const RESTART_FIRST_MS = 500;
const RESTART_MOST_MS = 30_000;
/** Who says nothing for so long while there is work is stuck in one file. */
const SILENT_MS = 30_000;

export interface GraphListener {
	progressed(progress: GraphStatus): void;
	invalidated(files: readonly AffectedFile[], seq: number): void;
}

export class GraphProcess {
	readonly #folder: string;
	readonly #logger: Logger;
	readonly #listener: GraphListener;
	#open: readonly string[];
	#child: ChildProcess | undefined;
	#isReady = false;
	#stopped = false;
	#careful = false;
	#restartMs = RESTART_FIRST_MS;
	#restartTimer: NodeJS.Timeout | undefined;
	#silence: NodeJS.Timeout | undefined;
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
		this.#send({ type: 'wake' });
		this.#expect();
	}

	/** Resolves when the graph knows everything up to a record of the log. */
	async whenAt(seq: number): Promise<void> {
		await new Promise<void>((done) => {
			const id = ++this.#serial;
			this.#waiting.set(id, { seq, done });
			this.#send({ type: 'sync', id, seq });
		});
	}

	/** These files are open in editors: their updates go first. */
	openFiles(paths: readonly string[]): void {
		this.#open = paths;
		this.#send({ type: 'open', paths });
	}

	/** Has the files read once more that could not be read. */
	retry(): void {
		this.#send({ type: 'retry' });
		this.#expect();
	}

	/** Idempotent. */
	async stop(): Promise<void> {
		if (this.#stopped) {
			return;
		}
		this.#stopped = true;
		clearTimeout(this.#restartTimer);
		clearTimeout(this.#silence);
		const child = this.#child;
		if (child !== undefined) {
			const ended = new Promise((resolve) => {
				child.once('exit', resolve);
			});
			this.#send({ type: 'stop' });
			const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
			await ended;
			clearTimeout(timer);
		}
	}

	#start(): void {
		const entry = fileURLToPath(workerEntry('graph'));
		const child = fork(entry, [this.#folder, ...(this.#careful ? ['careful'] : [])], {
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			// A debugger's or profiler's flags are for the server.
			execArgv: ['--max-semi-space-size=4'],
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
		clearTimeout(this.#silence);
		this.#silence = undefined;
		if (this.#stopped) {
			return;
		}
		this.#logger.log(
			'warn',
			`The process that keeps the dependency graph ended (${signal ?? code}); it is started again.`,
		);
		// The file that it was in may have ended it.
		this.#careful = true;
		this.#restartTimer = setTimeout(() => {
			this.#start();
		}, this.#restartMs);
		this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MOST_MS);
	}

	#receive(message: FromGraph): void {
		this.#heard();
		switch (message.type) {
			case 'ready':
				this.#isReady = true;
				this.#send({ type: 'open', paths: this.#open });
				for (const [id, { seq }] of this.#waiting) {
					this.#send({ type: 'sync', id, seq });
				}
				this.#send({ type: 'wake' });
				this.#expect();
				break;
			case 'progress':
				if (message.progress.pending === 0 && message.progress.indexing === undefined) {
					this.#careful = false;
					this.#restartMs = RESTART_FIRST_MS;
					clearTimeout(this.#silence);
					this.#silence = undefined;
				} else {
					this.#expect();
				}
				this.#listener.progressed(message.progress);
				break;
			case 'synced':
				this.#waiting.get(message.id)?.done();
				this.#waiting.delete(message.id);
				break;
			case 'invalidated':
				this.#listener.invalidated(message.files, message.seq);
				break;
			case 'failed':
				this.#logger.log('error', `The dependency graph cannot be kept: ${message.message}`);
				break;
		}
	}

	/** There is work: whoever does it is heard of before long. */
	#expect(): void {
		if (this.#isReady) {
			this.#silence ??= setTimeout(() => {
				this.#logger.log(
					'warn',
					'The process that keeps the dependency graph is stuck in a file; it is ended.',
				);
				this.#child?.kill('SIGKILL');
			}, SILENT_MS);
		}
	}

	#heard(): void {
		clearTimeout(this.#silence);
		this.#silence = undefined;
	}

	#send(message: ToGraph): void {
		if (this.#child?.connected === true && (this.#isReady || message.type === 'stop')) {
			// One that ends now is started again and asked anew.
			this.#child.send(message, () => undefined);
		}
	}
}
