/** The processes that read files for the graph, and what is left when they end. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Sandbox } from '../../../test/support/sandbox.ts';
import { ReaderPool } from './reader-pool.ts';

const OPTIONS = { urgent: true, serial: 1 };

suite('readers of the graph', () => {
	test('a file that ends its reader is known, and those that were asked for with it are read', async (t) => {
		const deep = `export const deep = ${'['.repeat(200_000)}${']'.repeat(200_000)};`;
		const root = new Sandbox(t).tree('w', { 'a.ts': 'export const a = 1;', 'deep.ts': deep, 'b.ts': 'let b;' });
		const pool = new ReaderPool();
		t.after(() => {
			pool.stop();
		});
		const orders = ['a.ts', 'deep.ts', 'b.ts', 'gone.ts'].map((name) => {
			return { path: join(root, name), hash: '', stored: undefined };
		});
		const readings = await pool.read(orders, OPTIONS);
		assert.deepEqual(
			readings.map(({ state }) => state),
			['read', 'failed', 'read', 'gone'],
		);
	});

	test('where no reader starts every file fails, and none is started for each of them', async (t) => {
		const before = process.env['NODE_OPTIONS'];
		process.env['NODE_OPTIONS'] = '--require=/nowhere/at/all.cjs';
		t.after(() => {
			if (before === undefined) {
				delete process.env['NODE_OPTIONS'];
			} else {
				process.env['NODE_OPTIONS'] = before;
			}
		});
		const root = new Sandbox(t).tree('w', { 'a.ts': '' });
		const pool = new ReaderPool();
		t.after(() => {
			pool.stop();
		});
		const orders = Array.from({ length: 32 }, () => ({ path: join(root, 'a.ts'), hash: '', stored: undefined }));
		const readings = await pool.read(orders, OPTIONS);
		const told = readings.map((reading) => (reading.state === 'failed' ? reading.why : reading.state));
		assert.equal(told.filter((why) => why === 'Reading it ended the process that reads files.').length, 3);
		assert.equal(told.filter((why) => why.startsWith('No file can be read')).length, 29);
	});
});
