/** Stopping, crashing and starting again: nothing committed is lost, nothing that happened meanwhile is missed. */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { startCli } from '../support/cli.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { random, RandomChanges } from '../support/random-changes.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server, serveParameters } from '../support/server.ts';
import { difference, snapshot } from '../support/tree-difference.ts';

/** A stop that takes longer than this, on however busy a machine, waited for something that never came. */
const STOP_MS = 10_000;

/** `count` files in folders of 50. */
function files(count: number): Record<string, string> {
	return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${Math.floor(i / 50)}/${i}`, `${i}`]));
}

suite('restart', { concurrency: 3 }, () => {
	test('a cursor stays good over restarts, and starting without changes records nothing', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', files(100));
		const first = await Server.start(box);
		const before = snapshot(root);
		appendFileSync(join(root, '0/1'), 'more');
		await first.client.sync();
		const { head } = (await first.client.stats()).index;
		assert.deepEqual(await first.stop(), { code: 0, signal: null });
		for (let i = 0; i < 2; i++) {
			const server = await Server.start(box);
			assert.equal((await server.client.stats()).index.head, head);
			assert.deepEqual(
				netLines((await server.client.since(first.ready.cursor)).changes, root),
				difference(before, snapshot(root)),
			);
			await server.stop();
		}
	});

	test('what came just before the stop is recorded by the stop or found by the start', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const first = await Server.start(box);
		for (let i = 0; i < 200; i++) {
			writeFileSync(join(root, `${i}`), '');
		}
		await first.stop();
		const second = await Server.start(box);
		assert.equal((await second.client.since(first.ready.cursor)).changes.length, 200);
		await checkIndex(second.client);
	});

	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		test(`${signal} ends an idle server with 0, quickly`, async (t) => {
			const box = new Sandbox(t);
			box.tree('w', files(10));
			await checkStop(await Server.start(box), signal);
		});

		test(`${signal} ends a busy server with 0, quickly`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w');
			const server = await Server.start(box);
			for (const [name, content] of Object.entries(files(2000))) {
				writeFileSync(join(root, name.replace('/', '-')), content);
			}
			await checkStop(server, signal);
			await checkIndex((await Server.start(box)).client);
		});

		test(`${signal} ends a server during its first indexing with 0, quickly`, async (t) => {
			const box = new Sandbox(t);
			box.tree('w', files(3000));
			const child = startCli(box, serveParameters(box));
			await child.until('it had the index', () => /writing /.exec(child.stderr) ?? undefined);
			const began = performance.now();
			assert.deepEqual(await child.end(signal), { code: 0, signal: null });
			assert.ok(performance.now() - began < STOP_MS);
			await checkIndex((await Server.start(box)).client);
		});
	}

	async function checkStop(server: Server, signal: NodeJS.Signals): Promise<void> {
		const began = performance.now();
		// Its output ends with the last process that holds it, so a left-over child would be waited for.
		assert.deepEqual(await server.stop(signal), { code: 0, signal: null });
		const ms = performance.now() - began;
		assert.ok(ms < STOP_MS, `${ms} ms`);
	}
});

suite('kill -9', { concurrency: 2 }, () => {
	const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);

	test(`during writes, twelve times (seed ${seed})`, async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', files(60));
		let server = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		for (let round = 0; round < 12; round++) {
			const next = random(seed + round);
			const changes = new RandomChanges(root, next);
			const where = `round ${round} of seed ${seed}`;
			const { cursor } = await server.client.sync();
			const before = snapshot(root);
			const batches = 1 + next(25);
			for (let i = 0; i < batches; i++) {
				for (let j = next(8); j >= 0; j--) {
					changes.change();
				}
				await setImmediate();
			}
			const committed = await server.client.log('w');
			const { head } = (await server.client.stats()).index;
			changes.change();
			await server.kill();
			for (let i = next(20); i > 0; i--) {
				changes.change();
			}
			server = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
			const since = await server.client.since(cursor);
			assert.equal(since.fresh, false, where);
			assert.deepEqual(netLines(since.changes, root), difference(before, snapshot(root)), where);
			const log = await server.client.log('w');
			assert.deepEqual(log.slice(0, committed.length), committed, `${where}: what was committed is there`);
			assert.ok((await server.client.stats()).index.head >= head, where);
			assert.deepEqual(
				log.map(({ seq }) => seq),
				log.map(({ seq }) => seq).sort((a, b) => a - b),
				`${where}: the log is in order`,
			);
			await checkIndex(server.client);
		}
	});

	test(`during the first indexing (seed ${seed})`, async (t) => {
		const box = new Sandbox(t);
		box.tree('w', files(4000));
		const next = random(seed);
		for (let round = 0; round < 4; round++) {
			const child = startCli(box, serveParameters(box));
			await child.until('it had the index', () => /writing /.exec(child.stderr) ?? undefined);
			// Wherever that is; the point is that it does not matter.
			await setTimeout(next(120));
			await child.kill();
		}
		const { client } = await Server.start(box);
		await checkIndex(client);
		assert.equal((await client.stats()).global.event_count, 0, 'files that were there already are no changes');
	});
});
