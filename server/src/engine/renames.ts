/** Finds out what was renamed: which node is the object that stands at a path now (DESIGN.md §4, "Moves"). */
import type { EntryStat } from '../index/records.ts';
import type { PlacedNode } from '../index/node-reads.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import { isInside } from '../platform/paths.ts';
import { isFollowedLink, isSameObject, look } from './disk.ts';

/** More links in a ring of renames than this are no ring: the replaced node is removed. */
const LONGEST_RING = 64;

export class Renames {
	readonly #roots: ReadonlySet<string>;
	readonly #followsLinks: () => boolean;

	/** @param followsLinks whether there may be nodes of followed links */
	constructor(roots: ReadonlySet<string>, followsLinks: () => boolean) {
		this.#roots = roots;
		this.#followsLinks = followsLinks;
	}

	/**
	 * The node of the object at a path, when it was renamed: its own place has something else now, or nothing. Hard links
	 * and inodes that are used again are none, nor is what a link leads to: that has not come here.
	 *
	 * @param folderId node of the folder that the path lies in
	 */
	find(transaction: IndexTransaction, folderId: number, path: string, stat: EntryStat): PlacedNode | undefined {
		if (isFollowedLink(stat)) {
			return undefined;
		}
		return this.#namesakes(transaction, stat, this.#wayTo(transaction, folderId)).find((node) => {
			const old = transaction.pathOf(node);
			// What comes out of the folder that it replaces, or goes into its own place, cannot be told in the log's order.
			if (node.coverage === 0 || isInside(path, old) || isInside(old, path) || this.#holdsRoot(old)) {
				return false;
			}
			const found = look(old);
			// One whose old folder cannot be read may still be there.
			return 'absent' in found || ('stat' in found && !isSameObject(found.stat, node));
		});
	}

	/**
	 * Entries that changed places in a ring (two: a swap), from the arriving one to the one that it replaces: each stands
	 * where the next one was. Undefined when the disk does not lead there.
	 */
	ring(transaction: IndexTransaction, arriving: PlacedNode, replaced: PlacedNode): PlacedNode[] | undefined {
		const ring = [arriving];
		const way = this.#wayTo(transaction, arriving.parent);
		for (let last = arriving; last.id !== replaced.id && ring.length <= LONGEST_RING; last = ring.at(-1)!) {
			const found = look(transaction.pathOf(last));
			const next = 'stat' in found ? this.#namesakes(transaction, found.stat, way)[0] : undefined;
			if (next === undefined || next.id === last.id || next.coverage === 0) {
				return undefined;
			}
			ring.push(next);
		}
		return ring.at(-1)!.id === replaced.id ? ring : undefined;
	}

	/**
	 * Nodes that are the same object, unless its inode was given to another one since. What is behind a followed link has a
	 * node there and one at its own place: each only ever moves with its like.
	 */
	#namesakes(transaction: IndexTransaction, stat: EntryStat, way: number): PlacedNode[] {
		return transaction.nodesOf(stat).filter((node) => {
			if (node.kind !== stat.kind || node.birthtimeNs !== stat.birthtimeNs || isFollowedLink(node)) {
				return false;
			}
			if (this.#wayTo(transaction, node.parent) !== way) {
				return false;
			}
			// Where birth times are not kept they are 0, or another of the times: then the content must be as it was.
			const isKept = stat.birthtimeNs > 0n && stat.birthtimeNs !== stat.ctimeNs;
			return isKept || (node.size === stat.size && node.mtimeNs === stat.mtimeNs);
		});
	}

	/** The node of the innermost followed link on the way to what is in a folder; 0 for none. */
	#wayTo(transaction: IndexTransaction, folderId: number): number {
		if (!this.#followsLinks()) {
			return 0;
		}
		let node = transaction.node(folderId);
		while (node !== undefined && !isFollowedLink(node)) {
			node = transaction.node(node.parent);
		}
		return node?.id ?? 0;
	}

	#holdsRoot(path: string): boolean {
		for (const root of this.#roots) {
			if (isInside(path, root)) {
				return true;
			}
		}
		return false;
	}
}
