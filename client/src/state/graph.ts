import type { GraphStatus } from '#shared/protocol.ts';
import type { Model } from './model.ts';

type Shown = Pick<Model, 'state' | 'status'>;

/**
 * Whether the dependency graph can be asked: `none` without anything that is watched, `waits` while files are still being
 * read or the server is being started again.
 */
export function graphPhase({ state, status }: Shown): 'none' | 'waits' | 'ready' {
	if (status === undefined || status.watches.length === 0) {
		return 'none';
	}
	if (state !== 'running' || (status.graph === undefined && !status.settled)) {
		return 'waits';
	}
	return status.graph?.indexing === undefined ? 'ready' : 'waits';
}

/** Differs when the graph may give another answer; undefined while there is work, after which it will. */
export function logMark({ state, status }: Shown): string | undefined {
	if (status === undefined || state !== 'running' || status.pending > 0 || isGraphBusy(status.graph)) {
		return undefined;
	}
	return `${status.indexPath}@${status.index.head}.${status.graph?.parkedCount ?? 0}`;
}

/** Whether files are being read, or wait to be. Those that failed wait for another attempt. */
export function isGraphBusy(graph: GraphStatus | undefined): boolean {
	return graph !== undefined && (graph.indexing !== undefined || graph.pending + graph.inFlight + graph.failed > 0);
}

/** How much of a first reading is done, in full percent: 100 only at the end. */
export function indexingPercentage({ done, total }: NonNullable<GraphStatus['indexing']>): number {
	return total === 0 ? 0 : Math.min(99, Math.floor((done / total) * 100));
}
