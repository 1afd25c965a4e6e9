/**
 * Brings one entry's node into line with what stands at its path: made, changed, moved there from elsewhere, or replaced.
 * Recognising a move is this file's business (DESIGN.md §4, "Moves" and "A disappearance is held").
 */
import type { EntryStat } from '../index/records.ts';
import type { PlacedNode } from '../index/node-reads.ts';
import type { IndexTransaction, Recording } from '../index/transaction.ts';
import { type Listed, listFolder } from '../platform/folders.ts';
import { isMountedAt } from '../platform/mounts.ts';
import { childPath, isInside } from '../platform/paths.ts';
import type { Scopes, Verdict } from '../watching/scope.ts';
import { compare } from './content.ts';
import { differs, isFollowedLink, isSameObject, look } from './disk.ts';
import { Renames } from './renames.ts';

/** What reconcile must know of the watches to decide how a change enters the log. */
export interface RecordingPolicy {
	/** Whether the watch's first indexing is complete. */
	indexed(watchId: string): boolean;
	/** Whether what lies at a watch's root is what the watch means: not the empty folder under a file system that was unmounted. */
	isMounted(root: string): boolean;
	/** When the burst began that an event at a path belongs to, in Unix milliseconds. */
	burstStartedAt(path: string): number;
	/** How long a file must have been as it is before it is reported (`settled` watches), in milliseconds; 0 for not at all. */
	settleMs(path: string): number;
	/** A file was replaced as editors save it. */
	noteSave(path: string): void;
}

/** A folder that is looked into. */
export interface Folder {
	id: number;
	path: string;
}

/** What became of an entry. */
export type Placed =
	/** `enter`: it is a folder that a watch looks into. `arrived`: it was not at this path before. */
	| { node: PlacedNode | undefined; enter: boolean; arrived: boolean }
	/** Something else than what is recorded stands there: to be decided when all else has found its place. */
	| 'later';

/**
 * How much is left for later, so that what was renamed is found at its new place first.
 * - `first`: whatever another object has replaced
 * - `second`: what has been replaced by an object that is new
 * - `last`: nothing
 */
export type Pass = 'first' | 'second' | 'last';

const NOWHERE = { node: undefined, enter: false, arrived: false };

/** Nodes whose creation is remembered, to tell a temporary name from a file. */
const MOST_RECENT = 100_000;

export class Placer {
	/** What the watches covered when everything was last compared: tells what was made from what was left out before. */
	#scopesBefore: Scopes;
	readonly #scopes: Scopes;
	readonly #roots: ReadonlySet<string>;
	readonly #policy: RecordingPolicy;
	/** Node id → when it was created, Unix milliseconds, in order. Bounded. */
	readonly #recent = new Map<number, number>();
	readonly #renames: Renames;
	readonly #arrivals: string[] = [];
	#moves = 0;
	/** Folders where something was mounted or unmounted, until they have been scanned. */
	readonly #remounted = new Set<string>();
	/** Called when a node beneath whose path something was looked up has gone elsewhere. */
	readonly #onMoved: () => void;

	constructor(
		scopes: Scopes,
		scopesBefore: Scopes,
		roots: ReadonlySet<string>,
		policy: RecordingPolicy,
		onMoved: () => void,
	) {
		this.#scopes = scopes;
		this.#scopesBefore = scopesBefore;
		this.#roots = roots;
		this.#policy = policy;
		this.#onMoved = onMoved;
		this.#renames = new Renames(roots, () => this.#scopes.follow || this.#scopesBefore.follow);
	}

	/** Says what the watches cover, after a scan has brought the index into line with that. */
	useScopesBefore(scopesBefore: Scopes): void {
		this.#scopesBefore = scopesBefore;
	}

	/**
	 * @param before the node at the path, as it is now in this transaction
	 * @param nowNs see {@link compare}
	 */
	place(
		transaction: IndexTransaction,
		folder: Folder,
		name: string,
		before: PlacedNode | undefined,
		stat: EntryStat,
		verdict: Verdict,
		pass: Pass,
		nowNs?: bigint,
	): Placed {
		const path = childPath(folder.path, name);
		if (verdict.covering.length === 0 && !verdict.descend) {
			if (before !== undefined) {
				this.removeTree(transaction, before, 'coverage');
			}
			return NOWHERE;
		}
		let node = before;
		if (node !== undefined && !(node.kind === stat.kind && isSameObject(node, stat))) {
			const replaced = pass === 'first' ? 'later' : this.#replace(transaction, node, folder, stat, verdict, pass);
			if (replaced === 'later') {
				return 'later';
			}
			node = replaced;
		}
		if (node === undefined) {
			node = this.#claim(transaction, folder, path, stat, verdict);
			if (node === undefined) {
				const recording = this.#recordingAt(folder, name, before, stat, verdict);
				const made = this.#create(transaction, folder, name, stat, verdict, recording);
				return { node: made, enter: verdict.descend, arrived: true };
			}
			node = this.#moveTo(transaction, node, folder.id, name, verdict);
		}
		const arrived = node.id !== before?.id;
		const coverage = transaction.internCoverage(verdict.covering);
		if (node.coverage !== coverage) {
			const told = node.coverage !== 0 || this.#indexed(verdict).length > 0;
			node = transaction.recover(node, coverage, told ? 'coverage' : 'silent');
		}
		const { type, hash } = compare(path, node, stat, nowNs);
		if (type !== undefined || differs(node, stat) || hash !== node.hash) {
			node = transaction.update(node, stat, type, hash);
		}
		return { node, enter: verdict.descend, arrived };
	}

