/**
 * The nodes as the index holds them, in typed arrays: some 70 bytes a node, so that an index of 100,000 files is verified
 * in 10 MB. Names are not kept; who needs one asks the tables.
 */
import { crc32 } from 'node:zlib';
import type { EntryKind } from '#shared/model.ts';
import { LIVE } from '../counts.ts';
import {
	identityOfNode,
	isSealed,
	KINDS,
	nameOfKey,
	NO_HASH,
	NODE_HEADER,
	type NodePlace,
	type NodeRecord,
} from '../records.ts';
import { ROOT_NODE, type Tables } from '../tables.ts';
import { IdSlots, NO_SLOT } from './id-slots.ts';

const FOLDER = KINDS.indexOf('folder');

/** The slot of {@link ROOT_NODE}, which has no row of its own. */
export const ROOT_SLOT = 0;

/** Bits of {@link Tree.flags}. */
export const Flags = {
	/** It hangs, through folders that exist, from the root. */
	reachable: 1,
	/** It must be findable by its id and its identity; else it may wait for the baseline pass. */
	placed: 2,
	/** `node_by_id` and `node_by_identity` have it. */
	hasPlace: 4,
	hasIdentity: 8,
	/** `path_stats` has a row of it. */
	hasCounts: 16,
	/** It is in what was asked for. */
	asked: 32,
} as const;

/** A node's row that cannot be used: it cannot be read, or another node has its id. */
export interface UnreadableNode {
	key: Buffer;
	/** What the key says. */
	place: NodePlace;
	/** If its value is whole, the checksum of the key that it belongs under. */
	keySum: number;
}

export class Tree {
	readonly slots: IdSlots;
	/** By slot: the node's id, its parent's id, its kind, coverage and last record as stored. */
	ids: Uint32Array;
	parents: Uint32Array;
	kinds: Uint8Array;
	coverages: Uint32Array;
	lastSeqs: Uint32Array;
	flags: Uint8Array;
	/** By slot: a checksum of the key, and the lower half of the inode, to compare with the tables that repeat them. */
	places: Uint32Array;
	identities: Uint32Array;
	/** By slot: the parent's slot, once {@link link}ed. */
	parentSlots: Int32Array = new Int32Array(0);
	/** By slot times {@link LIVE}: counters as they should be. */
	own: Uint32Array = new Uint32Array(0);
	subtree: Uint32Array = new Uint32Array(0);
	/** By slot: the last record as the log has it. */
	newest: Uint32Array = new Uint32Array(0);
	readonly unreadable: UnreadableNode[] = [];
	/** The largest id of all nodes. */
	largestId = ROOT_NODE;
	/** Slots, each in front of its parent's. */
	#order = new Uint32Array(0);

	constructor(expected: number) {
		const capacity = expected + 1;
		this.slots = new IdSlots(capacity);
		this.ids = new Uint32Array(capacity);
		this.parents = new Uint32Array(capacity);
		this.kinds = new Uint8Array(capacity);
		this.coverages = new Uint32Array(capacity);
		this.lastSeqs = new Uint32Array(capacity);
		this.flags = new Uint8Array(capacity);
		this.places = new Uint32Array(capacity);
		this.identities = new Uint32Array(capacity);
		const root = this.slots.add(ROOT_NODE);
		this.ids[root] = ROOT_NODE;
		this.kinds[root] = FOLDER;
		this.flags[root] = Flags.reachable;
	}

	/** Reads `nodes`. @param each called once per row */
	static read({ nodes }: Pick<Tables, 'nodes'>, expected: number, each: () => void): Tree {
		const tree = new Tree(expected);
		for (const { key, value } of nodes.getRange({})) {
			each();
			const parent = key.length < 4 ? 0 : key.readUInt32BE(0);
			if (!isSound(value) || tree.slots.has(value.readUInt32LE(6))) {
				const place = { parent, name: nameOfKey(key) };
				tree.unreadable.push({ key: Buffer.from(key), place, keySum: keySumOf(key, value) });
				continue;
			}
			const slot = tree.#append(value.readUInt32LE(6), parent, value[4] ?? 0);
			tree.coverages[slot] = value.readUInt32LE(10);
			const lastSeq = value.readUInt32LE(14);
			tree.lastSeqs[slot] = lastSeq;
			tree.places[slot] = crc32(key);
			tree.identities[slot] = identityOfNode(value).half;
			const isPlaced = lastSeq !== 0 || value.readBigUInt64LE(82) !== NO_HASH;
			tree.flags[slot] = isPlaced ? Flags.placed : 0;
		}
		return tree;
	}

	get size(): number {
		return this.slots.size;
	}

