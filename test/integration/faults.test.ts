/** What users and disks get wrong: one clear sentence each, and everything else goes on (DESIGN.md §11). */
import assert from 'node:assert/strict';
import {
	appendFileSync,
	chmodSync,
	chownSync,
	mkdirSync,
	renameSync,
	rmSync,
	unlinkSync,
	writeFileSync,
	readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Status } from '#shared/protocol.ts';
import { dataFile, openTables } from '../../server/src/index/tables.ts';
import { startCli } from '../support/cli.ts';
import { LanguageClient } from '../support/language-client.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server, serveParameters } from '../support/server.ts';
import { SmallDisk } from '../support/small-disk.ts';

/** id → state and message. */
function states({ watches }: Pick<Status, 'watches'>): Record<string, [state: string, message?: string]> {
	return Object.fromEntries(
		watches.map(({ id, state, message }) => [id, message === undefined ? [state] : [state, message]]),
	);
}

const stateIs =
	(id: string, expected: string) =>
	({ watches }: Status) =>
		watches.some((watch) => watch.id === id && watch.state === expected);

suite('settings that are wrong', { concurrency: 3 }, () => {
	test('each gives one sentence, its watch says so, and the others go on', async (t) => {
		const box = new Sandbox(t);
		const good = box.tree('good', { 'a.txt': '' });
		box.tree('.', { file: '' });
		const config = box.json('watches.json', [
			{ path: 'good', id: 'good' },
			{ path: 'missing', id: 'missing' },
			{ path: 'file', id: 'file' },
			{ path: 'good', id: 'broken-include', include: ['['] },
			{ path: 'good', id: 'broken-ignore', ignore: ['a', '(b'] },
			{ path: 'good', id: 'unknown', ingore: ['x'] },
			{ path: 'good', id: 'unknown-filter', filters: { hiden: false } },
			{ path: 'good', id: 'wrong-type', depth: 'deep' },
			{ path: 'good', id: 'out of range', depth: -1 },
			{ id: 'no-path' },
			'good',
			{ path: 'file', id: 'good' },
			{ path: 'other', include: ['**/*.ts'] },
			{ path: 'other', include: ['**/*.md'] },
			{ path: '/', id: 'all' },
			{ path: '${nonsense}/x', id: 'variable' },
			{ path: '${workspaceFolder:nonsense}', id: 'folder' },
			{ path: 'good', id: 'off', name: 'off', enabled: false },
		]);
		const missing = `The folder ${box.at('missing')} of the watch "missing" does not exist. Filetide starts watching as soon as it appears.`;
		const file = `${box.at('file')} is not a folder. Give the watch "file" the path of a folder.`;
		const known =
			'path, name, id, include, ignore, filters, recursive, depth, followSymlinks, source, pollInterval, debounce, maxWait, settled, reconcileInterval, enabled';
		const filters = 'hidden, metadataSidecars, temporary, gitInternals, gitignore, watcherExclude';
		const on = ' The other watches go on.';
		const sentences = [
			missing,
			file,
			`${config}[3]: The pattern "[" cannot be read: Missing closing: "]" - use "\\\\]" to match literal characters.`,
			`${config}[4]: The pattern "(b" cannot be read: Missing closing: ")" - use "\\\\)" to match literal characters.`,
			`${config}[5] has the unknown setting "ingore"; known are ${known}.${on}`,
			`${config}[6].filters has the unknown setting "hiden"; known are ${filters}.${on}`,
			`${config}[7].depth is wrong: Invalid input: expected number, received string.${on}`,
			`${config}[8].id is wrong: Invalid string: must match pattern /^[A-Za-z0-9._-]{1,64}$/. ${config}[8].depth is wrong: Too small: expected number to be >=0.${on}`,
			`${config}[9].path is wrong: Invalid input: expected string, received undefined.${on}`,
			`${config}[10] is wrong: Invalid input: expected object, received string.${on}`,
			`${config}[11]: the id "good" is already used by the watch on ${good}. Give one of them another id.`,
			`${config}[13]: another watch has the same folder, ${box.at('other')}, and the same name. Give one of them an id.`,
			`The folder ${box.at('other')} of the watch "other" does not exist. Filetide starts watching as soon as it appears.`,
			`${config}[14]: / is a whole file system. Watch a folder in it.`,
			`${config}[15]: The path uses \${nonsense}, which Filetide does not know. Use \${workspaceFolder} or \${workspaceFolder:name}.`,
			`${config}[16]: The path uses \${workspaceFolder:nonsense}, but no such workspace folder is open.`,
		];
		const child = startCli(box, ['serve', box.path, '--index', box.at('index'), '--config', config]);
		const { client, ready, stderr } = await Server.whenReady(box, child);
		for (const sentence of sentences) {
			assert.equal(stderr.split(`${sentence}\n`).length - 1, 1, `told once: ${sentence}\n${stderr}`);
		}
		const status = await client.status();
		assert.deepEqual(status.problems.map(({ message }) => message).sort(), [...sentences].sort());
		assert.equal(new Set(status.problems.map(({ key }) => key)).size, sentences.length);
		const shown = states(status);
		assert.deepEqual(
			Object.fromEntries(Object.entries(shown).map(([id, [state]]) => [id, state])),
			Object.fromEntries([
				['good', 'live'],
				['missing', 'missing'],
				['file', 'error'],
				['broken-include', 'error'],
				['broken-ignore', 'error'],
				['all', 'error'],
				['variable', 'error'],
				['folder', 'error'],
				['off', 'stopped'],
				// Its id is derived from its path.
				...Object.entries(shown).flatMap(([id, [, message]]) =>
					message?.includes('"other"') === true ? [[id, 'missing']] : [],
				),
			]),
		);
		assert.deepEqual(shown['off'], ['stopped', 'The watch "off" is turned off by "enabled": false.']);

		writeFileSync(join(good, 'b.txt'), '');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, good), ['create file b.txt']);
	});

	test('a list that is none is told, too', async (t) => {
		const box = new Sandbox(t);
		const config = box.json('watches.json', { path: 'w' });
		const child = startCli(box, ['serve', box.path, '--index', box.at('index'), '--config', config]);
		const { stderr, client } = await Server.whenReady(box, child);
		assert.ok(stderr.includes(`${config} must be a list of watches, each like {"path": "…"}.\n`), stderr);
		assert.deepEqual((await client.stats()).watches, []);
	});

	test('a relative path without a folder to be relative to', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const client = await LanguageClient.start(box, {
			folders: [],
			watches: [
				{ path: 'src', id: 'relative' },
				{ path: root, id: 'absolute' },
			],
		});
		const status = await client.until('the other watch is live', stateIs('absolute', 'live'));
		assert.deepEqual(
			status.problems.map(({ message, watchId }) => [message, watchId]),
			[
				[
					'filetide.watches[0]: "src" is relative, but no folder is open that it could be relative to. Write an absolute path.',
					'relative',
				],
			],
		);
	});

	test('a mistake in the settings costs no history', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const good = { path: 'w', id: 'w' };
		const first = await Server.start(box, { watches: [good] });
		writeFileSync(join(root, 'b.txt'), '');
		await first.client.sync();
		await first.stop();
		const mistakes: unknown[] = [
			[{ ...good, ignore: ['['] }],
			[{ ...good, ingore: [] }],
			[{ ...good, depth: 'deep' }],
			{ w: good },
		];
		for (const [i, mistake] of mistakes.entries()) {
			const config = box.json(`mistake-${i}.json`, mistake);
			const child = startCli(box, ['serve', root, '--index', box.at('index'), '--config', config]);
			await (await Server.whenReady(box, child)).stop();
			const again = await Server.start(box, { watches: [good] });
			const { watches } = await again.client.stats();
			assert.equal(watches[0]?.event_count, 1, `after ${JSON.stringify(mistake)}`);
			assert.equal((await again.client.since(first.ready.cursor)).changes.length, 1);
			await again.stop();
		}
	});
});

