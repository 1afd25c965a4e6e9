/** From a stored index of each earlier schema: what its own reader said of it must be said still. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ErrorCodes } from '#shared/errors.ts';
import type { BurstSummary, Counters, LoggedChange, NetChange, PathStats } from '#shared/model.ts';
import type { HotPathsResult, RatesResult } from '#shared/protocol.ts';
import { checkLogIndexes, checkSearches } from '../../../test/support/log-recount.ts';
import { migrate } from './migrations.ts';
import { IndexReader } from './reader.ts';
import type { RuntimeCounts } from './runtime-counts.ts';
import { dataFile, openTables, refreshTables, SCHEMA_VERSION, type Tables } from './tables.ts';
import type { StoredWatch } from './watch-table.ts';
import { IndexWriter } from './writer.ts';

interface Answers {
	head: number;
	cursor: string;
	global: Counters;
	watches: Record<string, object>;
	paths: PathStats[];
	changes: LoggedChange[];
	bursts: BurstSummary[];
	everything: NetChange[];
}

/** What the reader of schema 2 said beyond that. */
interface MoreAnswers extends Answers {
	byPath: Record<string, LoggedChange[]>;
	covered: LoggedChange[];
	hottest: HotPathsResult;
}

/** What the reader of schema 3 said beyond that. */
interface LatestAnswers extends MoreAnswers {
	stored: Record<string, StoredWatch>;
	runtime: RuntimeCounts;
	rates: RatesResult;
	prunedTo: number;
}

/** Schemas of which there is a fixture. */
const OLDER = [1, 2, 3] as const;
type Older = (typeof OLDER)[number];

const FIXTURES = new URL('../../../test/fixtures/', import.meta.url);
const answers = answersOf<Answers>(1);

function answersOf<T>(schema: Older): T {
	return JSON.parse(readFileSync(new URL(`index-v${schema}/answers.json`, FIXTURES), 'utf8')) as T;
}

function indexOf(t: TestContext, schema: Older): string {
	const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
	t.after(() => {
		rmSync(folder, { recursive: true });
	});
	writeFileSync(dataFile(folder), gunzipSync(readFileSync(new URL(`index-v${schema}/data.mdb.gz`, FIXTURES))));
	return folder;
}

function claimed(folder: string): IndexWriter {
	const claim = IndexWriter.claim(folder, '');
	assert.ok('writer' in claim);
	return claim.writer;
}

async function withTables(folder: string, use: (tables: Tables) => void): Promise<void> {
	const tables = openTables(folder, false);
	use(tables);
	await tables.env.close();
}

function check(reader: IndexReader, answers: Answers): void {
	assert.equal(reader.head, answers.head);
	assert.equal(reader.cursor(), answers.cursor);
	assert.deepEqual(reader.global(), answers.global);
	for (const [id, counts] of Object.entries(answers.watches)) {
		assert.deepEqual(reader.watchCounts(id), counts, id);
	}
	assert.deepEqual(
		answers.paths.map(({ path }) => reader.pathStats(path)),
		answers.paths,
	);
	assert.deepEqual(reader.bursts({ watchId: 'outer', limit: 100 }).bursts, answers.bursts);
	assert.deepEqual(reader.since('0').changes, answers.everything);
}

test('schema 1 becomes this one: nothing told before is told otherwise, and the log can be searched', async (t) => {
	const folder = indexOf(t, 1);
	const writer = claimed(folder);
	assert.equal(writer.tables.meta.schema, SCHEMA_VERSION);
	checkLogIndexes(writer.tables);
	const reader = new IndexReader(folder, assert.fail);
	check(reader, answers);
	assert.deepEqual(reader.log({}).page(0, 1000).changes, answers.changes);
	const path = '/project/docs/parts/part-10.ts';
	const gone = answers.changes.filter((change) => change.path.endsWith('/part-10.ts'));
	assert.deepEqual(reader.recentChanges({ path, limit: 50 }).changes, gone.toReversed(), 'two files of one path');
	const removed = answers.changes.filter(({ type }) => type === 'remove');
	assert.deepEqual(reader.recentChanges({ type: 'remove', limit: 50 }).changes, removed.toReversed());
	await reader.close();
	await writer.close();
});

