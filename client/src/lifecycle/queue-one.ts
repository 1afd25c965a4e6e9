/**
 * Runs one action at a time and queues at most one more: whoever asks while one runs and one waits gets the one that
 * waits. Restarting the server twice in a row is enough, however often it is asked for.
 */
export class QueueOne {
	readonly #action: () => Promise<void>;
	#running: Promise<void> | undefined;
	#queued: Promise<void> | undefined;

	constructor(action: () => Promise<void>) {
		this.#action = action;
	}

	run(): Promise<void> {
		if (this.#running === undefined) {
			return this.#begin();
		}
		this.#queued ??= this.#afterRunning(this.#running);
		return this.#queued;
	}

	async #afterRunning(running: Promise<void>): Promise<void> {
		// The outcome belongs to whoever asked for that one.
		await running.then(undefined, () => undefined);
		this.#queued = undefined;
		await this.#begin();
	}

	#begin(): Promise<void> {
		const running = this.#action().finally(() => {
			if (this.#running === running) {
				this.#running = undefined;
			}
		});
		this.#running = running;
		return running;
	}
}
