/** The kernel drops events when a listener is late and its queue is full. Every change is found all the same, and it is told. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { WatchConfigInput } from '#shared/settings.ts';
import { Cli } from '../support/cli.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';
import { maxQueuedEvents, whileStopped } from '../support/stalled.ts';

const FOLDERS = 50;
/** A quarter more than the queue holds; each file is one event at least. */
const FILES = Math.ceil(maxQueuedEvents() * 1.25);

/** One crowded folder, and many others where little happens. */
function prepare(box: Sandbox): string {
	const files = Object.fromEntries(Array.from({ length: FOLDERS }, (_, i) => [`f${i}/old-0`, '']));
	return box.tree('w', { 'crowded/': '', ...files });
}

/** What the kernel cannot queue: returns the net changes that it comes to. */
function flood(root: string, round: number): string[] {
	const net: string[] = [];
	for (let i = 0; i < FILES; i++) {
		const name = `crowded/${round}-${i}`;
		writeFileSync(join(root, name), '');
		net.push(`create file ${name}`);
	}
	for (let i = 0; i < FOLDERS; i++) {
		const [gone, made] = [`f${i}/old-${round}`, `f${i}/old-${round + 1}`];
		writeFileSync(join(root, made), '');
		rmSync(join(root, gone));
		net.push(`create file ${made}`);
		if (round === 0) {
			net.push(`remove file ${gone}`);
		}
	}
	return net;
}

/** Floods a stalled server and compares what it says afterwards. */
async function checkFlood(box: Sandbox, watch: WatchConfigInput): Promise<Cli> {
	const root = prepare(box);
	const { process, client, ready } = await Server.start(box, { watches: [watch] });
	let net: string[] = [];
	whileStopped(process, () => {
		net = flood(root, 0);
	});
	await client.sync();
	assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), net.sort());
	await checkIndex(client, { recount: 'nothing' });
	return new Cli(box, ready.index);
}

suite('more events than the kernel can queue', () => {
	test('native: it is seen, told, and every change is found', async (t) => {
		const cli = await checkFlood(new Sandbox(t), { path: 'w', source: 'native' });
		const [watch] = (await cli.stats()).watches;
		assert.deepEqual([watch?.overflows_seen, watch?.overflows_suspected], [1, 0]);
	});

	test('chokidar: it is suspected, told, and every change is found', async (t) => {
		const cli = await checkFlood(new Sandbox(t), { path: 'w', source: 'chokidar' });
		const [watch] = (await cli.stats()).watches;
		assert.deepEqual([watch?.overflows_seen, watch?.overflows_suspected], [0, 1]);
	});

	test('native beside chokidar, whose events must not be taken from it: suspected for both, and every change is found', async (t) => {
		const box = new Sandbox(t);
		const root = prepare(box);
		const other = box.tree('other', { 'sub/': '' });
		const { process, client } = await Server.start(box, {
			watches: [
				{ path: 'w', source: 'native' },
				{ path: 'other', source: 'chokidar' },
			],
		});
		// Enough for reading past libuv to set in where it is allowed to.
		const { cursor } = await client.sync();
		const expected: string[] = [];
		whileStopped(process, () => {
			for (let i = 0; i < 500; i++) {
				writeFileSync(join(other, `sub/${i}`), '');
				expected.push(`create file sub/${i}`);
			}
		});
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, other), expected.sort());
		whileStopped(process, () => {
			flood(root, 0);
			rmSync(join(other, 'sub/0'));
		});
		await client.sync();
		await checkIndex(client, { recount: 'nothing' });
		assert.deepEqual(
			(await client.stats()).watches.map((watch) => [watch.overflows_seen, watch.overflows_suspected]),
			[
				[0, 1],
				[0, 1],
			],
		);
	});

	test('again, while it is still being compared', async (t) => {
		const box = new Sandbox(t);
		const root = prepare(box);
		const { process, client, ready } = await Server.start(box);
		const expected = new Set<string>();
		for (let round = 0; round < 3; round++) {
			whileStopped(process, () => {
				for (const line of flood(root, round)) {
					expected.add(line);
				}
			});
			// Made in one round and removed in the next one: nothing in the end.
			for (const i of round > 0 ? Array(FOLDERS).keys() : []) {
				expected.delete(`create file f${i}/old-${round}`);
			}
			await client.until('the loss is told', ({ watches }) => (watches[0]?.overflows_seen ?? 0) > round);
		}
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [...expected].sort());
		await checkIndex(client, { recount: 'nothing' });
		const [watch] = (await client.stats()).watches;
		assert.deepEqual([watch?.state, watch?.scan, watch?.overflows_seen], ['live', undefined, 3]);
	});

	test('fewer than that are no overflow', async (t) => {
		const box = new Sandbox(t);
		const root = prepare(box);
		const { process, client } = await Server.start(box);
		whileStopped(process, () => {
			for (let i = 0; i < maxQueuedEvents() / 4; i++) {
				writeFileSync(join(root, 'crowded', `${i}`), '');
			}
		});
		await client.sync();
		await checkIndex(client, { recount: 'nothing' });
		const [watch] = (await client.stats()).watches;
		assert.deepEqual([watch?.overflows_seen, watch?.overflows_suspected], [0, 0]);
	});

	test('folders that came, went and changed places among what was dropped are watched afterwards', async (t) => {
		const box = new Sandbox(t);
		const root = prepare(box);
		box.tree('w', { 'a/x/y/1': '', 'b/1': '', 'gone/deep/1': '' });
		const { process, client } = await Server.start(box);
		whileStopped(process, () => {
			flood(root, 0);
			rmSync(join(root, 'gone'), { recursive: true });
			box.tree('w', { 'gone/deep/2': '', 'new/deep/1': '' });
			rmSync(join(root, 'b'), { recursive: true });
			box.tree('w', { b: 'a file now' });
			rmSync(join(root, 'f0'), { recursive: true });
			box.tree('w', { 'f0/old-1': '' });
		});
		const { cursor } = await client.sync();
		await checkIndex(client, { recount: 'nothing' });
		rmSync(join(root, 'b'));
		box.tree('w', { 'gone/deep/3': '', 'new/deep/2': '', 'b/2': '', 'f0/more': '', 'a/x/y/2': '' });
		// By hints alone: nothing is scanned for this.
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), [
			'create file a/x/y/2',
			'create file b/2',
			'create file f0/more',
			'create file gone/deep/3',
			'create file new/deep/2',
			'create folder b',
			'remove file b',
		]);
	});
});
