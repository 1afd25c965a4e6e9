/**
 * Nodes as bytes, for whole trees at once: no object is made for an entry that is as it was recorded. The stat travels from
 * `lstat` to the index in the layout that a node's value has (records.ts), and two of them are compared as memory.
 */
import { Buffer } from 'node:buffer';
import { NODE_HEADER, NODE_STAT, seal, STAT_BYTES } from './records.ts';
import { Scratch } from './scratch.ts';
import type { Tables } from './tables.ts';

/** LMDB's own limit is 1,978 bytes; no file system has names of more than 255 bytes, or 255 UTF-16 units. */
const LONGEST_NAME = 1024;

/** An entry in a buffer: where its name and its stat begin. */
export interface PackedEntry {
	bytes: Buffer;
	nameAt: number;
	nameLength: number;
	/** {@link STAT_BYTES} of it. */
	statAt: number;
	/** Index into KINDS. */
	kind: number;
}

/** {@link PackedNodes.compare}: no node has this name. */
export const ABSENT = 0;
/** {@link PackedNodes.compare}: there is a node, but something recorded differs. */
const DIFFERENT = -1;

export class PackedNodes {
	readonly #tables: Tables;
	readonly #key = new Scratch(4 + LONGEST_NAME);
	readonly #place = new Scratch(8 + LONGEST_NAME);
	readonly #value = Buffer.alloc(NODE_HEADER);

	constructor(tables: Tables) {
		this.#tables = tables;
	}

	/** The id of the node, when everything recorded of it is as in the entry; else {@link ABSENT} or {@link DIFFERENT}. */
	compare(parent: number, entry: PackedEntry, coverage: number): number {
		const value = this.#tables.nodes.getBinaryFast(this.#keyOf(parent, entry));
		if (value === undefined) {
			return ABSENT;
		}
		const isSame =
			value[4] === entry.kind &&
			value.readUInt32LE(10) === coverage &&
			value.compare(entry.bytes, entry.statAt, entry.statAt + STAT_BYTES, NODE_STAT, NODE_STAT + STAT_BYTES) ===
				0;
		return isSame ? value.readUInt32LE(6) : DIFFERENT;
	}

	/**
	 * Writes a node that has no record, of an entry that is no link.
	 *
	 * @param isPlaced whether it can be found by its id at once; else `IndexTransaction.place` does that later
	 */
	put(id: number, parent: number, entry: PackedEntry, coverage: number, isPlaced: boolean): void {
		const { bytes, nameAt, nameLength, statAt, kind } = entry;
		const value = this.#value;
		value[4] = kind;
		value.writeUInt32LE(id, 6);
		value.writeUInt32LE(coverage, 10);
		bytes.copy(value, NODE_STAT, statAt, statAt + STAT_BYTES);
		this.#tables.nodes.putSync(this.#keyOf(parent, entry), seal(value));
		if (!isPlaced) {
			return;
		}
		const { bytes: place } = this.#place;
		place.writeUInt32LE(parent, 4);
		bytes.copy(place, 8, nameAt, nameAt + nameLength);
		this.#tables.nodeById.putSync(id, seal(this.#place.of(8 + nameLength)));
	}

	#keyOf(parent: number, { bytes, nameAt, nameLength }: PackedEntry): Buffer {
		this.#key.bytes.writeUInt32BE(parent, 0);
		bytes.copy(this.#key.bytes, 4, nameAt, nameAt + nameLength);
		return this.#key.of(4 + nameLength);
	}
}

/** `node_by_identity` says everything in its keys. */
export const NOTHING = Buffer.alloc(0);
