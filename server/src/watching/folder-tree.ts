/**
 * The folders that a native source watches, by parent and name, so that a folder that was moved, with everything beneath,
 * is one entry to change. A node that went away is detached, not destroyed: it may turn up elsewhere.
 */
import type { FSWatcher } from 'node:fs';
import { childPath } from '../platform/paths.ts';

/** Which folder it is, whatever its path. */
export interface FolderIdentity {
	dev: number;
	/** Rounded above 2^53: told apart by the other two then. */
	ino: number;
	/** ext4 gives the number of a removed folder to the next one at once. 0 where the file system does not know. */
	birthtimeMs: number;
}

export class FolderNode {
	name: string;
	parent: FolderNode | undefined;
	children: Map<string, FolderNode> | undefined;
	/** What was there when it was last looked at, before it was watched. */
	identity: FolderIdentity | undefined;
	/** The kernel's watch; undefined when there is none yet, or none could be had. */
	watcher: FSWatcher | undefined;
	/** libuv reports events of the folder itself under the name that it had when the kernel's watch was made. */
	selfName: string;
	/** Whether it is a followed link to a folder: never the folder that was moved, it may lead to that one too. */
	isLink = false;

	constructor(name: string, parent: FolderNode | undefined) {
		this.name = name;
		this.parent = parent;
		this.selfName = name;
	}
}

export function isSameFolder(a: FolderIdentity | undefined, b: FolderIdentity): boolean {
	return a !== undefined && a.dev === b.dev && a.ino === b.ino && a.birthtimeMs === b.birthtimeMs;
}

export class FolderTree {
	readonly root: FolderNode;
	readonly #rootPath: string;
	/** Detached nodes are in it too until {@link forget}. Two paths may lead to one inode (bind mounts). */
	readonly #byInode = new Map<number, FolderNode | FolderNode[]>();
	#size = 1;

	/** @param name the last name of the root's path */
	constructor(rootPath: string, name: string) {
		this.#rootPath = rootPath;
		this.root = new FolderNode(name, undefined);
	}

	/** Folders in it, detached ones included. */
	get size(): number {
		return this.#size;
	}

	/** The path of a folder; undefined when it is detached. */
	pathOf(node: FolderNode): string | undefined {
		if (node === this.root) {
			return this.#rootPath;
		}
		const above = node.parent === undefined ? undefined : this.pathOf(node.parent);
		return above === undefined ? undefined : childPath(above, node.name);
	}

	/** The folder at the names beneath the root. */
	find(names: readonly string[]): FolderNode | undefined {
		let node: FolderNode | undefined = this.root;
		for (const name of names) {
			node = node?.children?.get(name);
		}
		return node;
	}

	add(parent: FolderNode, name: string): FolderNode {
		const node = new FolderNode(name, parent);
		(parent.children ??= new Map()).set(name, node);
		this.#size++;
		return node;
	}

	/** Takes a folder, and what is beneath it, out of its place. */
	detach(node: FolderNode): void {
		const siblings = node.parent?.children;
		if (siblings?.get(node.name) === node) {
			siblings.delete(node.name);
		}
		node.parent = undefined;
	}

	/** Puts a folder, and what is beneath it, in the place of another one, which is forgotten. */
	takePlace(node: FolderNode, other: FolderNode): void {
		const { parent, name } = other;
		this.detach(node);
		this.detach(other);
		this.forget(other);
		node.parent = parent;
		node.name = name;
		parent?.children?.set(name, node);
	}

	identify(node: FolderNode, identity: FolderIdentity): void {
		if (node.identity?.ino !== identity.ino) {
			this.#dropInode(node);
			const known = this.#byInode.get(identity.ino);
			this.#byInode.set(identity.ino, known === undefined ? node : [known, node].flat());
		}
		node.identity = identity;
	}

	withInode(ino: number): readonly FolderNode[] {
		const known = this.#byInode.get(ino);
		return known === undefined ? [] : Array.isArray(known) ? known : [known];
	}

	/** Drops one detached node for good. */
	forget(node: FolderNode): void {
		this.#dropInode(node);
		this.#size--;
	}

	/** A folder and all beneath it, folders before what is in them. */
	*subtree(node: FolderNode): Generator<FolderNode> {
		yield node;
		for (const child of node.children?.values() ?? []) {
			yield* this.subtree(child);
		}
	}

	#dropInode(node: FolderNode): void {
		if (node.identity !== undefined) {
			const { ino } = node.identity;
			const left = this.withInode(ino).filter((other) => other !== node);
			if (left.length === 0) {
				this.#byInode.delete(ino);
			} else {
				this.#byInode.set(ino, left.length === 1 ? left[0]! : left);
			}
			node.identity = undefined;
		}
	}
}
