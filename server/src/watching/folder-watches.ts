/**
 * The kernel's watches of one native source: one per folder. Those that a limit refuses are kept in a list, polled, and
 * tried again. Knows nothing of how the folders were found.
 */
import type { FolderNode, FolderTree } from './folder-tree.ts';
import type { KernelQueue } from './kernel-queue.ts';
import { isShortage } from './limits.ts';

/** How a folder's watch came out. */
export type Opened =
	| 'watched'
	/** A limit refuses it; it is in {@link FolderWatches.waiting}. */
	| 'waiting'
	/** Nothing is there, or nothing that this user may read. Its parent's events tell when that changes. */
	| 'refused';

/** A folder that was moved turns up within the same turn of the loop; a subtree that left is kept so much longer than that. */
const LEAVING_MS = 20;
/** Closing 10,000 watches takes 40-90 ms: in pieces, so that the kernel's queue is drained in between. */
const SLICE_MS = 5;

const REFUSALS = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG']);

export type FolderEvent = (node: FolderNode, event: string, name: string | null) => void;

export class FolderWatches {
	/** Folders that need a watch and have none, in the order in which they were met. */
	readonly waiting = new Set<FolderNode>();
	/** Why the first of them has none. */
	shortage: string | undefined;
	readonly #tree: FolderTree;
	readonly #queue: KernelQueue;
	readonly #onEvent: FolderEvent;
	readonly #onClose: (node: FolderNode) => void;
	/** Once refused, no more is asked for until {@link tryAgain}: each attempt is a system call. */
	#full = false;
	#used = 0;
	readonly #leaving = new Set<FolderNode>();
	#leaveTimer: NodeJS.Timeout | undefined;

	/** @param onClose called when a folder's watch is given up */
	constructor(tree: FolderTree, queue: KernelQueue, onEvent: FolderEvent, onClose: (node: FolderNode) => void) {
		this.#tree = tree;
		this.#queue = queue;
		this.#onEvent = onEvent;
		this.#onClose = onClose;
	}

	/** Watches held. */
	get used(): number {
		return this.#used;
	}

	/**
	 * Watches a folder that has been identified.
	 *
	 * @param renew also when it seems to be watched: the kernel may have ended that
	 * @throws what no one expects of `fs.watch`
	 */
	open(node: FolderNode, path: string, renew: boolean): Opened {
		const before = node.watcher;
		if (before !== undefined && !renew) {
			this.waiting.delete(node);
			return 'watched';
		}
		if (this.#full && before === undefined) {
			this.waiting.add(node);
			return 'waiting';
		}
		try {
			node.watcher = this.#queue.watch(path, node.identity?.ino ?? 0, (event, name) => {
				this.#onEvent(node, event, name);
			});
		} catch (error) {
			if (isShortage(error)) {
				this.postpone(node, error.code);
				return 'waiting';
			}
			if (REFUSALS.has((error as NodeJS.ErrnoException).code ?? '')) {
				return 'refused';
			}
			throw error;
		}
		if (before === undefined) {
			node.selfName = node.name;
			this.#used++;
		} else {
			// After the new one: the same inode keeps its place in the kernel's list, and nothing is missed.
			before.close();
		}
		this.waiting.delete(node);
		return 'watched';
	}

	/** A folder without a watch, or one whose content could not even be listed: polled until there is room. */
	postpone(node: FolderNode, code: string): void {
		this.#full = true;
		this.shortage ??= code;
		this.waiting.add(node);
	}

	/** Tries the limit again with one folder. Returns whether it gave way, so that the others may be tried. */
	tryAgain(node: FolderNode, path: string): boolean {
		this.#full = false;
		this.shortage = undefined;
		return this.open(node, path, false) !== 'waiting';
	}

	/** Folders without a watch that are in no other such folder. */
	outermostWaiting(): FolderNode[] {
		return [...this.waiting].filter((node) => {
			for (let above = node.parent; above !== undefined; above = above.parent) {
				if (this.waiting.has(above)) {
					return false;
				}
			}
			return true;
		});
	}

	/** Gives up one folder's watch, not those beneath. */
	close(node: FolderNode): void {
		this.waiting.delete(node);
		this.#onClose(node);
		if (node.watcher !== undefined) {
			node.watcher.close();
			node.watcher = undefined;
			this.#used--;
		}
	}

	/** Takes a folder out of the tree. It and what is beneath keep their watches for a moment, in case that it was moved. */
	retire(node: FolderNode): void {
		this.#tree.detach(node);
		this.#leaving.add(node);
	}

	/**
	 * Closes before long what has left and did not turn up. Called whenever everything that was reported has been looked at.
	 *
	 * @param isBusy whether there is something to be looked at again: then this is called again
	 */
	closeRetired(isBusy: () => boolean): void {
		if (this.#leaving.size > 0) {
			this.#leaveTimer ??= setTimeout(() => {
				this.#leaveTimer = undefined;
				this.#queue.drain();
				if (!isBusy()) {
					this.#closeLeaving();
					this.closeRetired(isBusy);
				}
			}, LEAVING_MS);
		}
	}

	/** Ends everything. The handles of a large tree are closed in one go: the source is of no use any more. */
	closeAll(): void {
		clearTimeout(this.#leaveTimer);
		for (const top of [this.#tree.root, ...this.#leaving]) {
			for (const node of this.#tree.subtree(top)) {
				this.close(node);
			}
		}
		this.#leaving.clear();
	}

	#closeLeaving(): void {
		const until = performance.now() + SLICE_MS;
		for (const top of this.#leaving) {
			this.#leaving.delete(top);
			if (this.#tree.pathOf(top) !== undefined) {
				// It turned up elsewhere.
				continue;
			}
			// What is beneath leaves on its own, so that a slice can end anywhere.
			for (const child of top.children?.values() ?? []) {
				this.#tree.detach(child);
				this.#leaving.add(child);
			}
			this.close(top);
			this.#tree.forget(top);
			if (performance.now() > until) {
				return;
			}
		}
	}
}
