/** The results as tables for people. */
import { align } from './align.ts';
import type { CrawlTimes } from './crawls.ts';
import type { Measured } from './measure.ts';
import type { Verdict } from './targets.ts';
import type { VerifyTimes } from './verify-times.ts';

export interface Row {
	contender: string;
	/** Undefined when it could not be measured; `problem` says why. */
	measured: Measured | undefined;
	problem: string | undefined;
}

export interface SizeResult {
	files: number;
	folders: number;
	rows: Row[];
	/** Of Filetide as it is by default. */
	verdicts: Verdict[];
	crawls: CrawlTimes[];
	verifying: VerifyTimes;
}

export function format({ files, folders, rows, verdicts, crawls, verifying }: SizeResult): string {
	const complete = rows.filter((row): row is Row & { measured: Measured } => row.measured !== undefined);
	const problems = rows.filter(({ problem }) => problem !== undefined);
	const [own, ...others] = complete;
	const parts = [
		`## ${count(files)} files in ${count(folders)} folders`,
		align([HEADER, ...complete.map((row) => cells(row.contender, row.measured))]),
		...problems.map(({ contender, problem }) => `${contender}: ${problem}`),
	];
	const fdatasync = own?.measured.latency.fdatasync;
	if (fdatasync !== undefined) {
		parts.push(`One fdatasync on this disk: p50 ${ms(fdatasync.p50Ms)}, p99 ${ms(fdatasync.p99Ms)} ms.`);
	}
	parts.push(
		...crawls.map(
			({ pattern, own: ours, fastGlob }) =>
				`Listing \`${pattern}\` with stats in one thread: our own ${ms(ours)} ms, fast-glob ${ms(fastGlob)} ms.`,
		),
	);
	const { records, verify, repair, scan } = verifying;
	parts.push(
		`An index of ${count(verifying.files)} files and ${count(records)} records: verified in ${ms(verify)} ms, 100 damaged counters repaired in ${ms(repair)} ms; a scan that only reads every record and adds up: ${ms(scan)} ms.`,
	);
	if (own !== undefined && others.length > 0) {
		parts.push(
			`### ${own.contender} ÷ the others (below 1: ${own.contender} needs less)`,
			align([
				['', 'live', 'RSS', 'anon', 'watches', 'p50', 'p99', 'burst'],
				...others.map((row) => ratios(row.contender, own.measured, row.measured)),
			]),
		);
	}
	if (verdicts.length > 0) {
		parts.push(
			`### ${own?.contender ?? 'filetide'}: targets (DESIGN.md §10)`,
			align([
				['', 'target', 'measured', ''],
				...verdicts.map(({ what, target, measured, met }) => [what, target, measured, met ? 'met' : 'MISSED']),
			]),
		);
	}
	return `${parts.join('\n\n')}\n`;
}

const HEADER = [
	'',
	'live ms',
	'÷ find',
	'warm ms',
	'÷ find',
	'RSS MB',
	'anon MB',
	'watches',
	'fds',
	'idle CPU %',
	'p50 ms',
	'p99 ms',
	'lost',
	'burst lost',
	'writing ms',
	'÷ writing',
];

function cells(name: string, measured: Measured): string[] {
	const { first, warm, memory, handles, idleCpuPercent, latency, burst } = measured;
	return [
		name,
		count(first.readyMs),
		decimals(first.readyMs / first.findMs),
		count(warm?.readyMs),
		decimals(warm === undefined ? undefined : warm.readyMs / warm.findMs),
		count(memory?.rssMb),
		count(memory?.anonMb),
		count(handles?.inotifyWatches),
		count(handles?.fileDescriptors),
		decimals(idleCpuPercent),
		ms(latency.p50Ms),
		ms(latency.p99Ms),
		`${latency.lost}/${latency.samples}`,
		`${burst.lost}/${burst.files}`,
		count(burst.writingMs),
		decimals(burst.perWriting),
	];
}

function ratios(name: string, own: Measured, other: Measured): string[] {
	const ratio = (of: (measured: Measured) => number | undefined) => {
		const [mine, theirs] = [of(own), of(other)];
		return decimals(mine === undefined || theirs === undefined || theirs === 0 ? undefined : mine / theirs);
	};
	return [
		name,
		ratio(({ first }) => first.readyMs),
		ratio(({ memory }) => memory?.rssMb),
		ratio(({ memory }) => memory?.anonMb),
		ratio(({ handles }) => handles?.inotifyWatches),
		ratio(({ latency }) => latency.p50Ms),
		ratio(({ latency }) => latency.p99Ms),
		ratio(({ burst }) => burst.perWriting),
	];
}

function count(value: number | undefined): string {
	return value === undefined ? '–' : Math.round(value).toLocaleString('en');
}

function decimals(value: number | undefined): string {
	return value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(2);
}

function ms(value: number): string {
	return Number.isFinite(value) ? value.toFixed(1) : '–';
}
