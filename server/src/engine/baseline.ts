/**
 * What a first indexing leaves for when there is nothing better to do. Every node is made findable by its identity, so that
 * moves are recognised, and every file of up to 1 MiB gets the hash of its content, so that a touch is told from a change.
 * Works in slices, in the writer's transactions.
 */
import type { IndexTransaction } from '../index/transaction.ts';
import { IdentityLoad } from '../index/identity-load.ts';
import { hashOf } from './content.ts';
import { NO_HASH } from '../index/records.ts';

/** More nodes than this are not remembered one by one: the whole table is gone through instead. */
const MOST_REMEMBERED = 20_000;

/** Nodes read from the table at once. */
const PAGE = 200;

export class BaselineHashes {
	readonly #nodes = new Set<number>();
	/** Where the pass over the whole table is; undefined while there is none. */
	#position: Buffer | undefined;
	/** What goes before that pass. */
	#identities: IdentityLoad | undefined;

	/** Whether every file has the hash that it can have. */
	get complete(): boolean {
		return this.#nodes.size === 0 && this.#position === undefined;
	}

	/** These nodes have new contents. */
	add(nodeIds: readonly number[]): void {
		for (const id of nodeIds) {
			this.#nodes.add(id);
		}
		if (this.#nodes.size > MOST_REMEMBERED) {
			this.#nodes.clear();
			this.addAll();
		}
	}

	/** These nodes have another identity now, or are gone. */
	reidentified(nodeIds: readonly number[]): void {
		this.#identities?.skip(nodeIds);
	}

	/** Any node may be without a hash, and may not be found by its identity. */
	addAll(): void {
		this.#position = Buffer.alloc(0);
		this.#identities = new IdentityLoad();
	}

	/**
	 * Hashes until `enough` says so.
	 *
	 * @returns to be called once the transaction is committed; what was done in one that failed is done again
	 */
	slice(transaction: IndexTransaction, enough: () => boolean): () => void {
		const identities = this.#identities?.slice(transaction, enough);
		if (identities?.complete === false) {
			return identities.done;
		}
		const done: number[] = [];
		for (const id of this.#nodes) {
			const node = transaction.node(id);
			if (node !== undefined) {
				hashNode(transaction, node);
			}
			done.push(id);
			if (enough()) {
				break;
			}
		}
		let position = this.#position;
		while (position !== undefined && !enough()) {
			const page = transaction.nodesAfter(position, PAGE);
			for (const node of page.nodes) {
				hashNode(transaction, node);
			}
			position = page.next;
		}
		if (position === undefined && done.length === this.#nodes.size) {
			transaction.noteBaselined();
		}
		return () => {
			if (identities !== undefined) {
				this.#identities = undefined;
			}
			for (const id of done) {
				this.#nodes.delete(id);
			}
			this.#position = position;
		};
	}
}

function hashNode(transaction: IndexTransaction, node: Parameters<IndexTransaction['putHash']>[0]): void {
	transaction.place(node);
	if (node.kind === 'file' && node.hash === NO_HASH && node.coverage !== 0) {
		const hash = hashOf(transaction.pathOf(node), node);
		if (hash !== NO_HASH) {
			transaction.putHash(node, hash);
		}
	}
}
