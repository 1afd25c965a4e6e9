/**
 * A scan: compares a folder and everything beneath with the disk, breadth first, in slices, so that hints are served in
 * between and no transaction grows without bound. It may be cut off after any slice; what it compared is committed.
 *
 * It compares listings. What is as it was costs one read of the index and no object; everything else is looked at anew
 * before anything is recorded, because a listing may be older than what a hint has brought meanwhile.
 */
import type { IndexTransaction } from '../index/transaction.ts';
import { ABSENT } from '../index/packed-nodes.ts';
import { KINDS } from '../index/records.ts';
import { listFolder } from '../platform/folders.ts';
import { childPath, foldersAbove, isInside, splitPath } from '../platform/paths.ts';
import { readIgnoreFileOnDisk } from '../watching/ignore-rules.ts';
import type { NewFolder } from '../watching/source.ts';
import { lookIn, verdictOf } from './disk.ts';
import type { Lister, Request } from './lister.ts';
import { type ListedEntry, type Listing, ListingReader, mayMatter, nameOfEntry, type Section } from './listing.ts';
import type { Reconciler } from './reconcile.ts';

/** A folder that the scan enters. */
interface OpenFolder {
	path: string;
	/** 0 until the entry in its parent has been compared, and when that led elsewhere. */
	nodeId: number;
	/** The reconciler's generation when the id was right. */
	generation: number;
	/** Made by this scan in a first indexing: nothing can be in it that the listing does not name. */
	fresh: boolean;
	/** Entries listed so far that have a node. */
	known: number;
	/** How many nodes had moved when the first of them was compared: a move from name to name makes the count wrong. */
	moves: number;
}

/** Folders that were asked for together. */
interface Batch {
	folders: OpenFolder[];
	request: Request | undefined;
	/** Listings that have come before those of an earlier batch. */
	early: Listing[];
	/** Listings that have come and are not compared yet, each with the folders that it enters. */
	listings: { listing: Listing; entered: OpenFolder[] }[];
	/** Whether all listings of it have come. */
	listed: boolean;
}

const KIND_FOLDER = KINDS.indexOf('folder');
const KIND_LINK = KINDS.indexOf('link');

/** While crawl workers list, so many entries are compared in one transaction. */
const ENTRIES_AT_ONCE = 5000;

export class Scan {
	/** Where it begins. */
	readonly path: string;
	/** Entries compared. */
	done = 0;
	/** What is being compared. */
	current = '';
	/** Log records written by it. */
	changes = 0;
	/** Whether it made nodes of a first indexing. */
	created = false;
	/** Whether not even the folder that it began at could be read: then it says nothing. */
	failed = false;
	/** Folders that came to where they are, outside first indexings: a source that runs may have missed them. */
	readonly newFolders: NewFolder[] = [];
	/** What was not there any more, and what something else has replaced: to be decided when all scans are complete. */
	readonly gone: string[] = [];
	readonly later: string[] = [];
	/** Files that are to be looked at again after so many milliseconds, when they may be settled. */
	readonly unsettled = new Map<string, number>();
	/** Folders that could not be read, with the reason. Their nodes are kept. */
	readonly unreadable: { path: string; error: NodeJS.ErrnoException }[] = [];
	/** Node ids of folders whose `.gitignore` says something else than when they were last compared, and what. */
	readonly #rules = new Map<number, string | undefined>();
	readonly #reconciler: Reconciler;
	/** The same one or another whenever it is asked: crawl workers end. */
	readonly #lister: () => Lister;
	/** Folders that nobody has asked for yet. */
	readonly #frontier: OpenFolder[] = [];
	/** In the order in which they were asked for, which is the order in which they are compared. */
	readonly #batches: Batch[] = [];
	/** Paths that were hinted since the scan began: what listings say of them, and of what is beneath, may be old. */
	readonly #hinted = new Set<string>();
	/** Folders above hinted paths: a hint may have made their nodes. */
	readonly #touched = new Set<string>();
	#abandoned = false;
	/** When it began, on the clock of `performance.now()`: what is asked for from then on may lie behind it. */
	startedAt: number | undefined;
	#arrivedEntries = 0;
	#wake: () => void = () => undefined;

	constructor(path: string, reconciler: Reconciler, lister: () => Lister) {
		this.path = path;
		this.#reconciler = reconciler;
		this.#lister = lister;
	}

