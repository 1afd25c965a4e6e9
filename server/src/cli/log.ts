import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeType, LoggedChange } from '#shared/model.ts';
import type { LogReader } from '../index/log-reader.ts';
import { IndexReader } from '../index/reader.ts';
import { attach, changePrinter, locateIndex, tellDamage, tryAttach } from './attach.ts';
import { timeText } from './time-text.ts';
import { watchIdOf } from './watch-id.ts';

export interface LogOptions {
	follow?: boolean;
	watch?: string;
	path?: string;
	type?: ChangeType;
	limit?: number;
	index?: string;
	json?: boolean;
}

/** Records that are looked at between two writes: memory stays small however long the log is. */
const PAGE = 2000;
/** Between two tries to reach the server after the one that was followed has ended. */
const RETRY_MS = 500;

/** `filetide log`: what was recorded, oldest first. Reads the index itself, so that it costs a server nothing. */
export async function log(folder: string, options: LogOptions): Promise<void> {
	const indexPath = locateIndex(folder, options.index);
	const reader = new IndexReader(indexPath, tellDamage);
	try {
		const selected = reader.log({
			...(options.watch === undefined
				? {}
				: {
						watchId: watchIdOf(
							Array.from(reader.watches(), ([id, { name }]) => ({ id, name })),
							options.watch,
						),
					}),
			...(options.path === undefined ? {} : { path: resolve(folder, options.path) }),
			...(options.type === undefined ? {} : { type: options.type }),
		});
		const printer = new Printer(reader, selected, formatter(indexPath, options.json === true));
		if (options.follow === true) {
			await follow(indexPath, printer, options.limit);
		} else {
			await printer.printFirst(options.limit);
		}
	} catch (error) {
		// `filetide log | head`: who reads has enough.
		if ((error as NodeJS.ErrnoException).code !== 'EPIPE') {
			throw error;
		}
	} finally {
		await reader.close();
	}
}

/** Prints until SIGINT or SIGTERM. When the server ends, its successor is followed. */
async function follow(indexPath: string, printer: Printer, limit: number | undefined): Promise<void> {
	const listener = { statusChanged: () => undefined, pathsChanged: () => void printer.printNew() };
	let remote = await attach(indexPath, listener);
	const stop = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => {
			stop.abort();
		});
	}
	const stopped = once(stop.signal, 'abort');
	await printer.printFirst(limit);
	while (!stop.signal.aborted) {
		// Also what came while nobody told.
		await printer.printNew();
		await Promise.race([remote.closed, stopped, printer.failed]);
		remote.close();
		for (let next; !stop.signal.aborted && next === undefined;) {
			next = await tryAttach(indexPath, listener);
			if (next === undefined) {
				await delay(RETRY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
			} else {
				remote = next;
			}
		}
	}
	await printer.printNew();
	remote.close();
}

class Printer {
	/** Rejects when nobody reads any more. */
	readonly failed: Promise<never>;
	readonly #reader: IndexReader;
	readonly #selected: LogReader;
	readonly #format: (change: LoggedChange) => string;
	#printedUpTo = 0;
	#busy: Promise<void> = Promise.resolve();

	constructor(reader: IndexReader, selected: LogReader, format: (change: LoggedChange) => string) {
		this.#reader = reader;
		this.#selected = selected;
		this.#format = format;
		this.failed = new Promise((_resolve, reject) => {
			process.stdout.once('error', reject);
		});
		// Whoever writes hears of it, too.
		this.failed.catch(() => undefined);
	}

	/** @param limit of the newest; all without it */
	async printFirst(limit: number | undefined): Promise<void> {
		if (limit === undefined) {
			await this.printNew();
			return;
		}
		this.#reader.refresh();
		this.#printedUpTo = this.#reader.head;
		await this.#write(this.#selected.before(this.#printedUpTo + 1, limit).changes.toReversed());
	}

	/** Prints what was recorded since the last call. */
	printNew(): Promise<void> {
		this.#busy = this.#busy.then(() => this.#printNew());
		this.#busy.catch(() => undefined);
		return this.#busy;
	}

	async #printNew(): Promise<void> {
		for (;;) {
			this.#reader.refresh();
			const { changes, upTo } = this.#selected.page(this.#printedUpTo, PAGE);
			if (upTo === this.#printedUpTo) {
				return;
			}
			this.#printedUpTo = upTo;
			await this.#write(changes);
		}
	}

	async #write(changes: readonly LoggedChange[]): Promise<void> {
		const text = changes.map(this.#format).join('');
		if (text !== '' && !process.stdout.write(text)) {
			await Promise.race([once(process.stdout, 'drain'), this.failed]);
		}
	}
}

function formatter(indexPath: string, json: boolean): (change: LoggedChange) => string {
	const print = changePrinter(indexPath);
	return (change) => {
		const { seq, time, type, kind, path, bytes, from, fromBytes, reason, watches, burst } = print(change);
		if (json) {
			// What is undefined gets no key.
			return `${JSON.stringify({ seq, time, type, kind, path, bytes, from, fromBytes, reason, watches, burst })}\n`;
		}
		const moved = from === undefined ? '' : ` (from ${from})`;
		const because = reason === undefined ? '' : ` [${reason}]`;
		return `${timeText(time)}  ${type.padEnd(8)}  ${kind === 'folder' ? `${path}/` : path}${moved}${because}\n`;
	};
}
