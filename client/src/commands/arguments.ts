import { isTreeNode } from '../views/nodes.ts';

/**
 * What a command got: the tree passes a row and, with several selected, all of them; a link in a tooltip passes an id;
 * the palette passes nothing. Answers the ids of the watches meant, empty when the user has to be asked.
 */
export function watchIds(args: readonly unknown[]): string[] {
	const [first, selected] = args;
	if (typeof first === 'string') {
		return [first];
	}
	// A row outside the selection stands for itself.
	const rows = Array.isArray(selected) && selected.includes(first) ? selected : [first];
	return [...new Set(rows.flatMap(watchIdOf))];
}

function watchIdOf(row: unknown): string[] {
	return isTreeNode(row) && row.kind === 'watch' ? [row.watchId] : [];
}