test('schema 2 becomes this one: a search by path finds what it found, and what had been given back as well', async (t) => {
	const folder = indexOf(t, 2);
	const told = answersOf<MoreAnswers>(2);
	const writer = claimed(folder);
	const reader = new IndexReader(folder, assert.fail);
	check(reader, told);
	assert.deepEqual(reader.log({}).page(0, 1000).changes, told.changes);
	assert.deepEqual(reader.log({ watchId: 'outer' }).page(0, 1000).changes, told.covered);
	assert.deepEqual(
		reader.hotPaths({ windowMs: 48 * 3_600_000, limit: 10 }, told.hottest.from + 48 * 3_600_000).paths,
		told.hottest.paths,
	);
	// It stayed when no watch covered it any more, and went: schema 2 no longer knew where it had been last.
	const [folderNow, now, then] = [
		'/project/docs/parts',
		'/project/docs/parts/part-2.ts',
		'/project/src/parts/part-2.ts',
	];
	const earlier = told.byPath[then] ?? [];
	const withEarlier = (path: string) => [...(told.byPath[path] ?? []), ...earlier].sort((a, b) => b.seq - a.seq);
	const expected = { ...told.byPath, [then]: [], [now]: withEarlier(now), [folderNow]: withEarlier(folderNow) };
	for (const [path, changes] of Object.entries(expected)) {
		assert.deepEqual(reader.recentChanges({ path, limit: 100 }).changes, changes, path);
	}
	assert.deepEqual(writer.verify({ part: {}, statOf: () => undefined }).differences, []);
	checkSearches(writer.tables);
	writer.transact(Date.UTC(2026, 5, 1), (transaction) => {
		transaction.prune({ since: 0, records: 0, bytes: Number.POSITIVE_INFINITY }, () => false);
	});
	assert.equal(writer.tables.nodeEnds.getKeysCount({}), 0);
	assert.equal(writer.tables.removals.getKeysCount({}), 0);
	assert.deepEqual(writer.verify({ part: {}, statOf: () => undefined }).differences, []);
	await reader.close();
	await writer.close();
});

test('schema 3 becomes this one: all it said, of watches, bursts and rates, too; and no row is good under another key', async (t) => {
	const folder = indexOf(t, 3);
	const told = answersOf<LatestAnswers>(3);
	const sayTheSame = (reader: IndexReader): void => {
		check(reader, told);
		assert.deepEqual(Object.fromEntries(reader.watches()), told.stored);
		assert.deepEqual(reader.runtimeCounts('outer'), told.runtime);
		assert.equal(reader.retention().prunedTo, told.prunedTo);
		assert.deepEqual(reader.log({}).page(0, 1000).changes, told.changes);
	};
	const before = new IndexReader(folder, assert.fail);
	sayTheSame(before);
	await before.close();
	const opened = openTables(folder, false);
	assert.deepEqual(opened.watches.get('outer'), told.stored['outer']);
	const writer = claimed(folder);
	const { tables } = writer;
	refreshTables(opened);
	assert.deepEqual(opened.watches.get('outer'), told.stored['outer'], 'who had it open reads what was migrated');
	const reader = new IndexReader(folder, assert.fail);
	sayTheSame(reader);
	const now = told.hottest.from + 48 * 3_600_000;
	assert.deepEqual(reader.hotPaths({ windowMs: 48 * 3_600_000, limit: 10 }, now).paths, told.hottest.paths);
	assert.deepEqual(reader.rates({ unit: 'day' }, now), told.rates);
	for (const [path, changes] of Object.entries(told.byPath)) {
		assert.deepEqual(reader.recentChanges({ path, limit: 100 }).changes, changes, path);
	}
	assert.equal(writer.ignoreText('/project/docs'), '*.log\n!keep.log\n');
	assert.deepEqual(writer.verify({ part: {}, statOf: () => undefined }).differences, []);
	await reader.close();
	const { stats } = tables;
	const [row, other] = [stats.get('lifetime:modify'), stats.get('lifetime:create')];
	assert.ok(row !== undefined && other !== undefined && !row.equals(other));
	const raw = tables.env.openDB<Buffer, Buffer>({ name: 'stats', keyEncoding: 'binary', encoding: 'binary' });
	raw.putSync(Buffer.from('lifetime:create'), raw.get(Buffer.from('lifetime:modify'))!);
	const { differences } = writer.repair({ part: {}, statOf: () => undefined });
	assert.deepEqual(
		differences.map(({ table, key, was }) => [table, key, was]),
		[['stats', 'lifetime:create', 'damaged']],
	);
	await writer.close();
});

test('what had no checksum and cannot be right is repaired after a migration, or the index put aside', async (t) => {
	const folder = indexOf(t, 3);
	await withTables(folder, ({ watches }) => {
		watches.putSync('inner', { ...watches.get('inner')!, coverageKey: '["/project/src",' });
		watches.putSync('outer', { ...watches.get('outer')!, root: 7 as unknown as string });
	});
	const writer = claimed(folder);
	assert.match(writer.suspicion ?? '', /watches/);
	const { differences } = writer.repair({ part: {}, statOf: () => undefined });
	assert.deepEqual(differences.map(({ table, key }) => `${table} ${key}`).sort(), ['watches inner', 'watches outer']);
	assert.deepEqual(writer.verify({ part: {}, statOf: () => undefined }).differences, []);
	await writer.close();

	// A text becomes a big integer, which no JSON holds.
	const large = indexOf(t, 3);
	await withTables(large, ({ coverages }) => {
		coverages.putSync(1, (2n ** 60n) as unknown as string[]);
	});
	const mended = claimed(large);
	assert.match(mended.suspicion ?? '', /coverages/);
	await mended.close();

	for (const [key, value] of [
		['indexId', Buffer.from([0xc1])],
		['schema', Buffer.from([SCHEMA_VERSION])],
	] as const) {
		const worse = indexOf(t, 3);
		await withTables(worse, ({ env }) => {
			const rows = env.openDB<Buffer, Buffer>({ name: 'meta', keyEncoding: 'binary', encoding: 'binary' });
			rows.putSync(Buffer.from(key), value);
		});
		const claim = IndexWriter.claim(worse, '');
		assert.ok('writer' in claim);
		assert.equal(claim.notice?.code, ErrorCodes.indexDamaged, key);
		assert.equal(claim.writer.head, 0);
		await claim.writer.close();
	}
});

