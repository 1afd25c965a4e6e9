/**
 * Waits until this thread has seen every file system event that the kernel queued before now. On Linux all `fs.watch`
 * handles of one event loop share one inotify queue, so a file of our own, written in our own watched folder, comes out
 * of it after all of them: watchman's cookie technique without writing into the user's folders.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelQueue } from './kernel-queue.ts';

/** A cookie normally comes back within a millisecond; a thread that is this late is overloaded, and the caller looks itself. */
const COOKIE_TIMEOUT_MS = 5000;

export class KernelBarrier {
	readonly #queue: KernelQueue;
	#serial = 0;

	constructor(queue: KernelQueue) {
		this.#queue = queue;
	}

	/** True when all earlier events have been seen; false where that cannot be known. */
	async pass(): Promise<boolean> {
		if (process.platform !== 'linux') {
			// One queue per handle: a cookie says nothing about the others.
			return false;
		}
		try {
			this.#queue.open();
			return await this.#send(`${process.pid}-${++this.#serial}`);
		} catch {
			// Our folder cannot be written or watched (read-only, limits): the weaker way is to look at everything.
			this.#queue.close();
			return false;
		}
	}

	/** Sends what waits once more: an overflow takes cookies too. */
	resend(): void {
		for (const name of this.#queue.cookies.keys()) {
			const file = join(this.#queue.folder, name);
			try {
				rmSync(file, { force: true });
				writeFileSync(file, '');
			} catch {
				// Then it does not come back, and whoever waits looks for himself.
			}
		}
	}

	async #send(name: string): Promise<boolean> {
		const file = join(this.#queue.folder, name);
		let timer: NodeJS.Timeout | undefined;
		const seen = new Promise<boolean>((resolve) => {
			this.#queue.cookies.set(name, () => {
				resolve(true);
			});
			timer = setTimeout(resolve, COOKIE_TIMEOUT_MS, false);
		});
		try {
			writeFileSync(file, '');
			return await seen;
		} finally {
			clearTimeout(timer);
			this.#queue.cookies.delete(name);
			rmSync(file, { force: true });
		}
	}
}