	/** A node that is put back. It counts as found by its id and its identity: whoever puts it back writes those. */
	add(node: NodeRecord & { parent: number }): number {
		const slot = this.#append(node.id, node.parent, KINDS.indexOf(node.kind));
		this.coverages[slot] = node.coverage;
		this.lastSeqs[slot] = node.lastSeq;
		this.flags[slot] = Flags.placed | Flags.hasPlace | Flags.hasIdentity;
		return slot;
	}

	is(slot: number, flag: number): boolean {
		return ((this.flags[slot] ?? 0) & flag) !== 0;
	}

	mark(slot: number, flag: number): void {
		this.flags[slot] = (this.flags[slot] ?? 0) | flag;
	}

	kindOf(slot: number): EntryKind {
		return KINDS[this.kinds[slot] ?? 0] ?? 'other';
	}

	isFolder(slot: number): boolean {
		return this.kinds[slot] === FOLDER;
	}

	/** Finds out what hangs from what, and what hangs from nothing. No node is added afterwards. */
	link(): void {
		const { size } = this;
		const children = new Uint32Array(size);
		this.parentSlots = new Int32Array(size).fill(NO_SLOT);
		this.own = new Uint32Array(size * LIVE);
		this.subtree = new Uint32Array(size * LIVE);
		this.newest = new Uint32Array(size);
		for (let slot = 1; slot < size; slot++) {
			const parent = this.slots.find(this.parents[slot] ?? 0);
			if (parent !== NO_SLOT && this.isFolder(parent)) {
				this.parentSlots[slot] = parent;
				children[parent] = (children[parent] ?? 0) + 1;
			}
		}
		// Leaves first; a folder follows its last child. What is left over hangs from itself.
		const order = new Uint32Array(size);
		let ordered = 0;
		for (let slot = 0; slot < size; slot++) {
			if (children[slot] === 0) {
				order[ordered++] = slot;
			}
		}
		for (let at = 0; at < ordered; at++) {
			const parent = this.parentSlots[order[at] ?? 0] ?? NO_SLOT;
			if (parent !== NO_SLOT) {
				const left = (children[parent] ?? 0) - 1;
				children[parent] = left;
				if (left === 0) {
					order[ordered++] = parent;
				}
			}
		}
		this.#order = order.subarray(0, ordered);
		this.fromTheRoot((slot, parent) => {
			if (this.is(parent, Flags.reachable)) {
				this.mark(slot, Flags.reachable);
			}
		});
	}

	/** Each node after the folder that it is in. */
	fromTheRoot(visit: (slot: number, parent: number) => void): void {
		for (let at = this.#order.length - 1; at >= 0; at--) {
			const slot = this.#order[at] ?? 0;
			const parent = this.parentSlots[slot] ?? NO_SLOT;
			if (parent !== NO_SLOT) {
				visit(slot, parent);
			}
		}
	}

	/** Adds own counters up to those of the folders. */
	rollUp(): void {
		this.subtree.set(this.own);
		for (const slot of this.#order) {
			const parent = this.parentSlots[slot] ?? NO_SLOT;
			if (parent !== NO_SLOT && this.is(slot, Flags.reachable)) {
				for (let i = 0; i < LIVE; i++) {
					const at = parent * LIVE + i;
					this.subtree[at] = (this.subtree[at] ?? 0) + (this.subtree[slot * LIVE + i] ?? 0);
				}
			}
		}
	}

	#append(id: number, parent: number, kind: number): number {
		const slot = this.slots.add(id);
		if (slot >= this.ids.length) {
			this.#grow(slot + 1);
		}
		this.ids[slot] = id;
		this.parents[slot] = parent;
		this.kinds[slot] = kind;
		this.largestId = Math.max(this.largestId, id);
		return slot;
	}

	#grow(atLeast: number): void {
		const capacity = Math.max(atLeast, Math.ceil(this.ids.length * 1.5));
		const grown32 = (old: Uint32Array) => {
			const grown = new Uint32Array(capacity);
			grown.set(old);
			return grown;
		};
		const grown8 = (old: Uint8Array) => {
			const grown = new Uint8Array(capacity);
			grown.set(old);
			return grown;
		};
		this.ids = grown32(this.ids);
		this.parents = grown32(this.parents);
		this.kinds = grown8(this.kinds);
		this.coverages = grown32(this.coverages);
		this.lastSeqs = grown32(this.lastSeqs);
		this.flags = grown8(this.flags);
		this.places = grown32(this.places);
		this.identities = grown32(this.identities);
	}
}

/** The checksum of a value and that of its key are stored as one (sealed-table.ts): whoever knows one has the other. */
function keySumOf(key: Buffer, value: Buffer): number {
	return value.length < NODE_HEADER ? 0 : (value.readUInt32LE(0) ^ crc32(value.subarray(4)) ^ crc32(key)) >>> 0;
}

function isSound(value: Buffer): boolean {
	return value.length >= NODE_HEADER && isSealed(value) && value.readUInt32LE(6) > ROOT_NODE;
}