suite('folders that are not there', { concurrency: 3 }, () => {
	test('a missing folder that is made is watched from then on', async (t) => {
		const box = new Sandbox(t);
		const { client, ready } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		assert.equal((await client.status()).watches[0]?.state, 'missing');
		const root = box.tree('w', { 'a.txt': '' });
		const live = await client.until('it is live', stateIs('w', 'live'));
		assert.deepEqual(live.problems, []);
		assert.equal(live.watches[0]?.message, undefined);
		writeFileSync(join(root, 'b.txt'), '');
		await client.sync();
		assert.deepEqual(
			netLines((await client.since(ready.cursor)).changes, root).map((line) => line.split(' (')[0]),
			['create file a.txt', 'create file b.txt'],
		);
		await checkIndex(client);
	});

	test('a file that becomes a folder is watched from then on', async (t) => {
		const box = new Sandbox(t);
		box.tree('.', { w: '' });
		const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		assert.equal((await client.status()).watches[0]?.state, 'error');
		unlinkSync(box.at('w'));
		const root = box.tree('w');
		await client.until('it is live', stateIs('w', 'live'));
		writeFileSync(join(root, 'b.txt'), '');
		await client.sync();
		await checkIndex(client);
	});

	test('a root that goes away as a whole is missing, its nodes are kept; back, it equals the disk', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'b.txt': '', 'sub/c.txt': '' });
		const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		appendFileSync(join(root, 'a.txt'), 'more');
		const { cursor } = await client.sync();
		const before = await client.stats();
		renameSync(root, box.at('away'));
		const missing = await client.until('it is missing', stateIs('w', 'missing'));
		assert.deepEqual(
			missing.problems.map(({ code, message }) => [code, message]),
			[
				[
					'ROOT_MISSING',
					`The folder ${root} of the watch "w" does not exist. Filetide starts watching as soon as it appears.`,
				],
			],
		);
		// What happens there is none of our business.
		writeFileSync(box.at('away', 'd.txt'), '');
		unlinkSync(box.at('away', 'b.txt'));
		await client.sync(true);
		const { global, watches, index } = await client.stats();
		assert.deepEqual([global, index.events], [before.global, before.index.events]);
		assert.deepEqual([watches[0]?.files, watches[0]?.folders], [3, 1]);
		assert.equal((await client.since('0')).changes.length, 4);

		mkdirSync(root);
		writeFileSync(join(root, 'a.txt'), 'other');
		writeFileSync(join(root, 'e.txt'), '');
		await client.until('it is live', stateIs('w', 'live'));
		writeFileSync(join(root, 'f.txt'), '');
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), [
			'create file e.txt',
			'create file f.txt',
			'modify file a.txt',
			'remove file b.txt',
			'remove file sub/c.txt',
			'remove folder sub',
		]);
		await checkIndex(client);
	});

	test('a root that comes back as it was changes nothing', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'sub/c.txt': '' });
		const { client, ready } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		renameSync(root, box.at('away'));
		await client.until('it is missing', stateIs('w', 'missing'));
		renameSync(box.at('away'), root);
		await client.until('it is live', stateIs('w', 'live'));
		await client.sync();
		assert.deepEqual((await client.since(ready.cursor)).changes, []);
		writeFileSync(join(root, 'sub/d.txt'), '');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file sub/d.txt']);
		await checkIndex(client);
	});

	test('a root that is removed file by file and made again equals the disk', async (t) => {
		const box = new Sandbox(t);
		const tree = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i % 10}/${i}`, '']));
		const root = box.tree('w', tree);
		const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		rmSync(root, { recursive: true });
		await client.until('it is missing', stateIs('w', 'missing'));
		box.tree('w', { '0/0': 'new', 'x/y': '' });
		await client.until('it is live', stateIs('w', 'live'));
		writeFileSync(join(root, 'x/z'), '');
		await client.sync();
		await checkIndex(client);
	});

	test('a root that is replaced at once by another folder equals the disk', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '' });
		box.tree('other', { 'sub/c.txt': '' });
		const { client, ready } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		renameSync(root, box.at('away'));
		renameSync(box.at('other'), root);
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [
			'create file sub/c.txt',
			'remove file a.txt',
			'remove file sub/b.txt',
		]);
		writeFileSync(join(root, 'sub/d.txt'), '');
		writeFileSync(box.at('away', 'not-ours'), '');
		await client.sync();
		await checkIndex(client);
	});
});

suite('what cannot be read', { concurrency: 3 }, () => {
	/** A folder that the server's user owns and may not read. */
	async function unreadable(box: Sandbox, folder: string): Promise<string> {
		await box.dropPrivileges();
		const path = box.tree(folder, { 'a.txt': '' });
		if (box.user !== undefined) {
			chownSync(path, box.user.uid, box.user.gid);
		}
		chmodSync(path, 0o000);
		box.onEnd(() => {
			chmodSync(path, 0o700);
		});
		return path;
	}

	test('a folder says so until it can, and the others go on', async (t) => {
		const box = new Sandbox(t);
		const locked = await unreadable(box, 'locked');
		const root = box.tree('w', { 'a.txt': '' });
		const { client, ready, stderr } = await Server.start(box, {
			folders: [box.path],
			index: box.at('state', 'index'),
			watches: [
				{ path: 'locked', id: 'locked' },
				{ path: 'w', id: 'w' },
			],
		});
		const sentence = `${locked} cannot be read: permission denied. Allow this user to read it, or take it out of the watch.`;
		assert.deepEqual(states(await client.status()), { locked: ['error', sentence], w: ['live'] });
		assert.equal(stderr.split(sentence).length - 1, 1, stderr);
		// It stays what it is while the root is looked at again, once a second.
		const told: string[] = [];
		const stopListening = client.onStatus((status) => told.push(states(status)['locked']?.[0] ?? 'gone'));
		await setTimeout(2500);
		stopListening();
		assert.deepEqual([...new Set(['error', ...told])], ['error']);

		writeFileSync(join(root, 'b.txt'), '');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file b.txt']);
		chmodSync(locked, 0o700);
		await client.until('it is live', stateIs('locked', 'live'));
		await checkIndex(client);
	});

	test('a folder in a watch degrades it, keeps what was known, and the rest goes on', async (t) => {
		const box = new Sandbox(t);
		const locked = await unreadable(box, 'w/locked');
		chmodSync(locked, 0o700);
		const root = box.at('w');
		const { client } = await Server.start(box, {
			index: box.at('state', 'index'),
			watches: [{ path: 'w', id: 'w' }],
		});
		const { cursor } = await client.sync();
		chmodSync(locked, 0o000);
		writeFileSync(join(root, 'b.txt'), '');
		await client.sync(true);
		assert.deepEqual(states(await client.status()), {
			w: [
				'degraded',
				`${locked} cannot be read: permission denied. Allow this user to read it, or take it out of the watch. The rest of the watch goes on.`,
			],
		});
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), [
			'create file b.txt',
			'metadata folder locked',
		]);
		assert.ok((await client.since('0')).changes.some(({ path }) => path === join(locked, 'a.txt')));
		chmodSync(locked, 0o755);
		await client.sync(true);
		assert.deepEqual(states(await client.status()), { w: ['live'] });
		await checkIndex(client);
	});

	test('a name that is no valid UTF-8 harms nothing', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const bad = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff, 0xfe])]);
		writeFileSync(bad, '');
		mkdirSync(Buffer.concat([bad, Buffer.from('-folder')]));
		writeFileSync(Buffer.concat([bad, Buffer.from('-folder/x')]), '');
		const { client, ready } = await Server.start(box);
		writeFileSync(bad, 'more');
		writeFileSync(Buffer.concat([bad, Buffer.from('2')]), '');
		writeFileSync(join(root, 'b.txt'), '');
		await client.sync();
		assert.ok(netLines((await client.since(ready.cursor)).changes, root).includes('create file b.txt'));
		assert.equal((await client.status()).watches[0]?.state, 'live');
	});
});

suite('an index that cannot be used', { concurrency: 3 }, () => {
	test('a full disk: told, nothing lost, and it goes on by itself when there is room', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const path = box.at('disk');
		const parameters = serveParameters(box, { index: join(path, 'index'), watches: [{ path: 'w', id: 'w' }] });
		const disk = SmallDisk.start(box, path, 3 * 2 ** 20, parameters);
		const { client } = await Server.whenReady(box, disk.process);
		appendFileSync(join(root, 'a.txt'), 'more');
		const { cursor } = await client.sync();
		disk.fill();
		// More than the file's free pages hold, and little enough for the disk when it has room again.
		const count = 2000;
		for (let i = 0; i < count; i++) {
			writeFileSync(join(root, `${i}`), '');
		}
		const { problems } = await client.until('the problem is told', (status) => status.problems.length > 0);
		assert.equal(problems[0]?.code, 'INDEX_WRITE_FAILED');
		assert.match(
			problems[0].message,
			/^The index cannot be written \(.+\)\. Free some space or make its folder writable; nothing that was recorded is lost and Filetide goes on by itself\.$/,
		);
		const committed = await client.log('w');
		assert.ok((await client.since(cursor)).changes.length < count, 'reading goes on, with what was committed');
		writeFileSync(join(root, 'late.txt'), '');
		unlinkSync(join(root, 'a.txt'));

		disk.free();
		await client.until('the problem is gone', (status) => status.problems.length === 0);
		await client.sync();
		assert.deepEqual((await client.log('w')).slice(0, committed.length), committed);
		assert.equal((await client.since(cursor)).changes.length, count + 2);
		await checkIndex(client);
		assert.deepEqual(await disk.process.end('SIGTERM'), { code: 0, signal: null });
	});

	test('a full disk does not keep the server from ending', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const path = box.at('disk');
		const disk = SmallDisk.start(box, path, 3 * 2 ** 20, serveParameters(box, { index: join(path, 'index') }));
		const { client } = await Server.whenReady(box, disk.process);
		disk.fill();
		for (let i = 0; i < 3000; i++) {
			writeFileSync(join(root, `${i}`), '');
		}
		await client.until('the problem is told', ({ problems }) => problems.length > 0);
		const began = performance.now();
		assert.deepEqual(await disk.process.end('SIGTERM'), { code: 0, signal: null });
		assert.ok(performance.now() - began < 10_000);
	});

	test('a place that cannot be an index is told in a sentence', async (t) => {
		const box = new Sandbox(t);
		box.tree('w');
		box.tree('.', { file: '' });
		const child = startCli(box, serveParameters(box, { index: box.at('file') }));
		await child.until('it said so', () => /\n/.exec(child.stderr) ?? undefined);
		assert.match(child.stderr, new RegExp(`^filetide: error: The index in ${box.at('file')} cannot be opened \\(`));
		assert.equal((await child.end('SIGTERM')).signal, null);
	});

	test('one that a newer program wrote is refused in a sentence, untouched', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { 'a.txt': '' });
		await (await Server.start(box)).stop();
		const tables = openTables(box.at('index'), false);
		tables.meta.putSchema(99);
		await tables.env.close();
		const before = readFileSync(dataFile(box.at('index')));
		const child = startCli(box, serveParameters(box));
		await child.until('it said so', () => /\n/.exec(child.stderr) ?? undefined);
		assert.match(
			child.stderr,
			/^filetide: error: The index in \S+ was written by a newer Filetide \(schema 99, this one knows \d+\)\. Update Filetide, or name another folder for the index\.\n/,
		);
		assert.equal((await child.end('SIGTERM')).signal, null);
		assert.deepEqual(readFileSync(dataFile(box.at('index'))), before);
	});
});
