/** What a change affects: the one door to it (DESIGN.md §6, "Invalidation"). */
import type { FileChange } from './delta.ts';
import type { Effects } from './findings.ts';
import { type AffectedOptions, Propagation } from './propagation.ts';
import type { GraphStore } from './store.ts';

export type { AffectedFile, Effects, Widened } from './findings.ts';
export type { AffectedOptions } from './propagation.ts';

/** @param changes by path; the store knows the files as they are afterwards */
export function affectedBy(
	store: GraphStore,
	changes: ReadonlyMap<string, FileChange>,
	options: AffectedOptions,
): Effects {
	return new Propagation(store, changes, options).run();
}
