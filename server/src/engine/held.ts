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
	/** Those whose time has come whatever the clock says. */
	readonly #hurried = new Set<string>();

	get size(): number {
		return this.#until.size + this.#hurried.size;
	}

	/** Holds a path until a moment; one that is held already keeps its time. */
	hold(path: string, until: number): void {
		if (this.#hurried.has(path) || this.#until.has(path)) {
			return;
		}
		if (this.#until.size < MOST_HELD) {
			this.#until.set(path, until);
		} else {
			this.#hurried.add(path);
		}
	}

	/** Looks at a path in the next turn. */
	hurry(path: string): void {
		this.#until.delete(path);
		this.#hurried.add(path);
	}

	has(path: string): boolean {
		return this.#until.has(path) || this.#hurried.has(path);
	}

	/** All that is held now is due; what comes later is held as ever. */
	hurryAll(): void {
		for (const path of this.#until.keys()) {
			this.#hurried.add(path);
		}
		this.#until.clear();
	}

	/** Whether a path must not be held any longer. */
	isHurried(path: string): boolean {
		return this.#hurried.has(path);
	}

	/** The path is looked at anew, and held anew if need be. */
	release(path: string): void {
		this.#until.delete(path);
		this.#hurried.delete(path);
	}

	/**
	 * Paths whose time has come, in order of arrival: one that came with a shorter window waits for those before it. They
	 * stay until {@link release}d.
	 *
	 * @param scanning whether a scan is under way: it may find where something went
	 */
	*due(now: number, scanning: boolean): Generator<string> {
		yield* this.#hurried;
		for (const [path, until] of this.#until) {
			if (until + waitFor(scanning) > now) {
				return;
			}
			yield path;
		}
	}

	/** When {@link due} next has something to say, if nothing changes; undefined when nothing is held. */
	nextDue(scanning: boolean): number | undefined {
		if (this.#hurried.size > 0) {
			return 0;
		}
		for (const until of this.#until.values()) {
			return until + waitFor(scanning);
		}
		return undefined;
	}
}

function waitFor(scanning: boolean): number {
	return scanning ? LONGEST_WAIT_MS : 0;
}
