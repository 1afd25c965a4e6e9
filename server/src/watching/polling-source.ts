/**
 * Polling as a source: every interval the whole tree is hinted, and the reconcile that follows is the poll. Works on
 * every file system, network ones included, and holds no handle.
 */
import type { Source, SourceListener } from './source.ts';

export class PollingSource implements Source {
	readonly ready = Promise.resolve();
	readonly #timer: NodeJS.Timeout;

	constructor(root: string, intervalMs: number, listener: SourceListener) {
		this.#timer = setInterval(() => {
			listener.poll(root);
		}, intervalMs);
	}

	readonly handles = 0;

	settle(): Promise<boolean> {
		return Promise.resolve(false);
	}

	ensure(): Promise<void> {
		return Promise.resolve();
	}

	recover(): Promise<void> {
		return Promise.resolve();
	}

	close(): Promise<void> {
		clearInterval(this.#timer);
		return Promise.resolve();
	}
}
