/** What is still to be followed: what is certain first, and nothing twice. */
import { Reached } from './reached.ts';
import type { State } from './state.ts';

/**
 * So many states that are only possible are followed member by member. Beyond, each is taken for all members: names like `value` and `add`
 * lead from each class to every other one, and members times parts are many though the files may be few. What comes of it hardly
 * differs (`npm run oracle -- --replay` says the same for 300).
 */
const MOST_BY_MEMBER = 1000;

/**
 * So many states that are only possible are followed at all: a large program would never be through, and who reads nine thousand names of
 * ten thousand learns nothing.
 */
export const MOST_POSSIBLE = 5000;

export class Worklist {
	readonly #certain: State[] = [];
	readonly #possible: State[] = [];
	readonly #reached = new Reached();
	/** Possible states of one member that were taken. */
	#byMember = 0;
	#isFull = false;

	/** Whether something possible was not taken, because there was too much of it. */
	get isFull(): boolean {
		return this.#isFull;
	}

	/** Takes a state, unless what is known to be reached covers it. */
	push(exact: State): void {
		if (exact.certainty === 'certain') {
			this.#add(exact, this.#certain);
		} else if (this.#possible.length >= MOST_POSSIBLE) {
			this.#isFull = true;
		} else {
			const state = this.#byMember < MOST_BY_MEMBER ? exact : { ...exact, member: undefined };
			this.#byMember += this.#add(state, this.#possible) && state.member !== undefined ? 1 : 0;
		}
	}

	/** Follows everything that is certain, and all that comes of it and is. */
	drainCertain(follow: (state: State) => void): void {
		drain(this.#certain, follow);
		this.#certain.length = 0;
	}

	/** Follows what is only possible, and what comes of it: once, when nothing certain is left. */
	drainPossible(follow: (state: State) => void): void {
		drain(this.#possible, follow);
	}

	#add(state: State, queue: State[]): boolean {
		const isNew = this.#reached.add(state.file, state.part, state);
		if (isNew) {
			queue.push(state);
		}
		return isNew;
	}
}

function drain(queue: readonly State[], follow: (state: State) => void): void {
	for (let next = 0; next < queue.length; next++) {
		follow(queue[next]!);
	}
}
