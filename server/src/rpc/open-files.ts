/** The files that are open in the editors of this server's clients, whoever leads. */
import { MAX_OPEN_FILES } from '#shared/protocol.ts';

export class OpenFileSet {
	/** By client, whatever it is known by. */
	readonly #ofClients = new Map<object, readonly string[]>();
	/** Called when something may differ. */
	changed: () => void = () => undefined;

	set(client: object, paths: readonly string[]): void {
		this.#ofClients.set(client, paths.slice(0, MAX_OPEN_FILES));
		this.changed();
	}

	/** The client is gone. */
	delete(client: object): void {
		if (this.#ofClients.delete(client)) {
			this.changed();
		}
	}

	/** Each once. */
	get paths(): string[] {
		return [...new Set([...this.#ofClients.values()].flat())];
	}
}
