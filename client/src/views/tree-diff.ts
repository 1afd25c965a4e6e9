import type { Problem, WatchSummary } from '#shared/model.ts';
import type { Status } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { graphRow } from './graph-text.ts';
import { logVersion } from './row-pages.ts';
import { watchRow } from './watch-text.ts';

/** Which rows a new status changes. */
export interface TreeDiff {
	/** Rows came, went or moved. */
	root: boolean;
	/** Ids of watches whose row or changes look different. */
	watches: string[];
	/** Whether the row of the dependency graph looks different. */
	graph: boolean;
}

/** Remembers what the tree shows, so that a status which changes nothing visible refreshes nothing. */
export class TreeMemory {
	#root = '';
	#watches = new Map<string, string>();
	#graph = '';

	update(status: Status | undefined, w: Wording): TreeDiff {
		const watches = status?.watches ?? [];
		const graph = status?.graph === undefined ? '' : JSON.stringify(graphRow(status.graph, w));
		const root = JSON.stringify([watches.map(({ id }) => id), rootProblems(status), graph !== '']);
		const shown = new Map(watches.map((watch) => [watch.id, shownOf(watch, w)]));
		const diff: TreeDiff = {
			root: root !== this.#root,
			watches: [...shown].filter(([id, text]) => this.#watches.get(id) !== text).map(([id]) => id),
			graph: graph !== this.#graph,
		};
		this.#root = root;
		this.#watches = shown;
		this.#graph = graph;
		return diff;
	}
}

function shownOf(watch: WatchSummary, w: Wording): string {
	return JSON.stringify([watchRow(watch, w), logVersion(watch)]);
}

/** Problems with a row of their own: those that no watch's row tells. */
export function rootProblems(status: Status | undefined): Problem[] {
	const ids = new Set(status?.watches.map(({ id }) => id));
	return (status?.problems ?? []).filter(({ watchId }) => watchId === undefined || !ids.has(watchId));
}
