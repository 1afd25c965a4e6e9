import type { ClientState } from '#shared/contributions.ts';
import type { PathsChanged, Status } from '#shared/protocol.ts';
import { Signal } from '../lifecycle/signal.ts';

/**
 * What the extension last heard: the server's {@link Status} and what the session is doing. Everything on screen reads
 * it. It holds no truth: losing it costs one `filetide/status` request.
 */
export class Model {
	/** Anything below changed. At most a few times a second, as the server coalesces. */
	readonly changed = new Signal<void>();
	/** Counters of these paths changed (see the protocol). */
	readonly pathsChanged = new Signal<PathsChanged>();
	#state: ClientState = 'idle';
	#status: Status | undefined;
	#configured = false;

	get state(): ClientState {
		return this.#state;
	}

	/** The last status of this or, while the server is being started again, of the server before. */
	get status(): Status | undefined {
		return this.#status;
	}

	/** Whether any level of the settings names a watch. */
	get configured(): boolean {
		return this.#configured;
	}

	get hasWatches(): boolean {
		return this.#configured || (this.#status?.watches.length ?? 0) > 0;
	}

	setState(state: ClientState): void {
		// A server that is gone for good has no watches to show; one that comes back keeps its rows meanwhile.
		const forget = state === 'stopped' && this.#status !== undefined;
		if (state === this.#state && !forget) {
			return;
		}
		this.#state = state;
		if (forget) {
			this.#status = undefined;
		}
		this.changed.fire();
	}

	setStatus(status: Status): void {
		this.#status = status;
		this.changed.fire();
	}

	setConfigured(configured: boolean): void {
		if (configured !== this.#configured) {
			this.#configured = configured;
			this.changed.fire();
		}
	}

	/** Resolves once the state is one of these, at once when it already is; `false` when `timeoutMs` passed first. */
	reaches(states: readonly ClientState[], timeoutMs: number): Promise<boolean> {
		if (states.includes(this.#state)) {
			return Promise.resolve(true);
		}
		return new Promise((resolve) => {
			const done = (reached: boolean): void => {
				clearTimeout(timer);
				listener.dispose();
				resolve(reached);
			};
			const timer = setTimeout(() => done(false), timeoutMs);
			const listener = this.changed.on(() => {
				if (states.includes(this.#state)) {
					done(true);
				}
			});
		});
	}
}
