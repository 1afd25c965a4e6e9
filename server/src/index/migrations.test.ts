/** From a stored index of each earlier schema: what its own reader said of it must be said still. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ErrorCodes } from '#shared/errors.ts';
import type { BurstSummary, Counters, LoggedChange, NetChange, PathStats } from '#shared/model.ts';
import { checkLogIndexes } from '../../../test/support/log-recount.ts';
import { IndexReader } from './reader.ts';
import { dataFile, openTables, SCHEMA_VERSION, type Tables } from './tables.ts';
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

const FIXTURE = new URL('../../../test/fixtures/index-v1/', import.meta.url);
const answers = JSON.parse(readFileSync(new URL('answers.json', FIXTURE), 'utf8')) as Answers;

function schema1(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
	t.after(() => {
		rmSync(folder, { recursive: true });
	});
	writeFileSync(dataFile(folder), gunzipSync(readFileSync(new URL('data.mdb.gz', FIXTURE))));
	return folder;
}

async function withTables(folder: string, use: (tables: Tables) => void): Promise<void> {
	const tables = openTables(folder, false);
	use(tables);
	await tables.env.close();
}

function check(reader: IndexReader): void {
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
	const folder = schema1(t);
	const claim = IndexWriter.claim(folder, '');
	assert.ok('writer' in claim);
	const { writer } = claim;
	assert.equal(writer.tables.meta.get('schema'), SCHEMA_VERSION);
	checkLogIndexes(writer.tables);
	const reader = new IndexReader(folder, assert.fail);
	check(reader);
	assert.deepEqual(reader.log({}).page(0, 1000).changes, answers.changes);
	const path = '/project/docs/parts/part-10.ts';
	const gone = answers.changes.filter((change) => change.path.endsWith('/part-10.ts'));
	assert.deepEqual(reader.recentChanges({ path, limit: 50 }).changes, gone.toReversed(), 'two files of one path');
	const removed = answers.changes.filter(({ type }) => type === 'remove');
	assert.deepEqual(reader.recentChanges({ type: 'remove', limit: 50 }).changes, removed.toReversed());
	await reader.close();
	await writer.close();
});

test('a migrated index goes on: what is recorded then is counted on top', async (t) => {
	const folder = schema1(t);
	const claim = IndexWriter.claim(folder, '');
	assert.ok('writer' in claim);
	const { writer } = claim;
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
	const folder = schema1(t);
	const reader = new IndexReader(folder, assert.fail);
	check(reader);
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
	const folder = schema1(t);
	let good = Buffer.alloc(0);
	await withTables(folder, (tables) => {
		good = Buffer.from(tables.log.get(50)!);
		tables.log.putSync(50, Buffer.from('no record of the log, whatever wrote it'));
	});
	assert.throws(() => IndexWriter.claim(folder, ''), /damaged log record/);
	await withTables(folder, (tables) => {
		assert.equal(tables.meta.get('schema'), 1);
		assert.equal(tables.meta.get('owner'), undefined);
		assert.equal(tables.logByNode.getKeysCount({}), 0);
		tables.log.putSync(50, good);
	});
	const claim = IndexWriter.claim(folder, '');
	assert.ok('writer' in claim, 'whoever repairs it can migrate it');
	checkLogIndexes(claim.writer.tables);
	await claim.writer.close();
});

test('an index of a newer schema is refused, untouched, by writers and readers', async (t) => {
	const folder = schema1(t);
	await withTables(folder, (tables) => {
		tables.meta.putSync('schema', SCHEMA_VERSION + 1);
	});
	const before = readFileSync(dataFile(folder));
	const refusal = { code: ErrorCodes.schemaTooNew, message: /newer Filetide/ };
	assert.throws(() => IndexWriter.claim(folder, ''), refusal);
	assert.throws(() => new IndexReader(folder, assert.fail), refusal);
	assert.deepEqual(readFileSync(dataFile(folder)), before);
});
