/**
 * Net changes: the records after a cursor, folded into the difference between the tree at the cursor and the tree now
 * (DESIGN.md §8, `since`). Pure: records in, changes out.
 *
 * The records are replayed on a tree that holds only what they name. Each entry knows its place in the old tree, so that a
 * moved folder takes along, in O(1), what is in it. O(records × depth).
 */
import type { ChangeReason, ChangeType, EntryKind, NetChange } from '#shared/model.ts';
import { shownFrom, shownPath } from '../platform/names.ts';
import { sep } from 'node:path';
import { childPath, joinNames, splitPath } from '../platform/paths.ts';
import { CHANGE_TYPES, type LogRecord } from './records.ts';

/** A place in the tree at the cursor. There is one object for each. */
class OldPlace {
	readonly parent: OldPlace | undefined;
	readonly name: string;
	/** Made when it is needed: most places are files'. */
	#children: Map<string, OldPlace> | undefined;
	/** What stood there at the cursor, once a record has named it. */
	entry: Entry | undefined;

	constructor(parent: OldPlace | undefined, name: string) {
		this.parent = parent;
		this.name = name;
	}

	child(name: string): OldPlace {
		this.#children ??= new Map();
		let child = this.#children.get(name);
		if (child === undefined) {
			child = new OldPlace(this, name);
			this.#children.set(name, child);
		}
		return child;
	}
}

/** Something that exists now, or existed at the cursor or in between. */
interface Entry {
	/** 0 until a record has told it. */
	nodeId: number;
	/** Where it is now, or was last. */
	parent: Entry | undefined;
	name: string;
	/** Made when it is needed: most entries are files. */
	children: Map<string, Entry> | undefined;
	/** Where it was at the cursor; undefined when it did not exist then. */
	old: OldPlace | undefined;
	exists: boolean;
	kind: EntryKind;
	modified: boolean;
	metadata: boolean;
	/** Whether a record is about it, not only about something in it. */
	named: boolean;
	/** Whether a new watch brought it. */
	brought: boolean;
	/** Undefined once one record was a real change. */
	reason: ChangeReason | undefined;
}

type IsBrought = (record: LogRecord) => boolean;

/**
 * Folds log records, in order. Records about watches are ignored.
 *
 * @param isBrought whether a record is about what only a watch covers that was added after the cursor: then its path was
 *   not in the old tree, although it may have existed
 */
export function foldChanges(records: Iterable<LogRecord>, isBrought: IsBrought): NetChange[] {
	const replay = new Replay(isBrought);
	for (const record of records) {
		const type = CHANGE_TYPES[record.type];
		if (type !== undefined) {
			replay.take(type, record);
		}
	}
	return inOrder(replay.net());
}

class Replay {
	readonly #isBrought: IsBrought;
	readonly #root: Entry = { ...newEntry(undefined, '', 'folder'), old: new OldPlace(undefined, '') };
	readonly #entries: Entry[] = [];
	readonly #byId = new Map<number, Entry>();
	/** Path of a folder → its entry, as long as no name leads elsewhere. */
	readonly #folders = new Map<string, Entry>();

	constructor(isBrought: IsBrought) {
		this.#isBrought = isBrought;
	}

	take(type: ChangeType, record: LogRecord): void {
		const entry = type === 'create' ? this.#create(record) : this.#existing(record, type === 'move');
		entry.kind = record.kind;
		if (record.reason === undefined && !entry.brought) {
			entry.reason = undefined;
		}
		if (type === 'remove') {
			entry.exists = false;
			this.#byId.delete(record.nodeId);
		} else if (type === 'move') {
			this.#move(entry, record.path);
		} else {
			entry.modified ||= type === 'modify';
			entry.metadata ||= type === 'metadata';
		}
	}

	net(): NetChange[] {
		const here = new Map<OldPlace, Entry>();
		for (const entry of this.#entries) {
			const place = entry.exists ? placeNow(entry) : undefined;
			if (place !== undefined) {
				here.set(place, entry);
			}
		}
		const paths = new Paths();
		return this.#entries.flatMap((entry) => netOf(entry, here, paths));
	}

