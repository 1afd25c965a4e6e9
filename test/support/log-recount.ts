/** Everything by which the log is found and shown, worked out the naive way from the log itself. */
import assert from 'node:assert/strict';
import type { LoggedChange } from '#shared/model.ts';
import { unpackBurst } from '../../server/src/index/bursts.ts';
import { readHotNodes, TRACKED } from '../../server/src/index/hot-nodes.ts';
import { blockOf, mayHave } from '../../server/src/index/log-blocks.ts';
import { LogReader, type LogSelection } from '../../server/src/index/log-reader.ts';
import { endOf, isLandmark, removalsAt } from '../../server/src/index/node-history.ts';
import { ALL_WATCHES, periodOf, UNIT_MS, UNITS } from '../../server/src/index/periods.ts';
import { RATES_KEPT, readRates } from '../../server/src/index/rates.ts';
import { CHANGE_TYPES, type LogRecord, REMOVE, unpackLog } from '../../server/src/index/records.ts';
import type { Tables } from '../../server/src/index/tables.ts';

const METADATA = CHANGE_TYPES.indexOf('metadata');

type Logged = LogRecord & { seq: number };

/** Fails where a table differs from the log. Times must never have gone back. */
export function checkLogIndexes(tables: Tables): void {
	const log = Array.from(tables.log.getRange({}), ({ key, value }) => ({ ...unpackLog(value), seq: key }));
	const changes = log.filter(({ nodeId }) => nodeId !== 0);
	checkHistories(tables, changes);
	checkRemovals(tables, changes);
	checkBlocks(tables, changes);
	checkBursts(tables, changes);
	for (const watch of [ALL_WATCHES, ...new Set(changes.flatMap(({ coverage }) => watchesOf(tables, coverage)))]) {
		checkPeriods(tables, watch, log);
	}
}

/** Fails where a search, with its indexes and in pages, finds anything else than whoever reads the whole log. */
export function checkSearches(tables: Tables): void {
	const records = Array.from(tables.log.getRange({}), ({ value }) => unpackLog(value));
	const [paths, watches, bursts] = [new Set<string>(), new Set<string>(), new Set<number>()];
	for (const { path, from, coverage, burst } of records) {
		paths.add(path).add(from === '' ? path : from);
		bursts.add(burst);
		for (const watch of watchesOf(tables, coverage)) {
			watches.add(watch);
		}
	}
	const selections: LogSelection[] = [
		...Array.from(paths, (path) => ({ path })),
		...Array.from(watches, (watchId) => ({ watchId })),
		...Array.from(watches, (coveredBy) => ({ coveredBy })),
		...Array.from(bursts, (burst) => ({ burst })).filter(({ burst }) => burst !== 0),
		...CHANGE_TYPES.map((type) => ({ type })),
		...Array.from(watches, (coveredBy) => ({ coveredBy, type: 'modify' as const })),
	];
	for (const selection of selections) {
		const reader = new LogReader(tables, selection, assert.fail);
		const expected = reader.page(0, records.length).changes;
		const found: LoggedChange[] = [];
		for (let before: number | undefined = Number.POSITIVE_INFINITY; before !== undefined;) {
			const page = reader.before(before, 3, 5);
			found.push(...page.changes);
			before = page.next;
		}
		assert.deepEqual(found.toReversed(), expected, JSON.stringify(selection));
	}
}

function watchesOf(tables: Tables, coverage: number): readonly string[] {
	return tables.coverages.get(coverage) ?? [];
}

function checkHistories(tables: Tables, changes: readonly Logged[]): void {
	const first = (tables.meta.get('prunedTo') ?? 0) + 1;
	const ends = new Map<number, number>();
	for (const [nodeId, records] of Map.groupBy(changes, (change) => change.nodeId)) {
		const isThere = tables.nodeById.doesExist(nodeId);
		for (const [i, { seq, previous }] of records.entries()) {
			const before = records[i - 1];
			if (before === undefined ? previous >= first : previous !== before.seq) {
				assert.fail(`record ${seq} of node ${nodeId} names ${previous} as the one before`);
			}
		}
		// One that is there though it was removed has stayed without a watch, and has given its counters back.
		const last = (isThere ? records.findLast(({ type }) => type === REMOVE) : records.at(-1))?.seq ?? 0;
		if (last >= first) {
			ends.set(nodeId, last);
		}
	}
	assert.deepEqual(
		Array.from(tables.logByNode.getKeys({}), (key) => [key.readUInt32BE(0), key.readUInt32BE(4)]),
		changes
			.filter(({ seq }) => isLandmark(seq))
			.map(({ nodeId, seq }) => [nodeId, seq])
			.sort(([a = 0, i = 0], [b = 0, j = 0]) => a - b || i - j),
		'log_by_node',
	);
	const found = Array.from(tables.nodeEnds.getKeys({}), (id) => [id, endOf(tables, id)] as const);
	assert.deepEqual(new Map(found), ends, 'node_ends');
}

