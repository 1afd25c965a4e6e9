/** What scripts rely on (DESIGN.md §8, "CLI contract"): arguments, exit codes and the exact JSON. */
import assert from 'node:assert/strict';
import { appendFileSync, chmodSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { Cli, runCli, startCli } from '../support/cli.ts';
import { Sandbox } from '../support/sandbox.ts';
import { readyLine, Server, serveParameters } from '../support/server.ts';

const C = (create: number, modify = 0, metadata = 0) => ({
	event_count: create + modify,
	metadata_count: metadata,
	per_type_counts: { create, modify, metadata, move: 0 },
});

suite('the CLI contract', { concurrency: 3 }, () => {
	test('serve, sync, since and stats print exactly the promised JSON', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'old.txt': 'old', 'folder/kept.txt': 'kept' });
		const server = await Server.start(box);
		const cli = new Cli(box, box.at('index'));
		const { ready } = server;
		assert.match(ready.cursor, /^\S+$/);
		assert.equal(typeof ready.ms, 'number');
		assert.deepEqual(ready, {
			ready: true,
			pid: server.process.pid,
			index: box.at('index'),
			cursor: ready.cursor,
			ms: ready.ms,
			leader: true,
		});

		writeFileSync(join(root, 'new.txt'), 'new');
		appendFileSync(join(root, 'old.txt'), '!');
		chmodSync(join(root, 'folder/kept.txt'), 0o600);
		const synced = await cli.sync();
		assert.match(synced.cursor, /^\S+$/);
		assert.deepEqual(synced, { cursor: synced.cursor, parked: 0 });

		assert.deepEqual(await cli.since(ready.cursor), {
			cursor: synced.cursor,
			fresh: false,
			changes: [
				{ type: 'metadata', kind: 'file', path: 'folder/kept.txt' },
				{ type: 'create', kind: 'file', path: 'new.txt' },
				{ type: 'modify', kind: 'file', path: 'old.txt' },
			],
		});

		const stats = await cli.stats();
		const [watch] = stats.watches;
		assert.ok(watch !== undefined);
		for (const name of ['events_received', 'events_processed', 'events_filtered', 'lastChange'] as const) {
			assert.equal(typeof watch[name], 'number', name);
		}
		assert.ok(watch.events_received >= 3 && watch.events_processed >= 3, JSON.stringify(watch));
		assert.deepEqual(stats, {
			global: C(1, 1, 1),
			watches: [
				{
					id: watch.id,
					name: 'w',
					path: '.',
					state: 'live',
					files: 3,
					folders: 1,
					...C(1, 1, 1),
					lifetime: { create: 1, modify: 1, metadata: 1, move: 0, remove: 0 },
					lastChange: watch.lastChange,
					events_received: watch.events_received,
					events_processed: watch.events_processed,
					events_filtered: watch.events_filtered,
					queue_errors: 0,
					overflows_seen: 0,
					overflows_suspected: 0,
				},
			],
			index: { bytes: stats.index.bytes, events: 4, head: 4 },
			// The root and a folder in it.
			handles: { used: 2, limit: stats.handles.limit },
			retention: { bytesInUse: stats.retention.bytesInUse, prunedTo: 0 },
		});
		assert.ok(stats.handles.limit === null || stats.handles.limit > 2);
		assert.ok(stats.index.bytes > 0);

		assert.deepEqual(await cli.pathStats(join(root, 'folder')), {
			path: 'folder',
			own: C(0),
			subtree: C(0, 0, 1),
		});
		assert.deepEqual(await cli.pathStats(root), { path: '.', own: C(0), subtree: C(1, 1, 1) });
	});

	test('a cursor that is 0, foreign or mistyped lists everything as created', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { 'a.txt': '', 'sub/b.txt': '' });
		const server = await Server.start(box);
		const cli = new Cli(box, box.at('index'));
		for (const cursor of ['0', '0123456789abcdef.1', 'nonsense', `${server.ready.cursor}x`, '']) {
			assert.deepEqual(
				await cli.since(cursor),
				{
					cursor: server.ready.cursor,
					fresh: true,
					changes: [
						{ type: 'create', kind: 'file', path: 'a.txt' },
						{ type: 'create', kind: 'folder', path: 'sub' },
						{ type: 'create', kind: 'file', path: 'sub/b.txt' },
					],
				},
				`cursor "${cursor}"`,
			);
		}
	});

	test('paths are absolute when several folders are served', async (t) => {
		const box = new Sandbox(t);
		const [one, two] = [box.tree('one', { a: '' }), box.tree('two', { b: '' })];
		await Server.start(box, { folders: [one, two] });
		const cli = new Cli(box, box.at('index'));
		const { changes } = await cli.since('0');
		assert.deepEqual(
			changes.map(({ path }) => path),
			[join(one, 'a'), join(two, 'b')],
		);
		assert.deepEqual(
			(await cli.stats()).watches.map(({ path }) => path),
			[one, two],
		);
		assert.equal((await cli.pathStats(join(one, 'a'))).path, join(one, 'a'));
	});

	test('without --index a folder argument and a sub-folder as current folder find the index', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'sub/deep/a.txt': '' });
		const child = startCli(box, serveParameters(box, { index: null }));
		const { index } = await readyLine(child);
		assert.equal(dirname(index), box.at('state', 'filetide'));
		for (const [what, folder, cwd] of [
			['the folder itself', [root], box.path],
			['a sub-folder', [join(root, 'sub')], box.path],
			['the current folder', [], root],
			['a sub-folder as current folder', [], join(root, 'sub', 'deep')],
		] as const) {
			const { code, stdout, stderr } = await runCli(box, ['sync', ...folder, '--json'], { cwd });
			assert.equal(code, 0, `${what}: ${stderr}`);
			assert.equal(JSON.parse(stdout).parked, 0, what);
		}
		const elsewhere = await runCli(box, ['stats'], { cwd: box.path });
		assert.equal(elsewhere.code, 3);
		assert.match(elsewhere.stderr, /No index was found for /);
	});

	test('of two nested served folders the inner one answers for what is in it', async (t) => {
		const box = new Sandbox(t);
		const outer = box.tree('w', { 'a.txt': '', 'inner/b.txt': '' });
		const inner = join(outer, 'inner');
		const servers = [
			startCli(box, serveParameters(box, { folders: [outer], index: null })),
			startCli(box, serveParameters(box, { folders: [inner], index: null })),
		];
		await Promise.all(servers.map(readyLine));
		for (const [folder, expected] of [
			[outer, ['a.txt', 'inner', 'inner/b.txt']],
			[inner, ['b.txt']],
		] as const) {
			const { stdout } = await runCli(box, ['since', '0', '--json'], { cwd: folder });
			assert.deepEqual(
				(JSON.parse(stdout).changes as { path: string }[]).map(({ path }) => path),
				expected,
			);
		}
	});

	test('--config holds the array of the setting; relative paths start at its folder', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'src/a.ts': '', 'src/a.md': '', 'docs/b.md': '' });
		await Server.start(box, {
			watches: [
				{ path: 'w/src', id: 'code', name: 'Code', include: ['**/*.ts'] },
				{ path: join(root, 'docs'), id: 'docs' },
			],
		});
		const cli = new Cli(box, box.at('index'));
		assert.deepEqual((await cli.since('0')).changes.map(({ path }) => path).sort(), ['docs/b.md', 'src/a.ts']);
		assert.deepEqual(
			(await cli.stats()).watches.map(({ id, name, path, files }) => ({ id, name, path, files })),
			[
				{ id: 'code', name: 'Code', path: 'src', files: 1 },
				{ id: 'docs', name: 'docs', path: 'docs', files: 1 },
			],
		);
	});

	test('since and stats read the index without a server; sync needs one', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const server = await Server.start(box);
		writeFileSync(join(root, 'b.txt'), '');
		const { cursor } = await server.client.sync();
		const running = await new Cli(box, box.at('index')).since(server.ready.cursor);
		await server.stop();
		const cli = new Cli(box, box.at('index'));
		assert.deepEqual(await cli.since(server.ready.cursor), running);
		assert.equal(running.cursor, cursor);
		const { watches, global } = await cli.stats();
		assert.deepEqual(global, C(1));
		assert.deepEqual(
			watches.map(({ name, state, files }) => ({ name, state, files })),
			[{ name: 'w', state: 'stopped', files: 2 }],
		);
		assert.deepEqual((await cli.pathStats(join(root, 'b.txt'))).own, C(1));
		const sync = await runCli(box, ['sync', '--index', box.at('index')]);
		assert.equal(sync.code, 3);
		assert.match(sync.stderr, /No server is running for the index /);
	});

	test('a sync that is not done in time exits with 3 and says so', async (t) => {
		const box = new Sandbox(t);
		// Comparing these takes longer than a millisecond on any machine.
		box.tree('w', Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`${i}`, ''])));
		await Server.start(box);
		const ran = await runCli(box, ['sync', '--index', box.at('index'), '--full', '--timeout', '0.001']);
		assert.equal(ran.code, 3, ran.stderr);
		assert.match(ran.stderr, /Not everything was reconciled within 0\.001 s\. Try again, or allow more time\./);
		assert.equal(ran.stdout, '');
	});

	test('a server that does not answer counts as none: exit code 3', async (t) => {
		const box = new Sandbox(t);
		box.tree('w');
		const server = await Server.start(box);
		server.process.child.kill('SIGSTOP');
		const ran = await runCli(box, ['sync', '--index', box.at('index')]);
		assert.equal(ran.code, 3, ran.stderr);
		assert.match(ran.stderr, /No server is running for the index /);
	});
});

