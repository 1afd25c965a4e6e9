/** What a change has reached, and in which ways: whoever is reached in a way that covers another one need not be reached in that. */
import { MapOfMaps } from './map-of-maps.ts';
import type { EffectKind, State } from './state.ts';

type Way = Pick<State, 'kind' | 'member' | 'certainty' | 'ofObjects'>;

/** The ways in which one was reached, as bits. */
interface Ways {
	/** For every member. */
	all: number;
	/** For one. */
	ofMember: Map<string, number> | undefined;
}

export class Reached {
	/** File → part, or module → export. */
	readonly #known = new MapOfMaps<Record<EffectKind, Ways>>();

	/** One of a file is reached. False when what is known covers it. */
	add(file: string, name: string, way: Way): boolean {
		const known = this.#known.getOrMake(file, name, unreached)[way.kind];
		if (isCovered(known, way)) {
			return false;
		}
		const own = 1 << indexOf(way);
		if (way.member === undefined) {
			known.all |= own;
		} else {
			known.ofMember ??= new Map();
			known.ofMember.set(way.member, (known.ofMember.get(way.member) ?? 0) | own);
		}
		return true;
	}
}

function unreached(): Record<EffectKind, Ways> {
	return { interface: { all: 0, ofMember: undefined }, behaviour: { all: 0, ofMember: undefined } };
}

/** Who is reached for every member need not be reached for one; who is certain need not be possible. */
function isCovered({ all, ofMember }: Ways, way: Way): boolean {
	const known = way.member === undefined ? all : all | (ofMember?.get(way.member) ?? 0);
	return (known & COVERING[indexOf(way)]!) !== 0;
}

/** Of a way's bit: certain or only possible, with objects of its type or without. */
function indexOf({ certainty, ofObjects }: Way): number {
	return (certainty === 'certain' ? 1 : 0) + (ofObjects ? 2 : 0);
}

/** For each way, as bits, those that reach at least as far. */
const COVERING = [0b1111, 0b1010, 0b1100, 0b1000] as const;