test('a migrated index goes on: what is recorded then is counted on top', async (t) => {
	const folder = indexOf(t, 1);
	const writer = claimed(folder);
	writer.transact(Date.UTC(2026, 5, 1), (transaction) => {
		const node = transaction.lookup(['project', 'src', 'old-1.ts']);
		assert.ok(node !== undefined);
		transaction.update(node, { ...node, size: 7n }, 'modify');
	});
	checkLogIndexes(writer.tables);
	assert.equal(writer.head, answers.head + 1);
	await writer.close();
});

test('an index of an older schema that nobody has migrated answers with what it has, and says what it lacks', async (t) => {
	const folder = indexOf(t, 1);
	const reader = new IndexReader(folder, assert.fail);
	check(reader, answers);
	assert.deepEqual(reader.runtimeCounts('outer').received, 0);
	assert.ok(reader.retention().bytesInUse > 0);
	assert.deepEqual(reader.log({}).page(0, 1000).changes, answers.changes);
	assert.equal(reader.recentChanges({ type: 'move', limit: 50 }).changes.length, 2);
	for (const ask of [
		() => reader.log({ watchId: 'outer' }),
		() => reader.recentChanges({ path: '/project', limit: 1 }),
		() => reader.hotPaths({ windowMs: 1, limit: 1 }, 0),
		() => reader.rates({ unit: 'day' }, 0),
	]) {
		assert.throws(ask, { code: ErrorCodes.schemaTooOld, message: /older Filetide.*filetide serve/ });
	}
	await reader.close();
});

test('a migration that fails leaves the older index as it was', async (t) => {
	for (const schema of OLDER) {
		const folder = indexOf(t, schema);
		await withTables(folder, (tables) => {
			const narrowed = new Proxy(tables.pathStats, {
				get: () => {
					throw new Error('no room');
				},
			});
			const attempt = () => {
				migrate({ ...tables, pathStats: narrowed }, schema);
			};
			assert.throws(() => tables.env.transactionSync(attempt), /no room/);
		});
		await withTables(folder, (tables) => {
			assert.equal(tables.meta.schema, schema);
			assert.deepEqual(
				[tables.nodeEnds.getKeysCount({}), tables.logByNode.getKeysCount({})],
				{ 1: [0, 0], 2: [0, 179], 3: [33, 7] }[schema],
			);
		});
		const writer = claimed(folder);
		checkLogIndexes(writer.tables);
		await writer.close();
	}
});

test('damaged records are not in the way of a migration: a repair removes them afterwards', async (t) => {
	for (const schema of OLDER) {
		const folder = indexOf(t, schema);
		await withTables(folder, (tables) => {
			tables.log.putSync(150, Buffer.from('no record of the log, whatever wrote it'));
			tables.pathStats.putSync(2, Buffer.from('no counters'));
			const [node = Buffer.alloc(0)] = tables.nodes.getKeys({ reverse: true, limit: 1 });
			tables.nodes.putSync(Buffer.from(node), Buffer.from('cut'));
		});
		const writer = claimed(folder);
		assert.equal(writer.tables.meta.schema, SCHEMA_VERSION);
		const options = { part: {}, statOf: () => undefined };
		const { differences } = writer.repair(options);
		assert.deepEqual(differences.find(({ table }) => table === 'log')?.key, 150);
		assert.deepEqual(writer.verify(options).differences, []);
		checkSearches(writer.tables);
		await writer.close();
	}
});

test('a log that is written anew is as dense as before', async (t) => {
	const folder = indexOf(t, 2);
	const leaves = ({ log }: Tables) => (log.getStats() as { treeLeafPageCount: number }).treeLeafPageCount;
	let before = 0;
	await withTables(folder, (tables) => {
		const records = Array.from(tables.log.getRange({}), ({ value }) => value);
		tables.env.transactionSync(() => {
			for (let i = 0; i < 20_000; i++) {
				tables.log.putSync(1000 + i, records[i % records.length]!, { append: true });
			}
		});
		before = leaves(tables);
	});
	const writer = claimed(folder);
	const after = leaves(writer.tables);
	assert.ok(after < before * 1.2, `${before} pages before, ${after} after`);
	await writer.close();
});

test('an index of a newer schema is refused, untouched, by writers and readers', async (t) => {
	const folder = indexOf(t, 1);
	await withTables(folder, (tables) => {
		tables.meta.putSchema(SCHEMA_VERSION + 1);
	});
	const before = readFileSync(dataFile(folder));
	const refusal = { code: ErrorCodes.schemaTooNew, message: /newer Filetide/ };
	assert.throws(() => IndexWriter.claim(folder, ''), refusal);
	assert.throws(() => new IndexReader(folder, assert.fail), refusal);
	assert.deepEqual(readFileSync(dataFile(folder)), before);
});
