/** The language server over stdio, as an editor that is not VS Code would start it. */
import assert from 'node:assert/strict';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Methods, NOTIFY_INTERVAL_MS, type RecentChangesResult, type Status } from '#shared/protocol.ts';
import { LanguageClient } from '../support/language-client.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { RunningProcess } from '../support/process.ts';
import { bundle, Sandbox } from '../support/sandbox.ts';

const isLive = ({ watches }: Status) => watches.length > 0 && watches.every(({ state }) => state === 'live');

/** id → state. */
function states({ watches }: Pick<Status, 'watches'>): Record<string, string> {
	return Object.fromEntries(watches.map(({ id, state }) => [id, state]));
}

function files(count: number): Record<string, string> {
	return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${Math.floor(i / 100)}/${i}`, '']));
}

suite('configuration', { concurrency: 3 }, () => {
	test('is pulled for each workspace folder, and hot reload touches only what changed', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'src/b.txt': '', 'docs/c.txt': '' });
		const src = { path: 'src', id: 'src' };
		const docs = { path: '${workspaceFolder}/docs', id: 'docs' };
		const client = await LanguageClient.start(box, { watches: [src] });
		const first = await client.until('the watch is live', isLive);
		assert.deepEqual(
			first.watches.map(({ id, name, path }) => [id, name, path]),
			[['src', 'src', join(root, 'src')]],
		);
		writeFileSync(join(root, 'src/d.txt'), '');
		const { cursor } = await client.sync();
		const received = (await client.status()).watches[0]!.events_received;
		assert.ok(received > 0);

		const seen = new Set<string>();
		const stopListening = client.onStatus((status) => seen.add(states(status)['src'] ?? 'gone'));
		await client.configure({ watches: [src, docs] });
		await client.until('both are live', (status) => status.watches.length === 2 && isLive(status));
		stopListening();
		assert.deepEqual([...seen], ['live'], 'the other watch went on undisturbed');
		assert.ok((await client.status()).watches[0]!.events_received >= received, 'nor does it count from 0 again');
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), ['create file docs/c.txt (coverage)']);
		await checkIndex(client);

		await client.configure({ watches: [docs] });
		const last = await client.until('one is left', ({ watches }) => watches.length === 1);
		assert.deepEqual(states(last), { docs: 'live' });
		writeFileSync(join(root, 'src/e.txt'), '');
		await client.sync();
		assert.deepEqual(
			(await client.since('0')).changes.map(({ path }) => path),
			[join(root, 'docs/c.txt')],
		);
		await client.configure({ watches: [] });
		await client.until('none is left', ({ watches }) => watches.length === 0);
		assert.equal((await client.stop()).code, 0);
	});

	test('changed patterns and files.watcherExclude change the coverage', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'out/b.txt': '', 'lib/c.txt': '', 'lib/d.md': '' });
		const client = await LanguageClient.start(box, {
			watches: [{ path: root, id: 'w' }],
			watcherExclude: { '**/out/**': true, '**/lib/**': false },
		});
		await client.until('the watch is live', isLive);
		const listed = async () => (await client.since('0')).changes.map(({ path }) => path.slice(root.length + 1));
		assert.deepEqual(await listed(), ['a.txt', 'lib', 'lib/c.txt', 'lib/d.md']);
		const changes: [Parameters<typeof client.configure>[0], string[]][] = [
			[{ watcherExclude: { [`${root}/lib/**`]: true } }, ['a.txt', 'out', 'out/b.txt']],
			[
				{ watches: [{ path: root, id: 'w', filters: { watcherExclude: false } }] },
				['a.txt', 'lib', 'lib/c.txt', 'lib/d.md', 'out', 'out/b.txt'],
			],
			[
				{ watches: [{ path: root, id: 'w', ignore: ['**/*.md'] }], watcherExclude: {} },
				['a.txt', 'lib', 'lib/c.txt', 'out', 'out/b.txt'],
			],
		];
		for (const [change, expected] of changes) {
			await client.configure(change);
			await client.until(
				`it covers ${expected.join(', ')}`,
				({ watches }) => watches[0]!.files + watches[0]!.folders === expected.length,
			);
			assert.deepEqual(await listed(), expected);
		}
		writeFileSync(join(root, 'lib/e.txt'), '');
		writeFileSync(join(root, 'lib/f.md'), '');
		await client.sync();
		assert.ok((await listed()).includes('lib/e.txt'));
		assert.ok(!(await listed()).includes('lib/f.md'));
	});

	test('a setting of two workspace folders is told once, and each has its relative watches', async (t) => {
		const box = new Sandbox(t);
		const [one, two] = [box.tree('one', { 'src/a': '' }), box.tree('two', { 'src/b': '' })];
		const client = await LanguageClient.start(box, {
			folders: [one, two],
			watches: [{ path: 'src' }, { path: '${workspaceFolder:two}', id: 'two' }, { path: 'src', depth: 'deep' }],
		});
		const status = await client.until('all are live', isLive);
		assert.deepEqual(
			status.watches.map(({ path }) => path).sort(),
			[join(one, 'src'), two, join(two, 'src')].sort(),
		);
		assert.deepEqual(
			status.problems.map(({ message }) => message),
			[
				'filetide.watches[2].depth is wrong: Invalid input: expected number, received string. The other watches go on.',
			],
		);
	});

	test('another set of workspace folders has another index', async (t) => {
		const box = new Sandbox(t);
		const [one, two] = [box.tree('one', { a: '' }), box.tree('two', { b: '' })];
		const client = await LanguageClient.start(box, { folders: [one], watches: [{ path: '.' }] });
		const { indexPath } = await client.until('it is live', isLive);
		const folder = (path: string) => ({ uri: pathToFileURL(path).href, name: basename(path) });
		await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
			event: { added: [folder(two)], removed: [folder(one)] },
		});
		const moved = await client.until(
			'the other folder is live',
			(status) => isLive(status) && status.watches[0]?.path === two,
		);
		assert.notEqual(moved.indexPath, indexPath);
		await checkIndex(client);
	});

	test('without trust a watch outside the workspace waits; trust starts it', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const outside = box.tree('outside', { 'b.txt': '' });
		const client = await LanguageClient.start(box, {
			trusted: false,
			watches: [
				{ path: root, id: 'inside' },
				{ path: outside, id: 'outside' },
				{ path: '../outside', id: 'sneaky' },
			],
		});
		const waiting = await client.until('the inner one is live', ({ watches }) => watches[0]?.state === 'live');
		assert.deepEqual(states(waiting), { inside: 'live', outside: 'stopped', sneaky: 'stopped' });
		assert.equal(
			waiting.watches[1]?.message,
			'The watch "outside" lies outside the workspace and waits until you trust the workspace.',
		);
		await assert.rejects(client.rescan('outside'), { data: { code: 'WATCH_STOPPED' } });
		writeFileSync(join(outside, 'c.txt'), '');
		writeFileSync(join(root, 'd.txt'), '');
		await client.sync();
		assert.deepEqual(
			(await client.since('0')).changes.map(({ path }) => path),
			[join(root, 'a.txt'), join(root, 'd.txt')],
		);
		await client.connection.sendNotification(Methods.trustGranted);
		await client.until('all are live', isLive);
		await client.sync();
		await checkIndex(client);
	});

	test('distrust, and the settings that it hides, cost no history', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const watches = [{ path: root, id: 'w' }];
		const before = await LanguageClient.start(box, { watches });
		await before.until('it is live', isLive);
		writeFileSync(join(root, 'b.txt'), '');
		const { cursor } = await before.sync();
		await before.stop();
		// An editor does not pass on what an untrusted workspace sets.
		const distrusted = await LanguageClient.start(box, { trusted: false, watches: undefined });
		assert.deepEqual((await distrusted.status()).watches, []);
		await distrusted.stop();
		const after = await LanguageClient.start(box, { watches });
		const status = await after.until('it is live', isLive);
		assert.equal(status.watches[0]?.event_count, 1);
		assert.deepEqual((await after.since(cursor)).changes, []);
	});
});

