/**
 * Net changes: the records after a cursor, folded per path into the difference between the tree at the cursor and the
 * tree now (DESIGN.md §8, `since`). Pure: records in, changes out.
 */
import type { ChangeReason, EntryKind, NetChange } from '#shared/model.ts';
import { CHANGE_TYPES, type LogRecord } from './records.ts';

interface PathHistory {
	/** Kind at the cursor, undefined when the path did not exist then. */
	before: EntryKind | undefined;
	/** Kind now, undefined when it is gone. */
	after: EntryKind | undefined;
	/** Whether a new watch brought it. */
	brought: boolean;
	modified: boolean;
	metadata: boolean;
	/** Undefined once one record was a real change. */
	reason: ChangeReason | undefined;
}

/**
 * Folds log records, in order. Records about watches are ignored.
 *
 * @param isBrought whether a record is about what only a watch covers that was added after the cursor: then its path was
 *   not in the old tree, although it may have existed
 */
export function foldChanges(records: Iterable<LogRecord>, isBrought: (record: LogRecord) => boolean): NetChange[] {
	const histories = new Map<string, PathHistory>();
	for (const record of records) {
		const type = CHANGE_TYPES[record.type];
		if (type === undefined) {
			continue;
		}
		let history = histories.get(record.path);
		if (history === undefined) {
			const existed = type === 'create' ? undefined : record.kind;
			const brought = existed !== undefined && isBrought(record);
			history = {
				before: brought ? undefined : existed,
				after: existed,
				brought,
				modified: false,
				metadata: false,
				reason: brought ? 'coverage' : record.reason,
			};
			histories.set(record.path, history);
		}
		if (record.reason === undefined && !history.brought) {
			history.reason = undefined;
		}
		if (type === 'create') {
			// Back after a removal: without the old bytes to compare, a file counts as modified.
			history.modified ||= history.before !== undefined;
			history.after = record.kind;
		} else if (type === 'remove') {
			history.after = undefined;
		} else {
			history.modified ||= type === 'modify';
			history.metadata ||= type === 'metadata';
		}
	}
	return inOrder([...histories].flatMap(([path, history]) => netOf(path, history)));
}

function netOf(path: string, history: PathHistory): NetChange[] {
	const { before, after, reason } = history;
	const because = reason === undefined ? {} : { reason };
	if (before === undefined) {
		return after === undefined ? [] : [{ type: 'create', kind: after, path, ...because }];
	}
	if (after === undefined) {
		return [{ type: 'remove', kind: before, path, ...because }];
	}
	if (before !== after) {
		return [
			{ type: 'remove', kind: before, path },
			{ type: 'create', kind: after, path },
		];
	}
	if (history.modified && after !== 'folder') {
		return [{ type: 'modify', kind: after, path }];
	}
	return history.metadata ? [{ type: 'metadata', kind: after, path }] : [];
}

/** Removals first, children before parents; then all else, parents before children. */
function inOrder(changes: NetChange[]): NetChange[] {
	const byPath = (a: NetChange, b: NetChange) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
	const removals = changes.filter((change) => change.type === 'remove').sort((a, b) => byPath(b, a));
	const others = changes.filter((change) => change.type !== 'remove').sort(byPath);
	return [...removals, ...others];
}
