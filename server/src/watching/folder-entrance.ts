/** Finds out which folder stands at a path, whether it is one that is known from elsewhere, and has it watched. */
import { lstatSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { toFileSystem } from '../platform/names.ts';
import { childPath } from '../platform/paths.ts';
import { type FolderIdentity, type FolderNode, type FolderTree, isSameFolder } from './folder-tree.ts';
import type { FolderWatches } from './folder-watches.ts';
import type { FolderScope, Scopes } from './scope.ts';

export class FolderEntrance {
	readonly #tree: FolderTree;
	readonly #watches: FolderWatches;
	readonly #scopes: Scopes;

	constructor(tree: FolderTree, watches: FolderWatches, scopes: Scopes) {
		this.#tree = tree;
		this.#watches = watches;
		this.#scopes = scopes;
	}

	/**
	 * Watches the folder at a path, and returns its node: the one that was asked for, unless another folder stands there now.
	 * Undefined when there is none, or none that could be watched; then its node is retired.
	 *
	 * @param renew watch anew what seems to be watched
	 * @throws what no one expects of `fs.watch`
	 */
	enter(asked: FolderNode, path: string, renew: boolean): FolderNode | undefined {
		// Before it is watched: when another folder takes its place in between, its parent tells, and the two differ.
		const identity = identify(path, asked === this.#tree.root || asked.isLink);
		if (identity === undefined || this.#isMounted(asked, path, identity)) {
			this.#retire(asked);
			return undefined;
		}
		const node = this.#settle(asked, identity);
		if (this.#watches.open(node, path, renew || !isSameFolder(node.identity, identity)) === 'refused') {
			this.#retire(node);
			return undefined;
		}
		return node;
	}

	/** Another file system, in which no watch begins. */
	#isMounted(node: FolderNode, path: string, { dev }: FolderIdentity): boolean {
		return node !== this.#tree.root && this.#scopes.of(dirname(path)).crosses(basename(path), BigInt(dev));
	}

	#retire(node: FolderNode): void {
		if (node !== this.#tree.root) {
			this.#watches.retire(node);
		}
	}

	/** The node for the folder that stands there now: the known one, one that was moved here, or the given one made new. */
	#settle(asked: FolderNode, identity: FolderIdentity): FolderNode {
		if (isSameFolder(asked.identity, identity)) {
			return asked;
		}
		let node = asked;
		if (asked.watcher !== undefined && asked !== this.#tree.root) {
			// Another folder has taken its place.
			const { parent, name } = asked;
			this.#watches.retire(asked);
			node = this.#tree.add(parent!, name);
			node.isLink = asked.isLink;
		}
		const canMove = node !== this.#tree.root && !node.isLink;
		const moved = canMove
			? this.#tree.withInode(identity.ino).find((other) => this.#hasMoved(other, identity))
			: undefined;
		if (moved !== undefined) {
			this.#watches.close(node);
			this.#tree.takePlace(moved, node);
			node = moved;
		} else {
			this.#watches.close(node);
			this.#tree.identify(node, identity);
		}
		return node;
	}

	/** Whether a node is the folder of this identity and that is no longer where the node says. */
	#hasMoved(node: FolderNode, identity: FolderIdentity): boolean {
		if (
			node === this.#tree.root ||
			node.isLink ||
			node.watcher === undefined ||
			!isSameFolder(node.identity, identity)
		) {
			return false;
		}
		const path = this.#tree.pathOf(node);
		const there = path === undefined ? undefined : identify(path, false);
		return there === undefined || !isSameFolder(there, identity);
	}
}

/** Which folder stands at a folder's entry, or is led to by a link that is followed; undefined when none is. */
export function identifyIn(
	scope: FolderScope,
	name: string,
): { identity: FolderIdentity; isLink: boolean } | undefined {
	const path = childPath(scope.path, name);
	const own = identify(path, false);
	if (own !== undefined) {
		return { identity: own, isLink: false };
	}
	const target = scope.followed(name)?.isDirectory() === true ? identify(path, true) : undefined;
	return target === undefined ? undefined : { identity: target, isLink: true };
}

/** Which folder stands at a path; undefined when none does. */
export function identify(path: string, followLink: boolean): FolderIdentity | undefined {
	try {
		const stats = (followLink ? statSync : lstatSync)(toFileSystem(path), { throwIfNoEntry: false });
		return stats?.isDirectory() === true
			? { dev: stats.dev, ino: stats.ino, birthtimeMs: stats.birthtimeMs }
			: undefined;
	} catch {
		// ENOTDIR, EACCES and the like: nothing that could be watched.
		return undefined;
	}
}
