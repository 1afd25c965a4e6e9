/** What lies in an index folder before LMDB opens it, on a real disk with real indexes. */
import assert from 'node:assert/strict';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ErrorCodes } from '#shared/errors.ts';
import { readMark } from './mark.ts';
import { IndexReader } from './reader.ts';
import { DamagedRecordError } from './records.ts';
import { dataFile, openTables } from './tables.ts';
import { IndexWriter } from './writer.ts';

function temporary(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), 'admission-'));
	t.after(() => {
		rmSync(folder, { recursive: true });
	});
	return join(folder, 'index');
}

function claim(folder: string): { writer: IndexWriter; code: string | undefined } {
	const found = IndexWriter.claim(folder, '');
	assert.ok('writer' in found);
	return { writer: found.writer, code: found.notice?.code };
}

/** Opens an index and closes it again. Returns its id, and what was told. */
async function visit(folder: string): Promise<{ id: string; code: string | undefined }> {
	const { writer, code } = claim(folder);
	const id = writer.indexId;
	await writer.close();
	return { id, code };
}

test('an index that is closed in order says so, and one that is open says whose it is', async (t) => {
	const folder = temporary(t);
	const { writer } = claim(folder);
	assert.equal(readMark(folder)?.owner?.pid, process.pid);
	await writer.close();
	assert.equal(readMark(folder)?.owner, undefined);
	assert.ok(readMark(folder)?.file !== undefined);
});

test('what is as it was left is the same index', async (t) => {
	const folder = temporary(t);
	const first = await visit(folder);
	assert.deepEqual(await visit(folder), first);
	assert.equal(first.code, undefined);
});

test('an empty file is a new index, and so is a missing one; when there was another it is told', async (t) => {
	const folder = temporary(t);
	const first = await visit(folder);
	rmSync(dataFile(folder));
	const second = await visit(folder);
	assert.equal(second.code, ErrorCodes.indexReplaced);
	truncateSync(dataFile(folder), 0);
	const third = await visit(folder);
	assert.equal(third.code, ErrorCodes.indexDamaged);
	assert.equal(new Set([first.id, second.id, third.id]).size, 3);
	rmSync(join(folder, 'mark.json'));
	truncateSync(dataFile(folder), 0);
	assert.equal((await visit(folder)).code, undefined, 'nobody knows of an index there');
	rmSync(folder, { recursive: true });
	mkdirSync(folder);
	const ended = { owner: { pid: 4_194_305, startTime: 1, bootId: 'then' }, openings: 1 };
	writeFileSync(join(folder, 'mark.json'), JSON.stringify(ended));
	assert.equal((await visit(folder)).code, undefined, 'the first start ended before there was one');
});

test('an older copy that is put back gets another id: its next records are not those that cursors know', async (t) => {
	const folder = temporary(t);
	const first = await visit(folder);
	const copy = readFileSync(dataFile(folder));
	await visit(folder);
	// Into the same file, as `cp` does.
	writeFileSync(dataFile(folder), copy);
	const older = await visit(folder);
	assert.notEqual(older.id, first.id);
	assert.equal(older.code, undefined);
	assert.deepEqual(await visit(folder), older);
});

test('a copy in another file gets another id, too', async (t) => {
	const folder = temporary(t);
	const first = await visit(folder);
	cpSync(dataFile(folder), `${dataFile(folder)}.copy`);
	renameSync(`${dataFile(folder)}.copy`, dataFile(folder));
	assert.notEqual((await visit(folder)).id, first.id);
});

test('starts that end while the index is opened do not go on for ever', async (t) => {
	const folder = temporary(t);
	const { id } = await visit(folder);
	const ended = { owner: { pid: 4_194_305, startTime: 1, bootId: 'then' }, openings: 3 };
	writeFileSync(join(folder, 'mark.json'), JSON.stringify({ ...ended, openings: 2 }));
	assert.deepEqual(await visit(folder), { id, code: undefined });
	writeFileSync(join(folder, 'mark.json'), JSON.stringify(ended));
	const next = await visit(folder);
	assert.equal(next.code, ErrorCodes.indexDamaged);
	assert.notEqual(next.id, id);
	assert.equal(readdirSync(folder).filter((name) => name.includes('.damaged-')).length, 1);
});

test('an index of a newer program is refused and not touched, by writers and by readers', async (t) => {
	for (const schema of [99, 2000]) {
		const folder = temporary(t);
		await visit(folder);
		const tables = openTables(folder, false);
		tables.meta.putSchema(schema);
		await tables.env.close();
		const before = readFileSync(dataFile(folder));
		const refused = { code: ErrorCodes.schemaTooNew, message: new RegExp(`schema ${schema}`) };
		assert.throws(() => IndexWriter.claim(folder, ''), refused);
		assert.throws(() => new IndexReader(folder, assert.fail), refused);
		assert.ok(readFileSync(dataFile(folder)).equals(before));
	}
});

test('a transaction that finds its file gone says so and writes nothing', (t) => {
	const folder = temporary(t);
	const { writer } = claim(folder);
	writer.transact(0, () => undefined);
	rmSync(folder, { recursive: true });
	assert.throws(() => writer.transact(0, () => assert.fail('it does not begin')), { code: ErrorCodes.indexReplaced });
	assert.ok(!existsSync(folder));
});

test('a damaged record is left to repair; one that no repair mends puts the file aside', async (t) => {
	const folder = temporary(t);
	const { writer } = claim(folder);
	writer.transact(0, (transaction) => {
		transaction.putIgnoreText(7, 'a');
	});
	const value = Buffer.from(writer.tables.ignoreRules.get(7)!);
	value[4]! ^= 1;
	writer.tables.ignoreRules.putSync(7, value);
	const read = () => writer.transact(0, (transaction) => transaction.ignoreText(7));
	assert.throws(read, DamagedRecordError);
	await writer.tables.env.close();

	const again = claim(folder);
	assert.match(again.writer.suspicion ?? '', /1 records with a wrong checksum, .* ignore_rules/);
	assert.equal(again.code, undefined);
	assert.equal(again.writer.beyondRepair(new DamagedRecordError('text')).code, ErrorCodes.indexDamaged);
	await again.writer.tables.env.close();
	assert.equal((await visit(folder)).code, ErrorCodes.indexDamaged);
});
