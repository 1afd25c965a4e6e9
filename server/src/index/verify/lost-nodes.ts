/**
 * Nodes whose row is damaged or gone. Their id, device and inode are in other tables, all else is on the disk: so they are put
 * back as they were, with their records, and no false event is told. A scan of their folders follows, which finds whatever
 * has changed besides.
 */
import { childPath, isInside, joinNames } from '../../platform/paths.ts';
import { pathOfNode } from '../lookup.ts';
import {
	DamagedRecordError,
	type EntryStat,
	identityKey,
	lowerHalf,
	NO_HASH,
	nodeKey,
	type NodePlace,
	type NodeRecord,
	packNode,
	packPlace,
	readLog,
	REMOVE,
	seal,
	unpackNode,
} from '../records.ts';
import { checksum } from '../checksum.ts';
import { NOTHING } from '../packed-nodes.ts';
import { ROOT_NODE, type Tables } from '../tables.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { IdSlots, NO_SLOT } from './id-slots.ts';
import type { Hints } from './place-check.ts';
import type { Tree, UnreadableNode } from './tree.ts';
import type { KnownWatches } from './watch-check.ts';

/** What stands at a path now; undefined where nothing does, or nobody can tell. */
export type StatOf = (path: string) => EntryStat | undefined;

/** What is recorded of an object that is not there to be looked at: the scan that follows decides about it. */
const UNSEEN: EntryStat = {
	kind: 'file',
	dev: 0n,
	ino: 0n,
	birthtimeNs: 0n,
	size: 0n,
	mtimeNs: 0n,
	ctimeNs: 0n,
	mode: 0,
	uid: 0,
	gid: 0,
	nlink: 1,
	target: '',
};

type NodeTables = Pick<Tables, 'nodes' | 'nodeById' | 'nodeByIdentity' | 'log' | 'meta'>;

export class LostNodes {
	readonly #tables: NodeTables;
	readonly #tree: Tree;
	readonly #findings: Findings;
	readonly #watches: KnownWatches;
	readonly #statOf: StatOf;
	readonly #places: Hints['places'];
	readonly #identities: Hints['identities'];
	/** Ids that nodes name as their parent, but that no node has. */
	readonly #wanted = new IdSlots(0);
	/** Id of a node that is put back → what covered it when it was recorded last. */
	#covered: ReadonlyMap<number, number> | undefined;
	/** Parent and whether folders are meant → a coverage that its children have. */
	readonly #coverages = new Map<string, number>();
	#nextId: number;

	constructor(
		tables: NodeTables,
		tree: Tree,
		{ places, identities }: Hints,
		watches: KnownWatches,
		findings: Findings,
		statOf: StatOf,
	) {
		this.#tables = tables;
		this.#tree = tree;
		this.#findings = findings;
		this.#watches = watches;
		this.#statOf = statOf;
		this.#places = places;
		this.#identities = identities;
		this.#nextId = Math.max(tables.meta.get('lastNodeId') ?? 0, tree.largestId) + 1;
	}

