/**
 * The single place that turns hints into changes: compares what the disk shows with the nodes and writes what differs.
 * It never asks what kind of event a source reported.
 */
import { basename, dirname } from 'node:path';
import type { EntryStat } from '../index/records.ts';
import type { IndexTransaction, PlacedNode, Recording } from '../index/transaction.ts';
import { isInside, joinNames, splitPath } from '../platform/paths.ts';
import type { NewFolder } from '../watching/source.ts';
import { type FolderScope, GITIGNORE, readIgnoreFileOnDisk, type Scopes, type Verdict } from '../watching/scope.ts';
import { compare, differs, isSameObject, look, lookAtRoot } from './disk.ts';

/** What reconcile must know of the watches to decide how a change enters the log. */
export interface RecordingPolicy {
	/** Whether the watch's first indexing is complete. */
	indexed(watchId: string): boolean;
	/** Whether what lies at a watch's root is what the watch means: not the empty folder under a file system that was unmounted. */
	isMounted(root: string): boolean;
}

/** What a hint came to. */
export type Outcome =
	| { kind: 'done' }
	/** Nothing that any watch covers. */
	| { kind: 'filtered' }
	/** This folder is new or was replaced: everything beneath must be looked at, and its source watched anew. */
	| { kind: 'scan'; folder: NewFolder }
	/** A watch's root is gone, or another folder took its place. */
	| { kind: 'root'; path: string }
	/** A `.gitignore` in this folder came, went or changed. */
	| { kind: 'rules'; path: string }
	| { kind: 'failed'; path: string; error: NodeJS.ErrnoException };

const DONE: Outcome = { kind: 'done' };

export class Reconciler {
	readonly #scopes: Scopes;
	/** What the watches covered when everything was last compared: tells what was made from what was left out before. */
	#scopesBefore: Scopes;
	readonly #roots: ReadonlySet<string>;
	readonly #policy: RecordingPolicy;
	/** Path of a folder → its node id. Dropped whenever a folder goes, bounded. */
	readonly #folderIds = new Map<string, number>();
	readonly #aside = new Set<string>();
	/** Files and links that went lately: a folder in the place of one has replaced it. Bounded. */
	readonly #vanished = new Set<string>();

	constructor(scopes: Scopes, scopesBefore: Scopes, roots: ReadonlySet<string>, policy: RecordingPolicy) {
		this.#scopes = scopes;
		this.#scopesBefore = scopesBefore;
		this.#roots = roots;
		this.#policy = policy;
	}

	/** Says what the watches cover, after a scan has brought the index into line with that. */
	useScopesBefore(scopesBefore: Scopes): void {
		this.#scopesBefore = scopesBefore;
	}

	/** Leaves a path out whose comparing failed for a reason of our own, until it is hinted again. */
	setAside(path: string): void {
		this.#aside.add(path);
	}

	isSetAside(path: string): boolean {
		return this.#aside.has(path);
	}

	tryAgain(path: string): void {
		this.#aside.delete(path);
	}

	/** Forgets what was looked up; after a failed transaction nothing looked up in it can be trusted. */
	forget(): void {
		this.#folderIds.clear();
	}

	/** Compares one path. */
	entry(transaction: IndexTransaction, path: string): Outcome {
		if (this.#roots.has(path)) {
			const outcome = this.#rootEntry(transaction, path);
			// A root inside another watch is an entry of that one too; alone, its nodes are kept while it is missing.
			if (!this.#scopes.of(dirname(path)).watched) {
				return outcome;
			}
		}
		const scope = this.#scopes.of(dirname(path));
		if (!scope.watched) {
			return { kind: 'filtered' };
		}
		const outcome = this.#entryIn(transaction, scope, path);
		return basename(path) === GITIGNORE && this.#rulesDiffer(transaction, scope.path)
			? { kind: 'rules', path: scope.path }
			: outcome;
	}

