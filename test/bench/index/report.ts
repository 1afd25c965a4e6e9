/** The results of the index as text, with the budgets of DESIGN.md §10. */
import { align } from '../align.ts';
import type { IndexMeasured } from './measure.ts';

const EVENTS_PER_SECOND = 100_000;
const QUERY_US = 50;
const REPLAY_MS: Readonly<Record<number, number>> = { 100_000: 200, 1_000_000: 2000 };
const FILE_BYTES = 200;
const EVENT_BYTES = 150;
/** The questions of DESIGN.md's "statistics query". */
const STATISTICS = new Set(['global', 'watch', 'file', 'folder']);

export function formatIndex(measured: IndexMeasured): string {
	const { commits, queries, replays } = measured;
	const number = (value: number) => Math.round(value).toLocaleString('en');
	const us = (ms: number) => (ms * 1000).toFixed(1);
	const verdict = (met: boolean) => (met ? 'met' : 'MISSED');
	const isStatistics = ({ query }: { query: string }) => STATISTICS.has(query);
	const slowest = Math.max(...queries.filter(isStatistics).map(({ times }) => times.p50Ms)) * 1000;
	const best = Math.max(...commits.filter(({ store }) => store.startsWith('filetide')).map((each) => each.perSecond));
	return [
		'## The index',
		align([
			['events committed, with nodes and counters', 'batch', 'events/s'],
			...commits.map(({ store, batch, perSecond }) => [store, number(batch), number(perSecond)]),
		]),
		align([
			['questions', 'nodes', 'p50 µs', 'p99 µs'],
			...queries.map(({ query, nodes, times }) => [query, number(nodes), us(times.p50Ms), us(times.p99Ms)]),
		]),
		align([
			['since', 'ms', 'net changes'],
			...replays.map(({ events, ms, changes }) => [`${number(events)} events`, number(ms), number(changes)]),
		]),
		`Bytes: ${number(measured.bytesPerFile)} a file; an event ${number(measured.logBytesPerEvent)} in the log, ${number(measured.allBytesPerEvent)} with counters and all indexes. SQLite: ${number(measured.sqliteBytesPerFile)} and ${number(measured.sqliteBytesPerEvent)}.`,
		align([
			['targets (DESIGN.md §10)', 'target', 'measured', ''],
			[
				'events committed',
				`≥ ${number(EVENTS_PER_SECOND)}/s`,
				`${number(best)}/s`,
				verdict(best >= EVENTS_PER_SECOND),
			],
			['statistics query, p50', `≤ ${QUERY_US} µs`, `${slowest.toFixed(1)} µs`, verdict(slowest <= QUERY_US)],
			...replays.map(({ events, ms }) => [
				`replay of ${number(events)}`,
				`≤ ${number(REPLAY_MS[events] ?? 0)} ms`,
				`${number(ms)} ms`,
				verdict(ms <= (REPLAY_MS[events] ?? 0)),
			]),
			[
				'bytes a file',
				`≤ ${FILE_BYTES}`,
				number(measured.bytesPerFile),
				verdict(measured.bytesPerFile <= FILE_BYTES),
			],
			[
				'bytes an event in the log',
				`≤ ${EVENT_BYTES}`,
				number(measured.logBytesPerEvent),
				verdict(measured.logBytesPerEvent <= EVENT_BYTES),
			],
		]),
	].join('\n\n');
}
