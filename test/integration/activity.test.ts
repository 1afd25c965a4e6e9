/** What changed most, when, and what sources brought, as clients and the command line ask for it. */
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, existsSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { RatePeriod } from '#shared/model.ts';
import type { HotPathsResult, RatesResult } from '#shared/protocol.ts';
import { runCli } from '../support/cli.ts';
import { Sandbox } from '../support/sandbox.ts';
import { write } from '../support/scenario.ts';
import { Server } from '../support/server.ts';

const HOUR_MS = 3_600_000;

/** So many changes of a file, each by one call of the system: whoever truncates and then writes may be seen in between. */
async function change(server: Server, root: string, name: string, times: number): Promise<void> {
	for (let i = 0; i < times; i++) {
		if (existsSync(join(root, name))) {
			appendFileSync(join(root, name), `for the ${i}th time`);
		} else {
			write(root, name, '');
		}
		await server.client.sync();
	}
}

function total(periods: readonly RatePeriod[]): Omit<RatePeriod, 'time'> {
	const sum = { create: 0, modify: 0, metadata: 0, move: 0, remove: 0 };
	for (const period of periods) {
		sum.create += period.create;
		sum.modify += period.modify;
		sum.metadata += period.metadata;
		sum.move += period.move;
		sum.remove += period.remove;
	}
	return sum;
}

