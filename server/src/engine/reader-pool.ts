/**
 * The processes that read files for the graph: started when there is work, ended when there is none. Whatever ends one of them,
 * its files are read again, each by itself, so that the one that did it is known.
 */
import { availableParallelism } from 'node:os';
import type { Order, Reading } from '../graph/reading.ts';
import type { Readers } from '../graph/updater.ts';
import { Ended, ReaderProcess } from './reader-process.ts';

/** More than these do not pay: one thread stores what they read. */
const MOST_READERS = 4;
/** Calls for each: it finds the next one when it has answered. */
const CALLS_EACH = 2;
/** A process that has read more has memory to give back. */
const FEW_FILES = 500;
const REST_MS = 1000;
const SILENT_MS = 30_000;
/** The same for a single file. */
const SILENT_ALONE_MS = 10_000;

/** After so many ends before the first answer, it is not the files that end the processes. */
const MOST_ENDS = 3;
const BROKEN = 'No file can be read: the process that reads them does not start. The log of the server says why.';

const WHY = {
	[Ended.byItself]: 'Reading it ended the process that reads files.',
	[Ended.stuck]: `Reading it took longer than ${SILENT_ALONE_MS / 1000} s.`,
} as const;

export class ReaderPool implements Readers {
	readonly #most = Math.min(MOST_READERS, availableParallelism());
	readonly #readers = new Set<ReaderProcess>();
	/** Whoever may be ended by what it reads: nobody waits behind it but others of the kind. */
	#lone: ReaderProcess | undefined;
	#loneQueue: Promise<unknown> = Promise.resolve();
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;
	/** Whether any of them has ever read a file, and how many ended before that. */
	#hasAnswered = false;
	#ends = 0;

	get #isBroken(): boolean {
		return !this.#hasAnswered && this.#ends >= MOST_ENDS;
	}

	get capacity(): number {
		return this.#most * CALLS_EACH;
	}

	async read(orders: readonly Order[], options: { urgent: boolean; serial: number }): Promise<Reading[]> {
		if (orders.length === 0) {
			return [];
		}
		if (this.#isBroken) {
			return orders.map(() => ({ state: 'failed', why: BROKEN, ms: 0 }));
		}
		const reader = this.#choose();
		const readings = await reader.read(orders, options);
		if (Array.isArray(readings)) {
			this.#hasAnswered = true;
			this.#restLater();
			return readings;
		}
		this.#readers.delete(reader);
		return await Promise.all(orders.map((order) => this.readAlone(order)));
	}

	async readAlone(order: Order): Promise<Reading> {
		const before = this.#loneQueue;
		const reading = before.then(() => this.#readNow(order));
		this.#loneQueue = reading;
		return await reading;
	}

	cancel(path: string): void {
		for (const reader of this.#readers) {
			reader.cancel(path);
		}
	}

	/** Idempotent. */
	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		for (const reader of [...this.#readers, ...(this.#lone === undefined ? [] : [this.#lone])]) {
			reader.stop();
		}
		this.#readers.clear();
		this.#lone = undefined;
	}

	async #readNow(order: Order): Promise<Reading> {
		if (this.#stopped) {
			return { state: 'superseded', ms: 0 };
		}
		if (this.#isBroken) {
			return { state: 'failed', why: BROKEN, ms: 0 };
		}
		const startedAt = performance.now();
		if (this.#lone?.isAlive !== true) {
			this.#lone = new ReaderProcess(SILENT_ALONE_MS);
		}
		const readings = await this.#lone.read([order], { urgent: true, serial: 0 });
		if (Array.isArray(readings)) {
			this.#hasAnswered = true;
			this.#restLater();
			return readings[0]!;
		}
		this.#lone = undefined;
		this.#ends++;
		return { state: 'failed', why: WHY[readings], ms: performance.now() - startedAt };
	}

	/** The one with least to do; another one when all have something to do. */
	#choose(): ReaderProcess {
		clearTimeout(this.#timer);
		for (const dead of [...this.#readers].filter(({ isAlive, busy }) => !isAlive && busy === 0)) {
			this.#readers.delete(dead);
		}
		const [least] = [...this.#readers].sort((a, b) => a.busy - b.busy);
		if (least !== undefined && (least.busy === 0 || this.#readers.size === this.#most)) {
			return least;
		}
		const reader = new ReaderProcess(SILENT_MS);
		this.#readers.add(reader);
		return reader;
	}

	/** Once nobody has anything to do, one that has not done much stays for the next change. */
	#restLater(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			if (this.#lone?.busy === 0) {
				this.#lone.stop();
				this.#lone = undefined;
			}
			const idle = [...this.#readers].filter(({ busy }) => busy === 0);
			const kept = idle.length === this.#readers.size ? idle.find(({ asked }) => asked <= FEW_FILES) : undefined;
			for (const reader of idle.filter((each) => each !== kept)) {
				reader.stop();
				this.#readers.delete(reader);
			}
		}, REST_MS);
	}
}
