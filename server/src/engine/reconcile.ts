/**
 * The single place that turns hints into changes: compares what the disk shows with the nodes and writes what differs.
 * It never asks what kind of event a source reported.
 *
 * Order matters for one thing only, recognising what was renamed. So a path is compared in up to three passes: what is new
 * finds the node that it was elsewhere; then what another known object has replaced; then what a new object has replaced.
 * What disappeared waits (`gone`) for the move window.
 */
import { basename, dirname } from 'node:path';
import type { EntryStat } from '../index/records.ts';
import type { PlacedNode } from '../index/node-reads.ts';
import { ROOT_NODE } from '../index/tables.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import { UNKNOWN_ROOT } from '../index/watch-table.ts';
import { isInside, joinNames, splitPath } from '../platform/paths.ts';
import type { NewFolder } from '../watching/source.ts';
import { GITIGNORE, readIgnoreFileOnDisk } from '../watching/ignore-rules.ts';
import type { FolderScope, Scopes, Verdict } from '../watching/scope.ts';
import { isFollowedLink, isSameObject, lookAtRoot, lookIn, verdictOf } from './disk.ts';
import { type Folder, type Pass, type Placed, Placer, type RecordingPolicy } from './placing.ts';

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
	/** Compare these again, in this order, when nothing new waits any more. */
	| { kind: 'later'; paths: string[] }
	/** Other names of the same file: no event tells of them when it is written under one. */
	| { kind: 'look'; paths: string[] }
	/** Nothing is there any more. To be removed when the move window has passed. */
	| { kind: 'gone'; path: string }
	/** A file that was written a moment ago, for watches that wait until it is settled. */
	| { kind: 'unsettled'; path: string; ms: number }
	| { kind: 'failed'; path: string; error: NodeJS.ErrnoException };

/** Objects that are remembered until their second pass. */
const MOST_AWAITED = 100_000;

/** Each link is a call within the one before it. */
const LONGEST_CHAIN = 500;

const DONE: Outcome = { kind: 'done' };

export class Reconciler {
	readonly #scopes: Scopes;
	readonly #placer: Placer;
	readonly #roots: ReadonlySet<string>;
	readonly #policy: RecordingPolicy;
	/** Path of a folder → its node id. Dropped whenever a folder goes, bounded. */
	readonly #folderIds = new Map<string, number>();
	/** Folders whose node is known to be what stands at their path, in the transaction that looked. */
	#verified = new Set<string>();
	#verifiedIn: IndexTransaction | undefined;
	#generation = 0;
	/** Object → the path that waits for the second pass and at which it stands now. Bounded. */
	readonly #awaited = new Map<string, string>();
	/** Paths whose second pass waits for that of another one. */
	readonly #resolving = new Set<string>();
	#besides: { path: string; outcome: Outcome }[] = [];
	readonly #aside = new Set<string>();
	/** Files and links that went lately: a folder in the place of one has replaced it. Bounded. */
	readonly #vanished = new Set<string>();

