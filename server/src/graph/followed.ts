/**
 * What a batch of changes affects, as it is told, with what it takes to know that it answers a question, too: the same changes,
 * asked about while the graph is the same. Whoever asks right after an edit is answered without following it once more.
 */
import type { Invalidated, WidenedPlace } from '#shared/protocol.ts';
import type { GraphTable } from '../index/graph-table.ts';
import type { AffectedFile, Widened } from './findings.ts';
import type { GraphStore } from './store.ts';

export interface Followed {
	/** {@link stateOf} the graph that it was followed in. */
	state: string;
	changes: FollowedChange[];
	/** Nearest first. */
	files: Invalidated[];
	widened: Widened[];
}

export interface FollowedChange {
	path: string;
	/** The record of the log at which it is remembered what the file was before; 0 when that is remembered of an earlier batch. */
	seq: number;
	isEdited: boolean;
}

/** Names the state of a stored graph. */
export function stateOf(table: Pick<GraphTable, 'touched'>): string {
	const { era = '', count } = table.touched;
	return `${era}.${count}`;
}

/** Whether these are the changes that were followed, in this state. */
export function isSame(
	{ state, changes }: Followed,
	asked: string,
	others: ReadonlyMap<string, FollowedChange>,
): boolean {
	return (
		state === asked &&
		changes.length === others.size &&
		changes.every(({ path, seq, isEdited }) => {
			const other = others.get(path);
			return other?.seq === seq && other.isEdited === isEdited;
		})
	);
}

/** An affected file as clients see it, with where it is affected: that costs reading what the graph knows of it. */
export function located(
	store: Pick<GraphStore, 'view'>,
	{ file, kinds, certainty, distance, reason }: AffectedFile,
): Invalidated {
	const view = store.view(file);
	const [part] = view?.indexesOf(reason.at(-1)?.name ?? '') ?? [];
	return {
		file,
		kinds: kinds.toSorted(),
		certainty,
		distance,
		reason: reason.map(({ file: of, name }) => ({ file: of, name })),
		...(part === undefined ? {} : { start: view!.start(part) }),
	};
}

/** What is told as a whole, as clients see it. */
export function placeOf({ scope, of, by, reason, file }: Widened): WidenedPlace {
	return { scope, of, by, reason, ...(file === undefined ? {} : { file }) };
}
