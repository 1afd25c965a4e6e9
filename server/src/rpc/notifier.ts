/**
 * Coalesces what clients are told: the newest status and the union of the changed paths, at most once per
 * NOTIFY_INTERVAL_MS and never more than MAX_PATHS_PER_NOTIFICATION paths. However busy the disk, a client hears little.
 */
import {
	MAX_PATHS_PER_NOTIFICATION,
	Methods,
	NOTIFY_INTERVAL_MS,
	type PathsChanged,
	type Status,
} from '#shared/protocol.ts';
import type { EngineListener } from '../engine/engine.ts';

/** One client. */
export interface Subscriber {
	sendNotification(method: string, params: unknown): Promise<void>;
}

export class Notifier implements EngineListener {
	readonly #subscribers = new Set<Subscriber>();
	readonly #readStatus: () => Promise<Status | undefined>;
	#paths: Set<string> | null = new Set();
	#dirty = false;
	#timer: NodeJS.Timeout | undefined;
	#lastSent = 0;

	/** @param readStatus the status of now; undefined when there is no engine */
	constructor(readStatus: () => Promise<Status | undefined>) {
		this.#readStatus = readStatus;
	}

	add(subscriber: Subscriber): void {
		this.#subscribers.add(subscriber);
	}

	delete(subscriber: Subscriber): void {
		this.#subscribers.delete(subscriber);
	}

	statusChanged(): void {
		this.#dirty = true;
		this.#arm();
	}

	pathsChanged({ paths }: PathsChanged): void {
		if (paths === null) {
			this.#paths = null;
		}
		for (const path of paths ?? []) {
			this.#paths?.add(path);
		}
		if (this.#paths !== null && this.#paths.size > MAX_PATHS_PER_NOTIFICATION) {
			this.#paths = null;
		}
		this.#arm();
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#subscribers.clear();
	}

	#arm(): void {
		const wait = Math.max(0, this.#lastSent + NOTIFY_INTERVAL_MS - performance.now());
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			void this.#send();
		}, wait);
	}

	async #send(): Promise<void> {
		this.#lastSent = performance.now();
		const paths = this.#paths;
		const tellStatus = this.#dirty;
		this.#paths = new Set();
		this.#dirty = false;
		if (paths === null || paths.size > 0) {
			this.#tell(Methods.pathsChanged, { paths: paths === null ? null : [...paths] } satisfies PathsChanged);
		}
		if (tellStatus) {
			const status = await this.#readStatus();
			if (status !== undefined) {
				this.#tell(Methods.statusChanged, status);
			}
		}
	}

	#tell(method: string, params: unknown): void {
		for (const subscriber of this.#subscribers) {
			// A client that is gone is taken off the list by whoever added it.
			subscriber.sendNotification(method, params).catch(() => undefined);
		}
	}
}
