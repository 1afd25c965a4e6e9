/** One process that reads files for the graph, as whoever asks it sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Reading } from '../graph/reading.ts';
import { workerEntry } from '../platform/entries.ts';
import type { FromReader, ToReader } from './reader-messages.ts';

/** Why a process did not answer. */
export const Ended = { byItself: 'ended', stuck: 'stuck' } as const;

interface Job {
	settle(readings: Reading[] | (typeof Ended)[keyof typeof Ended]): void;
}

export class ReaderProcess {
	readonly #child: ChildProcess;
	readonly #silentMs: number;
	readonly #jobs = new Map<number, Job>();
	#serial = 0;
	#silence: NodeJS.Timeout | undefined;
	#isStuck = false;
	/** Files that it was asked for. */
	asked = 0;

	/** @param silentMs who says nothing for so long while there is work is stuck in a file, and is ended */
	constructor(silentMs: number) {
		this.#silentMs = silentMs;
		this.#child = fork(fileURLToPath(workerEntry('graph-reader')), {
			stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
			serialization: 'advanced',
			// A debugger's or profiler's flags are for the server. With 16 MB reading takes 6 % less time than with 8, and no more memory.
			execArgv: ['--max-semi-space-size=16'],
		});
		this.#child.on('message', ({ id, readings }: FromReader) => {
			const job = this.#jobs.get(id);
			this.#jobs.delete(id);
			this.#watch();
			job?.settle(readings);
		});
		this.#child.once('error', () => {
			this.#end();
		});
		this.#child.once('exit', () => {
			this.#end();
		});
	}

	/** Whether it can be asked. One may be ended by others while it does nothing. */
	get isAlive(): boolean {
		return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Calls that it has not answered. */
	get busy(): number {
		return this.#jobs.size;
	}

	/** What it made of the files, or why it made nothing of them. */
	async read(
		orders: readonly Order[],
		options: { urgent: boolean; serial: number },
	): Promise<Reading[] | (typeof Ended)[keyof typeof Ended]> {
		this.asked += orders.length;
		return await new Promise((settle) => {
			const id = ++this.#serial;
			this.#jobs.set(id, { settle });
			this.#send({ type: 'read', id, orders, ...options });
			this.#watch();
		});
	}

	cancel(path: string): void {
		this.#send({ type: 'cancel', path });
	}

	/** Ends it. Who waits for it is told. */
	stop(): void {
		this.#child.kill('SIGKILL');
	}

	#send(message: ToReader): void {
		if (this.#child.connected) {
			// One that ends now is heard of.
			this.#child.send(message, () => undefined);
		} else {
			this.#end();
		}
	}

	#watch(): void {
		clearTimeout(this.#silence);
		if (this.#jobs.size > 0) {
			this.#silence = setTimeout(() => {
				this.#isStuck = true;
				this.stop();
			}, this.#silentMs);
		}
	}

	#end(): void {
		clearTimeout(this.#silence);
		const jobs = [...this.#jobs.values()];
		this.#jobs.clear();
		for (const job of jobs) {
			job.settle(this.#isStuck ? Ended.stuck : Ended.byItself);
		}
	}
}
