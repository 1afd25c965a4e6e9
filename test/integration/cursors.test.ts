/** Sections F and M of the table of scenarios: cursors and barriers. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Methods, type SyncResult } from '#shared/protocol.ts';
import { Attached } from '../support/attached.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { checkApplied } from '../support/replay.ts';
import { Sandbox } from '../support/sandbox.ts';
import { times, write } from '../support/scenario.ts';
import { Server, socketOf } from '../support/server.ts';
import { snapshot } from '../support/tree-difference.ts';

suite('cursors and barriers', { concurrency: 3 }, () => {
	test('M01 M02 exactly what is new, and nothing the second time', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { old: '' });
		const { client, ready } = await Server.start(box);
		write(root, 'bar/333');
		const { cursor } = await client.sync();
		const first = await client.since(ready.cursor);
		assert.deepEqual(netLines(first.changes, root), ['create file bar/333', 'create folder bar']);
		assert.deepEqual([first.fresh, first.cursor], [false, cursor]);
		assert.deepEqual((await client.since(first.cursor)).changes, []);
	});

	test('M03 cursors of another index, and forged ones, list what exists and nothing that is gone', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { a: '', b: '' });
		const other = new Sandbox(t);
		other.tree('w');
		const foreign = (await Server.start(other)).ready.cursor;
		const { client, ready } = await Server.start(box);
		unlinkSync(join(root, 'b'));
		await client.sync();
		for (const cursor of ['0', foreign, '', 'nonsense', `${ready.cursor}0`, '-1', ready.cursor.toUpperCase()]) {
			const { fresh, changes } = await client.since(cursor);
			assert.deepEqual([cursor, fresh, netLines(changes, root)], [cursor, true, ['create file a']]);
		}
	});

	test('M05 what came and went since the cursor is left out, what went is a removal', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { a: '' });
		const { client, ready } = await Server.start(box);
		write(root, 'b');
		await client.sync();
		unlinkSync(join(root, 'a'));
		unlinkSync(join(root, 'b'));
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['remove file a']);
	});

	test('I11 the order of what is listed is always the same', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client } = await Server.start(box);
		for (const name of ['b', 'a', '🦀', 'é', 'e\u0301', 'مرحبا', 'Z', 'a/x'.replace('/', '-'), '_']) {
			write(root, name);
		}
		await client.sync();
		const first = (await client.since('0')).changes;
		assert.deepEqual((await client.since('0')).changes, first);
		await client.sync(true);
		assert.deepEqual((await client.since('0')).changes, first);
	});

	test('M07 a barrier in a folder that nobody may write', async (t) => {
		const box = new Sandbox(t);
		await box.dropPrivileges();
		const root = box.tree('w', { 'd/a': 'old' });
		chmodSync(root, 0o555);
		chmodSync(join(root, 'd'), 0o777);
		const { client, ready } = await Server.start(box, { index: box.at('state', 'index') });
		write(root, 'd/a', 'newer');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['modify file d/a']);
		await checkIndex(client);
	});

	test("M08 the barrier's own folder is deleted", async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client, ready } = await Server.start(box);
		await client.sync();
		rmSync(join(ready.index, 'cookies'), { recursive: true });
		for (let i = 0; i < 3; i++) {
			write(root, `${i}`);
			const { cursor } = await client.sync();
			assert.equal((await client.since(ready.cursor)).changes.length, i + 1, cursor);
		}
		await checkIndex(client);
	});

	test("M08 the barrier's own folder cannot be written", async (t) => {
		const box = new Sandbox(t);
		await box.dropPrivileges();
		const root = box.tree('w');
		const { client, ready } = await Server.start(box, { index: box.at('state', 'index') });
		await client.sync();
		const cookies = join(ready.index, 'cookies');
		chmodSync(cookies, 0o555);
		// Nor by its owner.
		chownSync(cookies, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
		write(root, 'a');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file a']);
	});

	test("M09 files like another program's cookies are files", async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client, ready } = await Server.start(box);
		const names = [`${process.pid}-1`, `cookies/${ready.pid}-1`, `${ready.pid}-2`];
		for (const name of names) {
			write(root, name);
		}
		await client.sync();
		assert.deepEqual(
			netLines((await client.since(ready.cursor)).changes, root),
			[...names.map((name) => `create file ${name}`), 'create folder cookies'].sort(),
		);
	});

	test('M10 a barrier that is not passed in time fails, and the next one passes', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client } = await Server.start(box);
		for (let i = 0; i < 2000; i++) {
			write(root, `${i}`, '');
		}
		await assert.rejects(client.connection.sendRequest<SyncResult>(Methods.sync, { full: true, timeoutMs: 1 }), {
			data: { code: 'SYNC_TIMEOUT' },
		});
		await client.sync();
		await checkIndex(client);
	});

	test('M12 clients leave while they are told: nobody else notices', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client, ready } = await Server.start(box);
		for (let i = 0; i < 20; i++) {
			const leaving = await Attached.connect(box, socketOf(box));
			write(root, `${i}`);
			const asked = leaving.sync().catch((error: unknown) => error);
			leaving.close();
			assert.ok((await asked) instanceof Error);
		}
		await client.sync();
		assert.equal((await client.since(ready.cursor)).changes.length, 20);
		await checkIndex(client);
	});

	test('M14 net changes are of all watches, and none of what is beside them', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'sub/a': '', 'subway/a': '' });
		const { client, ready } = await Server.start(box, { watches: [{ path: 'w/sub', id: 'sub' }] });
		write(root, 'sub/b');
		write(root, 'subway/b');
		write(root, 'b');
		await client.sync(true);
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file sub/b']);
	});
});

suite('under pressure', { concurrency: 2 }, () => {
	test('F08 what is created while a comparison runs is found', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', Object.fromEntries(times(3000, (i) => [`${i % 60}/${i}`, ''])));
		const { client, ready } = await Server.start(box, {
			watches: [{ path: 'w', id: 'w', source: 'polling', pollInterval: 86_400_000 }],
		});
		const before = snapshot(root);
		const rescan = client.rescan('w');
		for (let i = 0; i < 60; i++) {
			write(root, `${i}/new`);
			renameSync(join(root, `${i}/${i}`), join(root, `${59 - i}/moved-${i}`));
			await client.status();
		}
		await rescan;
		await client.sync();
		// A comparison may see half of a rename: then it is a removal and a creation, but never neither.
		checkApplied(before, (await client.since(ready.cursor)).changes, snapshot(root), root);
		await checkIndex(client);
	});

	test('E07 a client that does not read holds up nobody', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client, ready } = await Server.start(box);
		const deaf = await Attached.connect(box, socketOf(box));
		deaf.pause();
		for (let i = 0; i < 5000; i++) {
			writeFileSync(join(root, `${i}`), '');
		}
		await client.sync();
		assert.equal((await client.since(ready.cursor)).changes.length, 5000);
		deaf.resume();
		const { cursor } = await deaf.sync();
		assert.deepEqual((await client.since(cursor)).changes, []);
	});

	test('F13 the clock goes back an hour: nothing is lost, and the cursor goes on', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { a: 'old' });
		const signal = box.at('back');
		const { client, ready } = await Server.start(box, {
			env: {
				NODE_OPTIONS: `--import=${new URL('../support/clock-goes-back.mjs', import.meta.url).href}`,
				CLOCK_GOES_BACK: signal,
			},
		});
		write(root, 'a', 'newer');
		const before = await client.sync();
		writeFileSync(signal, '');
		write(root, 'b');
		write(root, 'a', 'newest');
		await client.sync();
		assert.deepEqual(netLines((await client.since(before.cursor)).changes, root), [
			'create file b',
			'modify file a',
		]);
		assert.equal((await client.since(ready.cursor)).changes.length, 2);
		const { watches } = await client.stats();
		const log = await client.log(watches[0]!.id);
		assert.ok(log.at(-1)!.time < log[0]!.time, 'the clock did go back');
		assert.deepEqual(
			log.map(({ seq }) => seq),
			log.map(({ seq }) => seq).sort((a, b) => a - b),
		);
		await checkIndex(client);
	});
});
