/** Retention while a server runs: what goes, what stays, and who is told. */
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Cli, runCli } from '../support/cli.ts';
import { Recount, sum } from '../support/recount.ts';
import { Sandbox } from '../support/sandbox.ts';
import { write } from '../support/scenario.ts';
import { Server } from '../support/server.ts';

const KEPT = 100;

async function pruned({ client }: Server): Promise<void> {
	await client.until('the log had been pruned', ({ index, pending }) => pending === 0 && index.events <= KEPT);
}

suite('retention', { concurrency: 2 }, () => {
	test('the oldest records go, with their counts, from wherever their files are now', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'inner/old': '' });
		const watches = [
			{ path: root, id: 'outer' },
			{ path: join(root, 'inner'), id: 'inner' },
		];
		const server = await Server.start(box, { watches, keepRecords: KEPT });
		const { client } = server;
		for (let i = 0; i < 60; i++) {
			write(root, `a/${i}`);
		}
		await client.sync();
		renameSync(join(root, 'a'), join(root, 'inner', 'b'));
		await client.sync();
		for (let i = 0; i < 100; i++) {
			write(root, `inner/c/${i}`);
		}
		await client.sync();
		await pruned(server);
		const records = await client.log('outer');
		const { watches: counted, global, index } = await client.stats();
		const paths = (await client.since('0')).changes.map(({ path }) => path);
		const recount = Recount.upTo(paths, records);
		assert.deepEqual(
			(await client.pathStats(paths.slice(0, 400))).stats.map((stats) => stats?.own),
			paths.slice(0, 400).map((path) => recount.live(path)),
		);
		assert.deepEqual(global, sum(paths.map((path) => recount.live(path))));
		const inner = counted.find(({ id }) => id === 'inner');
		assert.ok(inner !== undefined && index.events <= KEPT);
		const { event_count, metadata_count, per_type_counts } = inner;
		const within = paths.filter((path) => path.startsWith(`${join(root, 'inner')}/`));
		assert.deepEqual(
			{ event_count, metadata_count, per_type_counts },
			sum(within.map((path) => recount.live(path))),
			'the watch of where they are now',
		);
		assert.equal(counted.find(({ id }) => id === 'outer')?.lifetime.create, 162, 'lifetime totals stay');
	});

	test('a cursor behind what went is told so, and the next one is good, also for a command without a server', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { old: '' });
		const server = await Server.start(box, { keepRecords: KEPT });
		const { client, ready } = server;
		for (let i = 0; i < 2 * KEPT; i++) {
			write(root, `${i}`);
		}
		await client.sync();
		await pruned(server);
		const { fresh, pruned: isPruned, cursor, changes } = await client.since(ready.cursor);
		assert.deepEqual([fresh, isPruned, changes.length], [true, true, 2 * KEPT + 1]);
		write(root, 'new');
		await client.sync();
		const next = await client.since(cursor);
		assert.deepEqual(
			[next.fresh, next.pruned, next.changes.map(({ path }) => path)],
			[false, undefined, [join(root, 'new')]],
		);
		await server.stop();
		const offline = new Cli(box, box.at('index'));
		assert.deepEqual((await offline.since(ready.cursor)).pruned, true);
		assert.ok((await offline.stats()).retention.prunedTo > 0);
	});

	test('limits that make no sense are refused, with those that do', async (t) => {
		const box = new Sandbox(t);
		box.tree('w');
		const { code, stderr } = await runCli(box, ['serve', box.at('w'), '--keep-records', '5']);
		assert.equal(code, 2);
		assert.match(stderr, /keep-records.*from 100 to 1000000000/s);
	});
});
