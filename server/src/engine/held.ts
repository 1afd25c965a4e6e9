/**
 * Paths that are to be looked at once more after a while. Where nothing is any more: the path may come back (an editor
 * saves), or the object turn up elsewhere (a move). What is not settled yet: it may still be written. The clock is the
 * caller's.
 */

/** A path that waits for scans gives up waiting this long after its window: something may always be scanned. */
const LONGEST_WAIT_MS = 2000;

/** More than this are not held; whoever removes that many does not save files. */
const MOST_HELD = 200_000;

export class HeldPaths {
	/** Path → when its time has come, in order of arrival. */
	readonly #until = new Map<string, number>();
	/** Everything is due. */
	#hurried = false;

	get size(): number {
		return this.#until.size;
	}

	/** Whether nothing waits any longer. */
	get hurried(): boolean {
		return this.#hurried;
	}

	/** Holds a path until a moment; one that is held already keeps its time. */
	hold(path: string, until: number): void {
		if (!this.#until.has(path)) {
			this.#until.set(path, this.#until.size < MOST_HELD ? until : 0);
		}
	}

	/** The path is looked at anew, and held anew if it is still gone. */
	release(path: string): void {
		this.#until.delete(path);
		this.#hurried &&= this.#until.size > 0;
	}

	/**
	 * Paths whose time has come, in order of arrival: one that came with a shorter window waits for those before it. They
	 * stay until {@link release}d.
	 *
	 * @param scanning whether a scan is under way: it may find where something went
	 */
	*due(now: number, scanning: boolean): Generator<string> {
		for (const [path, until] of this.#until) {
			// What scans have left (0) has waited for them.
			if (!this.#hurried && until > 0 && until + waitFor(scanning) > now) {
				return;
			}
			yield path;
		}
	}

	/** When {@link due} next has something to say, if nothing changes; undefined when nothing is held. */
	nextDue(scanning: boolean): number | undefined {
		for (const until of this.#until.values()) {
			return this.#hurried ? 0 : until + waitFor(scanning);
		}
		return undefined;
	}

	/** All that is held now is due. */
	hurry(): void {
		this.#hurried = this.#until.size > 0;
	}
}

function waitFor(scanning: boolean): number {
	return scanning ? LONGEST_WAIT_MS : 0;
}