	/** Another scan takes its place: it asks for nothing any more. */
	abandon(): void {
		this.#abandoned = true;
		this.#frontier.length = 0;
		this.#batches.length = 0;
	}

	/** A hint about this path is served while the scan is under way. */
	noteHint(path: string): void {
		this.#hinted.add(path);
		for (const above of foldersAbove(path)) {
			if (!isInside(this.path, above) || this.#touched.has(above)) {
				break;
			}
			this.#touched.add(above);
		}
	}

	/**
	 * Works until `enough` says so, all is compared, or listings are on their way.
	 *
	 * @param wake called when more can be done after `waiting`
	 */
	slice(
		transaction: IndexTransaction,
		enough: (entries: number) => boolean,
		wake: () => void,
	): 'complete' | 'more' | 'waiting' {
		this.#wake = wake;
		const eventsBefore = transaction.events;
		if (this.startedAt === undefined) {
			this.startedAt = performance.now();
			this.#start(transaction);
		}
		let entries = 0;
		let state: 'complete' | 'more' | 'waiting' = 'more';
		while (state === 'more' && !enough(entries)) {
			this.#ask();
			const batch = this.#batches[0];
			if (batch === undefined) {
				// The crawl workers may still be busy with what an abandoned scan asked for.
				state = this.#frontier.length === 0 ? 'complete' : 'waiting';
				break;
			}
			if (batch.listings.length === 0 && !batch.listed) {
				batch.request?.pull();
			}
			const next = batch.listings.shift();
			if (next !== undefined) {
				this.#arrivedEntries = 0;
				entries += this.#compareListing(transaction, batch, next.listing, next.entered);
			} else if (batch.listed) {
				this.#batches.shift();
			} else {
				state = 'waiting';
			}
		}
		if (state === 'complete') {
			this.#storeRules(transaction);
		}
		this.done += entries;
		this.changes += transaction.events - eventsBefore;
		return state;
	}