	/** @param scopesBefore what the watches covered when everything was last compared */
	constructor(scopes: Scopes, scopesBefore: Scopes, roots: ReadonlySet<string>, policy: RecordingPolicy) {
		this.#scopes = scopes;
		this.#roots = roots;
		this.#policy = policy;
		this.#placer = new Placer(scopes, scopesBefore, roots, policy, () => {
			this.#foldersMoved();
		});
	}

	/** Says what the watches cover, after a scan has brought the index into line with that. */
	useScopesBefore(scopesBefore: Scopes): void {
		this.#placer.useScopesBefore(scopesBefore);
	}

	/** A scan of everything at and beneath a path is complete. */
	scanned(path: string): void {
		this.#placer.scanned(path);
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
		this.#besides = [];
		this.#placer.forget();
		this.#foldersMoved();
	}

	#foldersMoved(): void {
		this.#generation++;
		this.#folderIds.clear();
		this.#verified.clear();
	}

	/** Compares one path. */
	entry(transaction: IndexTransaction, path: string, pass: Pass): Outcome {
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
		const outcome = this.#entryIn(transaction, scope, path, pass);
		if (
			basename(path) === GITIGNORE &&
			this.#scopes.heedIgnoreFiles &&
			this.#rulesDiffer(transaction, scope.path)
		) {
			// Beside what became of the file itself, which a watch may cover.
			this.#besides.push({ path, outcome: { kind: 'rules', path: scope.path } });
		}
		return outcome;
	}

	/**
	 * Compares a path that was held, because nothing was there or it was not settled.
	 *
	 * @param hurried somebody waits for everything
	 */
	held(transaction: IndexTransaction, path: string, hurried: boolean): Outcome {
		const scope = this.#scopes.of(dirname(path));
		const found = lookIn(scope, basename(path));
		const ms = 'stat' in found && !hurried ? this.unsettledMs(path, found.stat) : 0;
		if (ms > 0) {
			return { kind: 'unsettled', path, ms };
		}
		if (!('absent' in found) || !scope.watched) {
			return this.entry(transaction, path, 'last');
		}
		const unmounted = this.#unmountedAbove(path);
		if (unmounted !== undefined) {
			return { kind: 'root', path: unmounted };
		}
		const node = transaction.lookup(splitPath(path));
		if (node !== undefined && !this.keepsRoots(node, path)) {
			this.#removeVanished(transaction, node, path);
		}
		return DONE;
	}

	/**
	 * The other names of a file (hard links) are to be looked at when it has changed under one, which no watch need cover: no
	 * event tells of them.
	 */
	lookAtOtherNames(transaction: IndexTransaction, before: PlacedNode | undefined, stat: EntryStat): void {
		if (stat.kind !== 'file' || stat.nlink < 2 || before?.ctimeNs === stat.ctimeNs) {
			return;
		}
		const paths = transaction
			.nodesOf(stat)
			.filter(({ ctimeNs }) => ctimeNs !== stat.ctimeNs)
			.map((node) => transaction.pathOf(node));
		if (paths.length > 0) {
			this.#besides.push({ path: '', outcome: { kind: 'look', paths } });
		}
	}

	/** How much longer a file must stay as it is before it is reported, in milliseconds; 0 for no longer. */
	unsettledMs(path: string, stat: EntryStat): number {
		const settleMs = stat.kind === 'file' ? this.#policy.settleMs(path) : 0;
		const left = settleMs === 0 ? 0 : settleMs - (Date.now() - Number(stat.mtimeNs / 1_000_000n));
		// A time in the future says nothing.
		return left > 0 && left <= settleMs ? Math.ceil(left) : 0;
	}

	#entryIn(transaction: IndexTransaction, scope: FolderScope, path: string, pass: Pass): Outcome {
		const name = basename(path);
		const found = lookIn(scope, name);
		if ('failed' in found) {
			return { kind: 'failed', path, error: found.failed };
		}
		const folder = this.#folder(transaction, scope.path);
		if (folder === 'unknown') {
			// The folder itself is news; the scan that follows finds this entry too.
			return this.entry(transaction, scope.path, pass);
		}
		if (folder === 'apart') {
			// Of another file system that is mounted there.
			return { kind: 'filtered' };
		}
		if (folder === 'replaced') {
			// Another folder than the recorded one: what it is must be known first.
			if (pass !== 'last') {
				return { kind: 'later', paths: [scope.path, path] };
			}
			const outcome = this.entry(transaction, scope.path, 'last');
			if (this.#folder(transaction, scope.path) === 'replaced' || outcome.kind !== 'done') {
				return outcome;
			}
			return this.#entryIn(transaction, scope, path, 'last');
		}
		let before = transaction.child(folder.id, name);
		if ('absent' in found) {
			return this.#absent(scope, name, path, before);
		}
		if (pass === 'second' && before !== undefined && this.#resolveFirst(transaction, before, path)) {
			before = transaction.child(folder.id, name);
		}
		const ms = pass === 'first' ? this.unsettledMs(path, found.stat) : 0;
		if (ms > 0) {
			return { kind: 'unsettled', path, ms };
		}
		const verdict = verdictOf(scope, name, found.stat);
		const now = BigInt(Date.now()) * 1_000_000n;
		const placed = this.#placer.place(transaction, folder, name, before, found.stat, verdict, pass, now);
		if (placed === 'later') {
			this.await(path, found.stat);
			return { kind: 'later', paths: [path] };
		}
		this.lookAtOtherNames(transaction, before, found.stat);
		if (!placed.enter && placed.node?.kind === 'folder') {
			this.emptyFolder(transaction, placed.node.id);
		}
		return placed.enter && isNews(placed, before, found.stat)
			? { kind: 'scan', folder: this.newFolder(path, before, found.stat) }
			: before === undefined && verdict.covering.length === 0 && !verdict.descend
				? { kind: 'filtered' }
				: DONE;
	}

	/** The object at a path is to be given its node in the second pass. */
	await(path: string, stat: EntryStat): void {
		if (isFollowedLink(stat)) {
			// It is its target's identity.
			return;
		}
		const { dev, ino } = stat;
		if (this.#awaited.size > MOST_AWAITED) {
			this.#awaited.clear();
		}
		this.#awaited.set(`${dev}:${ino}`, path);
	}

	/**
	 * Names that move up one by one: what is replaced here may have replaced something itself, at a path that waits as well.
	 * That one comes first, or its node would be gone.
	 */
	#resolveFirst(transaction: IndexTransaction, { dev, ino }: PlacedNode, path: string): boolean {
		const away = this.#awaited.get(`${dev}:${ino}`);
		if (away === undefined || away === path || this.#resolving.has(away) || this.#resolving.size > LONGEST_CHAIN) {
			return false;
		}
		this.#resolving.add(path);
		try {
			this.#besides.push({ path: away, outcome: this.entry(transaction, away, 'second') });
		} finally {
			this.#resolving.delete(path);
		}
		return true;
	}

	/** What other paths came to on the way; to be called after the commit. */
	takeBesides(): { path: string; outcome: Outcome }[] {
		const besides = this.#besides;
		this.#besides = [];
		for (const path of this.#placer.takeArrivals()) {
			besides.push({ path, outcome: { kind: 'scan', folder: { path, replaced: true } } });
		}
		return besides;
	}

	#absent(scope: FolderScope, name: string, path: string, before: PlacedNode | undefined): Outcome {
		if (before === undefined) {
			return scope.verdict(name, false).covering.length > 0 ? DONE : { kind: 'filtered' };
		}
		return this.#holdsRoot(path) ? { kind: 'root', path } : { kind: 'gone', path };
	}

	/** {@link Placer.place}, for scans. */
	place(
		transaction: IndexTransaction,
		folder: Folder,
		name: string,
		before: PlacedNode | undefined,
		stat: EntryStat,
		verdict: Verdict,
	): Placed {
		return this.#placer.place(transaction, folder, name, before, stat, verdict, 'first');
	}

	#removeVanished(transaction: IndexTransaction, node: PlacedNode, path: string): void {
		this.#placer.removeTree(transaction, node, 'event');
		if (node.kind !== 'folder') {
			if (this.#vanished.size > 10_000) {
				this.#vanished.clear();
			}
			this.#vanished.add(path);
		}
	}

	/** A folder that came to a path, where `before` was known until now. */
	newFolder(path: string, before: PlacedNode | undefined, stat: EntryStat): NewFolder {
		const vanished = this.#vanished.delete(path);
		return { path, replaced: before === undefined ? vanished : !isSameObject(before, stat) };
	}

	/**
	 * The node of a folder that a scan begins at, made (with the folders that lead to a root) where it is missing. `later` when
	 * another folder stands there now: what is in it belongs to no node before that is decided.
	 */
	scanStart(transaction: IndexTransaction, path: string): PlacedNode | undefined | 'later' {
		const known = transaction.lookup(splitPath(path));
		if (!this.#roots.has(path)) {
			const found = this.#scopes.isRootOrAbove(path)
				? undefined
				: lookIn(this.#scopes.of(dirname(path)), basename(path));
			const isOther =
				known !== undefined && found !== undefined && 'stat' in found && !isSameObject(found.stat, known);
			return isOther ? 'later' : known;
		}
		const found = lookAtRoot(path);
		if (!('stat' in found) || found.stat.kind !== 'folder' || !this.#policy.isMounted(path)) {
			return undefined;
		}
		const node =
			known ?? this.#placeRoot(transaction, path, found.stat) ?? transaction.anchor(splitPath(path), statOfNames);
		// Which folder this is decides later whether another one took its place.
		return node.coverage === 0 ? transaction.update(node, found.stat, undefined) : node;
	}

	/** A root that came into a folder of another watch is news to that one, like any other; undefined where there is none. */
	#placeRoot(transaction: IndexTransaction, path: string, stat: EntryStat): PlacedNode | undefined {
		const folder = dirname(path);
		const parent = transaction.lookup(splitPath(folder));
		const name = basename(path);
		const verdict = verdictOf(this.#scopes.of(folder), name, stat);
		if (parent?.kind !== 'folder' || verdict.covering.length === 0) {
			return undefined;
		}
		const placed = this.place(transaction, { id: parent.id, path: folder }, name, undefined, stat, verdict);
		return placed === 'later' ? undefined : placed.node;
	}

	/** Takes a watch off everything that it covers at and beneath a path; what nothing else covers goes, unrecorded. */
	uncover(transaction: IndexTransaction, path: string, watchId: string): void {
		const node = path === UNKNOWN_ROOT ? undefined : transaction.lookup(splitPath(path));
		const tops = path === UNKNOWN_ROOT ? transaction.children(ROOT_NODE) : [];
		for (const top of node === undefined ? tops : [node]) {
			this.#uncoverTree(transaction, top, watchId);
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
			this.#placer.removeTree(transaction, node, 'silent');
			return false;
		}
		if (left.length < watches.length) {
			transaction.recover(node, transaction.internCoverage(left), 'silent');
		}
		return true;
	}

	/** A scan that begins at a root reads all ignore files anew. */
	startScope(path: string): void {
		if (this.#roots.has(path)) {
			this.#scopes.forget();
		}
	}

	/** What the watches make of a folder. */
	scopeOf(path: string): FolderScope {
		return this.#scopes.of(path);
	}

	/** What they cover now. */
	get scopes(): Scopes {
		return this.#scopes;
	}

	/** Another number after a folder was removed or went elsewhere: then paths and nodes that were paired may not be. */
	get generation(): number {
		return this.#generation;
	}

	/** How many nodes were given another place. */
	get moves(): number {
		return this.#placer.moves;
	}

	/** Whether a watch's first indexing is complete. */
	isIndexed(watchId: string): boolean {
		return this.#policy.indexed(watchId);
	}

	/** Takes everything out of a folder that no watch looks into any more. */
	emptyFolder(transaction: IndexTransaction, id: number): void {
		for (const child of transaction.children(id)) {
			this.#placer.removeTree(transaction, child, 'coverage');
		}
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

	/** Whether a folder's `.gitignore` says something else than when the folder was last compared. */
	#rulesDiffer(transaction: IndexTransaction, folder: string): boolean {
		const id = this.#folderId(transaction, folder);
		return (id === undefined ? undefined : transaction.ignoreText(id)) !== readIgnoreFileOnDisk(folder);
	}

	/** The node of a folder on disk, made sure of once in a transaction. */
	#folder(transaction: IndexTransaction, path: string): Folder | 'unknown' | 'replaced' | 'apart' {
		const id = this.#folderId(transaction, path);
		if (id === undefined) {
			return 'unknown';
		}
		if (this.#verifiedIn !== transaction) {
			this.#verifiedIn = transaction;
			this.#verified = new Set();
		}
		if (!this.#verified.has(path) && !this.#scopes.isRootOrAbove(path)) {
			const above = this.#scopes.of(dirname(path));
			const found = lookIn(above, basename(path));
			const node = transaction.node(id);
			// Where nothing is, or what cannot be seen, the entry's own absence says enough.
			if ('stat' in found && node !== undefined && !isSameObject(found.stat, node)) {
				return 'replaced';
			}
			if ('stat' in found && above.crosses(basename(path), found.stat.dev)) {
				return 'apart';
			}
			this.#verified.add(path);
		}
		return { id, path };
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

/** Whether what is in a folder must be looked at. */
function isNews(placed: Exclude<Placed, 'later'>, before: PlacedNode | undefined, stat: EntryStat): boolean {
	const { node } = placed;
	return (
		placed.arrived ||
		before?.kind !== 'folder' ||
		!isSameObject(before, stat) ||
		// It may be readable only now.
		(node !== undefined && (before.mode !== node.mode || before.uid !== node.uid || before.gid !== node.gid))
	);
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
