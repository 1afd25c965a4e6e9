/** Records of any length come back as they were written, whichever way they are read. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IndexReader } from './reader.ts';
import type { EntryStat } from './records.ts';
import { ROOT_NODE } from './tables.ts';
import { IndexWriter } from './writer.ts';

function linkTo(target: string): EntryStat {
	const times = { birthtimeNs: 1n, mtimeNs: 1n, ctimeNs: 1n };
	return { kind: 'link', dev: 1n, ino: 1n, ...times, size: 1n, mode: 0o777, uid: 0, gid: 0, nlink: 1, target };
}

for (const length of [1, 20, 100, 255]) {
	test(`names of ${length} characters, and links that hold as many times ten`, async (t) => {
		const folder = mkdtempSync(join(tmpdir(), 'reader-'));
		t.after(() => {
			rmSync(folder, { recursive: true });
		});
		const claim = IndexWriter.claim(folder, '');
		assert.ok('writer' in claim);
		const { writer } = claim;
		const [first, second, inner] = ['a', 'b', 'c'].map((letter) => letter.repeat(length)) as [
			string,
			string,
			string,
		];
		const target = 'x/'.repeat(length * 5);
		const folderStat: EntryStat = { ...linkTo(''), kind: 'folder' };
		writer.transact(1, (transaction) => {
			const coverage = transaction.internCoverage(['w']);
			const parent = transaction.create(ROOT_NODE, first, folderStat, coverage, 'event');
			transaction.create(parent.id, inner, linkTo(target), coverage, 'event');
		});
		const cursor = `${writer.indexId}.${writer.head}`;
		writer.transact(2, (transaction) => {
			const parent = transaction.lookup([first]);
			assert.ok(parent !== undefined);
			const link = transaction.child(parent.id, inner);
			assert.equal(link?.target, target);
			transaction.move(parent, { parent: ROOT_NODE, name: second }, parent.coverage, 'event');
			transaction.update(link, { ...link, mode: 0o700 }, 'metadata');
		});
		const reader = new IndexReader(folder, assert.fail);
		assert.deepEqual(reader.since(cursor).changes, [
			{ type: 'move', kind: 'folder', path: `/${second}`, from: `/${first}` },
			{ type: 'metadata', kind: 'link', path: `/${second}/${inner}` },
		]);
		assert.equal(reader.recentChanges({ path: `/${second}/${inner}`, limit: 9 }).changes.length, 2);
		await reader.close();
		await writer.close();
	});
}
