/** Sections G, H and O of the table of scenarios: watches that come, go and change, and the folders that they begin at. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Methods, type Status } from '#shared/protocol.ts';
import { startEngine } from '../support/in-process.ts';
import { LanguageClient } from '../support/language-client.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { times, write } from '../support/scenario.ts';
import { Server, serveParameters } from '../support/server.ts';
import { SmallDisk } from '../support/small-disk.ts';

const soak = process.env['FILETIDE_SOAK'] !== undefined;

const isLive = ({ watches }: Status) => watches.length > 0 && watches.every(({ state }) => state === 'live');

/** How many kernel watches each inotify instance of a process holds, and how many files it has open. */
function held(pid: number): { files: number; watches: number } {
	const infos = readdirSync(`/proc/${pid}/fdinfo`).map((name) => readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8'));
	const watches = infos.join('').split('inotify wd:').length - 1;
	return { files: infos.length, watches };
}

/** Inodes of the folders that a process watches. */
function watchedInodes(pid: number): Set<string> {
	const infos = readdirSync(`/proc/${pid}/fdinfo`).map((name) => readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8'));
	return new Set(Array.from(infos.join('').matchAll(/inotify wd:\S+ ino:(\S+)/g), ([, inode]) => inode!));
}

const inodeOf = (path: string) => Number(execFileSync('stat', ['-c', '%i', path], { encoding: 'utf8' })).toString(16);

suite('watches that come, go and change', { concurrency: 2 }, () => {
	test('G01 what comes after the root was reported missing is an event', async (t) => {
		const box = new Sandbox(t);
		const { client, ready } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		assert.equal((await client.status()).watches[0]?.state, 'missing');
		const root = box.tree('w', { a: '' });
		await client.until('it is live', isLive);
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file a']);
		await checkIndex(client);
	});

	test('G07 two watches of one folder: one record, and each of two clients is told', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const watches = [
			{ path: root, id: 'one' },
			{ path: root, id: 'two' },
		];
		const client = await LanguageClient.start(box, { watches });
		const { cursor, index } = await client.until('both are live', isLive);
		const told = Promise.withResolvers<string[] | null>();
		client.connection.onNotification(Methods.pathsChanged, ({ paths }: { paths: string[] | null }) => {
			told.resolve(paths);
		});
		write(root, 'a');
		assert.ok((await told.promise)?.includes(join(root, 'a')));
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), ['create file a']);
		assert.equal((await client.status()).index.head, index.head + 1);
		await checkIndex(client);
	});

	test('G08 G09 L05 an inner watch goes: the outer one covers its folder; it comes again: both do', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'sub/a': '' });
		const [outer, inner] = [
			{ path: root, id: 'outer' },
			{ path: join(root, 'sub'), id: 'inner' },
		];
		const client = await LanguageClient.start(box, { watches: [outer, inner] });
		await client.until('both are live', isLive);
		for (const [i, watches] of [[outer], [outer, inner], [inner], [outer, inner]].entries()) {
			await client.configure({ watches });
			await client.until('they are live', (status) => status.watches.length === watches.length && isLive(status));
			const { cursor } = await client.sync();
			write(root, `sub/${i}`);
			write(root, `top-${i}`);
			await client.sync();
			const { changes } = await client.since(cursor);
			assert.equal(changes.length, watches.includes(outer) ? 2 : 1, JSON.stringify(changes));
			await checkIndex(client, { recount: 'nothing' });
		}
	});

	test('G10 stop is idempotent, and a stopped engine says so', async (t) => {
		const box = new Sandbox(t);
		box.tree('w');
		const engine = await startEngine(box, { seed: 0 });
		await Promise.all([engine.stop(), engine.stop()]);
		await engine.stop();
		await assert.rejects(engine.sync({ full: false, timeoutMs: 60_000 }), { code: 'WATCH_STOPPED' });
	});

	test('G11 what was queued when it stopped is in the index, or found by the next start', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const engine = await startEngine(box, { seed: 1, late: 1 });
		const { cursor } = await engine.status();
		for (let i = 0; i < 500; i++) {
			write(root, `${i % 20}/${i}`);
		}
		await setImmediate();
		await engine.stop();
		const again = await startEngine(box, { seed: 0 });
		await again.sync({ full: false, timeoutMs: 60_000 });
		assert.equal((await again.since(cursor)).changes.length, 520);
		await checkIndex(again);
	});

	test('G12 watches that start and stop again and again leave nothing behind', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', Object.fromEntries(times(50, (i) => [`${i}/a`, ''])));
		const off = { path: root, id: 'w', enabled: false };
		const on = { path: root, id: 'w' };
		const client = await LanguageClient.start(box, { watches: [on] });
		await client.until('it is live', isLive);
		const cycle = async () => {
			await client.configure({ watches: [off] });
			await client.until('it is off', ({ watches }) => watches[0]?.state === 'stopped');
			await client.configure({ watches: [on] });
			await client.until('it is live', isLive);
			await client.sync();
		};
		await cycle();
		const before = held(client.process.pid);
		assert.ok(before.watches >= 51, JSON.stringify(before));
		for (let i = 0; i < (soak ? 100 : 10); i++) {
			await cycle();
		}
		assert.deepEqual(held(client.process.pid), before);
		await checkIndex(client, { recount: 'nothing' });
	});

	test('G13 settings change while files do: nothing is lost', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const variants = [{}, { debounce: 500 }, { ignore: ['left-out'] }, { debounce: 'development' as const }, {}];
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await client.until('it is live', isLive);
		let count = 0;
		for (const variant of variants) {
			const configured = client.configure({ watches: [{ path: root, id: 'w', ...variant }] });
			for (let i = 0; i < 100; i++) {
				write(root, `${count % 10}/${count++}`);
				await setImmediate();
			}
			await configured;
		}
		await client.until('it is live', isLive);
		await client.sync();
		await checkIndex(client);
	});

	test('K01 no kernel watch in what is left out', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', {
			'src/a': '',
			'node_modules/x/y/z': '',
			'.git/refs/heads/main': '',
			'out/b/c': '',
		});
		const { client, ready } = await Server.start(box, {
			watches: [{ path: 'w', ignore: ['node_modules', 'out/**'] }],
		});
		write(root, 'node_modules/new/a');
		write(root, 'src/new/a');
		await client.sync();
		const watched = watchedInodes(ready.pid);
		const isWatched = (path: string) => watched.has(inodeOf(join(root, path)));
		assert.deepEqual(['', 'src', 'src/new'].filter(isWatched), ['', 'src', 'src/new']);
		const leftOut = ['node_modules', 'node_modules/x', 'node_modules/new', 'out/b', '.git', '.git/refs'];
		assert.deepEqual(leftOut.filter(isWatched), []);
	});

	test('L09 fifty watches come and go while files do: counters equal the recount', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', Object.fromEntries(times(50, (i) => [`${i}/a`, ''])));
		const outer = { path: root, id: 'outer' };
		const inner = times(50, (i) => ({ path: join(root, `${i}`), id: `w${i}` }));
		const client = await LanguageClient.start(box, { watches: [outer] });
		await client.until('it is live', isLive);
		for (const [i, watches] of [inner, inner.slice(0, 20), [], inner.slice(10)].entries()) {
			const configured = client.configure({ watches: [outer, ...watches] });
			for (let j = 0; j < 250; j++) {
				write(root, `${j % 50}/${i}-${j}`);
				await setImmediate();
			}
			await configured;
			await client.until(
				'they are live',
				(status) => status.watches.length === 1 + watches.length && isLive(status),
			);
		}
		await client.sync();
		// The outer watch saw all of it; the others were away for a while.
		await checkIndex(client, { recount: 'live' });
	});

	test('O07 a thousand changes during a pause are one net change each', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { a: 'old', b: '', 'd/c': '' });
		const client = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		const { cursor } = await client.until('it is live', isLive);
		await client.connection.sendRequest(Methods.pause, { watchId: 'w' });
		for (let i = 0; i < 1000; i++) {
			write(root, 'a', `${i}`);
		}
		rmSync(join(root, 'd'), { recursive: true });
		write(root, 'e/f');
		await client.connection.sendRequest(Methods.resume, { watchId: 'w' });
		await client.until('it is live', isLive);
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), [
			'create file e/f',
			'create folder e',
			'modify file a',
			'remove file d/c',
			'remove folder d',
		]);
		await checkIndex(client);
	});
});

