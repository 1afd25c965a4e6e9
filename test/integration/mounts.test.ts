/** H12: what is mounted inside a watch is not entered; mounting and unmounting hides and shows files, and removes none. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { netLines } from '../support/oracle.ts';
import { runWhere, seenBy, startWithOwnMounts } from '../support/own-mounts.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server, serveParameters } from '../support/server.ts';

/** A server that sees mounts of its own, and the watched folder with `m` to mount something at. */
async function start(t: TestContext, source: 'native' | 'polling') {
	const box = new Sandbox(t);
	const root = box.tree('w', { 'm/a': 'old', 'm/s/b': '', 'n/c': '' });
	const watches = [{ path: 'w', id: 'w', source, pollInterval: 86_400_000 }];
	const child = startWithOwnMounts(box, ['true', root], serveParameters(box, { watches }));
	const server = await Server.whenReady(box, child);
	let { cursor } = server.ready;
	return {
		server,
		root,
		run: (...command: string[]) => runWhere(child, ...command),
		write: (name: string, content = 'new') => writeFileSync(seenBy(child, join(root, name)), content),
		/** Net changes since the last call. */
		net: async (full: boolean) => {
			await server.client.sync(full);
			const since = await server.client.since(cursor);
			cursor = since.cursor;
			return netLines(since.changes, root);
		},
	};
}

/** The folder's own mode, so that only what is in it differs. */
const TMPFS = `mode=${(0o777 & ~process.umask()).toString(8)}`;

const HIDDEN = ['remove file m/a (coverage)', 'remove file m/s/b (coverage)', 'remove folder m/s (coverage)'];
const SHOWN = ['create file m/a (coverage)', 'create file m/s/b (coverage)', 'create folder m/s (coverage)'];

suite('mounted inside a watch', { concurrency: 2 }, () => {
	for (const source of ['native', 'polling'] as const) {
		test(`a file system over a folder, and its end (${source})`, async (t) => {
			const { server, root, run, write, net } = await start(t, source);
			const byHints = source === 'polling';
			run('mount', '-t', 'tmpfs', '-o', TMPFS, 'none', join(root, 'm'));
			assert.deepEqual(await net(true), HIDDEN);
			write('m/x');
			write('n/d');
			assert.deepEqual(await net(byHints), ['create file n/d']);
			run('umount', join(root, 'm'));
			assert.deepEqual(await net(true), SHOWN);
			write('m/a');
			write('m/s/new');
			assert.deepEqual(await net(byHints), ['create file m/s/new', 'modify file m/a']);
			const [watch] = (await server.client.stats()).watches;
			assert.deepEqual([watch?.files, watch?.folders, watch?.lifetime.remove], [5, 3, 0]);
			assert.deepEqual(await net(true), []);
		});
	}

	test('a folder that is bound over another one', async (t) => {
		const { root, run, write, net } = await start(t, 'native');
		run('mount', '--bind', join(root, 'n'), join(root, 'm'));
		assert.deepEqual(await net(true), [...HIDDEN, 'create file m/c (coverage)'].sort());
		write('m/d');
		assert.deepEqual(await net(false), ['create file m/d', 'create file n/d']);
		run('umount', join(root, 'm'));
		// The same file system before and after: it might as well have been replaced.
		assert.deepEqual(
			await net(true),
			[...SHOWN.map((line) => line.replace(' (coverage)', '')), 'remove file m/c', 'remove file m/d'].sort(),
		);
		write('m/a');
		assert.deepEqual(await net(false), ['modify file m/a']);
	});
});
