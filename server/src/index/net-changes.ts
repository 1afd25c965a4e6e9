/** Net changes in the order in which they are told, with the paths of what they are about. */
import { sep } from 'node:path';
import type { NetChange } from '#shared/model.ts';
import { childPath, joinNames, splitPath } from '../platform/paths.ts';

/** What has a name and lies in another of its kind; the root lies in none. */
interface Named {
	readonly parent: Named | undefined;
	readonly name: string;
}

/** A folder, now or at the cursor, with the changes in it by name; further ones of a name, in their order, have a NUL more each. */
interface FolderChanges {
	path: string;
	folders: Map<string, FolderChanges>;
	removed: Map<string, NetChange>;
	others: Map<string, NetChange>;
}

/** Net changes by folder: that puts them in the order of their paths in a third of the time that comparing whole paths takes. */
export class NetChanges {
	readonly #top = newFolder('');
	readonly #folders = new Map<Named, FolderChanges>();
	/** The same by path: one that is now where another one was is another object. */
	readonly #byPath = new Map<string, FolderChanges>();

	/** The same by what stands before the last separator of a path. */
	readonly #byText = new Map<string, FolderChanges>();

	/** The absolute path of an entry or a place. */
	pathOf({ parent, name }: Named): string {
		return parent?.parent === undefined
			? joinNames(parent === undefined ? [] : [name])
			: childPath(this.#folderOf(parent).path, name);
	}

	add({ parent, name }: Named, change: NetChange): void {
		addTo(this.#folderOf(parent).others, name, change);
	}

	remove({ parent, name }: Named, change: NetChange): void {
		addTo(this.#folderOf(parent).removed, name, change);
	}

	/**
	 * By path: removals first, children before parents; then all else, parents before children.
	 *
	 * @param changed what is where it was, and whose path says all
	 */
	inOrder(changed: Iterable<NetChange>): NetChange[] {
		if (this.#top.folders.size === 0 && this.#top.others.size === 0 && this.#top.removed.size === 0) {
			// Their paths are texts as the log has them, mostly in order already: these are compared at once.
			return Array.from(changed).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
		}
		for (const change of changed) {
			const end = change.path.lastIndexOf(sep);
			addTo(this.#folderAt(change.path.slice(0, Math.max(end, 0))).others, change.path.slice(end + 1), change);
		}
		const removals: NetChange[] = [];
		const others: NetChange[] = [];
		collect(this.#top, 'removed', removals);
		collect(this.#top, 'others', others);
		return [...removals.toReversed(), ...others];
	}

	#folderOf(folder: Named | undefined): FolderChanges {
		if (folder?.parent === undefined) {
			return this.#top;
		}
		let found = this.#folders.get(folder);
		if (found === undefined) {
			const path = this.pathOf(folder);
			found = this.#byPath.get(path);
			if (found === undefined) {
				found = newFolder(path);
				this.#byPath.set(path, found);
				this.#folderOf(folder.parent).folders.set(folder.name, found);
			}
			this.#folders.set(folder, found);
		}
		return found;
	}

	#folderAt(text: string): FolderChanges {
		let folder = this.#byText.get(text);
		if (folder === undefined) {
			folder = this.#top;
			const names: string[] = [];
			for (const name of splitPath(text)) {
				names.push(name);
				const path = joinNames(names);
				let child = this.#byPath.get(path);
				if (child === undefined) {
					child = newFolder(path);
					this.#byPath.set(path, child);
					folder.folders.set(name, child);
				}
				folder = child;
			}
			this.#byText.set(text, folder);
		}
		return folder;
	}
}

function newFolder(path: string): FolderChanges {
	return { path, folders: new Map(), removed: new Map(), others: new Map() };
}

function addTo(changes: Map<string, NetChange>, name: string, change: NetChange): void {
	let key = name;
	while (changes.has(key)) {
		key += '\0';
	}
	changes.set(key, change);
}

/** Adds the changes in a folder and beneath it: a name with a separator behind it stands for what is in the folder of that name. */
function collect(folder: FolderChanges, which: 'removed' | 'others', out: NetChange[]): void {
	const { [which]: changes, folders } = folder;
	for (const key of [...changes.keys(), ...Array.from(folders.keys(), (name) => name + sep)].sort()) {
		const change = changes.get(key);
		if (change === undefined) {
			collect(folders.get(key.slice(0, -sep.length))!, which, out);
		} else {
			out.push(change);
		}
	}
}