suite('activity', { concurrency: 3 }, () => {
	test('what changed most, of all watches and of one, where it is now', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'inner/a': '' });
		const watches = [
			{ path: root, id: 'outer' },
			{ path: join(root, 'inner'), id: 'inner' },
		];
		const server = await Server.start(box, { watches });
		const { client } = server;
		await change(server, root, 'often', 4);
		await change(server, root, 'gone', 3);
		await change(server, root, 'inner/a', 2);
		unlinkSync(join(root, 'gone'));
		await client.sync();
		const all = await client.hotPaths({ windowMs: HOUR_MS, limit: 10 });
		assert.deepEqual(
			all.paths.map(({ path, events, atMost }) => [path, events, atMost]),
			[
				[join(root, 'often'), 4, undefined],
				[join(root, 'inner/a'), 2, undefined],
			],
			'what is gone changes no more',
		);
		assert.ok(all.from % 60_000 === 0 && Date.now() - all.from >= HOUR_MS);
		const inner = await client.hotPaths({ watchId: 'inner', windowMs: HOUR_MS, limit: 10 });
		assert.deepEqual(
			inner.paths.map(({ path }) => path),
			[join(root, 'inner/a')],
		);
		assert.equal((await client.hotPaths({ windowMs: HOUR_MS, limit: 1 })).paths.length, 1);
	});

	test('how much changed when, of all watches and of one', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'inner/a': '' });
		const watches = [
			{ path: root, id: 'outer' },
			{ path: join(root, 'inner'), id: 'inner' },
		];
		const server = await Server.start(box, { watches });
		const { client } = server;
		await change(server, root, 'often', 3);
		await change(server, root, 'inner/a', 2);
		unlinkSync(join(root, 'often'));
		chmodSync(join(root, 'inner/a'), 0o600);
		await client.sync();
		for (const unit of ['minute', 'hour', 'day'] as const) {
			const { periods } = await client.rates({ unit });
			assert.deepEqual(total(periods), { create: 1, modify: 4, metadata: 1, move: 0, remove: 1 }, unit);
			const inner = await client.rates({ unit, watchId: 'inner' });
			assert.deepEqual(total(inner.periods), { create: 0, modify: 2, metadata: 1, move: 0, remove: 0 }, unit);
			assert.deepEqual((await client.rates({ unit, to: periods[0]!.time - 1 })).periods, []);
		}
	});

	test('on the command line, with and without a server', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { a: '' });
		const server = await Server.start(box, { watches: [{ path: root, id: 'w', name: 'Work' }] });
		await change(server, root, 'a', 2);
		const ask = async <T>(...parameters: string[]): Promise<T> => {
			const { code, stdout, stderr } = await runCli(box, [
				'stats',
				root,
				'--index',
				box.at('index'),
				'--json',
				...parameters,
			]);
			assert.equal(code, 0, stderr);
			return JSON.parse(stdout) as T;
		};
		const check = async () => {
			const { from, paths } = await ask<HotPathsResult>(
				'--hot',
				'--watch',
				'Work',
				'--since',
				'1h',
				'--limit',
				'5',
			);
			assert.ok(from > 0);
			assert.deepEqual(paths, [{ path: 'a', kind: 'file', events: 2 }]);
			const { unit, periods } = await ask<RatesResult>('--rates', 'hour', '--watch', 'w', '--since', '1d');
			assert.deepEqual([unit, total(periods).modify], ['hour', 2]);
		};
		await check();
		await server.stop();
		await check();
		const human = await runCli(box, ['stats', '--hot', '--index', box.at('index')]);
		assert.match(human.stdout, /^since \d{4}-\d\d-\d\d .*\n +2 {2}a\n$/);
		for (const [parameters, says] of [
			[['--hot', '--since', '5 minutes'], /15m/],
			[['--hot', '--path', 'a'], /cannot be used with/],
			[['--rates', 'week'], /minute, hour, day/],
		] as const) {
			const { code, stderr } = await runCli(box, ['stats', '--index', box.at('index'), ...parameters]);
			assert.equal(code, 2);
			assert.match(stderr, says);
		}
		const nobody = await runCli(box, ['stats', '--hot', '--watch', 'nobody', '--index', box.at('index')]);
		assert.deepEqual([nobody.code, /No watch/.test(nobody.stderr)], [1, true]);
	});

	test('pages of changes by path, type and watch, newest first', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'd/a': '', b: '' });
		const server = await Server.start(box, { watches: [{ path: root, id: 'w' }] });
		const { client } = server;
		await change(server, root, 'd/a', 3);
		await change(server, root, 'b', 1);
		unlinkSync(join(root, 'd/a'));
		await client.sync();
		await change(server, root, 'd/a', 1);
		const typesAt = async (path: string, limit = 500) => {
			const found: string[] = [];
			for (let before: number | undefined = Number.MAX_SAFE_INTEGER; before !== undefined;) {
				const page = await client.recentChanges({ path: join(root, path), limit, before });
				found.push(...page.changes.map(({ type }) => type));
				before = page.next;
			}
			return found;
		};
		const expected = ['create', 'remove', 'modify', 'modify', 'modify'];
		assert.deepEqual(await typesAt('d/a'), expected, 'a file and its successor');
		assert.deepEqual(await typesAt('d/a', 2), expected, 'in pages');
		assert.deepEqual(await typesAt('d'), expected, 'a folder with what is in it');
		assert.deepEqual(await typesAt('nothing'), []);
		rmSync(join(root, 'd'), { recursive: true });
		await client.sync();
		assert.deepEqual(await typesAt('d/a'), ['remove', ...expected], 'what is gone');
		const { changes } = await client.recentChanges({ watchId: 'w', type: 'modify', limit: 2 });
		assert.deepEqual(
			changes.map(({ path }) => path),
			[join(root, 'b'), join(root, 'd/a')],
		);
	});

	test('what sources brought is counted on after a restart, and after a kill as far as it was committed', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const counts = async (server: Server) => {
			const { events_received, events_processed, events_filtered } = (await server.client.stats()).watches[0]!;
			return { events_received, events_processed, events_filtered };
		};
		const first = await Server.start(box);
		await change(first, root, 'a', 3);
		const before = await counts(first);
		assert.ok(before.events_received >= 3);
		await first.stop();
		const second = await Server.start(box);
		const after = await counts(second);
		for (const name of ['events_received', 'events_processed', 'events_filtered'] as const) {
			assert.ok(after[name] >= before[name], name);
		}
		await change(second, root, 'b', 3);
		const { events_received: brought } = await counts(second);
		await second.kill();
		const third = await Server.start(box);
		const { events_received: kept } = await counts(third);
		assert.ok(
			kept > after.events_received && kept <= brought + 3,
			`${after.events_received} < ${kept} of ${brought}`,
		);
	});
});
