/** The crawl workers as the drain worker sees them: it passes on what shall be listed, once that is watched. */
import type { MessagePort } from 'node:worker_threads';
import type { ToCrawler } from './messages.ts';

export class Crawlers {
	#ports: readonly MessagePort[];
	#next = 0;

	constructor(ports: readonly MessagePort[]) {
		this.#ports = ports;
	}

	tellAll(message: ToCrawler): void {
		for (const port of this.#ports) {
			port.postMessage(message);
		}
	}

	/** Each in turn: requests are of one size. */
	list(request: number, folders: string[]): void {
		const port = this.#ports[this.#next++ % this.#ports.length];
		port?.postMessage({ type: 'list', request, folders } satisfies ToCrawler);
	}

	/** They end. Idempotent. */
	end(): void {
		this.tellAll({ type: 'stop' });
		for (const port of this.#ports) {
			port.close();
		}
		this.#ports = [];
	}
}
