/** Times and sizes of the index, and of its peers in the same run. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPathCounts } from '../../../server/src/index/path-counts.ts';
import { NODE_HEADER } from '../../../server/src/index/records.ts';
import { percentiles, type Percentiles } from '../statistics.ts';
import { pathOf } from './generated.ts';
import { OwnIndex } from './own.ts';
import { SqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

const BATCHES = [1000, 10_000];
/** Per batch size; stores take turns, so that a busy moment of the machine meets both. */
const ROUNDS = 12;
const ROUND_EVENTS = 20_000;
const SAMPLES = 2000;
const QUERY_SIZES = [1000, 1_000_000];
const REPLAYS = [100_000, 1_000_000];
const REPLAY_ROUNDS = 3;
const FILES = 100_000;

interface CommitRate {
	store: string;
	batch: number;
	/** Events per second, of the best round: others share the machine. */
	perSecond: number;
}

interface QueryTimes {
	nodes: number;
	query: string;
	times: Percentiles;
}

export interface IndexMeasured {
	commits: CommitRate[];
	queries: QueryTimes[];
	/** Milliseconds that `since` takes for so many events. */
	replays: { events: number; ms: number; changes: number }[];
	bytesPerFile: number;
	logBytesPerEvent: number;
	/** With everything by which the log is searched. */
	allBytesPerEvent: number;
	sqliteBytesPerFile: number;
	sqliteBytesPerEvent: number;
}

export async function measureIndex(work: string, tell: (what: string) => void): Promise<IndexMeasured> {
	const scratch = mkdtempSync(join(work, 'index-'));
	const at = (name: string) => {
		const folder = join(scratch, name);
		mkdirSync(folder);
		return folder;
	};
	tell(`${FILES} files: filling both stores…`);
	const own = new OwnIndex(at('own'), FILES);
	const sqlite = new SqliteStore(at('sqlite'), FILES);
	const nodeBytes = own.bytesOf('nodes', 'nodeById', 'nodeByIdentity');
	const [ownEmpty, sqliteEmpty] = [own.bytes, sqlite.bytes];
	tell('events committed…');
	const { commits, events } = commitRates([own, sqlite]);
	const measured = {
		commits,
		bytesPerFile: nodeBytes / FILES,
		logBytesPerEvent: own.bytesOf('log') / events,
		allBytesPerEvent: (own.bytes - ownEmpty) / events,
		sqliteBytesPerFile: sqliteEmpty / FILES,
		sqliteBytesPerEvent: (sqlite.bytes - sqliteEmpty) / events,
	};
	const cursor = `${own.writer.indexId}.${own.writer.head}`;
	await sqlite.close();
	const replays: IndexMeasured['replays'] = [];
	let done = 0;
	for (const upTo of REPLAYS) {
		tell(`replay of ${upTo} events…`);
		for (; done < upTo; done += 10_000) {
			own.commit(events + done, events + done + 10_000);
		}
		replays.push({ events: upTo, ...(await timeReplay(own, cursor)) });
	}
	await own.close();
	const queries: QueryTimes[] = [];
	for (const nodes of QUERY_SIZES) {
		tell(`queries at ${nodes} nodes…`);
		queries.push(...(await timeQueries(at(`queries-${nodes}`), nodes)));
	}
	rmSync(scratch, { recursive: true });
	return { ...measured, replays, queries };
}

function commitRates(stores: readonly Store[]): { commits: CommitRate[]; events: number } {
	const commits: CommitRate[] = [];
	let events = 0;
	for (const batch of BATCHES) {
		const best = new Map<string, number>(stores.map(({ name }) => [name, 0]));
		for (let round = 0; round < ROUNDS; round++) {
			for (const store of stores) {
				const began = performance.now();
				for (let event = events; event < events + ROUND_EVENTS; event += batch) {
					store.commit(event, event + batch);
				}
				const perSecond = (ROUND_EVENTS / (performance.now() - began)) * 1000;
				best.set(store.name, Math.max(best.get(store.name) ?? 0, perSecond));
			}
			events += ROUND_EVENTS;
		}
		commits.push(...Array.from(best, ([store, perSecond]) => ({ store, batch, perSecond })));
	}
	return { commits, events };
}

/** Best of {@link REPLAY_ROUNDS}, each with a reader of its own. */
async function timeReplay(own: OwnIndex, cursor: string): Promise<{ ms: number; changes: number }> {
	let best = Number.POSITIVE_INFINITY;
	let found = 0;
	for (let round = 0; round < REPLAY_ROUNDS; round++) {
		const reader = own.reader();
		const began = performance.now();
		found = reader.since(cursor).changes.length;
		best = Math.min(best, performance.now() - began);
		await reader.close();
	}
	return { ms: best, changes: found };
}

async function timeQueries(folder: string, nodes: number): Promise<QueryTimes[]> {
	const own = new OwnIndex(folder, nodes);
	for (let event = 0; event < 100_000; event += 10_000) {
		own.commit(event, event + 10_000);
	}
	const reader = own.reader();
	const any = (i: number) => pathOf((i * 7919) % nodes);
	const now = Date.now();
	const windowMs = 3_600_000;
	const questions: Record<string, (i: number) => unknown> = {
		global: () => reader.global(),
		watch: () => reader.watchCounts('outer'),
		file: (i) => reader.pathStats(any(i)),
		folder: () => reader.pathStats('/project/part-1'),
		'rates, an hour of minutes': () => reader.rates({ unit: 'minute', from: now - windowMs }, now),
		'10 hottest of an hour': () => reader.hotPaths({ watchId: 'outer', windowMs, limit: 10 }, now),
		'50 changes of the log': () => reader.recentChanges({ limit: 50 }),
		'50 changes of a file': (i) => reader.recentChanges({ path: any(i), limit: 50 }),
	};
	const found = Object.entries(questions).map(([query, ask]) => {
		for (let i = 0; i < 200; i++) {
			ask(i);
		}
		return { nodes, query, times: percentiles(timesOf(SAMPLES, ask)) };
	});
	found.push({
		nodes,
		query: 'peer: global by a scan of all nodes',
		times: percentiles(timesOf(5, () => scan(own))),
	});
	await reader.close();
	await own.close();
	return found;
}

function timesOf(count: number, ask: (i: number) => unknown): number[] {
	return Array.from({ length: count }, (_, i) => {
		const began = performance.now();
		ask(i);
		return performance.now() - began;
	});
}

/** What a program without counters has to do: look at each node and at what is known of it. */
function scan({ tables }: OwnIndex): number {
	let events = 0;
	for (const { value } of tables.nodes.getRange({})) {
		const row = value.length >= NODE_HEADER ? tables.pathStats.get(value.readUInt32LE(6)) : undefined;
		events += row === undefined ? 0 : (unpackPathCounts(row)[1] ?? 0);
	}
	return events;
}
