/** Node ids → small numbers, in typed arrays: a map of 100,000 numbers takes 1 MB here and 6 MB as a `Map`. */

/** {@link IdSlots.find}: the id is not known. */
export const NO_SLOT = -1;

/** Knuth's multiplicative hash: consecutive ids, which are the rule, come to lie far apart. */
const SPREAD = 0x9e_37_79_b1;

export class IdSlots {
	/** Open addressing; 0 is free, because no node has that id. */
	#ids: Uint32Array;
	#slots: Uint32Array;
	#size = 0;

	/** @param expected how many ids there will be, about */
	constructor(expected: number) {
		const length = 2 ** Math.ceil(Math.log2(Math.max(expected * 2, 64)));
		this.#ids = new Uint32Array(length);
		this.#slots = new Uint32Array(length);
	}

	get size(): number {
		return this.#size;
	}

	/** The slot of an id, or {@link NO_SLOT}. */
	find(id: number): number {
		const at = this.#position(id);
		return this.#ids[at] === id && id !== 0 ? (this.#slots[at] ?? NO_SLOT) : NO_SLOT;
	}

	has(id: number): boolean {
		return this.find(id) !== NO_SLOT;
	}

	/** Gives an id, 1 or more, the next slot: 0, 1, 2, … An id that is known keeps its own. */
	add(id: number): number {
		const known = this.find(id);
		if (known !== NO_SLOT) {
			return known;
		}
		if ((this.#size + 1) * 2 > this.#ids.length) {
			this.#grow();
		}
		const at = this.#position(id);
		this.#ids[at] = id;
		this.#slots[at] = this.#size;
		return this.#size++;
	}

	/** Where an id is, or where it would be. */
	#position(id: number): number {
		const mask = this.#ids.length - 1;
		let at = Math.imul(id, SPREAD) & mask;
		while (this.#ids[at] !== 0 && this.#ids[at] !== id) {
			at = (at + 1) & mask;
		}
		return at;
	}

	#grow(): void {
		const [ids, slots] = [this.#ids, this.#slots];
		this.#ids = new Uint32Array(ids.length * 2);
		this.#slots = new Uint32Array(ids.length * 2);
		for (let i = 0; i < ids.length; i++) {
			const id = ids[i] ?? 0;
			if (id !== 0) {
				const at = this.#position(id);
				this.#ids[at] = id;
				this.#slots[at] = slots[i] ?? 0;
			}
		}
	}
}
