/** The results of the graph as text, with the budgets of DESIGN.md §10. */
import { align } from '../align.ts';
import type { Percentiles } from '../statistics.ts';
import { judgeGraph } from '../targets.ts';
import type { GraphMeasured } from './measure.ts';

const MB = 1_000_000;

export function formatGraph(measured: GraphMeasured): string {
	const { files, packages, bytes, first, peers, changes, storedBytes, memory, load } = measured;
	const { edit, many, dependents } = changes;
	const perSecond = (seconds: number | undefined) => [
		decimals(seconds, 1),
		whole(seconds && files / seconds),
		decimals(seconds && bytes / MB / seconds, 2),
	];
	const parts = [
		`## The graph: ${whole(files)} source files, ${decimals(bytes / MB, 1)} MB, ${packages} packages (load ${load.map((each) => each.toFixed(1)).join(' to ')})`,
		align([
			['first indexing', 'seconds', 'files/s', 'MB/s', 'CPU s', '÷ filetide', 'CPU ÷ filetide', 'files'],
			['filetide', ...perSecond(first.seconds), decimals(first.cpuSeconds, 1), '', '', whole(files)],
			...peers.map(({ peer, seconds, cpuSeconds, files: found }) => [
				peer,
				...perSecond(seconds),
				decimals(cpuSeconds, 1),
				decimals(seconds && seconds / first.seconds, 2),
				decimals(cpuSeconds && first.cpuSeconds && cpuSeconds / first.cpuSeconds, 2),
				whole(found),
			]),
		]),
		...peers.flatMap(({ peer, problem }) => (problem === undefined ? [] : [`${peer}: ${problem}`])),
		align([
			['changes', 'p50 ms', 'p99 ms'],
			[`an edit → the log (${edit.samples} edits, ${edit.lost} without an answer)`, ...both(edit.toLog)],
			['an edit → affected set, committed and told', ...both(edit.toAffected)],
			...edit.bySize.map(({ most, edits, toAffected }) => [
				`  of these ${edits} that affect ${most === Infinity ? 'more' : `≤ ${most} files`}`,
				...both(toAffected),
			]),
			['  processor time of an edit, on average', decimals(edit.cpuMs, 0), ''],
			[`affected since a cursor (${whole(edit.affected)} files in the median)`, ...both(edit.query)],
			['affected by a file', ...both(dependents)],
		]),
		`A change of ${whole(many.files)} files, written in ${whole(many.writingMs)} ms: everything in ${whole(many.ms)} ms after that; they affect ${whole(many.affected)} files, told in ${whole(many.queryMs)} ms.`,
		`Stored: ${whole(storedBytes / files)} bytes a file, ${decimals(storedBytes / bytes, 2)} × the sources.`,
	];
	if (memory !== undefined) {
		const { on, off } = memory;
		parts.push(
			align([
				['memory, idle', 'RSS MB', 'anon MB', 'data.mdb MB', 'bytes of anon a file'],
				['graph off', whole(off.rssMb), whole(off.anonMb), whole(off.dataFileMb), ''],
				[
					'graph on',
					whole(on.rssMb),
					whole(on.anonMb),
					whole(on.dataFileMb),
					whole(((on.anonMb - off.anonMb) * 1024 * 1024) / files),
				],
			]),
		);
	}
	parts.push(
		align([
			['targets (DESIGN.md §10)', 'target', 'measured', ''],
			...judgeGraph(measured).map(({ what, target, measured: found, met }) => [
				what,
				target,
				found,
				met ? 'met' : 'MISSED',
			]),
		]),
	);
	return `${parts.join('\n\n')}\n`;
}

function both({ p50Ms, p99Ms }: Percentiles): [string, string] {
	return [decimals(p50Ms, 1), decimals(p99Ms, 1)];
}

function whole(value: number | undefined): string {
	return value === undefined || !Number.isFinite(value) ? '–' : Math.round(value).toLocaleString('en');
}

function decimals(value: number | undefined, digits: number): string {
	return value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits);
}
