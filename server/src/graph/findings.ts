/** What a propagation has found: the affected files, each with its best reason, and what is only told as a whole. */
import type { Concern } from './facts.ts';
import { type Certainty, type EffectKind, type ReasonStep, reasonOf, type State } from './state.ts';

export interface AffectedFile {
	file: string;
	kinds: EffectKind[];
	certainty: Certainty;
	/** Steps from what was changed. */
	distance: number;
	/** From what was changed to what is affected in this file. */
	reason: ReasonStep[];
}

/** Files that are told as a whole: all of a place, or those in it that analysis cannot follow. */
export interface Widened {
	scope: Concern['scope'];
	/**
	 * Of a program its configuration, or `/` where that cannot be told; of a package or a directory its folder; of a glob the
	 * pattern of absolute paths.
	 */
	of: string;
	/** The file that makes it so. */
	by: string;
	reason: string;
	/** The file that analysis cannot follow; undefined for all of the place. */
	file: string | undefined;
}

/** What a change affects. */
export interface Effects {
	/** Nearest first. */
	affected: AffectedFile[];
	widened: Widened[];
}

export class Findings {
	readonly #affected = new Map<string, AffectedFile>();
	readonly #widened = new Map<string, Widened>();

	/** The affected files so far. */
	files(): Iterable<string> {
		return this.#affected.keys();
	}

	/** Something in a file is affected. */
	report(state: State): void {
		const { file, kind, certainty, distance } = state;
		const known = this.#affected.get(file);
		if (known === undefined) {
			this.#affected.set(file, { file, kinds: [kind], certainty, distance, reason: reasonOf(state) });
			return;
		}
		if (known.certainty !== certainty) {
			if (certainty === 'certain') {
				Object.assign(known, { kinds: [kind], certainty, distance, reason: reasonOf(state) });
			}
			return;
		}
		if (!known.kinds.includes(kind)) {
			known.kinds.push(kind);
		}
		if (distance < known.distance) {
			Object.assign(known, { distance, reason: reasonOf(state) });
		}
	}

	/** All of a place may be affected, or one file of it by whatever is in it. */
	widen(widened: Widened): void {
		this.#widened.set(JSON.stringify(widened), widened);
	}

	result(): Effects {
		return {
			affected: [...this.#affected.values()].sort(
				(a, b) => a.distance - b.distance || (a.file < b.file ? -1 : 1),
			),
			widened: [...this.#widened.values()],
		};
	}
}