function checkRemovals(tables: Tables, changes: readonly Logged[]): void {
	for (const { type, path, seq } of changes.filter((record) => record.type === REMOVE)) {
		assert.ok(removalsAt(tables, path).includes(seq), `removal ${seq} of type ${type} is found by ${path}`);
	}
	const logged = new Set(changes.map(({ seq }) => seq));
	for (const key of tables.removals.getKeys({})) {
		assert.ok(logged.has(key.readUInt32BE(4)), 'no removal of a record that is gone');
	}
}

function checkBlocks(tables: Tables, changes: readonly Logged[]): void {
	for (const { seq, type, coverage } of changes) {
		assert.ok(
			mayHave(tables, blockOf(seq), (each) => each === coverage, type),
			`the block of record ${seq} has it`,
		);
	}
	const first = (tables.meta.get('prunedTo') ?? 0) + 1;
	for (const block of tables.logBlocks.getKeys({})) {
		assert.ok(block >= blockOf(first), 'no block before the log');
	}
}

function checkBursts(tables: Tables, changes: readonly Logged[]): void {
	const found = Array.from(tables.bursts.getRange({}), ({ key, value }) => {
		const { counts, lastSeq, firstSeq } = unpackBurst(key, value);
		const own = changes.filter(({ burst }) => burst === key).map(({ seq }) => seq);
		assert.ok(firstSeq <= (own[0] ?? 0) && lastSeq === own.at(-1), `burst ${key} spans its records`);
		return [key, [...counts.values()].flatMap((share) => Object.values(share)).reduce((sum, n) => sum + n, 0)];
	});
	const expected = Map.groupBy(
		changes.filter(({ burst }) => burst !== 0),
		({ burst }) => burst,
	);
	assert.deepEqual(
		found,
		Array.from(expected, ([burst, records]) => [burst, records.length]),
		'bursts',
	);
}

/** Of a period that lies wholly within the log the counts are exact; one that was pruned in part still has all. */
function checkPeriods(tables: Tables, watch: string, log: readonly Logged[]): void {
	const counted = log.filter(({ nodeId, coverage, reason }) => {
		return nodeId !== 0 && reason === undefined && (watch === '' || watchesOf(tables, coverage).includes(watch));
	});
	const begin = tables.meta.get('prunedTo') === undefined ? Number.NEGATIVE_INFINITY : (log[0]?.time ?? 0);
	const newest = counted.at(-1)?.time ?? 0;
	for (const unit of UNITS) {
		const whole = (time: number) => periodOf(time, unit) > periodOf(begin, unit) || begin < 0;
		const kept = (time: number) => periodOf(time, unit) > periodOf(newest, unit) - RATES_KEPT[unit];
		const expected = Map.groupBy(
			counted.filter(({ time }) => whole(time) && kept(time)),
			({ time }) => periodOf(time, unit),
		);
		const rows = readRates(tables, watch, unit, 0, newest);
		assert.ok(
			rows.every(({ time }) => begin < 0 || time + UNIT_MS[unit] > begin),
			'no rate of a time before the log',
		);
		assert.deepEqual(
			rows.filter(({ time }) => whole(time)),
			Array.from(expected, ([period, records]) => ({
				time: period * UNIT_MS[unit],
				...Object.fromEntries(
					CHANGE_TYPES.map((name, i) => [name, records.filter(({ type }) => type === i).length]),
				),
			})),
			`events of "${watch}" by ${unit}`,
		);
	}
	if (newest > 0) {
		checkHot(tables, watch, counted, newest, begin);
	}
}

function checkHot(tables: Tables, watch: string, counted: readonly Logged[], newest: number, begin: number): void {
	for (const windowMs of [60_000, 3_600_000, 86_400_000, 30 * 86_400_000]) {
		const { from, nodes } = readHotNodes(tables, watch, newest - windowMs, newest);
		if (from <= begin) {
			continue;
		}
		const expected = new Map<number, number>();
		for (const { nodeId, time, type } of counted) {
			if (time >= from && type !== REMOVE && type !== METADATA) {
				expected.set(nodeId, (expected.get(nodeId) ?? 0) + 1);
			}
		}
		for (const { node, least, most } of nodes) {
			const exact = expected.get(node) ?? 0;
			assert.ok(least <= exact && exact <= most, `node ${node} changed ${exact} times, told ${least} to ${most}`);
		}
		if (expected.size <= TRACKED) {
			assert.deepEqual(
				new Map(nodes.map(({ node, least }) => [node, least])),
				expected,
				`the changes of "${watch}" in ${windowMs} ms, exactly`,
			);
		}
	}
}
