/** The budgets of DESIGN.md §10 that this benchmark can judge. */
import type { GraphMeasured } from './graph/measure.ts';
import { BURST_FILES } from './limits.ts';
import type { Measured } from './measure.ts';

export interface Verdict {
	what: string;
	target: string;
	measured: string;
	met: boolean;
}

/** Files of the larger change of a graph. */
const MANY = 1000;
/** Size of the tree for which the times are stated. */
const STATED_FOR = 100_000;

/** @param folders of the tree, its root included */
export function judge(measured: Measured, files: number, folders: number): Verdict[] {
	const { first, warm, memory, handles, latency, burst, idleCpuPercent } = measured;
	const { verdicts, atMost } = new Judgement();
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
	return verdicts;
}

/** The graph at one size. */
export function judgeGraph({ files, first, peers, changes, memory }: GraphMeasured): Verdict[] {
	const { verdicts, atMost, atLeast } = new Judgement();
	atLeast('first graph indexing', files / first.seconds, 3000, ' files/s', 0);
	const cruiser = peers.find(({ peer }) => peer === 'dependency-cruiser')?.seconds;
	atLeast(
		'first graph indexing',
		cruiser === undefined ? undefined : cruiser / first.seconds,
		20,
		' × dependency-cruiser',
	);
	atMost('edit → affected set, p50', changes.edit.toAffected.p50Ms, 15, ' ms');
	atMost('edit → affected set, p99', changes.edit.toAffected.p99Ms, 100, ' ms');
	atMost('edits without an answer', changes.edit.lost, 0, '', 0);
	if (changes.many.files === MANY) {
		atMost(`${MANY} files → affected set`, changes.many.ms, 1000, ' ms', 0);
	}
	atMost('affected since a cursor, p50', changes.edit.query.p50Ms, 10, ' ms');
	atMost('affected of a file, p50', changes.dependents.p50Ms, 10, ' ms');
	atMost('graph on and idle, RSS', memory && memory.on.rssMb - memory.off.rssMb, 40, ' MB more');
	atMost('graph on and idle, anonymous', memory && memory.on.anonMb - memory.off.anonMb, 40, ' MB more');
	return verdicts;
}

/** What is measured, held against its limits. */
class Judgement {
	readonly verdicts: Verdict[] = [];

	/** @param value undefined, or no number, when it could not be measured */
	readonly atMost = (what: string, value: number | undefined, limit: number, unit: string, decimals = 1): void => {
		if (value !== undefined && !Number.isNaN(value)) {
			const shown = (n: number) => `${Number(n.toFixed(decimals))}${unit}`;
			this.verdicts.push({ what, target: `≤ ${shown(limit)}`, measured: shown(value), met: value <= limit });
		}
	};

	/** @param value undefined, or no number, when it could not be measured */
	readonly atLeast = (what: string, value: number | undefined, limit: number, unit: string, decimals = 1): void => {
		if (value !== undefined && !Number.isNaN(value)) {
			const shown = (n: number) => `${Number(n.toFixed(decimals))}${unit}`;
			this.verdicts.push({ what, target: `≥ ${shown(limit)}`, measured: shown(value), met: value >= limit });
		}
	};
}