interface LogLine {
	seq: number;
	time: number;
	type: string;
	kind: string;
	path: string;
	bytes?: string;
	from?: string;
	reason?: string;
	watches: string[];
	burst: number;
}

suite('filetide log', { concurrency: 3 }, () => {
	const linesOf = (stdout: string) =>
		stdout
			.split('\n')
			.slice(0, -1)
			.map((line) => JSON.parse(line) as LogLine);
	const logOf = async (box: Sandbox, ...parameters: string[]): Promise<LogLine[]> => {
		const ran = await runCli(box, ['log', '--index', box.at('index'), '--json', ...parameters]);
		assert.equal(ran.code, 0, ran.stderr);
		return linesOf(ran.stdout);
	};
	const short = (lines: readonly LogLine[]) => lines.map(({ type, path }) => `${type} ${path}`);

	test('prints exactly the promised JSON lines, oldest first', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'old.txt': 'old', 'sub/': '' });
		const server = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		const since = Date.now();
		writeFileSync(join(root, 'sub/new.txt'), '');
		await server.client.sync();
		renameSync(join(root, 'old.txt'), join(root, 'sub/moved.txt'));
		writeFileSync(join(root, '.gitignore'), '*.log\n');
		await server.client.sync();
		writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff)]), '');
		await server.client.sync();
		const lines = await logOf(box);
		for (const { time, burst } of lines) {
			assert.ok(time >= since && time <= Date.now() && burst > 0);
		}
		const [{ seq, burst }] = lines as [LogLine];
		const common = (i: number) => ({ time: lines[i]!.time, watches: ['w'], burst: lines[i]!.burst });
		assert.deepEqual(lines, [
			{ seq, type: 'create', kind: 'file', path: 'sub/new.txt', ...common(0), burst },
			{ seq: seq + 1, type: 'move', kind: 'file', path: 'sub/moved.txt', from: 'old.txt', ...common(1) },
			{ seq: seq + 2, type: 'create', kind: 'file', path: '\uFFFD', bytes: '/w==', ...common(2) },
		]);
		assert.deepEqual(Object.keys(lines[1]!), ['seq', 'time', 'type', 'kind', 'path', 'from', 'watches', 'burst']);
		const text = await runCli(box, ['log', '--index', box.at('index'), '--limit', '2']);
		assert.match(
			text.stdout,
			/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}move {6}sub\/moved\.txt \(from old\.txt\)\n.* create {4}\uFFFD\n$/,
		);
	});

	test('a change of coverage says its reason', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.log': '' });
		const server = await Server.start(box);
		writeFileSync(join(root, '.gitignore'), '*.log\n');
		await server.client.sync();
		assert.deepEqual(
			(await logOf(box)).map(({ type, path, reason }) => [type, path, reason]),
			[['remove', 'a.log', 'coverage']],
		);
	});

	test('selects by type, by number, and by where a file is now or was last, with and without a server', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a/': '', 'b/': '' });
		const watches = [
			{ path: 'w', id: 'all' },
			{ path: 'w/b', id: 'inner', name: 'Inner' },
		];
		const server = await Server.start(box, { watches });
		const steps: (() => void)[] = [
			() => writeFileSync(join(root, 'a/x'), ''),
			() => writeFileSync(join(root, 'a/gone'), ''),
			() => appendFileSync(join(root, 'a/x'), '2'),
			() => renameSync(join(root, 'a/x'), join(root, 'b/x')),
			() => renameSync(join(root, 'a/gone'), join(root, 'b/gone')),
			() => unlinkSync(join(root, 'b/gone')),
		];
		for (const step of steps) {
			step();
			await server.client.sync();
		}
		const check = async () => {
			assert.deepEqual(short(await logOf(box)), [
				'create a/x',
				'create a/gone',
				'modify a/x',
				'move b/x',
				'move b/gone',
				'remove b/gone',
			]);
			assert.deepEqual(short(await logOf(box, '--path', join(root, 'b/x'))), [
				'create a/x',
				'modify a/x',
				'move b/x',
			]);
			assert.deepEqual(short(await logOf(box, '--path', join(root, 'a'))), []);
			assert.equal((await logOf(box, '--path', join(root, 'b'))).length, 6);
			for (const name of ['inner', 'Inner']) {
				assert.equal((await logOf(box, '--watch', name)).length, 6, name);
			}
			assert.deepEqual(short(await logOf(box, '--type', 'move')), ['move b/x', 'move b/gone']);
			assert.deepEqual(short(await logOf(box, '--limit', '2', '--type', 'create')), [
				'create a/x',
				'create a/gone',
			]);
			assert.deepEqual(short(await logOf(box, '--limit', '1')), ['remove b/gone']);
			assert.deepEqual(await logOf(box, '--limit', '0'), []);
			const relative = await runCli(box, ['log', '--index', box.at('index'), '--json', '--path', 'b/x', root]);
			assert.equal(linesOf(relative.stdout).length, 3);
		};
		await check();
		await server.stop();
		await check();
	});

	test('--follow prints each change as it is committed, across a restart of the server', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const parameters = ['log', '--follow', '--json', '--index', box.at('index')];
		const alone = await runCli(box, parameters);
		assert.equal(alone.code, 3, 'there is nothing to follow');
		const server = await Server.start(box);
		writeFileSync(join(root, 'before'), '');
		await server.client.sync();
		const follower = startCli(box, parameters);
		const printed = (count: number) =>
			follower.until(`${count} lines`, () => {
				const lines = linesOf(follower.stdout);
				return lines.length >= count ? lines : undefined;
			});
		await printed(1);
		writeFileSync(join(root, 'during'), '');
		await printed(2);
		await server.stop();
		writeFileSync(join(root, 'while it was off'), '');
		await Server.start(box);
		await printed(3);
		writeFileSync(join(root, 'after'), '');
		assert.deepEqual(short(await printed(4)), [
			'create before',
			'create during',
			'create while it was off',
			'create after',
		]);
		assert.deepEqual(await follower.end('SIGINT'), { code: 0, signal: null });
	});

	test('paths are absolute when several folders are served', async (t) => {
		const box = new Sandbox(t);
		const [one, two] = [box.tree('one'), box.tree('two')];
		const server = await Server.start(box, { folders: [one, two] });
		writeFileSync(join(two, 'a'), '');
		await server.client.sync();
		assert.deepEqual(short(await logOf(box)), [`create ${join(two, 'a')}`]);
	});

	test('a watch that there is not: exit code 1', async (t) => {
		const box = new Sandbox(t);
		box.tree('w');
		await Server.start(box);
		const ran = await runCli(box, ['log', '--index', box.at('index'), '--watch', 'none']);
		assert.deepEqual([ran.code, ran.stdout], [1, '']);
		assert.match(ran.stderr, /No watch has the id or name "none"\./);
	});
});

