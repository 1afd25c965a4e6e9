/**
 * Waits until this thread has seen every file system event that the kernel queued before now. On Linux all `fs.watch`
 * handles of one event loop share one inotify queue, so a file of our own, written in our own watched folder, comes out
 * of it after all of them: watchman's cookie technique without writing into the user's folders.
 */
import { type FSWatcher, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A cookie normally comes back within a millisecond; a thread that is this late is overloaded, and the caller looks itself. */
const COOKIE_TIMEOUT_MS = 5000;

export class KernelBarrier {
	readonly #folder: string;
	#watcher: FSWatcher | undefined;
	#serial = 0;
	readonly #waiting = new Map<string, () => void>();

	/** @param storage our own index folder */
	constructor(storage: string) {
		this.#folder = join(storage, 'cookies');
	}

	/** True when all earlier events have been seen; false where that cannot be known. */
	async pass(): Promise<boolean> {
		if (process.platform !== 'linux') {
			// One queue per handle: a cookie says nothing about the others.
			return false;
		}
		try {
			this.#watcher ??= this.#open();
			const name = `${process.pid}-${++this.#serial}`;
			return await this.#send(name);
		} catch {
			// Our folder cannot be written or watched (read-only, limits): the weaker way is to look at everything.
			this.close();
			return false;
		}
	}

	close(): void {
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	#open(): FSWatcher {
		rmSync(this.#folder, { recursive: true, force: true });
		mkdirSync(this.#folder, { recursive: true });
		return watch(this.#folder, (_event, name) => {
			this.#waiting.get(name ?? '')?.();
		});
	}

	async #send(name: string): Promise<boolean> {
		const file = join(this.#folder, name);
		let timer: NodeJS.Timeout | undefined;
		const seen = new Promise<boolean>((resolve) => {
			this.#waiting.set(name, () => {
				resolve(true);
			});
			timer = setTimeout(resolve, COOKIE_TIMEOUT_MS, false);
		});
		try {
			writeFileSync(file, '');
			return await seen;
		} finally {
			clearTimeout(timer);
			this.#waiting.delete(name);
			rmSync(file, { force: true });
		}
	}
}
