/** What is still to be followed: what is certain first, and nothing twice. */
import type { EffectKind, State } from './state.ts';

/**
 * So many states that are only possible are followed member by member. Beyond, each is taken for all members: names like `value` and `add`
 * lead from each class to every other one, and members times parts of a large program are never through.
 */
const MOST_BY_MEMBER = 10_000;

export class Worklist {
	readonly #certain: State[] = [];
	readonly #possible: State[] = [];
	/** Possible states of one member that were taken. */
	#byMember = 0;
	/**
	 * File → part → what is known of it. Not by one text for all three: most states are known already, and making such a text for
	 * each of them takes as long as everything else.
	 */
	readonly #reached = new Map<string, Map<string, Reached>>();

	/** Takes a state, unless what is known to be reached covers it. */
	push(exact: State): void {
		const isTooMuch = exact.certainty === 'possible' && this.#byMember >= MOST_BY_MEMBER;
		const state = isTooMuch ? { ...exact, member: undefined } : exact;
		const { file, part, kind, member } = state;
		let parts = this.#reached.get(file);
		if (parts === undefined) {
			parts = new Map();
			this.#reached.set(file, parts);
		}
		let known = parts.get(part);
		if (known === undefined) {
			known = { interface: { all: 0, ofMember: undefined }, behaviour: { all: 0, ofMember: undefined } };
			parts.set(part, known);
		}
		const reached = known[kind];
		const own = 1 << waysOf(state);
		if (isCovered(reached, state)) {
			return;
		}
		if (member === undefined) {
			reached.all |= own;
		} else {
			reached.ofMember ??= new Map();
			reached.ofMember.set(member, (reached.ofMember.get(member) ?? 0) | own);
			this.#byMember += state.certainty === 'possible' ? 1 : 0;
		}
		(state.certainty === 'certain' ? this.#certain : this.#possible).push(state);
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

/** The ways in which a part was reached, as bits. */
interface Ways {
	/** For every member. */
	all: number;
	/** For one. */
	ofMember: Map<string, number> | undefined;
}

type Reached = Record<EffectKind, Ways>;

/** Who is reached for every member need not be reached for one; who is certain need not be possible. */
function isCovered({ all, ofMember }: Ways, state: Pick<State, 'member' | 'certainty' | 'ofObjects'>): boolean {
	const known = state.member === undefined ? all : all | (ofMember?.get(state.member) ?? 0);
	return (known & COVERING[waysOf(state)]!) !== 0;
}

/** In how many ways a part can be reached, and which one it is: certain or only possible, with objects of its type or without. */
function waysOf({ certainty, ofObjects }: Pick<State, 'certainty' | 'ofObjects'>): number {
	return (certainty === 'certain' ? 1 : 0) + (ofObjects ? 2 : 0);
}

/** For each way, as bits, those that reach at least as far. */
const COVERING = [0b1111, 0b1010, 0b1100, 0b1000] as const;