	#create(record: LogRecord): Entry {
		const { folder, name } = this.#folderOf(record.path);
		const gone = folder.children?.get(name);
		if (gone !== undefined) {
			this.#folders.clear();
		}
		const entry = this.#add(folder, name, record.kind);
		entry.reason = record.reason;
		entry.named = true;
		if (gone?.brought === true) {
			entry.brought = true;
			entry.reason = 'coverage';
		}
		setChild(folder, name, entry);
		this.#know(entry, record.nodeId);
		return entry;
	}

	/** The entry of a record about what was there before it. */
	#existing(record: LogRecord, moves: boolean): Entry {
		const path = moves ? record.from : record.path;
		const entry = this.#byId.get(record.nodeId) ?? this.#at(path, record);
		if (!entry.named) {
			entry.named = true;
			entry.reason = record.reason;
			if (this.#isBrought(record)) {
				entry.brought = true;
				entry.reason = 'coverage';
				forgetOld(entry);
			}
		}
		this.#know(entry, record.nodeId);
		return entry;
	}

	/** What no record has named by its id yet: it has been at its path since the cursor. */
	#at(path: string, record: LogRecord): Entry {
		const { folder, name } = this.#folderOf(path);
		const there = folder.children?.get(name);
		if (there !== undefined && (there.nodeId === 0 || there.nodeId === record.nodeId)) {
			return there;
		}
		// Another one took its place in the same moment: two entries that change places are two moves, one after the other.
		const old = folder.old?.child(name);
		const entry = old?.entry ?? this.#add(folder, name, record.kind, old);
		if (there === undefined) {
			setChild(folder, name, entry);
		}
		return entry;
	}

	#move(entry: Entry, path: string): void {
		if (entry.parent?.children?.get(entry.name) === entry) {
			entry.parent.children.delete(entry.name);
		}
		this.#folders.clear();
		const { folder, name } = this.#folderOf(path);
		entry.parent = folder;
		entry.name = name;
		setChild(folder, name, entry);
		this.#folders.clear();
	}

	/** The folder of a path; folders that no record has named are where they were. */
	#folderOf(path: string): { folder: Entry; name: string } {
		const end = path.lastIndexOf(sep);
		const key = path.slice(0, Math.max(end, 0));
		let folder = this.#folders.get(key);
		if (folder === undefined) {
			folder = this.#walk(splitPath(key));
			this.#folders.set(key, folder);
		}
		return { folder, name: path.slice(end + 1) };
	}

	#walk(names: readonly string[]): Entry {
		let folder = this.#root;
		for (const each of names) {
			let child = folder.children?.get(each);
			if (child === undefined) {
				child = this.#add(folder, each, 'folder', folder.old?.child(each));
				setChild(folder, each, child);
			}
			folder = child;
		}
		return folder;
	}

	#add(parent: Entry, name: string, kind: EntryKind, old?: OldPlace): Entry {
		const entry = newEntry(parent, name, kind);
		if (old !== undefined && old.entry === undefined) {
			entry.old = old;
			old.entry = entry;
		}
		this.#entries.push(entry);
		return entry;
	}

	#know(entry: Entry, nodeId: number): void {
		if (nodeId !== 0) {
			entry.nodeId = nodeId;
			this.#byId.set(nodeId, entry);
		}
	}
}

function setChild(folder: Entry, name: string, entry: Entry): void {
	folder.children ??= new Map();
	folder.children.set(name, entry);
}

function newEntry(parent: Entry | undefined, name: string, kind: EntryKind): Entry {
	return {
		nodeId: 0,
		parent,
		name,
		children: undefined,
		old: undefined,
		exists: true,
		kind,
		modified: false,
		metadata: false,
		named: false,
		brought: false,
		reason: undefined,
	};
}

/** It was not in the old tree. */
function forgetOld(entry: Entry): void {
	if (entry.old !== undefined) {
		entry.old.entry = undefined;
		entry.old = undefined;
	}
}

/** The old tree's place where something is now; undefined in a folder that the old tree did not have. */
function placeNow(entry: Entry): OldPlace | undefined {
	return entry.parent?.old?.child(entry.name);
}

/** @param here what stands now in each place of the old tree */
function netOf(entry: Entry, here: ReadonlyMap<OldPlace, Entry>, paths: Paths): NetChange[] {
	if (!entry.named) {
		return [];
	}
	const because = entry.reason === undefined ? {} : { reason: entry.reason };
	const { kind, old } = entry;
	if (!entry.exists) {
		// What stands there now says it all: it was made or moved in its place.
		const replaced = old !== undefined && here.get(old)?.kind === kind;
		return old === undefined || replaced ? [] : [{ type: 'remove', kind, ...shownPath(paths.of(old)), ...because }];
	}
	const path = shownPath(paths.of(entry));
	const changed = changeOf(entry);
	if (old === undefined) {
		const replaced = placeNow(entry)?.entry;
		if (replaced === undefined || replaced.exists || replaced.kind !== kind || !replaced.named) {
			return [{ type: 'create', kind, ...path, ...because }];
		}
		// Without the old bytes to compare, a file that was removed and made again counts as modified.
		return kind === 'folder' ? changed(path) : [{ type: 'modify', kind, ...path }];
	}
	if (old === placeNow(entry)) {
		return changed(path);
	}
	return [{ type: 'move', kind, ...path, ...shownFrom(paths.of(old)) }, ...changed(path)];
}

/** The change of what exists in both trees, at most one. */
function changeOf({ kind, modified, metadata }: Entry): (path: { path: string; bytes?: string }) => NetChange[] {
	return (path) =>
		modified && kind !== 'folder'
			? [{ type: 'modify', kind, ...path }]
			: metadata
				? [{ type: 'metadata', kind, ...path }]
				: [];
}

/** What has a name and lies in another of its kind; the root lies in none. */
interface Named {
	readonly parent: Named | undefined;
	readonly name: string;
}

/** Paths of entries and of places; those of their folders are worked out once. */
class Paths {
	readonly #folders = new Map<Named, string>();

	of({ parent, name }: Named): string {
		if (parent?.parent === undefined) {
			return joinNames(parent === undefined ? [] : [name]);
		}
		let folder = this.#folders.get(parent);
		if (folder === undefined) {
			folder = this.of(parent);
			this.#folders.set(parent, folder);
		}
		return childPath(folder, name);
	}
}

/** Removals first, children before parents; then all else, parents before children, a move before the change of the moved. */
function inOrder(changes: NetChange[]): NetChange[] {
	const removals = changes.filter((change) => change.type === 'remove');
	const others = changes.filter((change) => change.type !== 'remove');
	return [...byPath(removals).toReversed(), ...byPath(others)];
}

/**
 * Sorted as strings, without a function that compares: for 100,000 changes that is a third of the time. A path has no NUL, so a
 * number behind one keeps those of one path in their order.
 */
function byPath(changes: readonly NetChange[]): NetChange[] {
	const keys = changes.map(({ path }, i) => `${path}\0${String(i).padStart(10, '0')}`);
	return keys.sort().flatMap((key) => changes[Number(key.slice(-10))] ?? []);
}