	/** How many nodes were given another place. */
	get moves(): number {
		return this.#moves;
	}

	/** After a failed transaction: the ids of what it made are given again. */
	forget(): void {
		this.#recent.clear();
		this.#arrivals.length = 0;
	}

	/** Folders that came to their places beside the one that was asked for; their contents are to be looked at. */
	takeArrivals(): string[] {
		return this.#arrivals.splice(0);
	}

	/** Everything at and beneath a path has been compared. */
	scanned(path: string): void {
		for (const folder of this.#remounted) {
			if (isInside(path, folder)) {
				this.#remounted.delete(folder);
			}
		}
	}

	/** Removes a node and everything beneath it, children first. */
	removeTree(transaction: IndexTransaction, node: PlacedNode, recording: Recording): void {
		if (node.kind === 'folder') {
			for (const child of transaction.children(node.id)) {
				this.removeTree(transaction, child, recording);
			}
			this.#onMoved();
			if (isFollowedLink(node)) {
				this.#scopes.forget();
			}
		}
		transaction.remove(node, node.coverage === 0 ? 'silent' : recording);
	}

	/**
	 * Another object stands where `before` was. Afterwards the path is free, or has the node that belongs there, which is
	 * returned.
	 */
	#replace(
		transaction: IndexTransaction,
		before: PlacedNode,
		folder: Folder,
		stat: EntryStat,
		verdict: Verdict,
		pass: Pass,
	): PlacedNode | undefined | 'later' {
		const path = childPath(folder.path, before.name);
		const arriving = this.#claim(transaction, folder, path, stat, verdict);
		if (arriving === undefined) {
			return pass === 'last' ? this.#replaceByNew(transaction, before, folder, stat, verdict) : 'later';
		}
		if (this.#isTemporary(arriving, before, path)) {
			this.removeTree(transaction, arriving, 'event');
			this.#policy.noteSave(path);
			return before;
		}
		if (this.#turnRing(transaction, arriving, before)) {
			return transaction.node(arriving.id);
		}
		this.removeTree(transaction, before, 'event');
		return this.#moveTo(transaction, arriving, folder.id, before.name, verdict);
	}

	#replaceByNew(
		transaction: IndexTransaction,
		before: PlacedNode,
		folder: Folder,
		stat: EntryStat,
		verdict: Verdict,
	): PlacedNode | undefined {
		const path = childPath(folder.path, before.name);
		if (before.kind === stat.kind) {
			if (stat.kind === 'file') {
				this.#policy.noteSave(path);
			}
			if (isFollowedLink(before) || isFollowedLink(stat)) {
				this.#scopes.forget();
			} else if (stat.kind === 'folder' && this.#isRemounted(path, before, stat)) {
				this.#uncoverContents(transaction, before, path);
			}
			return before;
		}
		const inside = stat.kind === 'folder' ? this.#findInside(before, path) : undefined;
		if (inside === undefined) {
			this.removeTree(transaction, before, this.#isOtherPolicy(folder, before, stat) ? 'coverage' : 'event');
			return undefined;
		}
		transaction.detach(before);
		const coverage = transaction.internCoverage(verdict.covering);
		const made = transaction.create(folder.id, before.name, stat, coverage, 'silent');
		this.#moveTo(transaction, before, made.id, inside.name, inside.verdict);
		// Behind the move: what stood here is known to be gone then.
		return transaction.announce(made, this.#recordingOfNew(folder.path, made.name, true, this.#indexed(verdict)));
	}

	/**
	 * Whether another folder stands there because something was mounted or unmounted, and not because it was replaced. Not told:
	 * the end of a bind mount of a folder of the same file system. A new number alone is what restarts do to file systems.
	 */
	#isRemounted(path: string, before: PlacedNode, stat: EntryStat): boolean {
		return (
			!(before.ino === stat.ino && before.birthtimeNs === stat.birthtimeNs) &&
			(before.dev !== stat.dev || isMountedAt(path))
		);
	}

	/** What was in a folder is hidden, not removed; what is to be seen now was not made now. */
	#uncoverContents(transaction: IndexTransaction, folder: PlacedNode, path: string): void {
		const isGoneRoot = [...this.#roots].some((root) => isInside(root, path) && !this.#policy.isMounted(root));
		if (!isGoneRoot) {
			for (const child of transaction.children(folder.id)) {
				this.removeTree(transaction, child, 'coverage');
			}
			this.#remounted.add(path);
		}
	}

	/** A file that went into a new folder of its own name. */
	#findInside(node: PlacedNode, path: string): { name: string; verdict: Verdict } | undefined {
		const scope = this.#scopes.of(path);
		for (const { name, kind } of listOrNothing(path)) {
			const found = kind === node.kind ? look(childPath(path, name)) : undefined;
			const verdict = scope.verdict(name, false);
			if (
				found !== undefined &&
				'stat' in found &&
				isSameObject(found.stat, node) &&
				verdict.covering.length > 0
			) {
				return { name, verdict };
			}
		}
		return undefined;
	}

	/** A file that was made just now only to take another's place, as editors save. */
	#isTemporary(arriving: PlacedNode, before: PlacedNode, path: string): boolean {
		const made = this.#recent.get(arriving.id);
		return (
			arriving.kind === before.kind &&
			arriving.kind !== 'folder' &&
			made !== undefined &&
			made >= this.#policy.burstStartedAt(path)
		);
	}

	/**
	 * Entries that changed places in a ring (two: a swap): follows the disk from the arriving one's old place, and moves them
	 * all when that leads back to the one that it replaces.
	 */
	#turnRing(transaction: IndexTransaction, arriving: PlacedNode, replaced: PlacedNode): boolean {
		const ring = this.#renames.ring(transaction, arriving, replaced);
		if (ring === undefined) {
			return false;
		}
		const places = ring.map(({ parent, name }) => ({ parent, name }));
		transaction.detach(replaced);
		for (const [i, node] of ring.entries()) {
			// Each goes where the one before it in the ring was; the first takes the place of the last.
			const to = places[(i + ring.length - 1) % ring.length]!;
			this.#moves++;
			const moved = transaction.move(node, to, node.coverage, 'event');
			if (moved.kind === 'folder') {
				this.#arrivals.push(transaction.pathOf(moved));
			}
		}
		this.#onMoved();
		return true;
	}

	/** The node of the object at a path, when it was renamed. */
	#claim(
		transaction: IndexTransaction,
		folder: Folder,
		path: string,
		stat: EntryStat,
		verdict: Verdict,
	): PlacedNode | undefined {
		// A first indexing tells of no changes.
		return this.#indexed(verdict).length === 0 ? undefined : this.#renames.find(transaction, folder.id, path, stat);
	}

	/** Whether a link is followed now and was not, or the reverse, because the watches say so and not because it changed. */
	#isOtherPolicy({ path }: Folder, before: PlacedNode, stat: EntryStat): boolean {
		const { name } = before;
		return (
			before.target !== '' &&
			before.target === stat.target &&
			(this.#scopesBefore.of(path).followed(name) === undefined) !==
				(this.#scopes.of(path).followed(name) === undefined)
		);
	}

	#moveTo(
		transaction: IndexTransaction,
		node: PlacedNode,
		parent: number,
		name: string,
		verdict: Verdict,
	): PlacedNode {
		if (node.kind === 'folder') {
			this.#onMoved();
		}
		// One that nothing covers here is only on the way to what is covered; `place` takes it from the watches.
		const coverage = verdict.covering.length > 0 ? transaction.internCoverage(verdict.covering) : node.coverage;
		this.#moves++;
		return transaction.move(node, { parent, name }, coverage, 'event');
	}

	#create(
		transaction: IndexTransaction,
		folder: Folder,
		name: string,
		stat: EntryStat,
		verdict: Verdict,
		recording: Recording,
	): PlacedNode {
		if (isFollowedLink(stat)) {
			this.#scopes.forget();
		}
		const coverage = transaction.internCoverage(verdict.covering);
		const node = transaction.create(folder.id, name, stat, coverage, recording);
		if (recording === 'event' && node.kind !== 'folder') {
			if (this.#recent.size > MOST_RECENT) {
				this.#recent.clear();
			}
			this.#recent.set(node.id, Date.now());
		}
		return node;
	}

	#indexed(verdict: Verdict): string[] {
		return verdict.covering.filter((id) => this.#policy.indexed(id));
	}

	/** @param before what was recorded there until now */
	#recordingAt(
		folder: Folder,
		name: string,
		before: PlacedNode | undefined,
		stat: EntryStat,
		verdict: Verdict,
	): Recording {
		const recording = this.#recordingOfNew(folder.path, name, stat.kind === 'folder', this.#indexed(verdict));
		const isOtherPolicy = before !== undefined && this.#isOtherPolicy(folder, before, stat);
		return recording === 'event' && isOtherPolicy ? 'coverage' : recording;
	}

	/** @param indexed the watches that cover it and whose first indexing is complete */
	#recordingOfNew(parentPath: string, name: string, isFolder: boolean, indexed: readonly string[]): Recording {
		if (indexed.length === 0) {
			return 'silent';
		}
		for (const folder of this.#remounted) {
			if (isInside(folder, parentPath)) {
				return 'coverage';
			}
		}
		const before = this.#scopesBefore.of(parentPath).verdict(name, isFolder).covering;
		// Left out before, it may have been there all the time.
		return indexed.some((id) => before.includes(id)) ? 'event' : 'coverage';
	}
}

function listOrNothing(path: string): Listed[] {
	try {
		return listFolder(path);
	} catch {
		// Gone or not readable: then nothing is found in it.
		return [];
	}
}
