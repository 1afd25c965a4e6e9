/** The part of the index that somebody asks about. */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { isInside } from '../../platform/paths.ts';
import type { About } from './findings.ts';
import { NO_SLOT } from './id-slots.ts';
import { Flags, ROOT_SLOT, type Tree } from './tree.ts';
import type { KnownWatches } from './watch-check.ts';

/** Everything, unless one of them narrows it; with both, what lies in either. */
export interface Part {
	/** A watch, by its id or name: what it covers, and its counters. */
	watch?: string | undefined;
	/** An absolute path: its node, everything beneath, and the folders above, whose counters include it. */
	path?: string | undefined;
}

/** A {@link Part}, found. */
export interface Asked {
	whole: boolean;
	watchId: string | undefined;
	path: string | undefined;
	/** Whether the index has nothing of it. */
	isEmpty: boolean;
}

/**
 * Marks the nodes that belong to a part.
 *
 * @param nodeId the id of the node at the part's path; undefined when there is none, or when it is damaged
 * @throws FiletideError `WATCH_UNKNOWN`
 */
export function markAsked(part: Part, tree: Tree, known: KnownWatches, nodeId: () => number | undefined): Asked {
	const watchId = part.watch === undefined ? undefined : known.idOf(part.watch);
	if (part.watch !== undefined && watchId === undefined) {
		throw new FiletideError(ErrorCodes.watchUnknown, `No watch has the id or name "${part.watch}".`);
	}
	const whole = part.watch === undefined && part.path === undefined;
	const id = part.path === undefined ? undefined : nodeId();
	const slot = id === undefined ? NO_SLOT : tree.slots.find(id);
	if (slot !== NO_SLOT) {
		markAround(tree, slot);
	}
	if (watchId !== undefined) {
		markCovered(tree, known, watchId);
	}
	return { whole, watchId, path: part.path, isEmpty: !whole && watchId === undefined && slot === NO_SLOT };
}

function markCovered(tree: Tree, known: KnownWatches, watchId: string): void {
	for (let slot = 1; slot < tree.size; slot++) {
		if (known.watchesOf(tree.coverages[slot] ?? 0).includes(watchId)) {
			tree.mark(slot, Flags.asked);
		}
	}
}

/** Everything beneath a node, and the folders above it. */
function markAround(tree: Tree, start: number): void {
	tree.mark(start, Flags.asked);
	tree.fromTheRoot((slot, parent) => {
		if (tree.is(parent, Flags.asked)) {
			tree.mark(slot, Flags.asked);
		}
	});
	for (let slot = start; slot !== ROOT_SLOT && slot !== NO_SLOT;) {
		slot = tree.parentSlots[slot] ?? NO_SLOT;
		if (slot !== NO_SLOT) {
			tree.mark(slot, Flags.asked);
		}
	}
}

/** Whether a difference belongs to a part. */
export function concerns({ whole, watchId, path }: Asked, tree: Tree, about: About): boolean {
	return (
		whole ||
		(about.slot !== undefined && tree.is(about.slot, Flags.asked)) ||
		(watchId !== undefined && about.watches?.includes(watchId) === true) ||
		(path !== undefined && about.path !== undefined && isInside(path, about.path))
	);
}