suite('requests and notifications', { concurrency: 3 }, () => {
	test('a rescan reports its progress: begin, rising percentages, end', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', files(5000));
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		const { entries, changes, cancelled } = await client.rescan('w', 'token');
		assert.deepEqual({ entries, changes, cancelled }, { entries: 5050, changes: 0, cancelled: false });
		const values = client.progress.map(({ token, value }) => {
			assert.equal(token, 'token');
			return value;
		});
		assert.deepEqual(values[0], { kind: 'begin', title: 'Rescan', percentage: 0, cancellable: true });
		assert.equal(values.at(-1)?.kind, 'end');
		const reports = values.slice(1, -1);
		assert.ok(reports.length > 0);
		let latest = 0;
		for (const { kind, percentage, message } of reports) {
			assert.equal(kind, 'report');
			assert.ok(percentage !== undefined && percentage >= latest && percentage <= 99, JSON.stringify(reports));
			assert.match(message ?? '', /^[\d,]+\/5,050 files$/);
			latest = percentage;
		}
		assert.ok(latest > 0);
	});

	test('a rescan can be cancelled', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', files(5000));
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		const [{ cancelled, entries }] = await Promise.all([
			client.rescan('w'),
			client.connection.sendRequest(Methods.cancelScan, { watchId: 'w' }),
		]);
		assert.equal(cancelled, true);
		assert.ok(entries < 5050, String(entries));
		await client.sync();
		await checkIndex(client);
	});

	test('a paused watch records nothing; resumed, it finds what happened, also after a restart', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const watches = [{ path: root, id: 'w' }];
		const client = await LanguageClient.start(box, { watches });
		const { cursor } = await client.until('it is live', isLive);
		await client.connection.sendRequest(Methods.pause, { watchId: 'w' });
		assert.deepEqual(states(await client.status()), { w: 'paused' });
		writeFileSync(join(root, 'b.txt'), '');
		await client.sync(true);
		assert.deepEqual((await client.since(cursor)).changes, []);
		await assert.rejects(client.rescan('w'), {
			message: 'The watch "w" is paused. Resume it first.',
			data: { code: 'WATCH_STOPPED' },
		});
		await client.stop();

		const again = await LanguageClient.start(box, { watches });
		assert.deepEqual(states(await again.until('it is there', (status) => status.watches.length === 1)), {
			w: 'paused',
		});
		await again.sync(true);
		assert.deepEqual((await again.since(cursor)).changes, []);
		await again.connection.sendRequest(Methods.resume, { watchId: 'w' });
		await again.until('it is live', isLive);
		writeFileSync(join(root, 'c.txt'), '');
		await again.sync();
		assert.deepEqual(netLines((await again.since(cursor)).changes, root), [
			'create file b.txt',
			'create file c.txt',
		]);
		await checkIndex(again);
	});

	test('under load the client hears of the status at most four times a second, and of the last one in the end', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		const heard: Record<string, number> = { [Methods.statusChanged]: 0, [Methods.pathsChanged]: 0 };
		const stopListening = client.onStatus(() => {
			heard[Methods.statusChanged]!++;
		});
		client.connection.onNotification(Methods.pathsChanged, ({ paths }: { paths: string[] | null }) => {
			assert.ok(paths === null || (paths.length > 0 && paths.length <= 200));
			heard[Methods.pathsChanged]!++;
		});
		const began = performance.now();
		let count = 0;
		while (performance.now() - began < 1500) {
			for (let i = 0; i < 10; i++) {
				writeFileSync(join(root, `${count++}`), '');
			}
			await client.status();
		}
		await client.sync();
		stopListening();
		const most = Math.ceil((performance.now() - began) / NOTIFY_INTERVAL_MS) + 1;
		for (const [method, times] of Object.entries(heard)) {
			assert.ok(times >= 3 && times <= most, `${times} × ${method}, at most ${most}`);
		}
		await client.until(
			'the last status says it all',
			({ global, pending }) => global.event_count === count && pending === 0,
		);
	});

	test('the log comes in pages, newest first', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		for (const name of ['a', 'b', 'c', 'd', 'e']) {
			writeFileSync(join(root, name), '');
			await client.sync();
		}
		const page = async (before?: number) => {
			const params = { watchId: 'w', limit: 2, ...(before === undefined ? {} : { before }) };
			const { changes, more } = await client.connection.sendRequest<RecentChangesResult>(
				Methods.recentChanges,
				params,
			);
			return { names: changes.map(({ path }) => basename(path)), more, before: changes.at(-1)?.seq };
		};
		const first = await page();
		const second = await page(first.before);
		const third = await page(second.before);
		assert.deepEqual(
			[first, second, third].map(({ names, more }) => ({ names, more })),
			[
				{ names: ['e', 'd'], more: true },
				{ names: ['c', 'b'], more: true },
				{ names: ['a'], more: false },
			],
		);
		assert.deepEqual((await page(third.before)).names, []);
	});

	test('counters of paths: null for what no watch covers', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'sub/a.txt': '', '.hidden': '' });
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		appendFileSync(join(root, 'sub/a.txt'), 'more');
		await client.sync();
		const { stats: found } = await client.pathStats([
			join(root, 'sub/a.txt'),
			join(root, 'sub'),
			root,
			join(root, '.hidden'),
			join(root, 'nothing'),
			box.path,
		]);
		assert.deepEqual(
			found.map((stats) => stats && [stats.own.event_count, stats.subtree.event_count]),
			[[1, 1], [0, 1], [0, 1], null, null, [0, 1]],
		);
	});
});

