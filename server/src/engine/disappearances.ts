/**
 * When it is certain that something is gone: not before its move window has passed and everything is here that the system had
 * reported by then, and in polled roots not before the others' next polls have not found it either. What is not settled yet waits
 * here, too.
 */
import { AwaitedPolls } from './awaited-polls.ts';
import { HeldPaths } from './held.ts';

/** A disappearance waits no longer for the polls of other roots: one of them may be stuck. */
const MOST_POLL_HOLD_MS = 30_000;

export interface DisappearanceOptions {
	/** Other roots that are polled, when the one that a path lies in is: what it no longer finds, their next poll may find. */
	polledBesides(path: string): string[];
	/** Resolves when everything that the system has reported so far has been hinted. */
	reported(): Promise<unknown>;
	/** What waited for that may be certain now. */
	told(): void;
}

export class Disappearances {
	readonly #options: DisappearanceOptions;
	readonly #held = new HeldPaths();
	readonly #polls = new AwaitedPolls();
	/** Until when everything that was reported has been hinted, on the clock of `performance.now()`. */
	#toldUntil = 0;
	#asking = false;

	constructor(options: DisappearanceOptions) {
		this.#options = options;
	}

	/** Paths that are held. */
	get size(): number {
		return this.#held.size;
	}

	/** The roots whose next polls are awaited. */
	get awaitedRoots(): ReadonlySet<string> {
		return this.#polls.roots;
	}

	/** Looks at a path once more after a while; one that is held already keeps its time. @param ms milliseconds */
	hold(path: string, ms: number): void {
		this.#held.hold(path, performance.now() + ms);
	}

	/**
	 * A scan no longer found a path.
	 *
	 * @param seenAt by when it was gone, on the clock of `performance.now()`
	 * @returns whether it is looked at in the next turn; else other roots' polls are awaited
	 */
	missed(path: string, seenAt: number): boolean {
		const others = this.#options.polledBesides(path);
		if (others.length === 0) {
			this.#held.hurry(path);
			return true;
		}
		this.hold(path, MOST_POLL_HOLD_MS);
		this.#polls.await(path, seenAt, others);
		return false;
	}

	/** Everything beneath a root has been compared. @param startedAt when that began, on the clock of `performance.now()` */
	compared(root: string, startedAt: number): void {
		for (const path of this.#polls.polled(root, startedAt)) {
			if (this.#held.has(path)) {
				this.#held.hurry(path);
			}
		}
	}

	/** Whether a path must not be held any longer. */
	isHurried(path: string): boolean {
		return this.#held.isHurried(path);
	}

	/** All that is held now is due; what comes later is held as ever. */
	hurryAll(): void {
		this.#held.hurryAll();
	}

	/** The path is looked at anew, and held anew if need be. */
	release(path: string): void {
		this.#held.release(path);
		this.#polls.forget(path);
	}

	/** Paths that are certain, in order of arrival, until they are {@link release}d. @param scanning whether a scan is under way */
	due(scanning: boolean): Iterable<string> {
		return this.#held.due(Math.min(performance.now(), this.#toldUntil), scanning);
	}

	/**
	 * Milliseconds until a hold ends; undefined when none does by itself. Where its time has come already, on a busy machine the
	 * second half of a rename may come late: what the system has reported by now is awaited first.
	 */
	untilDueMs(scanning: boolean): number | undefined {
		const next = this.#held.nextDue(scanning);
		const untilMs = next === undefined ? undefined : Math.max(next - performance.now(), 0);
		if (untilMs === 0) {
			this.#awaitReports();
			return undefined;
		}
		return untilMs;
	}

	#awaitReports(): void {
		if (this.#asking) {
			return;
		}
		this.#asking = true;
		const until = performance.now();
		void this.#options.reported().then(() => {
			this.#asking = false;
			this.#toldUntil = until;
			this.#options.told();
		});
	}
}
