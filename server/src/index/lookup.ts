/** Walking the tree of nodes, from paths to nodes and back. O(depth) reads. */
import { joinNames, splitPath } from '../platform/paths.ts';
import { DamagedRecordError, nodeKey, type NodeRecord, unpackNode, unpackPlace } from './records.ts';
import { ROOT_NODE, type Tables } from './tables.ts';

/** No path of any system has so many names: places that lead on for longer lead in a circle. */
export const MOST_NAMES = 20_000;

/** The node at an absolute path; undefined when the index has none there. */
export function nodeAtPath(tables: Pick<Tables, 'nodes'>, path: string): NodeRecord | undefined {
	let parent = ROOT_NODE;
	let node: NodeRecord | undefined;
	for (const name of splitPath(path)) {
		const value = tables.nodes.get(nodeKey(parent, name));
		if (value === undefined) {
			return undefined;
		}
		node = unpackNode(value);
		parent = node.id;
	}
	return node;
}

/** The path of a node by its id; undefined when the node is gone. @throws DamagedRecordError */
export function pathOfNode(tables: Pick<Tables, 'nodeById'>, id: number): string | undefined {
	const names: string[] = [];
	for (let current = id; current !== ROOT_NODE;) {
		const value = tables.nodeById.get(current);
		if (value === undefined) {
			return undefined;
		}
		const place = unpackPlace(value);
		if (names.push(place.name) > MOST_NAMES) {
			throw new DamagedRecordError('node place');
		}
		current = place.parent;
	}
	return joinNames(names.toReversed());
}