suite('the server ends with its parent', { concurrency: 3 }, () => {
	test('when its standard input is closed', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		client.process.child.stdin!.end();
		assert.equal((await client.process.ended).signal, null);
		// The index is free again.
		const next = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		assert.equal((await next.until('it is live', isLive)).role, 'leader');
	});

	test('when the process that started it is killed', async (t) => {
		const box = new Sandbox(t);
		// The server shares this parent's standard error, which therefore ends with the last of the two.
		const script = `
			const { spawn } = require('node:child_process');
			const [server] = process.argv.slice(1);
			const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
			const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { processId: null, rootUri: null, capabilities: {} } });
			child.stdin.write(\`Content-Length: \${body.length}\\r\\n\\r\\n\${body}\`);
			child.stdout.once('data', () => console.log('running'));
		`;
		const parent = new RunningProcess(box, process.execPath, ['-e', script, bundle('server')]);
		await parent.until('the server answered', () => parent.stdout.includes('running') || undefined);
		assert.equal((await parent.end('SIGKILL')).signal, 'SIGKILL');
	});

	test('when the editor that it was told of is killed, whoever holds its standard input', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const editor = new RunningProcess(box, process.execPath, ['-e', 'setInterval(() => undefined, 1e9)']);
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }], processId: editor.pid });
		await client.until('it is live', isLive);
		await editor.kill();
		await client.process.ended;
	});

	test('with 0 after shutdown and exit', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		rmSync(join(root, 'a.txt'));
		assert.deepEqual(await client.stop(), { code: 0, signal: null });
	});
});
