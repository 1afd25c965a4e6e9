/**
 * When version control is at work in one work tree, as a pure state machine (the clock is the caller's). It is told of the
 * marks that version control leaves while it works (a lock, the folder of a rebase) and of hints; it says whether hints
 * are to be held. Bounded: a lock that a crash left behind, or a rebase that waits for its user, holds nothing for long.
 */

/**
 * After the last mark has gone the next one is awaited this long: `git stash` and `git pull` lock the index several times, a
 * few milliseconds apart.
 */
const SETTLE_MS = 100;
/** A mark around which nothing happens this long is taken for forgotten. Checkouts pause for less: they write as they read. */
const IDLE_MS = 2000;
/** No hint is held longer than this, whatever happens. */
const MAX_HOLD_MS = 30_000;
/** A checkout may take longer than that: then its hints flow, and belong to it still. Beyond this the mark is forgotten too. */
const MAX_OPERATION_MS = 600_000;

/**
 * - `closed`: nothing is going on
 * - `holding`: hints are to be held
 * - `flowing`: it has taken so long that hints go out at once; they belong to it
 */
export type VcsState = 'closed' | 'holding' | 'flowing';

export class VcsWindow {
	#state: VcsState = 'closed';
	#marks: ReadonlySet<string> = new Set();
	/** Marks that are known to mean nothing any more. */
	#forgotten: ReadonlySet<string> = new Set();
	#openedAt = 0;
	#activeAt = 0;
	/** When the last mark went; undefined while there is one. */
	#clearAt: number | undefined;

	get state(): VcsState {
		return this.#state;
	}

	/**
	 * These marks are there now. A mark that changes gets another name.
	 *
	 * @param reported whether one of them is known to have come, gone or changed just now: by the time somebody looks, a
	 *   quick operation is over
	 */
	look(marks: ReadonlySet<string>, reported: boolean, now: number): void {
		this.#marks = marks;
		this.#forgotten = new Set([...this.#forgotten].filter((mark) => marks.has(mark)));
		const works = [...marks].some((mark) => !this.#forgotten.has(mark));
		if (this.#state === 'closed' && (works || reported)) {
			this.#state = 'holding';
			this.#openedAt = now;
			this.#activeAt = now;
		}
		if (reported) {
			this.#activeAt = now;
		}
		if (works) {
			this.#clearAt = undefined;
		} else if (reported || this.#clearAt === undefined) {
			this.#clearAt = now;
		}
	}

	/** Something else happens in the work tree or beside the marks. */
	touch(now: number): void {
		this.#activeAt = now;
	}

	/** Ends what has lasted long enough. True when what was held is to go out. */
	due(now: number): boolean {
		const next = this.nextDue();
		if (next === undefined || now < next) {
			return false;
		}
		const idle = this.#clearAt === undefined && now >= this.#activeAt + IDLE_MS;
		if (this.#clearAt === undefined && this.#state === 'holding' && !idle) {
			this.#state = 'flowing';
		} else {
			this.#state = 'closed';
			this.#forgotten = this.#marks;
		}
		return true;
	}

	/** When {@link due} next has something to do; undefined when nothing is going on. */
	nextDue(): number | undefined {
		if (this.#state === 'closed') {
			return undefined;
		}
		const longest = this.#openedAt + (this.#state === 'holding' ? MAX_HOLD_MS : MAX_OPERATION_MS);
		const ends = this.#clearAt === undefined ? this.#activeAt + IDLE_MS : this.#clearAt + SETTLE_MS;
		return Math.min(ends, longest);
	}
}
