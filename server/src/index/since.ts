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
import { splitPath } from '../platform/paths.ts';
import { NetChanges } from './net-changes.ts';
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

	/** A place in it that somebody has asked for. */
	known(name: string): OldPlace | undefined {
		return this.#children?.get(name);
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
	/** Where it was at the cursor; undefined when it did not exist then, or {@link atHome}. Asked for with {@link oldOf}. */
	old: OldPlace | undefined;
	/** It has been in the same folder under the same name since the cursor, and nobody has asked yet which place that is. */
	atHome: boolean;
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
 * Folds log records, in order. Records about watches are ignored. None is kept: they may all be one object with ever other fields.
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
	return replay.net();
}

class Replay {
	readonly #isBrought: IsBrought;
	readonly #root: Entry = { ...newEntry(undefined, '', 'folder'), old: new OldPlace(undefined, '') };
	readonly #entries: Entry[] = [];
	readonly #byId = new Map<number, Entry>();
	/**
	 * By node id: what has only changed where it is, as nearly all does. It needs no entry as long as nothing else happens to it, nor to
	 * any folder.
	 */
	readonly #changed = new Map<number, NetChange>();
	/** Path of a folder → its entry, as long as no name leads elsewhere. */
	readonly #folders = new Map<string, Entry>();
	#lastFolder: { path: string; entry: Entry } | undefined;

	constructor(isBrought: IsBrought) {
		this.#isBrought = isBrought;
	}

	take(type: ChangeType, record: LogRecord): void {
		if (type === 'modify' || type === 'metadata') {
			if (this.#takeChanged(type, record)) {
				return;
			}
		} else if (record.kind === 'folder') {
			// From now on paths may lead elsewhere.
			for (const id of this.#changed.keys()) {
				this.#leaveChanged(id);
			}
		}
		const entry = type === 'create' ? this.#create(record) : this.#existing(record, type === 'move');
		entry.kind = record.kind;
		if (record.reason === undefined && !entry.brought) {
			entry.reason = undefined;
		}
		if (type === 'remove') {
			oldOf(entry);
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
			// Nobody else has been where something is at home.
			const place = entry.exists && !entry.atHome ? placeNow(entry) : undefined;
			if (place !== undefined) {
				here.set(place, entry);
			}
		}
		const changes = new NetChanges();
		for (const entry of this.#entries) {
			if (entry.named) {
				addNet(changes, entry, here);
			}
		}
		return changes.inOrder(this.#changed.values());
	}

	/** Whether no more need be known of what has changed. */
	#takeChanged(type: 'modify' | 'metadata', record: LogRecord): boolean {
		const { nodeId, kind } = record;
		const before = this.#changed.get(nodeId);
		if (before !== undefined) {
			before.type = before.type === 'modify' ? 'modify' : type;
			return true;
		}
		if (nodeId === 0 || kind === 'folder' || record.reason !== undefined || this.#byId.has(nodeId)) {
			return false;
		}
		const { path } = record;
		if (!path.isWellFormed() || this.#isBrought(record)) {
			return false;
		}
		this.#changed.set(nodeId, { type, kind, path });
		return true;
	}

	/** Something else happens now to what had only changed. */
	#leaveChanged(nodeId: number): Entry | undefined {
		const change = this.#changed.get(nodeId);
		if (change === undefined) {
			return undefined;
		}
		this.#changed.delete(nodeId);
		const entry = this.#at(change.path, { nodeId, kind: change.kind });
		entry.named = true;
		entry.modified = change.type === 'modify';
		entry.metadata = change.type === 'metadata';
		this.#know(entry, nodeId);
		return entry;
	}

	#create(record: LogRecord): Entry {
		const { path } = record;
		const [folder, name] = [this.#folderOf(path), nameOf(path)];
		const gone = folder.children?.get(name);
		if (gone !== undefined) {
			this.#forgetFolders();
		}
		const entry = this.#add(folder, name, record.kind, false);
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
		const entry = this.#byId.get(record.nodeId) ?? this.#leaveChanged(record.nodeId) ?? this.#at(path, record);
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
	#at(path: string, record: Pick<LogRecord, 'nodeId' | 'kind'>): Entry {
		const [folder, name] = [this.#folderOf(path), nameOf(path)];
		const there = folder.children?.get(name);
		if (there !== undefined && (there.nodeId === 0 || there.nodeId === record.nodeId)) {
			return there;
		}
		// Another one took its place in the same moment: two entries that change places are two moves, one after the other.
		if (there !== undefined) {
			oldOf(there);
		}
		const old = oldOf(folder);
		const entry = old?.known(name)?.entry ?? this.#add(folder, name, record.kind, old !== undefined);
		if (there === undefined) {
			folder.children ??= new Map();
			folder.children.set(name, entry);
		}
		return entry;
	}

	#move(entry: Entry, path: string): void {
		oldOf(entry);
		if (entry.parent?.children?.get(entry.name) === entry) {
			entry.parent.children.delete(entry.name);
		}
		this.#forgetFolders();
		const [folder, name] = [this.#folderOf(path), nameOf(path)];
		entry.parent = folder;
		entry.name = name;
		setChild(folder, name, entry);
		this.#forgetFolders();
	}

	/** The folder of a path; folders that no record has named are where they were. */
	#folderOf(path: string): Entry {
		const end = path.lastIndexOf(sep);
		// Neighbours in the log are mostly neighbours in the tree.
		if (this.#lastFolder?.path.length === end && path.startsWith(this.#lastFolder.path)) {
			return this.#lastFolder.entry;
		}
		const key = path.slice(0, Math.max(end, 0));
		let entry = this.#folders.get(key);
		if (entry === undefined) {
			entry = this.#walk(splitPath(key));
			this.#folders.set(key, entry);
		}
		this.#lastFolder = { path: key, entry };
		return entry;
	}

	/** A name may lead elsewhere now. */
	#forgetFolders(): void {
		this.#folders.clear();
		this.#lastFolder = undefined;
	}

	#walk(names: readonly string[]): Entry {
		let folder = this.#root;
		for (const each of names) {
			let child = folder.children?.get(each);
			if (child === undefined) {
				child = this.#add(folder, each, 'folder', oldOf(folder)?.known(each)?.entry === undefined);
				setChild(folder, each, child);
			}
			folder = child;
		}
		return folder;
	}

	/** @param wasThere whether it has been there since the cursor, if its folder has been somewhere */
	#add(parent: Entry, name: string, kind: EntryKind, wasThere: boolean): Entry {
		const entry = newEntry(parent, name, kind);
		entry.atHome = wasThere && oldOf(parent) !== undefined;
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

