/**
 * A scan: compares a folder and everything beneath with the disk, in slices, so that hints are served in between and no
 * transaction grows without bound. It may be cut off after any slice; what it compared is committed.
 */
import type { IndexTransaction, PlacedNode } from '../index/transaction.ts';
import { childPath, splitPath } from '../platform/paths.ts';
import type { NewFolder } from '../watching/source.ts';
import { type FolderScope, foldersAbove, GITIGNORE, readIgnoreFileOnDisk } from '../watching/scope.ts';
import { isAbsent, type Listed, listFolder, look } from './disk.ts';
import type { Reconciler } from './reconcile.ts';

interface OpenFolder {
	path: string;
	nodeId: number;
	/** Made when the folder is read: its listing tells whether it has a `.gitignore`. */
	makeScope: (hasIgnoreFile: boolean) => FolderScope;
	scope: FolderScope | undefined;
	/** The transaction in which `unseen` was read: in a later one nodes may differ. */
	readIn: IndexTransaction | undefined;
	/** How many nodes had moved in that transaction by then: after another move, too. */
	moves: number;
	/** Filled when the folder is read. */
	entries: Listed[] | undefined;
	next: number;
	/** Nodes that the listing has not named yet. */
	unseen: Map<string, PlacedNode>;
}

export class Scan {
	/** Where it begins. */
	readonly path: string;
	/** Entries compared. */
	done = 0;
	/** What is being compared. */
	current = '';
	/** Log records written by it. */
	changes = 0;
	/** Whether not even the folder that it began at could be read: then it says nothing. */
	failed = false;
	/** Folders that were not known before. */
	readonly newFolders: NewFolder[] = [];
	/** What was not there any more, and what something else has replaced: to be decided when all scans are complete. */
	readonly gone: string[] = [];
	readonly later: string[] = [];
	/** Folders that could not be read, with the reason. Their nodes are kept. */
	readonly unreadable: { path: string; error: NodeJS.ErrnoException }[] = [];
	/** Node ids of folders whose `.gitignore` says something else than when they were last compared, and what. */
	readonly rules = new Map<number, string | undefined>();
	readonly #reconciler: Reconciler;
	readonly #stack: OpenFolder[] = [];
	#started = false;

	constructor(path: string, reconciler: Reconciler) {
		this.path = path;
		this.#reconciler = reconciler;
	}

	/**
	 * Works until `enough` says so or all is compared.
	 *
	 * @returns whether the scan is complete.
	 */
	slice(transaction: IndexTransaction, enough: (entries: number) => boolean): boolean {
		const eventsBefore = transaction.events;
		if (!this.#started) {
			this.#started = true;
			const start = this.#reconciler.scanStart(transaction, this.path);
			if (start?.kind === 'folder') {
				this.#rememberRulesAbove(transaction);
				this.#open(this.path, start.id, () => this.#reconciler.startScope(this.path));
			} else {
				this.failed = true;
			}
		}
		let entries = 0;
		for (let folder = this.#stack.at(-1); folder !== undefined && !enough(entries); folder = this.#stack.at(-1)) {
			entries += this.#step(transaction, folder);
		}
		if (this.#stack.length === 0) {
			for (const [folderId, text] of this.rules) {
				if (transaction.hasNode(folderId)) {
					transaction.putIgnoreText(folderId, text);
				}
			}
		}
		this.done += entries;
		this.changes += transaction.events - eventsBefore;
		return this.#stack.length === 0;
	}

	/** Compares up to one folder's worth of entries; returns how many. */
	#step(transaction: IndexTransaction, folder: OpenFolder): number {
		// A hint served between two slices may have removed the folder, or moved it: then its own scan follows.
		const isThere = isFresh(folder, transaction) || this.#isThere(transaction, folder);
		if (!isThere || (folder.entries === undefined && !this.#read(transaction, folder))) {
			this.#stack.splice(this.#stack.lastIndexOf(folder), 1);
			return 1;
		}
		const entries = folder.entries ?? [];
		const end = Math.min(folder.next + 500, entries.length);
		const from = folder.next;
		for (; folder.next < end; folder.next++) {
			this.#compare(transaction, folder, entries[folder.next]!);
		}
		if (folder.next === entries.length) {
			for (const name of folder.unseen.keys()) {
				const path = childPath(folder.path, name);
				if (!this.#reconciler.isSetAside(path)) {
					this.gone.push(path);
				}
			}
			// The folder may not be on top any more: its subfolders were opened meanwhile.
			this.#stack.splice(this.#stack.lastIndexOf(folder), 1);
		}
		return end - from;
	}

