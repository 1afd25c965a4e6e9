/** What is still to be followed: what is certain first, and nothing twice. */
import type { State } from './state.ts';

export class Worklist {
	readonly #certain: State[] = [];
	readonly #possible: State[] = [];
	/** Part and kind → member, undefined for all of them → the ways in which it was reached, as bits. */
	readonly #reached = new Map<string, Map<string | undefined, number>>();

	/** Takes a state, unless what is known to be reached covers it. */
	push(state: State): void {
		const place = `${state.file}\0${state.part}\0${state.kind}`;
		let reached = this.#reached.get(place);
		if (reached === undefined) {
			reached = new Map();
			this.#reached.set(place, reached);
		}
		const own = 1 << waysOf(state);
		const known = (reached.get(undefined) ?? 0) | (reached.get(state.member) ?? 0);
		// Who is reached for every member need not be reached for one; who is certain need not be possible.
		if ((known & COVERING[waysOf(state)]!) === 0) {
			reached.set(state.member, (reached.get(state.member) ?? 0) | own);
			(state.certainty === 'certain' ? this.#certain : this.#possible).push(state);
		}
	}

	/** Follows everything that is certain, and all that comes of it and is. */
	drainCertain(follow: (state: State) => void): void {
		drain(this.#certain, follow);
	}

	/** Follows what is only possible, and all that comes of it. */
	drainPossible(follow: (state: State) => void): void {
		drain(this.#possible, follow);
	}
}

function drain(queue: State[], follow: (state: State) => void): void {
	for (let next = 0; next < queue.length; next++) {
		follow(queue[next]!);
	}
	queue.length = 0;
}

/** In how many ways a part can be reached, and which one it is: certain or only possible, with objects of its type or without. */
function waysOf({ certainty, ofObjects }: State): number {
	return (certainty === 'certain' ? 1 : 0) + (ofObjects ? 2 : 0);
}

/** For each way, as bits, those that reach at least as far. */
const COVERING = [0b1111, 0b1010, 0b1100, 0b1000] as const;
