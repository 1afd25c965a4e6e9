/** Net changes in the order in which they are told, with the paths of what they are about. */
import type { NetChange } from '#shared/model.ts';
import { childPath, joinNames } from '../platform/paths.ts';

/** What has a name and lies in another of its kind; the root lies in none. */
interface Named {
	readonly parent: Named | undefined;
	readonly name: string;
}

/** A folder, now or at the cursor, with the changes in it by name; further ones of a name, in their order, have a NUL more each. */
interface FolderChanges {
	path: string;
	removed: Map<string, NetChange>;
	others: Map<string, NetChange>;
}

/** Net changes by folder. Whole paths would take three times as long to put in order. */
export class NetChanges {
	readonly #folders = new Map<Named, FolderChanges>();
	/** The same by path: one that is now where another one was is another object. */
	readonly #byPath = new Map<string, FolderChanges>();

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

	/** Removals first, children before parents; then all else, parents before children. Folder by folder, in it by name. */
	inOrder(): NetChange[] {
		const folders = [...this.#byPath.keys()].sort().map((path) => this.#byPath.get(path));
		const removals = folders.flatMap((folder) => byName(folder?.removed));
		return [...removals.toReversed(), ...folders.flatMap((folder) => byName(folder?.others))];
	}

	#folderOf(folder: Named = ABOVE_ROOT): FolderChanges {
		let found = this.#folders.get(folder);
		if (found === undefined) {
			const path = folder === ABOVE_ROOT ? '' : this.pathOf(folder);
			found = this.#byPath.get(path) ?? { path, removed: new Map(), others: new Map() };
			this.#byPath.set(path, found);
			this.#folders.set(folder, found);
		}
		return found;
	}
}

const ABOVE_ROOT: Named = { parent: undefined, name: '' };

function addTo(changes: Map<string, NetChange>, name: string, change: NetChange): void {
	let key = name;
	while (changes.has(key)) {
		key += '\0';
	}
	changes.set(key, change);
}

function byName(changes: ReadonlyMap<string, NetChange> = new Map()): NetChange[] {
	const sorted: NetChange[] = [];
	for (const key of [...changes.keys()].sort()) {
		sorted.push(changes.get(key)!);
	}
	return sorted;
}
