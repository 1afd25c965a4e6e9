/**
 * Finds the folders beneath one that a watch looks into, and has each watched before it is listed, so that whatever comes
 * into it afterwards is reported. Folders only; what is ignored is neither entered nor watched.
 */
import { type Listed, listFolder } from '../platform/folders.ts';
import type { FolderEntrance } from './folder-entrance.ts';
import type { FolderNode, FolderTree } from './folder-tree.ts';
import type { FolderWatches } from './folder-watches.ts';
import { GITIGNORE } from './ignore-rules.ts';
import { isShortage } from './limits.ts';
import type { LinkWatches } from './link-watches.ts';
import { isControlName } from './repository.ts';
import type { FolderScope } from './scope.ts';

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

const NONE: ReadonlySet<string> = new Set();

export class FolderCrawl {
	/** Where it began; undefined when that is gone. */
	top: FolderNode | undefined;
	readonly hint: boolean;
	readonly renew: boolean;
	readonly #tree: FolderTree;
	readonly #watches: FolderWatches;
	readonly #onWorkTree: (folder: string) => void;
	readonly #links: LinkWatches;
	readonly #entrance: FolderEntrance;
	/** Folders are visited before their neighbours' contents: what a limit leaves out is few subtrees. */
	readonly #stack: Visit[];

	/** @param onWorkTree hears of folders that version control works in */
	constructor(
		tree: FolderTree,
		watches: FolderWatches,
		links: LinkWatches,
		entrance: FolderEntrance,
		start: Visit,
		{ renew, hint }: CrawlOptions,
		onWorkTree: (folder: string) => void,
	) {
		this.#tree = tree;
		this.#watches = watches;
		this.#links = links;
		this.#onWorkTree = onWorkTree;
		this.#entrance = entrance;
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
		const node = this.#entrance.enter(asked, path, this.renew);
		if (this.top === asked) {
			this.top = node;
		}
		if (node === undefined) {
			return;
		}
		const entries = this.#list(node, path);
		if (entries === undefined) {
			return;
		}
		if (entries.some((entry) => isControlName(entry.name))) {
			this.#onWorkTree(path);
		}
		const scope = makeScope(entries.some((entry) => entry.name === GITIGNORE));
		const linked = scope.follows ? this.#followLinks(node, scope, entries) : NONE;
		const seen = new Set<string>();
		for (const { name } of entries.filter((entry) => entry.kind === 'folder' || linked.has(entry.name))) {
			if (scope.verdict(name, true).descend) {
				seen.add(name);
				const child = node.children?.get(name) ?? this.#tree.add(node, name);
				child.isLink = linked.has(name);
				this.#stack.push({ node: child, makeScope: (hasIgnoreFile) => scope.child(name, hasIgnoreFile) });
			}
		}
		for (const child of node.children?.values() ?? []) {
			if (!seen.has(child.name)) {
				this.#watches.retire(child);
			}
		}
	}

	/** Watches the ways of a folder's links, and returns the names of those that are followed to folders. */
	#followLinks(node: FolderNode, scope: FolderScope, entries: readonly Listed[]): ReadonlySet<string> {
		const names = entries.filter(({ kind }) => kind === 'link').map(({ name }) => name);
		this.#links.keepOnly(node, new Set(names));
		for (const name of names) {
			this.#links.note(node, name, scope);
		}
		return new Set(names.filter((name) => scope.followed(name)?.isDirectory() === true));
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
}