	#entryIn(transaction: IndexTransaction, scope: FolderScope, path: string): Outcome {
		const parentPath = scope.path;
		const parent = this.#folderId(transaction, parentPath);
		if (parent === undefined) {
			// The folder itself is news; the scan that follows finds this entry too.
			return this.entry(transaction, parentPath);
		}
		const found = look(path);
		if ('failed' in found) {
			return { kind: 'failed', path, error: found.failed };
		}
		const name = basename(path);
		const before = transaction.child(parent, name);
		if ('absent' in found) {
			if (before === undefined) {
				return scope.verdict(name, false).covering.length > 0 ? DONE : { kind: 'filtered' };
			}
			const unmounted = this.#unmountedAbove(path);
			if (unmounted !== undefined) {
				return { kind: 'root', path: unmounted };
			}
			if (!this.keepsRoots(before, path)) {
				this.removeVanished(transaction, before, path);
			}
			return this.#holdsRoot(path) ? { kind: 'root', path } : DONE;
		}
		const verdict = scope.verdict(name, found.stat.kind === 'folder');
		const { enter } = this.place(transaction, { id: parent, path: parentPath }, name, before, found.stat, verdict);
		const isNews =
			before?.kind !== 'folder' ||
			!isSameObject(before, found.stat) ||
			// It may be readable only now.
			compare(before, found.stat) === 'metadata';
		return enter && isNews
			? { kind: 'scan', folder: this.newFolder(path, before) }
			: before === undefined && verdict.covering.length === 0 && !verdict.descend
				? { kind: 'filtered' }
				: DONE;
	}

	/**
	 * Brings one existing entry's node into line with what `look` found.
	 *
	 * @returns whether the entry is a folder that a watch looks into, and its node then.
	 */
	place(
		transaction: IndexTransaction,
		parent: { id: number; path: string },
		name: string,
		before: PlacedNode | undefined,
		stat: EntryStat,
		verdict: Verdict,
	): { enter: boolean; node: PlacedNode | undefined } {
		const wanted = verdict.covering.length > 0 || verdict.descend;
		let node = before;
		if (node !== undefined && (!wanted || node.kind !== stat.kind)) {
			this.removeTree(transaction, node, wanted ? 'event' : 'coverage');
			node = undefined;
		}
		if (!wanted) {
			return { enter: false, node: undefined };
		}
		const coverage = transaction.internCoverage(verdict.covering);
		const indexed = verdict.covering.filter((id) => this.#policy.indexed(id));
		if (node === undefined) {
			const recording = this.#recordingOfNew(parent.path, name, stat.kind === 'folder', indexed);
			node = transaction.create(parent.id, name, stat, coverage, recording);
			return { enter: verdict.descend, node };
		}
		if (node.coverage !== coverage) {
			const told = node.coverage !== 0 || indexed.length > 0;
			node = transaction.recover(node, coverage, told ? 'coverage' : 'silent');
		}
		if (differs(node, stat)) {
			node = transaction.update(node, stat, compare(node, stat));
		}
		return { enter: verdict.descend, node };
	}

	/** Removes what is no longer at a path. */
	removeVanished(transaction: IndexTransaction, node: PlacedNode, path: string): void {
		this.removeTree(transaction, node, 'event');
		if (node.kind !== 'folder') {
			if (this.#vanished.size > 10_000) {
				this.#vanished.clear();
			}
			this.#vanished.add(path);
		}
	}

	/** A folder that came to a path, where `before` was known until now. */
	newFolder(path: string, before: PlacedNode | undefined): NewFolder {
		const vanished = this.#vanished.delete(path);
		return { path, replaced: before === undefined ? vanished : before.kind !== 'folder' };
	}

	/** Removes a node and everything beneath it, children first. */
	removeTree(transaction: IndexTransaction, node: PlacedNode, recording: Recording): void {
		if (node.kind === 'folder') {
			for (const child of transaction.children(node.id)) {
				this.removeTree(transaction, child, recording);
			}
			this.#folderIds.clear();
		}
		transaction.remove(node, node.coverage === 0 ? 'silent' : recording);
	}

	/** The node of a folder that a scan begins at, made (with the folders that lead to a root) where it is missing. */
	scanStart(transaction: IndexTransaction, path: string): PlacedNode | undefined {
		const known = transaction.lookup(splitPath(path));
		if (!this.#roots.has(path)) {
			return known;
		}
		const found = lookAtRoot(path);
		if (!('stat' in found) || found.stat.kind !== 'folder' || !this.#policy.isMounted(path)) {
			return undefined;
		}
		const node = known ?? transaction.anchor(splitPath(path), statOfNames);
		// Which folder this is decides later whether another one took its place.
		return node.coverage === 0 ? transaction.update(node, found.stat, undefined) : node;
	}

	/** Takes a watch off everything that it covers at and beneath a path; what nothing else covers goes, unrecorded. */
	uncover(transaction: IndexTransaction, path: string, watchId: string): void {
		const node = transaction.lookup(splitPath(path));
		if (node !== undefined) {
			this.#uncoverTree(transaction, node, watchId);
		}
	}

	#uncoverTree(transaction: IndexTransaction, node: PlacedNode, watchId: string): boolean {
		let needed = false;
		if (node.kind === 'folder') {
			for (const child of transaction.children(node.id)) {
				needed = this.#uncoverTree(transaction, child, watchId) || needed;
			}
		}
		const watches = transaction.watchesOf(node.coverage);
		const left = watches.filter((id) => id !== watchId);
		if (left.length === 0 && !needed) {
			this.removeTree(transaction, node, 'silent');
			return false;
		}
		if (left.length < watches.length) {
			transaction.recover(node, transaction.internCoverage(left), 'silent');
		}
		return true;
	}

	/** The scope that a scan begins with; at a root all ignore files are read anew. */
	startScope(path: string): FolderScope {
		if (this.#roots.has(path)) {
			this.#scopes.forget();
		}
		return this.#scopes.of(path);
	}

	#rootEntry(transaction: IndexTransaction, path: string): Outcome {
		const found = lookAtRoot(path);
		if ('failed' in found) {
			return { kind: 'failed', path, error: found.failed };
		}
		const node = transaction.lookup(splitPath(path));
		const isFolder = 'stat' in found && found.stat.kind === 'folder';
		// Without a node its first scan is still to come, and finds whatever this hint is about.
		const asKnown = isFolder && (node === undefined || isSameObject(node, found.stat));
		return asKnown && this.#policy.isMounted(path) ? DONE : { kind: 'root', path };
	}

	/**
	 * Whether what is recorded at and beneath a path is kept although nothing is there: it is only the way to a watch's root,
	 * or the root above it is gone itself. Until the root is back nobody knows what is in it.
	 */
	keepsRoots(node: PlacedNode, path: string): boolean {
		return (node.coverage === 0 && this.#holdsRoot(path)) || this.#isRootGone(path);
	}

	/** A root in another watch does not count: it is gone from that one. */
	#isRootGone(path: string): boolean {
		for (const root of this.#roots) {
			const isAbove = root !== path && isInside(root, path) && !this.#scopes.of(dirname(root)).watched;
			if (isAbove && 'absent' in lookAtRoot(root)) {
				return true;
			}
		}
		return false;
	}

	/** The root around a path whose file system was unmounted; what is beneath is no longer to be seen, but not removed. */
	#unmountedAbove(path: string): string | undefined {
		for (const root of this.#roots) {
			if (isInside(root, path) && !this.#policy.isMounted(root)) {
				return root;
			}
		}
		return undefined;
	}

	/** Whether a watch begins at or beneath the path: then its disappearance makes that watch `missing`. */
	#holdsRoot(path: string): boolean {
		for (const root of this.#roots) {
			if (isInside(path, root)) {
				return true;
			}
		}
		return false;
	}

	/** @param indexed the watches that cover it and whose first indexing is complete */
	#recordingOfNew(parentPath: string, name: string, isFolder: boolean, indexed: readonly string[]): Recording {
		if (indexed.length === 0) {
			return 'silent';
		}
		const before = this.#scopesBefore.of(parentPath).verdict(name, isFolder).covering;
		// Left out before, it may have been there all the time.
		return indexed.some((id) => before.includes(id)) ? 'event' : 'coverage';
	}

	/** Whether a folder's `.gitignore` says something else than when the folder was last compared. */
	#rulesDiffer(transaction: IndexTransaction, folder: string): boolean {
		const id = this.#folderId(transaction, folder);
		return (id === undefined ? undefined : transaction.ignoreText(id)) !== readIgnoreFileOnDisk(folder);
	}

	#folderId(transaction: IndexTransaction, path: string): number | undefined {
		let id = this.#folderIds.get(path);
		if (id === undefined) {
			const node = transaction.lookup(splitPath(path));
			id = node?.kind === 'folder' ? node.id : undefined;
			if (id !== undefined) {
				if (this.#folderIds.size > 5000) {
					this.#folderIds.clear();
				}
				this.#folderIds.set(path, id);
			}
		}
		return id;
	}
}

/** Stat of a folder on the way to a root, links followed: they lead to the root under the user's spelling. */
function statOfNames(names: readonly string[]): EntryStat {
	const path = joinNames(names);
	const found = lookAtRoot(path);
	if ('stat' in found) {
		return found.stat;
	}
	throw 'failed' in found ? found.failed : Object.assign(new Error(`${path} is gone.`), { code: 'ENOENT' });
}
