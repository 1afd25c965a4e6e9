/** Reading nodes, within a transaction: everything that it has written so far is seen. */
import {
	identityKey,
	identityOfNode,
	lowerHalf,
	nameOfKey,
	nodeKey,
	type NodeRecord,
	nodeOfIdentity,
	type EntryStat,
	unpackNode,
	unpackPlace,
} from './records.ts';
import { Scratch } from './scratch.ts';
import { ROOT_NODE, type Tables } from './tables.ts';

/** A node with where it is. */
export interface PlacedNode extends NodeRecord {
	parent: number;
	name: string;
}

const KEY = new Scratch(1024);

export class NodeReads {
	readonly #tables: Pick<Tables, 'nodes' | 'nodeById' | 'nodeByIdentity'>;

	constructor(tables: Pick<Tables, 'nodes' | 'nodeById' | 'nodeByIdentity'>) {
		this.#tables = tables;
	}

	child(parent: number, name: string): PlacedNode | undefined {
		// Unpacked at once: the buffer is used again by the next read.
		const value = this.#tables.nodes.getBinaryFast(nodeKey(parent, name, KEY));
		return value === undefined ? undefined : Object.assign(unpackNode(value), { parent, name });
	}

	/** The children of a folder, in order of their names' bytes. */
	children(parent: number): PlacedNode[] {
		const found: PlacedNode[] = [];
		for (const { key, value } of this.#tables.nodes.getRange({
			start: nodeKey(parent, ''),
			end: nodeKey(parent + 1, ''),
		})) {
			found.push({ ...unpackNode(value), parent, name: nameOfKey(key) });
		}
		return found;
	}

	/** The node at a path given as names; undefined when any of them is unknown. */
	lookup(names: readonly string[]): PlacedNode | undefined {
		let node: PlacedNode | undefined;
		let parent = ROOT_NODE;
		for (const name of names) {
			node = this.child(parent, name);
			if (node === undefined) {
				return undefined;
			}
			parent = node.id;
		}
		return node;
	}

	hasNode(id: number): boolean {
		return this.#tables.nodeById.doesExist(id);
	}

	/** A node by its id. */
	node(id: number): PlacedNode | undefined {
		const value = this.#tables.nodeById.get(id);
		if (value === undefined) {
			return undefined;
		}
		const { parent, name } = unpackPlace(value);
		const node = this.child(parent, name);
		// The place of one that is being moved may belong to another already.
		return node?.id === id ? node : undefined;
	}

	/** The nodes that are this object on disk: more than one for hard links. */
	nodesOf(stat: Pick<EntryStat, 'dev' | 'ino'>): PlacedNode[] {
		const found: PlacedNode[] = [];
		for (const key of this.#tables.nodeByIdentity.getKeys({
			start: identityKey(lowerHalf(stat.ino), 0),
			end: identityKey(lowerHalf(stat.ino), 0xffff_ffff),
		})) {
			const node = this.node(nodeOfIdentity(key));
			if (node?.dev === stat.dev && node.ino === stat.ino) {
				found.push(node);
			}
		}
		return found;
	}

	/**
	 * A page of all nodes, in the order of their keys.
	 *
	 * @param position where the page before ended; empty for the first one
	 * @returns `next` undefined behind the last page
	 */
	nodesAfter(position: Buffer, limit: number): { nodes: PlacedNode[]; next: Buffer | undefined } {
		const nodes: PlacedNode[] = [];
		for (const { key, value } of this.#tables.nodes.getRange({ start: position, limit })) {
			nodes.push({ ...unpackNode(value), parent: key.readUInt32BE(0), name: nameOfKey(key) });
		}
		const last = nodes.at(-1);
		// The smallest key behind the last one.
		const next = last === undefined ? undefined : Buffer.concat([nodeKey(last.parent, last.name), Buffer.of(0)]);
		return { nodes, next: nodes.length < limit ? undefined : next };
	}

	/**
	 * Visits what `node_by_identity` is to say of a page of all nodes, in the order of their keys.
	 *
	 * @param position where the page before ended; empty for the first one
	 * @returns undefined behind the last page
	 */
	identitiesAfter(position: Buffer, limit: number, visit: (half: number, id: number) => void): Buffer | undefined {
		let count = 0;
		let next: Buffer | undefined;
		for (const { key, value } of this.#tables.nodes.getRange({ start: position, limit })) {
			const { half, id } = identityOfNode(value);
			visit(half, id);
			if (++count === limit) {
				// The smallest key behind the last one.
				next = Buffer.concat([key, Buffer.of(0)]);
			}
		}
		return next;
	}

	/** How many children a folder has. */
	countChildren(parent: number): number {
		return this.#tables.nodes.getKeysCount({ start: nodeKey(parent, ''), end: nodeKey(parent + 1, '') });
	}

	/** The names of a folder's children. */
	childNames(parent: number): string[] {
		const range = { start: nodeKey(parent, ''), end: nodeKey(parent + 1, '') };
		return Array.from(this.#tables.nodes.getKeys(range), nameOfKey);
	}
}