suite('folders that are file systems', { concurrency: 2 }, () => {
	test('G06 the root is unmounted and mounted again: nothing is removed meanwhile', async (t) => {
		const box = new Sandbox(t);
		const path = box.at('w');
		const disk = SmallDisk.start(box, path, 2 ** 20, serveParameters(box, { watches: [{ path: 'w', id: 'w' }] }));
		const { client } = await Server.whenReady(box, disk.process);
		write(disk.folder, 'a');
		write(disk.folder, 'd/b');
		const { cursor } = await client.sync();
		const before = (await client.stats()).global;
		disk.unmount();
		await client.until('it is missing', ({ watches }) => watches[0]?.state === 'missing');
		await client.sync(true);
		assert.deepEqual((await client.since(cursor)).changes, []);
		assert.deepEqual((await client.stats()).global, before);
		disk.mount();
		write(disk.folder, 'a', 'other');
		await client.until('it is live', isLive);
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, path), [
			'modify file a',
			'remove file d/b',
			'remove folder d',
		]);
	});

	test('H12 a file system that is mounted in a watch is not entered', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { a: '' });
		const path = join(root, 'mounted');
		const disk = SmallDisk.start(box, path, 2 ** 20, serveParameters(box));
		write(disk.folder, 'b');
		const { client, ready } = await Server.whenReady(box, disk.process);
		write(disk.folder, 'c');
		write(root, 'd');
		await client.sync(true);
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file d']);
		assert.deepEqual(
			(await client.since('0')).changes.map((change) => change.path.slice(root.length + 1)),
			['a', 'd', 'mounted'],
		);
	});

	test('J02 a file that cannot be read is recorded, kept, and harms no other', async (t) => {
		const box = new Sandbox(t);
		await box.dropPrivileges();
		const root = box.tree('w', { secret: 'old', b: 'old' });
		execFileSync('chmod', ['000', join(root, 'secret')]);
		const { client, ready } = await Server.start(box, { index: box.at('state', 'index') });
		writeFileSync(join(root, 'b'), 'newer');
		execFileSync('touch', ['-d', '2001-01-01', join(root, 'secret')]);
		await client.sync(true);
		// Without a look at its bytes a changed time means changed bytes.
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [
			'modify file b',
			'modify file secret',
		]);
		await checkIndex(client);
	});

	test('B13 a large tree at the start: every entry, and none of them an event', async (t) => {
		const box = new Sandbox(t);
		const folders = soak ? 5000 : 500;
		const root = box.at('w');
		for (let i = 0; i < folders; i++) {
			mkdirSync(join(root, `${i}`), { recursive: true });
			for (let j = 0; j < 10; j++) {
				writeFileSync(join(root, `${i}/${j}`), '');
			}
		}
		const { client } = await Server.start(box);
		const { watches, global, index } = await client.stats();
		assert.deepEqual([watches[0]?.files, watches[0]?.folders], [folders * 10, folders]);
		assert.equal(global.event_count + global.metadata_count, 0);
		assert.equal(index.events, 1, 'that the watch was added');
		await checkIndex(client);
	});
});
