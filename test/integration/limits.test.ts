/** What the system has no more of: what can be watched is, the rest is polled, and one sentence says what to do (DESIGN.md §4). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { WatchSummary } from '#shared/model.ts';
import type { Status } from '#shared/protocol.ts';
import { setLimit, startLimited } from '../support/limited.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server, serveParameters } from '../support/server.ts';

/** The sentence of a degraded watch, taken apart. */
const SENTENCE =
	/^(\S+) folders need a watch of the system, and (\S+) could be had; (\S+) is the first without\. What has none is scanned every 0\.2 s until there is room\. Raise the limit: sudo sysctl (\S+)=(\d+)$/;

const WATCH = { path: 'w', id: 'w', pollInterval: 200 } as const;

function grid(box: Sandbox, outer: number, inner: number): string {
	const files: Record<string, string> = {};
	for (let i = 0; i < outer; i++) {
		for (let j = 0; j < inner; j++) {
			files[`d${i}/e${j}/file`] = '';
		}
	}
	return box.tree('w', files);
}

const only = ({ watches }: Pick<Status, 'watches'>): WatchSummary => watches[0]!;
const isLive = (status: Status) => only(status).state === 'live';

suite('limits of the system', () => {
	test('inotify watches: the rest is polled, the watch says so once, and recovers by itself', async (t) => {
		const box = new Sandbox(t);
		// 221 folders; our own takes a watch, too.
		const root = grid(box, 20, 10);
		const parameters = serveParameters(box, { watches: [WATCH] });
		const { process, client, ready } = await Server.whenReady(
			box,
			startLimited(box, 'max_inotify_watches', 101, parameters),
		);
		const status = await client.status();
		const watch = only(status);
		assert.equal(watch.state, 'degraded');
		const [, needed, had, first, name, value] = SENTENCE.exec(watch.message ?? '') ?? assert.fail(watch.message);
		assert.deepEqual([needed, had, name], ['221', '100', 'user.max_inotify_watches']);
		assert.ok(Number(value) >= 222, value);
		assert.ok(first?.startsWith(`${root}/`), first);
		assert.deepEqual(
			status.problems.map(({ message }) => message),
			[watch.message],
		);
		assert.deepEqual((await client.stats()).handles, { used: 100, limit: 101 });

		// Everywhere, watched or not; and by polls alone, without a barrier.
		const expected: string[] = [];
		for (let i = 0; i < 20; i++) {
			for (let j = 0; j < 10; j++) {
				writeFileSync(join(root, `d${i}/e${j}/new`), '');
				expected.push(`create file d${i}/e${j}/new`);
			}
		}
		await client.until('all is found', (now) => only(now).event_count === 200);
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), expected.sort());

		setLimit(process, 'max_inotify_watches', Number(value));
		const live = await client.until('it is live', isLive);
		assert.deepEqual([only(live).message, live.problems], [undefined, []]);
		assert.equal((await client.stats()).handles.used, 221);
		const { cursor } = await client.sync();
		for (let i = 0; i < 20; i++) {
			appendFileSync(join(root, `d${i}/e9/file`), 'more');
		}
		await client.sync();
		assert.equal((await client.since(cursor)).changes.length, 20);
		await checkIndex(client);
	});

	test('inotify watches, met by new folders while it runs', async (t) => {
		const box = new Sandbox(t);
		const root = grid(box, 2, 2);
		const parameters = serveParameters(box, { watches: [WATCH] });
		const { client } = await Server.whenReady(box, startLimited(box, 'max_inotify_watches', 12, parameters));
		assert.equal(only(await client.status()).state, 'live');
		for (let i = 0; i < 30; i++) {
			mkdirSync(join(root, `new${i}`));
			writeFileSync(join(root, `new${i}/file`), '');
		}
		await client.until('it is degraded', (status) => only(status).state === 'degraded');
		await client.sync();
		await checkIndex(client);
		for (let i = 0; i < 30; i++) {
			rmSync(join(root, `new${i}`), { recursive: true });
		}
		await client.until('it is live', isLive);
		await client.sync();
		await checkIndex(client);
	});

	test('inotify instances: the whole folder is polled until there is one', async (t) => {
		const box = new Sandbox(t);
		const root = grid(box, 3, 3);
		const parameters = serveParameters(box, { watches: [WATCH] });
		const { process, client } = await Server.whenReady(
			box,
			startLimited(box, 'max_inotify_instances', 0, parameters),
		);
		const watch = only(await client.status());
		assert.equal(watch.state, 'degraded');
		const [, needed, had, first, name] = SENTENCE.exec(watch.message ?? '') ?? assert.fail(watch.message);
		assert.deepEqual([needed, had, first, name], ['13', '0', root, 'user.max_inotify_instances']);
		writeFileSync(join(root, 'd0/e0/new'), '');
		await client.until('it is found', (status) => only(status).event_count === 1);
		setLimit(process, 'max_inotify_instances', 10);
		await client.until('it is live', isLive);
		writeFileSync(join(root, 'd0/e0/newer'), '');
		await client.sync();
		await checkIndex(client);
	});

	test('open files: what cannot be opened is polled until it can', async (t) => {
		const box = new Sandbox(t);
		const { process, client } = await Server.start(box, { watches: [{ ...WATCH, path: 'later/w' }] });
		assert.equal(only(await client.status()).state, 'missing');
		await client.sync();
		// A new descriptor gets the smallest number that is free, and the limit is one for the numbers.
		const used = new Set(readdirSync(`/proc/${process.pid}/fd`).map(Number));
		let open = 0;
		while (used.has(open)) {
			open++;
		}
		const limit = (files: number) =>
			execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${files}:4096`], { stdio: 'pipe' });
		limit(open);
		box.tree('later/w', { 'a/b/c': '' });
		const { message } = only(await client.until('it is degraded', (status) => only(status).state === 'degraded'));
		assert.match(message ?? '', /ulimit -n \d+/);
		limit(1024);
		await client.until('it is live', isLive);
		box.tree('later/w', { 'a/b/d': '' });
		await client.sync();
		await checkIndex(client, { recount: 'nothing' });
	});
});