suite('exit codes', { concurrency: 3 }, () => {
	// No server runs, no index exists. [arguments, exit code, what standard output or error says]
	const cases: Record<string, [parameters: string[], code: number, says: RegExp]> = {
		help: [['--help'], 0, /Usage: filetide /],
		'help of a command': [['serve', '--help'], 0, /Usage: filetide serve /],
		version: [['--version'], 0, /^\d+\.\d+\.\d+$/m],
		'no command': [[], 2, /Usage: filetide /],
		'an unknown command': [['frobnicate'], 2, /unknown command 'frobnicate'/],
		'an unknown option': [['stats', '--frobnicate'], 2, /unknown option '--frobnicate'/],
		'a missing argument': [['serve'], 2, /missing required argument 'folder'/],
		'a timeout of nothing': [['sync', '--timeout', '0'], 2, /It must be a number of seconds above 0/],
		'a timeout that is no number': [['sync', '--timeout', 'soon'], 2, /It must be a number of seconds above 0/],
		'a file instead of a folder': [['serve', 'file'], 2, /file is not a folder\. Name a folder to watch\./],
		'a config file that is missing': [
			['serve', 'w', '--config', 'no.json'],
			2,
			/The config file .*no\.json cannot be read: ENOENT/,
		],
		'a config file that is no JSON': [
			['serve', 'w', '--config', 'file'],
			2,
			/The config file .*file cannot be read: /,
		],
		'stats of a folder that was never served': [['stats', 'w'], 3, /No index was found for .*\/w\. Start one with/],
		'since with an index that does not exist': [
			['since', '0', '--index', 'x'],
			3,
			/No index was found for .*\/x\./,
		],
		'a limit that is no number': [['log', '--limit', 'all'], 2, /It must be a whole number/],
		'a type that there is not': [
			['log', '--type', 'touch'],
			2,
			/Allowed choices are create, modify, metadata, move/,
		],
		'log of a folder that was never served': [['log', 'w'], 3, /No index was found for .*\/w\. Start one with/],
		'sync without a server': [['sync', 'w'], 3, /No index was found for .*\/w\. Start one with/],
	};
	for (const [name, [parameters, code, says]] of Object.entries(cases)) {
		test(`${code}: ${name}`, async (t) => {
			const box = new Sandbox(t);
			box.tree('.', { file: 'no json', 'w/': '' });
			const ran = await runCli(box, parameters);
			assert.equal(ran.code, code, ran.stderr);
			assert.match(ran.stdout + ran.stderr, says);
			assert.equal(code === 0 ? ran.stderr : ran.stdout, '', 'answers on stdout, mistakes on stderr');
		});
	}

	test('1: the path is in no watch', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { '.hidden': '' });
		await Server.start(box);
		for (const path of [join(root, '.hidden'), join(root, 'missing'), box.at('elsewhere')]) {
			const { code, stderr } = await runCli(box, ['stats', '--index', box.at('index'), '--path', path]);
			assert.equal(code, 1, path);
			assert.equal(stderr, `filetide: error: No watch covers ${path}.\n`);
		}
	});
});
