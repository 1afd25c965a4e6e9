import type { ScanProgress } from '#shared/model.ts';
import { isGraphBusy } from './graph.ts';
import type { Model } from './model.ts';

/** Whether the server is working off changes, scanning, or reading what files depend on: what the progress bars show. */
export function isBusy({ state, status }: Pick<Model, 'state' | 'status'>): boolean {
	if (state !== 'running' || status === undefined) {
		return false;
	}
	return isGraphBusy(status.graph) || status.pending > 0 || status.watches.some((watch) => watch.scan !== undefined);
}

/** All running scans together, `undefined` when there is none. */
export function totalScan({ status }: Pick<Model, 'status'>): ScanProgress | undefined {
	const scans = (status?.watches ?? []).flatMap(({ scan }) => scan ?? []);
	if (scans.length === 0) {
		return undefined;
	}
	// One first scan, which knows no total, leaves the sum without one.
	const known = scans.every(({ total }) => total > 0);
	return {
		done: scans.reduce((sum, { done }) => sum + done, 0),
		total: known ? scans.reduce((sum, { total }) => sum + total, 0) : 0,
	};
}
