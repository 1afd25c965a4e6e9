/**
 * Coalesces what clients are told: the newest status and the union of the changed paths, at most once per
 * NOTIFY_INTERVAL_MS and never more than MAX_PATHS_PER_NOTIFICATION paths. However busy the disk, a client hears little.
 */
import {
	type Invalidated,
	type InvalidatedFiles,
	MAX_PATHS_PER_NOTIFICATION,
	Methods,
	NOTIFY_INTERVAL_MS,
	type PathsChanged,
	type Status,
	type WidenedPlace,
} from '#shared/protocol.ts';
import type { EngineListener } from '../engine/engine.ts';

/** One client. */
export interface Subscriber {
	sendNotification(method: string, params: unknown): Promise<void>;
}

/** Whether a client still takes what was sent before; meanwhile nothing is queued for it. */
interface SendState {
	sending: boolean;
	missed: boolean;
}

export class Notifier implements EngineListener {
	readonly #subscribers = new Map<Subscriber, SendState>();
	readonly #readStatus: () => Promise<Status | undefined>;
	#paths: Set<string> | null = new Set();
	/** By path; null for more than fit. */
	#invalidated: Map<string, Invalidated> | null = new Map();
	/** Each once. */
	#widened = new Map<string, WidenedPlace>();
	#dirty = false;
	#timer: NodeJS.Timeout | undefined;
	#lastSent = 0;

	/** @param readStatus the status of now; undefined when there is no engine */
	constructor(readStatus: () => Promise<Status | undefined>) {
		this.#readStatus = readStatus;
	}

	add(subscriber: Subscriber): void {
		this.#subscribers.set(subscriber, { sending: false, missed: false });
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

	invalidated({ files, widened }: InvalidatedFiles): void {
		for (const place of widened) {
			this.#widened.set(JSON.stringify(place), place);
		}
		if (files === null) {
			this.#invalidated = null;
		}
		for (const file of files ?? []) {
			this.#invalidated?.set(file.file, file);
		}
		if ((this.#invalidated?.size ?? 0) + this.#widened.size > MAX_PATHS_PER_NOTIFICATION) {
			this.#invalidated = null;
			this.#widened.clear();
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
		const invalidated = this.#invalidated;
		const widened = [...this.#widened.values()];
		const tellStatus = this.#dirty;
		this.#paths = new Set();
		this.#invalidated = new Map();
		this.#widened.clear();
		this.#dirty = false;
		const messages: [string, unknown][] = [];
		if (paths === null || paths.size > 0) {
			messages.push([Methods.pathsChanged, { paths: paths === null ? null : [...paths] } satisfies PathsChanged]);
		}
		if (invalidated === null || invalidated.size + widened.length > 0) {
			const files = invalidated === null ? null : [...invalidated.values()];
			messages.push([Methods.invalidated, { files, widened } satisfies InvalidatedFiles]);
		}
		const status = tellStatus ? await this.#readStatus() : undefined;
		if (status === undefined) {
			// Nobody could answer just now: whoever can next tells everything.
			this.#dirty ||= tellStatus;
		} else {
			messages.push([Methods.statusChanged, status]);
		}
		this.#tell(messages);
	}

	#tell(messages: readonly [string, unknown][]): void {
		for (const [subscriber, state] of this.#subscribers) {
			if (state.sending) {
				state.missed = true;
			} else {
				state.sending = true;
				// A client that is gone is taken off the list by whoever added it.
				void Promise.all(messages.map(([method, params]) => subscriber.sendNotification(method, params)))
					.catch(() => undefined)
					.finally(() => {
						this.#sent(state);
					});
			}
		}
	}

	/** A client that was too slow for something in between hears of everything anew. */
	#sent(state: SendState): void {
		state.sending = false;
		if (state.missed) {
			state.missed = false;
			this.statusChanged();
			this.pathsChanged({ paths: null });
			this.invalidated({ files: null, widened: [] });
		}
	}
}
