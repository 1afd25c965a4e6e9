/**
 * Fills `node_by_identity` in the order of its keys: out of order its pages stay half empty, which is 33 bytes a node instead
 * of 20. The keys of all nodes are gathered first, then written, both in slices; what is done in a transaction that fails is done
 * again.
 */
import type { IndexTransaction } from './transaction.ts';

/** Nodes read from the table at once. */
const PAGE = 1000;

export class IdentityLoad {
	/** Each an identity: its lower half is the node's id, its upper half the lower half of the inode. */
	#keys = new BigUint64Array(4096);
	#count = 0;
	/** Where gathering is; undefined when all are here, in order. */
	#position: Buffer | undefined = Buffer.alloc(0);
	#written = 0;
	/** Nodes that have gone since they were gathered, or are another object. */
	readonly #stale = new Set<number>();

	/** These are written by whoever changes them. */
	skip(nodeIds: readonly number[]): void {
		for (const id of nodeIds) {
			this.#stale.add(id);
		}
	}

	/**
	 * Works until `enough` says so.
	 *
	 * @returns `done` is to be called once the transaction is committed; `complete` says whether nothing is left then
	 */
	slice(transaction: IndexTransaction, enough: () => boolean): { complete: boolean; done: () => void } {
		let count = this.#count;
		let position = this.#position;
		while (position !== undefined && !enough()) {
			({ count, position } = this.#gather(transaction, position, count));
		}
		let written = this.#written;
		if (this.#position === undefined) {
			written = this.#write(transaction, enough);
		}
		const isGathered = this.#position !== undefined && position === undefined;
		return {
			complete: this.#position === undefined && written === this.#count,
			done: () => {
				this.#count = count;
				this.#position = position;
				this.#written = written;
				if (isGathered) {
					this.#keys = this.#keys.subarray(0, count).sort();
				}
			},
		};
	}

	#gather(
		transaction: IndexTransaction,
		position: Buffer,
		first: number,
	): { count: number; position: Buffer | undefined } {
		let count = first;
		let words = new Uint32Array(this.#keys.buffer);
		const next = transaction.identitiesAfter(position, PAGE, (half, id) => {
			if (count === this.#keys.length) {
				const larger = new BigUint64Array(count * 2);
				larger.set(this.#keys);
				this.#keys = larger;
				words = new Uint32Array(larger.buffer);
			}
			const at = count++ * 2;
			words[at + LOWER] = id;
			words[at + 1 - LOWER] = half;
		});
		return { count, position: next };
	}

	#write(transaction: IndexTransaction, enough: () => boolean): number {
		const words = new Uint32Array(this.#keys.buffer, this.#keys.byteOffset, this.#count * 2);
		let written = this.#written;
		while (written < this.#count && !(written % PAGE === 0 && written > this.#written && enough())) {
			const at = written++ * 2;
			const id = words[at + LOWER] ?? 0;
			if (!this.#stale.has(id)) {
				transaction.identify(words[at + 1 - LOWER] ?? 0, id);
			}
		}
		return written;
	}
}

/** Where the lower word of a 64-bit integer lies in memory. */
const LOWER = new Uint32Array(new BigUint64Array([1n]).buffer)[0] === 1 ? 0 : 1;
