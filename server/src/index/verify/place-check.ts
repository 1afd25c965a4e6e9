/** `node_by_id` and `node_by_identity` against the nodes. */
import { crc32 } from 'node:zlib';
import {
	halfOfIdentity,
	IDENTITY_BYTES,
	identityKey,
	isSealed,
	lowerHalf,
	nameOfKey,
	nodeKey,
	nodeOfIdentity,
	type NodePlace,
	packPlace,
	unpackNode,
} from '../records.ts';
import { decodeName } from '../../platform/names.ts';
import { NOTHING } from '../packed-nodes.ts';
import { ROOT_NODE, type Tables } from '../tables.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { NO_SLOT } from './id-slots.ts';
import { Flags, type Tree } from './tree.ts';

/** What the tables that repeat the nodes say of ids that no readable node has. */
export interface Hints {
	/** Id → its place; undefined where that cannot be read. */
	places: Map<number, NodePlace | undefined>;
	/** Id → lower half of its inode. */
	identities: Map<number, number>;
}

type PlaceTables = Pick<Tables, 'meta' | 'nodes' | 'nodeById' | 'nodeByIdentity'>;

/** Goes over both tables. Rows of unknown ids are left to who puts lost nodes back. */
export function checkPlaces(tables: PlaceTables, tree: Tree, findings: Findings, each: () => void): Hints {
	const hints: Hints = { places: new Map(), identities: new Map() };
	const wrong = new Map<number, unknown>();
	for (const { key: id, value } of tables.nodeById.getRange({})) {
		each();
		const slot = tree.slots.find(id);
		if (slot === NO_SLOT || id === ROOT_NODE) {
			hints.places.set(id, readPlace(value));
			continue;
		}
		tree.mark(slot, Flags.hasPlace);
		if (!isSealed(value) || !isPlaceOf(tree, slot, value)) {
			wrong.set(slot, readPlace(value) ?? DAMAGED);
		}
	}
	checkIdentities(tables, tree, findings, each, hints);
	const isBaselined = tables.meta.get('baselined') === true;
	const unidentified: number[] = [];
	for (let slot = 1; slot < tree.size; slot++) {
		// A first indexing leaves it to the baseline pass to make nodes findable.
		if (!tree.is(slot, Flags.hasPlace) && (isBaselined || tree.is(slot, Flags.placed) || tree.isFolder(slot))) {
			wrong.set(slot, null);
		}
		if (!tree.is(slot, Flags.hasIdentity) && (isBaselined || tree.is(slot, Flags.placed))) {
			unidentified.push(slot);
		}
	}
	correctPlaces(tables, tree, wrong, findings);
	for (const slot of unidentified) {
		addMissingIdentity(tables, tree, slot, findings);
	}
	return hints;
}

function checkIdentities(
	{ nodeByIdentity }: PlaceTables,
	tree: Tree,
	findings: Findings,
	each: () => void,
	hints: Hints,
): void {
	for (const key of nodeByIdentity.getKeys({})) {
		each();
		const isKey = key.length === IDENTITY_BYTES;
		const id = isKey ? nodeOfIdentity(key) : 0;
		const slot = tree.slots.find(id);
		if (isKey && slot !== NO_SLOT && tree.identities[slot] === halfOfIdentity(key)) {
			tree.mark(slot, Flags.hasIdentity);
		} else if (isKey && slot === NO_SLOT && !hints.identities.has(id)) {
			hints.identities.set(id, halfOfIdentity(key));
		} else {
			const stale = Buffer.from(key);
			findings.add(
				{ table: 'node_by_identity', key: stale.toString('hex'), was: id, is: null },
				slot === NO_SLOT ? {} : { slot },
				() => nodeByIdentity.removeSync(stale),
			);
		}
	}
}

function addMissingIdentity(tables: PlaceTables, tree: Tree, slot: number, findings: Findings): void {
	const id = tree.ids[slot] ?? 0;
	findings.add({ table: 'node_by_identity', key: id, was: null, is: id }, { slot }, () => {
		// Its place has been mended by then.
		const place = tables.nodeById.get(id);
		const decoded = place === undefined ? undefined : readPlace(place);
		const value = decoded === undefined ? undefined : tables.nodes.get(nodeKey(decoded.parent, decoded.name));
		if (value !== undefined) {
			tables.nodeByIdentity.putSync(identityKey(lowerHalf(unpackNode(value).ino), id), NOTHING);
		}
	});
}

/** Names are not in memory: where a place is wrong, the nodes are gone through once more. */
function correctPlaces(
	{ nodes, nodeById }: PlaceTables,
	tree: Tree,
	wrong: ReadonlyMap<number, unknown>,
	findings: Findings,
): void {
	if (wrong.size === 0) {
		return;
	}
	for (const { key, value } of nodes.getRange({})) {
		const slot = value.length < 10 ? NO_SLOT : tree.slots.find(value.readUInt32LE(6));
		if (slot === NO_SLOT || !wrong.has(slot) || crc32(key) !== tree.places[slot]) {
			continue;
		}
		const place: NodePlace = { parent: key.readUInt32BE(0), name: nameOfKey(key) };
		const id = tree.ids[slot] ?? 0;
		findings.add({ table: 'node_by_id', key: id, was: wrong.get(slot), is: place }, { slot }, () =>
			nodeById.putSync(id, packPlace(place)),
		);
	}
}

/** The place in a row of `node_by_id`; undefined when it is damaged. */
function readPlace(value: Buffer): NodePlace | undefined {
	if (value.length < 8 || !isSealed(value)) {
		return undefined;
	}
	return { parent: value.readUInt32LE(4), name: decodeName(value, 8) };
}

/** Without making strings: the key that the place stands for has the checksum of the node's. */
function isPlaceOf(tree: Tree, slot: number, value: Buffer): boolean {
	if (value.length < 8) {
		return false;
	}
	const parent = value.readUInt32LE(4);
	bigEndian.writeUInt32BE(parent);
	return tree.parents[slot] === parent && crc32(value.subarray(8), crc32(bigEndian)) === tree.places[slot];
}

const bigEndian = Buffer.alloc(4);
