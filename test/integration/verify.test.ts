/** Verify and repair as users and scripts meet them, and damage under a server that runs. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { ErrorCodes } from '#shared/errors.ts';
import type { RepairResult, VerifyResult } from '#shared/protocol.ts';
import { nodeAtPath } from '../../server/src/index/lookup.ts';
import * as counts from '../../server/src/index/counts.ts';
import { nodeKey, packCounts, unpackCounts } from '../../server/src/index/records.ts';
import { openTables, type Tables } from '../../server/src/index/tables.ts';
import { Cli, runCli } from '../support/cli.ts';
import { startEngine } from '../support/in-process.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { write } from '../support/scenario.ts';
import { Server } from '../support/server.ts';

/** Changes the index behind the back of whoever writes it. */
async function damage(box: Sandbox, work: (tables: Tables) => void): Promise<void> {
	const tables = openTables(box.at('index'), false);
	tables.env.transactionSync(() => work(tables));
	await tables.env.close();
}

function flipped(value: Buffer | undefined, mask = 1): Buffer {
	assert.ok(value !== undefined, 'there is something to be damaged');
	const out = Buffer.from(value);
	out[out.length - 1]! ^= mask;
	return out;
}

/** One byte of a row, as it lies in the file. */
function damageRow(box: Sandbox, name: string, key: Buffer | number, mask = 1): Promise<void> {
	return damage(box, ({ env }) => {
		const keyEncoding = typeof key === 'number' ? 'uint32' : 'binary';
		const rows = env.openDB<Buffer, Buffer | number>({ name, keyEncoding, encoding: 'binary' });
		rows.putSync(key, flipped(rows.get(key), mask));
	});
}

function damageNode(box: Sandbox, path: string): Promise<void> {
	return damage(box, (tables) => {
		const name = path.slice(path.lastIndexOf('/') + 1);
		const parent = nodeAtPath(tables, path.slice(0, path.lastIndexOf('/')))!.id;
		const key = nodeKey(parent, name);
		tables.nodes.putSync(key, flipped(tables.nodes.get(key)));
	});
}

async function run<T>(
	box: Sandbox,
	...parameters: string[]
): Promise<{ code: number | null; result: T; text: string }> {
	const { code, stdout, stderr } = await runCli(box, [...parameters, '--index', box.at('index'), '--json']);
	const text = stdout + stderr;
	return { code, result: (stdout === '' ? undefined : JSON.parse(stdout)) as T, text };
}