	#isThere(transaction: IndexTransaction, folder: OpenFolder): boolean {
		const node = transaction.node(folder.nodeId);
		return node !== undefined && transaction.pathOf(node) === folder.path;
	}

	#read(transaction: IndexTransaction, folder: OpenFolder): boolean {
		try {
			folder.entries = listFolder(folder.path);
		} catch (error) {
			if (!isAbsent(error)) {
				this.unreadable.push({ path: folder.path, error: error as NodeJS.ErrnoException });
			}
			this.failed ||= folder.path === this.path;
			// Gone meanwhile: its own entry is, or will be, hinted or found by the next scan.
			return false;
		}
		folder.scope = folder.makeScope(folder.entries.some((entry) => entry.name === GITIGNORE));
		this.#rememberRules(transaction, folder.nodeId, folder.scope.ignoreText);
		folder.readIn = transaction;
		folder.moves = transaction.moves;
		for (const child of transaction.children(folder.nodeId)) {
			folder.unseen.set(child.name, child);
		}
		return true;
	}

	/** Stored when the scan is complete: until then the old rules tell what was left out before. */
	#rememberRules(transaction: IndexTransaction, folderId: number, text: string | undefined): void {
		if (transaction.ignoreText(folderId) !== text) {
			this.rules.set(folderId, text);
		}
	}

	/** Ignore files above a root hold in it too. */
	#rememberRulesAbove(transaction: IndexTransaction): void {
		for (const folder of foldersAbove(this.path)) {
			const node = transaction.lookup(splitPath(folder));
			if (node !== undefined && !this.#reconciler.startScope(folder).watched) {
				this.#rememberRules(transaction, node.id, readIgnoreFileOnDisk(folder));
			}
		}
	}

	#compare(transaction: IndexTransaction, folder: OpenFolder, entry: Listed): void {
		const path = childPath(folder.path, entry.name);
		this.current = path;
		const scope = folder.scope!;
		const listed = folder.unseen.get(entry.name);
		folder.unseen.delete(entry.name);
		if (this.#reconciler.isSetAside(path) || (listed === undefined && !mayMatter(scope, entry))) {
			return;
		}
		const found = look(path);
		if ('failed' in found) {
			this.unreadable.push({ path, error: found.failed });
			return;
		}
		const before = isFresh(folder, transaction) ? listed : transaction.child(folder.nodeId, entry.name);
		if ('absent' in found) {
			if (before !== undefined) {
				this.gone.push(path);
			}
			return;
		}
		const verdict = scope.verdict(entry.name, found.stat.kind === 'folder');
		const within = { id: folder.nodeId, path: folder.path };
		const placed = this.#reconciler.place(transaction, within, entry.name, before, found.stat, verdict);
		if (placed === 'later') {
			this.later.push(path);
		} else if (placed.enter && placed.node !== undefined) {
			if (placed.arrived) {
				this.newFolders.push(this.#reconciler.newFolder(path, before, found.stat));
			}
			this.#open(path, placed.node.id, (hasIgnoreFile) => scope.child(entry.name, hasIgnoreFile));
		}
	}

	#open(path: string, nodeId: number, makeScope: OpenFolder['makeScope']): void {
		this.#stack.push({
			path,
			nodeId,
			makeScope,
			scope: undefined,
			readIn: undefined,
			moves: 0,
			entries: undefined,
			next: 0,
			unseen: new Map(),
		});
	}
}

/** Whether the nodes that were read with a folder's listing are still what the index says. */
function isFresh(folder: OpenFolder, transaction: IndexTransaction): boolean {
	return folder.readIn === transaction && folder.moves === transaction.moves;
}

/** Saves the lstat of what no watch could cover. A kind that the listing did not tell is looked at. */
function mayMatter(scope: FolderScope, { name, kind }: Listed): boolean {
	if (kind === undefined) {
		return true;
	}
	const verdict = scope.verdict(name, kind === 'folder');
	return verdict.descend || verdict.covering.length > 0;
}
