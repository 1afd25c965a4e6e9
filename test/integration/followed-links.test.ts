/** `followSymlinks`: what turns it on and off, where it meets other watches, and what it must never do. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Methods, type Status } from '#shared/protocol.ts';
import { LanguageClient } from '../support/language-client.ts';
import { checkIndex, type Following, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const FOLLOWING = { path: 'w', id: 'w', followSymlinks: true };
const following = (...into: string[]): { following: Following } => ({ following: { ids: new Set(['w']), into } });
const isLive = ({ watches }: Status) => watches.every(({ state }) => state === 'live');

suite('links that are followed', { concurrency: 3 }, () => {
	test('turned on and off, what was known comes and goes for that reason and is counted nowhere', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'd/a': 'old', b: '' });
		for (const [name, target] of Object.entries({ x: 'd', y: 'b', z: 'nothing' })) {
			symlinkSync(target, join(root, name));
		}
		const first = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		appendFileSync(join(root, 'b'), 'more');
		const { cursor } = await first.client.sync();
		await first.stop();

		const second = await Server.start(box, { watches: [FOLLOWING] });
		assert.deepEqual(netLines((await second.client.since(cursor)).changes, root), [
			'create file x/a (coverage)',
			'create file y (coverage)',
			'create folder x (coverage)',
			'remove link x (coverage)',
			'remove link y (coverage)',
		]);
		await checkIndex(second.client, following(root));
		appendFileSync(join(root, 'b'), 'more');
		const { cursor: later } = await second.client.sync();
		assert.equal((await second.client.stats()).watches[0]?.per_type_counts.modify, 3);
		await second.stop();

		const third = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		assert.deepEqual(netLines((await third.client.since(later)).changes, root), [
			'create link x (coverage)',
			'create link y (coverage)',
			'remove file x/a (coverage)',
			'remove file y (coverage)',
			'remove folder x (coverage)',
		]);
		await checkIndex(third.client, { recount: 'live' });
	});

	test('of two watches only the one that follows them has what is behind them', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'sub/d/a': '', 'sub/b': '' });
		symlinkSync('d', join(root, 'sub/x'));
		symlinkSync('b', join(root, 'sub/y'));
		const { client, ready } = await Server.start(box, { watches: [FOLLOWING, { path: 'w/sub', id: 'sub' }] });
		writeFileSync(join(root, 'sub/d/new'), '');
		appendFileSync(join(root, 'sub/b'), 'more');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [
			'create file sub/d/new',
			'create file sub/x/new',
			'modify file sub/b',
			'modify file sub/y',
		]);
		const covering = Object.fromEntries(
			(await client.log('w')).map(({ path, watches }) => [path.slice(root.length + 1), watches]),
		);
		assert.deepEqual(covering, {
			'sub/d/new': ['sub', 'w'],
			'sub/x/new': ['w'],
			'sub/b': ['sub', 'w'],
			'sub/y': ['sub', 'w'],
		});
		assert.deepEqual(
			(await client.stats()).watches.map(({ id, files, folders }) => [id, files, folders]),
			[
				['w', 6, 3],
				// The links themselves count as what they lead to.
				['sub', 4, 2],
			],
		);
	});

	test('a link leads into another watch as long as there is that watch', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const other = box.tree('other', { 'd/a': '' });
		symlinkSync(join(other, 'd'), join(root, 'x'));
		const watches = [FOLLOWING, { path: 'other', id: 'other' }];
		const first = await Server.start(box, { watches: [FOLLOWING] });
		await checkIndex(first.client);
		await first.stop();
		const second = await Server.start(box, { watches });
		const { cursor } = second.ready;
		const known = netLines((await second.client.since(first.ready.cursor)).changes, root);
		assert.deepEqual(
			known.filter((line) => !line.includes('../other')),
			['create file x/a (coverage)', 'create folder x (coverage)', 'remove link x (coverage)'],
		);
		writeFileSync(join(other, 'd/b'), '');
		await second.client.sync();
		assert.deepEqual(netLines((await second.client.since(cursor)).changes, root), [
			'create file ../other/d/b',
			'create file x/b',
		]);
		await checkIndex(second.client, following(root, other));
		await second.stop();
		const third = await Server.start(box, { watches: [FOLLOWING] });
		await checkIndex(third.client, { recount: 'nothing' });
	});

	test('never into the folder of the index, wherever a link leads', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { '.state/kept': '' });
		const index = join(root, '.state/index');
		symlinkSync('.state', join(root, 'state'));
		symlinkSync('.state/index', join(root, 'index'));
		const { client } = await Server.start(box, { index, watches: [FOLLOWING] });
		writeFileSync(join(root, 'state/new'), '');
		await client.sync();
		await client.sync(true);
		assert.deepEqual(netLines((await client.since('0')).changes, root), [
			'create file state/kept',
			'create file state/new',
			'create folder state',
			'create link index',
		]);
		assert.equal((await client.log('w')).length, 1);
	});

	test('a chain of folders that lead to the next one ends', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		for (let i = 0; i < 12; i++) {
			mkdirSync(join(root, `${i}`));
			symlinkSync(`../${i + 1}`, join(root, `${i}`, 'next'));
		}
		const { client } = await Server.start(box, { watches: [FOLLOWING] });
		const first = netLines((await client.since('0')).changes, root).filter((line) => / 0\//.test(line));
		const next = (count: number) => `0${'/next'.repeat(count)}`;
		assert.deepEqual(
			first.sort(),
			[...Array.from({ length: 8 }, (_, i) => `create folder ${next(i + 1)}`), `create link ${next(9)}`].sort(),
		);
		await checkIndex(client, following(root));
	});

	test('without trust no link leads out of the workspace', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'd/a': '' });
		const outside = box.tree('outside', { 'secret/b': '' });
		symlinkSync(join(outside, 'secret'), join(root, 'out'));
		symlinkSync('d', join(root, 'in'));
		const client = await LanguageClient.start(box, {
			trusted: false,
			watches: [
				{ path: root, id: 'w', followSymlinks: true },
				{ path: outside, id: 'outside' },
			],
		});
		await client.until('the inner one is live', ({ watches }) => watches[0]?.state === 'live');
		const expected = [
			'create file d/a',
			'create file in/a',
			'create folder d',
			'create folder in',
			'create link out',
		];
		assert.deepEqual(netLines((await client.since('0')).changes, root), expected);
		await client.connection.sendNotification(Methods.trustGranted);
		await client.until('all are live', isLive);
		await client.sync();
		await checkIndex(client, following(root, outside));
	});

	test('what happens while a link turns to the outside is not read there', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'd/s/a': '' });
		const outside = box.tree('outside', { 's/secret': '' });
		symlinkSync('d', join(root, 'x'));
		const { client, ready } = await Server.start(box, { watches: [FOLLOWING] });
		for (let i = 0; i < 50; i++) {
			symlinkSync(i % 2 === 0 ? outside : 'd', join(root, 'y'));
			renameSync(join(root, 'y'), join(root, 'x'));
			writeFileSync(join(outside, 's', `${i}`), '');
			writeFileSync(join(root, 'd/s', `${i}`), '');
		}
		await client.sync();
		const records = await client.log('w');
		assert.deepEqual(
			records.filter(({ path }) => path.includes('secret')),
			[],
		);
		assert.equal(
			(await client.since(ready.cursor)).changes.filter(({ path }) => path.startsWith(join(root, 'd'))).length,
			50,
		);
		await checkIndex(client, following(root));
	});
});