	/** Puts back what can be, and gives up rows that lead to nothing. */
	resolve(): void {
		const { unreadable } = this.#tree;
		if (unreadable.length === 0 && this.#places.size === 0 && this.#identities.size === 0) {
			return;
		}
		for (const parent of this.#tree.parents) {
			if (parent !== 0 && !this.#tree.slots.has(parent)) {
				this.#wanted.add(parent);
			}
		}
		const byPlace = new Map(
			Array.from(this.#places, ([id, place]) => [place === undefined ? `${id}` : keyOf(place), id]),
		);
		const unnamed: NodePlace[] = [];
		const misplaced = this.#findMisplaced(unreadable);
		for (const { key, place, keySum } of unreadable) {
			const own = misplaced.get(keySum);
			const id = byPlace.get(keyOf(place));
			if (own !== undefined) {
				this.#moveBack(own.id, own.place, key);
			} else if (id === undefined || id <= ROOT_NODE) {
				unnamed.push(place);
			} else {
				this.#putBack(id, place, DAMAGED);
			}
		}
		for (const place of unnamed) {
			this.#putBack(this.#idOnDisk(place) ?? this.#nextId++, place, DAMAGED);
		}
		for (const [id, place] of Array.from(this.#places)) {
			if (place !== undefined && this.#isLost(id, place)) {
				this.#putBack(id, place, null);
			}
		}
		this.#giveUp();
	}

	/** By the checksum of their keys: nodes that have no row under these, but may have one under others. */
	#findMisplaced(unreadable: readonly UnreadableNode[]): Map<number, { id: number; place: NodePlace }> {
		const found = new Map<number, { id: number; place: NodePlace }>();
		const sums = new Set(unreadable.map(({ keySum }) => keySum));
		for (const [id, place] of this.#places) {
			if (place !== undefined && id > ROOT_NODE) {
				const key = nodeKey(place.parent, place.name);
				const sum = checksum(key, 0);
				if (sums.has(sum) && !this.#tables.nodes.doesExist(key)) {
					found.set(sum, { id, place });
				}
			}
		}
		return found;
	}

	/** A node's row is whole, but its key is not. */
	#moveBack(id: number, place: NodePlace, wrong: Buffer): void {
		const { nodes, nodeById, nodeByIdentity } = this.#tables;
		const value = seal(Buffer.from(nodes.get(wrong)!));
		const node = unpackNode(value);
		const slot = this.#tree.add({ ...node, ...place });
		this.#places.delete(id);
		this.#identities.delete(id);
		const path = this.#pathOf(place);
		this.#findings.add(
			{ table: 'nodes', key: path ?? `${place.parent}/${place.name}`, was: DAMAGED, is: { id } },
			{ slot, path },
			() => {
				nodes.removeSync(wrong);
				nodes.putSync(nodeKey(place.parent, place.name), value);
				nodeById.putSync(id, packPlace(place));
				nodeByIdentity.putSync(identityKey(lowerHalf(node.ino), id), NOTHING);
			},
		);
	}

	/** Whether a place that no node has belongs to a node whose row is gone, and not to one that was removed. */
	#isLost(id: number, place: NodePlace): boolean {
		if (id <= ROOT_NODE || this.#tables.nodes.doesExist(nodeKey(place.parent, place.name))) {
			return false;
		}
		return this.#wanted.has(id) || this.#seen(id, place) !== undefined;
	}

	/** The id of the object at a place, by its identity; for a node whose own place is damaged, too. */
	#idOnDisk(place: NodePlace): number | undefined {
		const path = this.#pathOf(place);
		const stat = path === undefined ? undefined : this.#statOf(path);
		for (const [id, half] of stat === undefined ? [] : this.#identities) {
			if (half === lowerHalf(stat!.ino) && id > ROOT_NODE && this.#places.get(id) === undefined) {
				return id;
			}
		}
		return undefined;
	}

	/** What stands at a place, if it is the object that the index means. */
	#seen(id: number, place: NodePlace): EntryStat | undefined {
		const path = this.#pathOf(place);
		const stat = path === undefined ? undefined : this.#statOf(path);
		const half = this.#identities.get(id);
		const isOther =
			stat === undefined ||
			(half !== undefined && half !== lowerHalf(stat.ino)) ||
			(this.#wanted.has(id) && stat.kind !== 'folder');
		return isOther ? undefined : stat;
	}

	#putBack(id: number, place: NodePlace, was: unknown): void {
		const half = this.#identities.get(id);
		const isFolder = this.#wanted.has(id);
		const stat = this.#seen(id, place) ?? { ...UNSEEN, ino: BigInt(half ?? 0), kind: isFolder ? 'folder' : 'file' };
		const coverage = this.#coverageOf(id) ?? this.#coverageAt(place, stat.kind === 'folder');
		const node: NodeRecord & NodePlace = { ...stat, ...place, id, coverage, lastSeq: 0, hash: NO_HASH };
		const slot = this.#tree.add(node);
		this.#places.delete(id);
		this.#identities.delete(id);
		const folder = this.#folderPath(place.parent);
		const path = this.#pathOf(place);
		if (folder !== undefined) {
			this.#findings.rescan.add(folder);
		}
		const { nodes, nodeById, nodeByIdentity } = this.#tables;
		const is = { id, kind: node.kind, coverage };
		this.#findings.add(
			{ table: 'nodes', key: path ?? `${place.parent}/${place.name}`, was, is },
			{ slot, path },
			() => {
				nodes.putSync(
					nodeKey(place.parent, place.name),
					packNode({ ...node, lastSeq: this.#tree.newest[slot] ?? 0 }),
				);
				nodeById.putSync(id, packPlace(place));
				if (half !== undefined) {
					nodeByIdentity.removeSync(identityKey(half, id));
				}
				nodeByIdentity.putSync(identityKey(lowerHalf(node.ino), id), NOTHING);
			},
		);
	}

	/** Rows of ids that no node has or had. */
	#giveUp(): void {
		const { nodeById, nodeByIdentity } = this.#tables;
		for (const [id, place] of this.#places) {
			const path = place === undefined ? undefined : this.#pathOf(place);
			this.#findings.add({ table: 'node_by_id', key: id, was: place ?? DAMAGED, is: null }, { path }, () =>
				nodeById.removeSync(id),
			);
		}
		for (const [id, half] of this.#identities) {
			const key = identityKey(half, id);
			this.#findings.add({ table: 'node_by_identity', key: key.toString('hex'), was: id, is: null }, {}, () =>
				nodeByIdentity.removeSync(key),
			);
		}
	}

	/** What covered a node by its last record; undefined when it has none, or was left out since. */
	#coverageOf(id: number): number | undefined {
		if (this.#covered === undefined) {
			// Only what no readable node has is of interest; of that there is little.
			const covered = new Map<number, number>();
			for (const { value } of this.#tables.log.getRange({})) {
				const record = readLog(value);
				if (record !== undefined && record.nodeId !== 0 && !this.#tree.slots.has(record.nodeId)) {
					if (record.type === REMOVE) {
						covered.delete(record.nodeId);
					} else {
						covered.set(record.nodeId, record.coverage);
					}
				}
			}
			this.#covered = covered;
		}
		return this.#covered.get(id);
	}

	/** The coverage that a node most likely had: its siblings', or its folder's. The scan that follows corrects it. */
	#coverageAt(place: NodePlace, isFolder: boolean): number {
		const tree = this.#tree;
		const path = this.#pathOf(place);
		const parent = tree.slots.find(place.parent);
		const ofParent = parent === NO_SLOT ? 0 : (tree.coverages[parent] ?? 0);
		if (path !== undefined && isFolder && this.#watches.roots.some((root) => isInside(path, root))) {
			// A watch covers what is in its root, not the way to it.
			return ofParent;
		}
		const ofSiblings = this.#coverageOfChildren(place.parent, isFolder);
		if (ofSiblings !== 0) {
			return ofSiblings;
		}
		return ofParent !== 0 || path === undefined ? ofParent : this.#watches.coverageOver(path);
	}

	#coverageOfChildren(parent: number, areFolders: boolean): number {
		const tree = this.#tree;
		const key = `${parent}/${areFolders}`;
		let found = this.#coverages.get(key);
		for (let slot = 1; found === undefined && slot < tree.size; slot++) {
			if (tree.parents[slot] === parent && tree.isFolder(slot) === areFolders && tree.coverages[slot] !== 0) {
				found = tree.coverages[slot];
			}
		}
		this.#coverages.set(key, found ?? 0);
		return found ?? 0;
	}

	#pathOf({ parent, name }: NodePlace): string | undefined {
		const folder = this.#folderPath(parent);
		return folder === undefined
			? undefined
			: folder === joinNames([])
				? joinNames([name])
				: childPath(folder, name);
	}

	#folderPath(id: number): string | undefined {
		try {
			return pathOfNode(this.#tables, id);
		} catch (error) {
			if (error instanceof DamagedRecordError) {
				return undefined;
			}
			throw error;
		}
	}
}

function keyOf({ parent, name }: NodePlace): string {
	return `${parent}/${name}`;
}
