/**
 * Finds the folders beneath one that a watch looks into, and has each watched before it is listed, so that whatever comes
 * into it afterwards is reported. Folders only; what is ignored is neither entered nor watched.
 */
import { lstatSync, statSync } from 'node:fs';
import { type Listed, listFolder } from '../platform/folders.ts';
import { toFileSystem } from '../platform/names.ts';
import { type FolderIdentity, type FolderNode, type FolderTree, isSameFolder } from './folder-tree.ts';
import type { FolderWatches } from './folder-watches.ts';
import { isShortage } from './limits.ts';
import { isControlName } from './repository.ts';
import { type FolderScope, GITIGNORE } from './scope.ts';

interface Visit {
	node: FolderNode;
	/** Made when the folder is read: its listing tells whether it has a `.gitignore`. */
	makeScope: (hasIgnoreFile: boolean) => FolderScope;
}

export interface CrawlOptions {
	/** Watch anew what seems to be watched. */
	renew: boolean;
	/** Whether what is in it is to be looked at afterwards. */
	hint: boolean;
}

export class FolderCrawl {
	/** Where it began; undefined when that is gone. */
	top: FolderNode | undefined;
	readonly hint: boolean;
	readonly renew: boolean;
	readonly #tree: FolderTree;
	readonly #watches: FolderWatches;
	readonly #onWorkTree: (folder: string) => void;
	/** Folders are visited before their neighbours' contents: what a limit leaves out is few subtrees. */
	readonly #stack: Visit[];

	/** @param onWorkTree hears of folders that version control works in */
	constructor(
		tree: FolderTree,
		watches: FolderWatches,
		start: Visit,
		{ renew, hint }: CrawlOptions,
		onWorkTree: (folder: string) => void,
	) {
		this.#tree = tree;
		this.#watches = watches;
		this.#onWorkTree = onWorkTree;
		this.top = start.node;
		this.renew = renew;
		this.hint = hint;
		this.#stack = [start];
	}

	/**
	 * Works until a moment of `performance.now()`. Returns whether it is done.
	 *
	 * @throws what no one expects of `fs.watch` or `readdir`
	 */
	slice(until: number): boolean {
		for (let visit = this.#stack.pop(); visit !== undefined; visit = this.#stack.pop()) {
			this.#visit(visit);
			if (performance.now() > until) {
				break;
			}
		}
		return this.#stack.length === 0;
	}

	#visit({ node: asked, makeScope }: Visit): void {
		const path = this.#tree.pathOf(asked);
		if (path === undefined) {
			return;
		}
		const isRoot = asked === this.#tree.root;
		// Before it is watched: when another folder takes its place in between, its parent tells, and the two differ.
		const identity = identify(path, isRoot);
		if (identity === undefined) {
			this.#gone(asked);
			return;
		}
		const node = this.#settle(asked, identity);
		const opened = this.#watches.open(node, path, this.renew || !isSameFolder(node.identity, identity));
		if (opened === 'refused') {
			this.#gone(node);
			return;
		}
		const entries = this.#list(node, path);
		if (entries === undefined) {
			return;
		}
		if (entries.some((entry) => entry.name.startsWith('.') && isControlName(entry.name))) {
			this.#onWorkTree(path);
		}
		const scope = makeScope(entries.some((entry) => entry.name === GITIGNORE));
		const seen = new Set<string>();
		for (const { name } of entries.filter((entry) => entry.kind === 'folder')) {
			if (scope.verdict(name, true).descend) {
				seen.add(name);
				const child = node.children?.get(name) ?? this.#tree.add(node, name);
				this.#stack.push({ node: child, makeScope: (hasIgnoreFile) => scope.child(name, hasIgnoreFile) });
			}
		}
		for (const child of node.children?.values() ?? []) {
			if (!seen.has(child.name)) {
				this.#watches.retire(child);
			}
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
		}
		const moved = this.#tree.withInode(identity.ino).find((other) => this.#hasMoved(other, identity));
		if (moved !== undefined && node !== this.#tree.root) {
			this.#watches.close(node);
			this.#tree.takePlace(moved, node);
			node = moved;
		} else {
			this.#watches.close(node);
			this.#tree.identify(node, identity);
		}
		if (this.top === asked) {
			this.top = node;
		}
		return node;
	}

	/** Whether a node is the folder of this identity and that is no longer where the node says. */
	#hasMoved(node: FolderNode, identity: FolderIdentity): boolean {
		if (node === this.#tree.root || node.watcher === undefined || !isSameFolder(node.identity, identity)) {
			return false;
		}
		const path = this.#tree.pathOf(node);
		const there = path === undefined ? undefined : identify(path, false);
		return there === undefined || !isSameFolder(there, identity);
	}

	#list(node: FolderNode, path: string): Listed[] | undefined {
		try {
			return listFolder(path);
		} catch (error) {
			if (isShortage(error)) {
				this.#watches.postpone(node, error.code);
			}
			// Else it is gone, or may not be read: reconcile tells the user, its parent's events tell of the end of that.
			return undefined;
		}
	}

	#gone(node: FolderNode): void {
		if (node !== this.#tree.root) {
			this.#watches.retire(node);
		}
		if (node === this.top) {
			this.top = undefined;
		}
	}
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
