/** The budgets of DESIGN.md §10 that this benchmark can judge. */
import { BURST_FILES } from './limits.ts';
import type { Measured } from './measure.ts';

export interface Verdict {
	what: string;
	target: string;
	measured: string;
	met: boolean;
}

/** Size of the tree for which the times are stated. */
const STATED_FOR = 100_000;

/** @param folders of the tree, its root included */
export function judge(measured: Measured, files: number, folders: number): Verdict[] {
	const { first, warm, memory, handles, latency, burst, idleCpuPercent } = measured;
	const verdicts: (Verdict | undefined)[] = [];
	const atMost = (what: string, value: number | undefined, limit: number, unit: string, decimals = 1) => {
		if (value !== undefined) {
			const shown = (n: number) => `${Number(n.toFixed(decimals))}${unit}`;
			verdicts.push({ what, target: `≤ ${shown(limit)}`, measured: shown(value), met: value <= limit });
		}
	};
	if (files === STATED_FOR) {
		atMost('first start', first.readyMs, 1000, ' ms', 0);
		atMost('first start', first.readyMs / first.findMs, 2.5, ' × find', 2);
		if (warm !== undefined) {
			atMost('warm start', warm.readyMs, 600, ' ms', 0);
			atMost('warm start', warm.readyMs / warm.findMs, 1.5, ' × find', 2);
		}
	}
	if (files <= STATED_FOR) {
		atMost('memory, RSS without data.mdb', memory?.rssMb, 120, ' MB');
		atMost('memory, anonymous', memory?.anonMb, 70, ' MB');
	}
	// One a folder; the barrier's cookie has one as well.
	atMost('kernel watches', handles?.inotifyWatches, folders + 1, '', 0);
	atMost('change → log, p50', latency.p50Ms, 10, ' ms');
	atMost('change → log, p99', latency.p99Ms, Math.max(50, 3 * latency.fdatasync.p99Ms), ' ms');
	atMost(`bursts of ${BURST_FILES} files, lost`, burst.lost, 0, '', 0);
	atMost('bursts, time', burst.perWriting, 1.3, ' × writing', 2);
	atMost('idle CPU', idleCpuPercent, 0.1, ' %', 2);
	return verdicts.filter((verdict) => verdict !== undefined);
}