function nameOf(path: string): string {
	return path.slice(path.lastIndexOf(sep) + 1);
}

function setChild(folder: Entry, name: string, entry: Entry): void {
	folder.children ??= new Map();
	const before = folder.children.get(name);
	if (before !== undefined) {
		oldOf(before);
	}
	folder.children.set(name, entry);
}

/** Where something was at the cursor; undefined when it did not exist then. */
function oldOf(entry: Entry): OldPlace | undefined {
	if (entry.atHome) {
		entry.atHome = false;
		entry.old = placeNow(entry);
		if (entry.old !== undefined) {
			entry.old.entry = entry;
		}
	}
	return entry.old;
}

function newEntry(parent: Entry | undefined, name: string, kind: EntryKind): Entry {
	return {
		nodeId: 0,
		parent,
		name,
		children: undefined,
		old: undefined,
		atHome: false,
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
	const old = oldOf(entry);
	if (old !== undefined) {
		for (const child of entry.children?.values() ?? []) {
			oldOf(child);
		}
		old.entry = undefined;
		entry.old = undefined;
	}
}

/** The old tree's place where something is now; undefined in a folder that the old tree did not have. */
function placeNow({ parent, name }: Entry): OldPlace | undefined {
	return parent === undefined ? undefined : oldOf(parent)?.child(name);
}

/** @param here what stands now in each place of the old tree that its first owner has left */
function addNet(changes: NetChanges, entry: Entry, here: ReadonlyMap<OldPlace, Entry>): void {
	const { kind, old, atHome, reason } = entry;
	if (atHome) {
		addChange(changes, entry);
		return;
	}
	const because = reason === undefined ? {} : { reason };
	if (!entry.exists) {
		// What stands there now says it all: it was made or moved in its place.
		if (old !== undefined && here.get(old)?.kind !== kind) {
			changes.remove(old, { type: 'remove', kind, ...shownPath(changes.pathOf(old)), ...because });
		}
		return;
	}
	const now = placeNow(entry);
	if (old !== undefined) {
		if (old !== now) {
			const { path, from } = { path: shownPath(changes.pathOf(entry)), from: shownFrom(changes.pathOf(old)) };
			changes.add(entry, { type: 'move', kind, ...path, ...from });
		}
		addChange(changes, entry);
		return;
	}
	const replaced = now?.entry;
	if (replaced === undefined || replaced.exists || replaced.kind !== kind || !replaced.named) {
		changes.add(entry, { type: 'create', kind, ...shownPath(changes.pathOf(entry)), ...because });
	} else if (kind === 'folder') {
		addChange(changes, entry);
	} else {
		// Without the old bytes to compare, a file that was removed and made again counts as modified.
		changes.add(entry, { type: 'modify', kind, ...shownPath(changes.pathOf(entry)) });
	}
}

/** The change of what exists in both trees, at most one. */
function addChange(changes: NetChanges, entry: Entry): void {
	const { kind, modified, metadata } = entry;
	if (modified && kind !== 'folder') {
		changes.add(entry, { type: 'modify', kind, ...shownPath(changes.pathOf(entry)) });
	} else if (metadata) {
		changes.add(entry, { type: 'metadata', kind, ...shownPath(changes.pathOf(entry)) });
	}
}