	#start(transaction: IndexTransaction): void {
		const start = this.#reconciler.scanStart(transaction, this.path);
		if (start === 'later') {
			this.later.push(this.path);
		}
		if (start === 'later' || start?.kind !== 'folder') {
			this.failed = true;
			return;
		}
		this.#reconciler.startScope(this.path);
		this.#rememberRulesAbove(transaction);
		this.#frontier.push(this.#openFolder(this.path, start.id));
	}

	/** Asks for listings of as many folders as the lister takes. */
	#ask(): void {
		while (this.#frontier.length > 0) {
			const lister = this.#lister();
			const count = lister.capacity(this.#batches.length, this.#frontier.length);
			if (count === 0) {
				return;
			}
			const folders = this.#frontier.splice(0, count);
			const batch: Batch = { folders, request: undefined, early: [], listings: [], listed: false };
			this.#batches.push(batch);
			batch.request = lister.list(
				folders.map(({ path }) => path),
				(listing) => {
					this.#arrived(batch, listing);
				},
			);
		}
	}

	/** @param listing undefined behind the last one of a batch */
	#arrived(batch: Batch, listing: Listing | undefined): void {
		if (this.#abandoned) {
			// The scan in its place may ask now.
			this.#wake();
			return;
		}
		if (listing === undefined) {
			batch.listed = true;
		} else {
			batch.early.push(listing);
			for (const { entries } of listing.sections) {
				this.#arrivedEntries += entries;
			}
		}
		this.#open();
		// A commit costs as much for few as for many.
		if (this.#arrivedEntries >= ENTRIES_AT_ONCE || this.#batches.every(({ listed }) => listed)) {
			this.#wake();
		}
	}

	/**
	 * Enters the folders of what has come, in the order in which it will be compared: then new nodes come in the order of
	 * their keys, and fill the index's pages (a node took 184 bytes in order of arrival, 121 like this).
	 */
	#open(): void {
		for (const batch of this.#batches) {
			for (const listing of batch.early.splice(0)) {
				const entered = listing.sections.flatMap(({ folder, entered: names = [] }) =>
					names.map((name) => this.#openFolder(childPath(batch.folders[folder]!.path, name), 0)),
				);
				batch.listings.push({ listing, entered });
				// What is in them can be asked for before they are compared.
				this.#frontier.push(...entered);
			}
			if (!batch.listed) {
				break;
			}
		}
		this.#ask();
	}

	#openFolder(path: string, nodeId: number): OpenFolder {
		return { path, nodeId, generation: this.#reconciler.generation, fresh: false, known: 0, moves: -1 };
	}

	#compareListing(
		transaction: IndexTransaction,
		batch: Batch,
		listing: Listing,
		entered: readonly OpenFolder[],
	): number {
		const reader = new ListingReader(listing);
		const coverages = listing.coverings.map((covering) => transaction.internCoverage(covering));
		const unindexed = listing.coverings.map((covering) => !covering.some((id) => this.#reconciler.isIndexed(id)));
		let nextEntered = 0;
		let compared = 0;
		for (const section of listing.sections) {
			const folder = batch.folders[section.folder]!;
			this.current = folder.path;
			const isThere = this.#isThere(transaction, folder);
			if (folder.moves < 0) {
				folder.moves = this.#reconciler.moves;
			}
			const isTrusted = !this.#isHinted(folder.path);
			for (let i = 0; i < section.entries; i++) {
				const entry = reader.next();
				const child = entry.entered ? entered[nextEntered++] : undefined;
				if (isThere) {
					const isNew = isTrusted && unindexed[entry.covering] === true;
					this.#compareEntry(transaction, folder, entry, child, coverages[entry.covering]!, isNew);
				}
			}
			compared += section.entries;
			this.#noteUnreadable(folder, section);
			if (section.last && section.error === undefined && this.#isThere(transaction, folder)) {
				this.#close(transaction, folder, section.ignoreText);
			}
		}
		return compared;
	}

	/** @param isNew what has no node is not news: its watches have not indexed anything yet */
	#compareEntry(
		transaction: IndexTransaction,
		folder: OpenFolder,
		entry: ListedEntry,
		child: OpenFolder | undefined,
		coverage: number,
		isNew: boolean,
	): void {
		const mayCreate = isNew && entry.kind !== KIND_LINK && !entry.followed && !this.#isNamedByHint(folder, entry);
		let id = mayCreate && folder.fresh ? ABSENT : transaction.compareEntry(folder.nodeId, entry, coverage);
		if (id === ABSENT && mayCreate) {
			id = transaction.createSilently(folder.nodeId, entry, coverage);
			this.created = true;
			if (child !== undefined) {
				child.fresh = true;
			}
		}
		if (id <= 0) {
			this.#look(transaction, folder, nameOfEntry(entry), child);
			return;
		}
		folder.known++;
		if (child !== undefined) {
			child.nodeId = id;
			child.generation = this.#reconciler.generation;
		} else if (entry.kind === KIND_FOLDER && transaction.countChildren(id) > 0) {
			// No watch looks into it any more.
			this.#reconciler.emptyFolder(transaction, id);
		}
	}

	/** Compares what stands at a path now: it is not as it was recorded, or as it was listed. */
	#look(transaction: IndexTransaction, folder: OpenFolder, name: string, child: OpenFolder | undefined): void {
		const path = childPath(folder.path, name);
		this.current = path;
		const before = transaction.child(folder.nodeId, name);
		const scope = this.#reconciler.scopeOf(folder.path);
		const found = lookIn(scope, name);
		if (this.#reconciler.isSetAside(path) || !('stat' in found)) {
			folder.known += before === undefined ? 0 : 1;
			if ('failed' in found) {
				this.unreadable.push({ path, error: found.failed });
			} else if ('absent' in found && before !== undefined) {
				this.gone.push(path);
			}
			return;
		}
		const unsettledMs = this.#reconciler.unsettledMs(path, found.stat);
		if (unsettledMs > 0) {
			folder.known += before === undefined ? 0 : 1;
			this.unsettled.set(path, unsettledMs);
			return;
		}
		const verdict = verdictOf(scope, name, found.stat);
		const within = { id: folder.nodeId, path: folder.path };
		const placed = this.#reconciler.place(transaction, within, name, before, found.stat, verdict);
		if (placed === 'later') {
			folder.known++;
			this.#reconciler.await(path, found.stat);
			this.later.push(path);
			return;
		}
		this.#reconciler.lookAtOtherNames(transaction, before, found.stat);
		const { node, enter, arrived } = placed;
		folder.known += node === undefined ? 0 : 1;
		if (node === undefined || node.kind !== 'folder') {
			return;
		}
		if (!enter) {
			this.#reconciler.emptyFolder(transaction, node.id);
			return;
		}
		if (arrived) {
			this.newFolders.push(this.#reconciler.newFolder(path, before, found.stat));
		}
		if (child === undefined) {
			this.#frontier.push(this.#openFolder(path, node.id));
		} else {
			child.nodeId = node.id;
			child.generation = this.#reconciler.generation;
		}
	}

	/** Everything that the folder has now is compared. */
	#close(transaction: IndexTransaction, folder: OpenFolder, ignoreText: string | undefined): void {
		this.#rememberRules(transaction, folder.nodeId, ignoreText);
		const isCounted = folder.moves === this.#reconciler.moves;
		if (folder.fresh || (isCounted && transaction.countChildren(folder.nodeId) === folder.known)) {
			return;
		}
		const scope = this.#reconciler.scopeOf(folder.path);
		const there = new Set(
			listAgain(folder.path)
				.filter((entry) => mayMatter(scope, entry))
				.map(({ name }) => name),
		);
		for (const name of transaction.childNames(folder.nodeId)) {
			const path = childPath(folder.path, name);
			if (!there.has(name) && !this.#reconciler.isSetAside(path)) {
				this.gone.push(path);
			}
		}
	}

	#noteUnreadable({ path }: OpenFolder, { error, unreadable = [] }: Section): void {
		if (error !== undefined) {
			this.failed ||= path === this.path;
			// Gone meanwhile: its own entry is, or will be, hinted or found by the next scan.
			if (!error.absent) {
				this.unreadable.push({ path, error: toError(error) });
			}
		}
		for (const entry of unreadable) {
			this.unreadable.push({ path: childPath(path, entry.name), error: toError(entry) });
		}
	}

	/** A hint served between two slices may have removed a folder, or moved it: then its own scan follows. */
	#isThere(transaction: IndexTransaction, folder: OpenFolder): boolean {
		const { generation } = this.#reconciler;
		if (folder.nodeId !== 0 && folder.generation !== generation) {
			const node = transaction.node(folder.nodeId);
			if (node === undefined || transaction.pathOf(node) !== folder.path) {
				folder.nodeId = 0;
			}
			folder.generation = generation;
		}
		return folder.nodeId !== 0;
	}

	#isNamedByHint(folder: OpenFolder, entry: ListedEntry): boolean {
		if (this.#hinted.size === 0) {
			return false;
		}
		const path = childPath(folder.path, nameOfEntry(entry));
		return this.#hinted.has(path) || this.#touched.has(path);
	}

	#isHinted(path: string): boolean {
		if (this.#hinted.size > 0) {
			if (this.#hinted.has(path)) {
				return true;
			}
			for (const above of foldersAbove(path)) {
				if (this.#hinted.has(above)) {
					return true;
				}
			}
		}
		return false;
	}

	/** Stored when the scan is complete: until then the old rules tell what was left out before. */
	#storeRules(transaction: IndexTransaction): void {
		for (const [folderId, text] of this.#rules) {
			if (transaction.hasNode(folderId)) {
				transaction.putIgnoreText(folderId, text);
			}
		}
	}

	#rememberRules(transaction: IndexTransaction, folderId: number, text: string | undefined): void {
		if (transaction.ignoreText(folderId) !== text) {
			this.#rules.set(folderId, text);
		}
	}

	/** Ignore files above a root hold in it too. */
	#rememberRulesAbove(transaction: IndexTransaction): void {
		for (const folder of foldersAbove(this.path)) {
			const node = transaction.lookup(splitPath(folder));
			if (node !== undefined && !this.#reconciler.scopeOf(folder).watched) {
				this.#rememberRules(transaction, node.id, readIgnoreFileOnDisk(folder));
			}
		}
	}
}

function listAgain(path: string): ReturnType<typeof listFolder> {
	try {
		return listFolder(path);
	} catch {
		// Gone, or no longer readable, since it was listed: each of its entries is looked at before anything is removed.
		return [];
	}
}

function toError({ message, code }: { message: string; code: string | undefined }): NodeJS.ErrnoException {
	return Object.assign(new Error(message), code === undefined ? {} : { code });
}