suite('filetide verify and repair', { concurrency: 3 }, () => {
	for (const live of [true, false]) {
		test(`shapes and exit codes, ${live ? 'with' : 'without'} a server`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '' });
			const server = await Server.start(box, { watches: [{ path: 'w', id: 'w', name: 'Work' }] });
			appendFileSync(join(root, 'a.txt'), 'more');
			await server.client.sync();
			if (!live) {
				await server.stop();
			}
			const clean = await run<VerifyResult>(box, 'verify');
			assert.deepEqual([clean.code, clean.result.clean, clean.result.differences], [0, true, []]);
			assert.ok(clean.result.checked > 0);

			await damage(box, (tables) => {
				const { id } = nodeAtPath(tables, join(root, 'a.txt'))!;
				tables.pathStats.removeSync(id);
				// Whole, but wrong: what cannot be read a server repairs by itself.
				const row = unpackCounts(tables.watchStats.get('w')!, counts.WATCH_COUNTS);
				tables.watchStats.putSync('w', packCounts(row.map((n) => n + 1)));
			});
			const found = await run<VerifyResult>(box, 'verify');
			const none = {
				event_count: 0,
				metadata_count: 0,
				per_type_counts: { create: 0, modify: 0, metadata: 0, move: 0 },
			};
			const once = { ...none, event_count: 1, per_type_counts: { ...none.per_type_counts, modify: 1 } };
			assert.equal(found.code, 1);
			assert.equal(found.result.clean, false);
			assert.deepEqual(found.result.differences[0], {
				table: 'path_stats',
				key: 'a.txt',
				was: null,
				is: { own: once, subtree: once },
			});
			assert.deepEqual(
				found.result.differences.map(({ table, key }) => [table, key]),
				[
					['path_stats', 'a.txt'],
					['watch_stats', 'w'],
				],
			);
			const parts: [parameters: string[], keys: unknown[]][] = [
				[['--path', join(root, 'a.txt')], ['a.txt']],
				[['--path', join(root, 'sub')], []],
				[
					['--watch', 'Work'],
					['a.txt', 'w'],
				],
			];
			for (const [parameters, keys] of parts) {
				const part = await run<VerifyResult>(box, 'verify', ...parameters);
				assert.deepEqual(
					[part.result.differences.map(({ key }) => key), part.code],
					[keys, keys.length > 0 ? 1 : 0],
				);
			}
			for (const parameters of [
				['--watch', 'nonsense'],
				['--path', '/nonsense'],
			]) {
				assert.equal((await run(box, 'verify', ...parameters)).code, 1);
			}
			const one = await run<RepairResult>(box, 'repair', '--path', join(root, 'a.txt'));
			assert.deepEqual([one.code, one.result.repaired, one.result.clean], [0, 1, true]);
			const all = await run<RepairResult>(box, 'repair');
			assert.deepEqual([all.code, all.result.repaired, all.result.differences[0]?.key], [0, 1, 'w']);
			assert.equal((await run<VerifyResult>(box, 'verify')).code, 0);
			const text = await runCli(box, ['verify', '--index', box.at('index')]);
			assert.match(text.stdout, /^The index agrees with itself: [\d,]+ records checked\.\n$/);
			if (live) {
				// The lifetime is larger than what the log has, as after pruning.
				await checkIndex(server.client, { recount: 'live' });
			}
		});
	}

	test('progress is reported where it is asked for, and verify does not wait for the writer', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${i % 50}/${i}`, ''])));
		const engine = await startEngine(box, { seed: 1 });
		await engine.sync({ full: false, timeoutMs: 60_000 });
		const reports: number[] = [];
		let verified = 0;
		const changing = (async () => {
			for (let i = 0; i < 200; i++) {
				writeFileSync(join(root, `${i % 50}`, `new-${i}`), '');
				if (i % 40 === 0) {
					mkdirSync(join(root, `folder-${i}`));
					renameSync(join(root, `${i % 50}`), join(root, `folder-${i}`, 'moved'));
					mkdirSync(join(root, `${i % 50}`));
				}
				await engine.status();
			}
			await engine.sync({ full: false, timeoutMs: 60_000 });
		})();
		const state = { over: false };
		void changing.finally(() => {
			state.over = true;
		});
		while (!state.over) {
			const { differences } = await engine.verify({}, ({ done, total }) => reports.push(done / total));
			assert.deepEqual(differences, [], 'one moment is seen, however much is written meanwhile');
			verified++;
		}
		await changing;
		assert.ok(verified > 0);
		assert.deepEqual(
			reports.filter((share) => share < 0 || share > 1),
			[],
		);
		await checkIndex(engine);
	});
});

suite('damage under a server that runs', { concurrency: 3 }, () => {
	test('a damaged node is put back, and its changes go on being recorded', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '', 'sub/c.txt': '' });
		const server = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		const { client, ready } = server;
		await client.sync();
		for (const path of ['sub/b.txt', 'sub']) {
			await damageNode(box, join(root, path));
			appendFileSync(join(root, 'sub/b.txt'), 'more');
			await client.sync();
			await checkIndex(client);
		}
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['modify file sub/b.txt']);
		assert.match(server.stderr, /damaged node record/);
		assert.deepEqual(await server.stop(), { code: 0, signal: null });
	});

	test('a node that is damaged while nobody runs is put back at the start, which ends in no loop', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '', 'sub/c.txt': '' });
		const first = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		appendFileSync(join(root, 'sub/c.txt'), 'more');
		await first.client.sync();
		await first.stop();
		await damageNode(box, join(root, 'sub/b.txt'));
		await damageNode(box, join(root, 'sub'));
		const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		await client.sync();
		await checkIndex(client);
		assert.deepEqual(netLines((await client.since(first.ready.cursor)).changes, root), ['modify file sub/c.txt']);
	});

	test('a damaged log record is left out, then removed; a cursor before it starts afresh', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const { client, ready } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		for (const name of ['b', 'c', 'd']) {
			write(root, name);
			await client.sync();
		}
		const { cursor } = await client.status();
		const records = await client.log('w');
		const seq = records[1]!.seq;
		await damage(box, ({ log }) => log.putSync(seq, flipped(log.get(seq))));
		const log = await runCli(box, ['log', '--index', box.at('index')]);
		assert.equal(log.stdout.trim().split('\n').length, records.length - 1);
		assert.match(log.stderr, /damaged log record/);
		const { changes } = await client.recentChanges({ watchId: 'w', limit: 10 });
		assert.equal(changes.length, records.length - 1);
		assert.equal((await client.since(ready.cursor)).fresh, true);
		assert.equal((await client.repair()).clean, true);
		const after = await client.since(ready.cursor);
		assert.deepEqual(
			[after.fresh, netLines(after.changes, root)],
			[true, ['create file a.txt', 'create file b', 'create file c', 'create file d']],
		);
		assert.deepEqual((await client.since(cursor)).changes, []);
		assert.deepEqual((await client.verify()).differences, []);
		write(root, 'e');
		const { cursor: later } = await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), ['create file e']);
		assert.notEqual(later, cursor);
	});

	test('damaged counters are counted anew as soon as somebody reads or changes them', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '' });
		const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		appendFileSync(join(root, 'sub/b.txt'), 'more');
		await client.sync();
		const expected = await client.stats();
		await damage(box, ({ watchStats, stats }) => {
			watchStats.putSync('w', flipped(watchStats.get('w')));
			stats.putSync('event_type:modify', flipped(stats.get('event_type:modify')));
		});
		assert.deepEqual((await client.stats()).watches, expected.watches);
		await damage(box, (tables) => {
			const { id } = nodeAtPath(tables, join(root, 'sub'))!;
			tables.pathStats.putSync(id, flipped(tables.pathStats.get(id)));
		});
		appendFileSync(join(root, 'sub/b.txt'), 'more');
		await client.sync();
		await checkIndex(client);
	});

	for (const [table, key] of [
		['watches', Buffer.from('w')],
		['coverages', 1],
		['meta', Buffer.from('owner')],
		['meta', Buffer.from('indexId')],
		['meta', Buffer.from('head')],
		['meta', Buffer.from('baselined')],
		['meta', Buffer.from('lastWatchSeq')],
		['meta', Buffer.from('schema')],
	] as const) {
		test(`a damaged row ${key.toString()} of ${table}: nothing that comes while nobody runs is missed`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '' });
			const options = { watches: [{ path: 'w', id: 'w' }] };
			const first = await Server.start(box, options);
			write(root, 'c');
			const { cursor } = await first.client.sync();
			// With these two nothing can be opened or answered any more.
			if (!['lastWatchSeq', 'schema'].includes(key.toString())) {
				await damageRow(box, table, key);
			}
			write(root, 'd');
			await first.client.sync();
			assert.deepEqual(netLines((await first.client.since(cursor)).changes, root), ['create file d']);
			// Before the end of the server, so that the next one takes the file for what was left.
			await damageRow(box, table, key, 2);
			assert.deepEqual(await first.stop(), { code: 0, signal: null });
			write(root, 'e');
			const second = await Server.start(box, options);
			await second.client.sync();
			const { fresh, changes } = await second.client.since(cursor);
			const { problems } = await second.client.status();
			const isAside = problems.some(({ code }) => code === ErrorCodes.indexDamaged);
			assert.equal(isAside, table === 'meta', 'what meta says cannot be known from elsewhere');
			assert.equal(fresh, isAside);
			if (!fresh) {
				assert.deepEqual(netLines(changes, root), ['create file d', 'create file e']);
			}
			assert.deepEqual(
				(await second.client.status()).watches.map(({ state }) => state),
				['live'],
			);
			await checkIndex(second.client);
			assert.deepEqual(await second.stop(), { code: 0, signal: null });
		});
	}

	test('what no repair can mend ends the engine, not the server: the next one begins anew and says so', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const { client, process: child } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		const { cursor } = await client.sync();
		await damageRow(box, 'meta', Buffer.from('lastWatchSeq'));
		write(root, 'b');
		await client.since(cursor).catch(() => undefined);
		await child.until('it says so', () => /The index was damaged and begins anew/.exec(child.stderr) ?? undefined);
		const cli = new Cli(box, box.at('index'));
		await cli.sync();
		const { fresh, changes } = await cli.since(cursor);
		assert.deepEqual([fresh, changes.map(({ path }) => basename(path)).sort()], [true, ['a.txt', 'b']]);
	});

	test('after a crash what was written last is looked at, mended, and told', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const first = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		write(root, 'sub/b');
		await first.client.sync();
		await first.kill();
		await damage(box, (tables) => {
			const { id } = nodeAtPath(tables, join(root, 'sub'))!;
			tables.pathStats.removeSync(id);
		});
		const { client, process: child } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		await child.until('it says so', () => /was not closed in order.*path_stats/.exec(child.stderr) ?? undefined);
		await client.sync();
		await checkIndex(client);
	});
});

test('a folder of 10,000 files goes from one watch to another: one record, and every counter exact', async (t) => {
	const box = new Sandbox(t);
	const files = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`big/${i % 100}/${i}`, '']));
	box.tree('left', files);
	box.tree('right');
	const { client } = await Server.start(box, {
		folders: [box.path],
		watches: [
			{ path: 'left', id: 'left' },
			{ path: 'right', id: 'right' },
			{ path: '.', id: 'both', filters: { hidden: true }, ignore: ['index', 'home', 'state', 'run', '*.json'] },
		],
	});
	await client.sync();
	for (let i = 0; i < 300; i++) {
		appendFileSync(box.at('left/big', String(i % 100), String(i)), 'more');
	}
	await client.sync();
	const before = (await client.stats()).index.events;
	renameSync(box.at('left/big'), box.at('right/big'));
	await client.sync();
	const { watches, index } = await client.stats();
	assert.equal(index.events - before, 1, 'one record for the folder, none for what is in it');
	const shown = Object.fromEntries(watches.map((watch) => [watch.id, watch]));
	assert.deepEqual([shown['left']?.files, shown['left']?.folders, shown['left']?.event_count], [0, 0, 0]);
	for (const id of ['right', 'both']) {
		assert.deepEqual(
			[shown[id]?.files, shown[id]?.per_type_counts.modify, shown[id]?.per_type_counts.move],
			[10_000, 300, 1],
		);
	}
	assert.deepEqual((await client.verify()).differences, []);
	await checkIndex(client, {
		covers: { both: (path) => !/^(index|home|state|run|watches[^/]*\.json)(\/|$)/.test(path) },
		recount: 'live',
	});
});
