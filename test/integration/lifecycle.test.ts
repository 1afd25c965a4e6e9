/**
 * Starting, stopping and bursts, again and again: nothing is left behind, nothing is lost.
 *
 *   FILETIDE_CYCLES=1000 node --test test/integration/lifecycle.test.ts     as often as npm run soak does it
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Methods } from '#shared/protocol.ts';
import { RunningProcess } from '../support/process.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const CYCLES = Number(process.env['FILETIDE_CYCLES'] ?? 50);
/** What a process may have grown by between an early engine and the last one: each worker's heap alone is more. */
const GROWTH_MB = 30;

/** 1 + 10 + 100 folders with a file each, and ignored ones. */
function grid(box: Sandbox): string {
	const files: Record<string, string> = { 'node_modules/a/b/file': '', '.git/objects/ab/file': '' };
	for (let i = 0; i < 100; i++) {
		files[`d${i % 10}/e${i}/file`] = '';
		files[`d${i % 10}/e${i}/dist/out/file`] = '';
	}
	return box.tree('w', { ...files, '.gitignore': 'node_modules\ndist\n' });
}

const FOLDERS = 111;

/** Kernel watches of all threads of a process. */
function kernelWatches(pid: number): number {
	return readdirSync(`/proc/${pid}/fd`)
		.filter((fd) => {
			const link = join('/proc', `${pid}`, 'fd', fd);
			return existsSync(`/proc/${pid}/fdinfo/${fd}`) && readlinkSync(link) === 'anon_inode:inotify';
		})
		.map((fd) => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1').match(/^inotify /gm)?.length ?? 0)
		.reduce((sum, count) => sum + count, 0);
}

/** Threads, descriptors and anonymous memory of a process. */
function holdings(pid: number): { threads: number; files: number; anonMb: number } {
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	return {
		threads: readdirSync(`/proc/${pid}/task`).length,
		files: readdirSync(`/proc/${pid}/fd`).length,
		anonMb: Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024,
	};
}

suite('again and again', () => {
	test('5,000 files into 100 new folders, five times: all of them, each time', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client } = await Server.start(box, { watches: [{ path: 'w', source: 'native' }] });
		for (let round = 0; round < 5; round++) {
			const { cursor } = await client.sync();
			const expected: string[] = [];
			for (let i = 0; i < 100; i++) {
				const folder = join(root, `r${round}-${i}`);
				mkdirSync(folder);
				expected.push(folder);
				for (let j = 0; j < 50; j++) {
					const file = join(folder, `${j}`);
					writeFileSync(file, '');
					expected.push(file);
				}
			}
			await client.sync();
			const { changes } = await client.since(cursor);
			assert.deepEqual(changes.map(({ path }) => path).sort(), expected.sort(), `round ${round}`);
		}
		const [watch] = (await client.stats()).watches;
		assert.equal(watch?.per_type_counts.create, 5 * 5100);
	});

	test(`a watch that is paused and resumed ${CYCLES} times: one kernel watch per folder that is not ignored, then none`, async (t) => {
		const box = new Sandbox(t);
		grid(box);
		const server = await Server.start(box, { watches: [{ path: 'w', id: 'w', source: 'native' }] });
		const { client, process } = server;
		const cookies = 1;
		let early: ReturnType<typeof holdings> | undefined;
		for (let cycle = 0; cycle < CYCLES; cycle++) {
			await client.sync();
			assert.equal((await client.stats()).handles.used, FOLDERS);
			assert.equal(kernelWatches(process.pid), FOLDERS + cookies);
			if (cycle === 10) {
				early = holdings(process.pid);
			}
			await client.connection.sendRequest(Methods.pause, { watchId: 'w' });
			await client.sync();
			assert.equal((await client.stats()).handles.used, 0);
			assert.equal(kernelWatches(process.pid), cookies);
			await client.connection.sendRequest(Methods.resume, { watchId: 'w' });
			await client.until('it is live', ({ watches }) => watches[0]?.state === 'live');
		}
		const late = holdings(process.pid);
		assert.deepEqual([late.threads, late.files], [early?.threads, early?.files]);
		assert.deepEqual(await server.stop(), { code: 0, signal: null });
	});

	test('watches that overlap share their kernel watches', async (t) => {
		const box = new Sandbox(t);
		grid(box);
		const paths = ['w', 'w', 'w/d0', 'w/d0/e10'];
		const watches = paths.map((path, i) => ({ path, id: `${i}`, source: 'native' as const }));
		const { client, process } = await Server.start(box, { watches });
		await client.sync();
		assert.equal((await client.stats()).handles.used, FOLDERS);
		assert.equal(kernelWatches(process.pid), FOLDERS + 1);
	});

	test(`an engine that is started and stopped ${CYCLES} times in one process leaves nothing`, async (t) => {
		const box = new Sandbox(t);
		const root = grid(box);
		const script = fileURLToPath(new URL('../support/engine-cycles.ts', import.meta.url));
		const child = new RunningProcess(box, process.execPath, [script, root, box.at('index'), `${CYCLES}`], {
			stdio: 'pipe',
		});
		let early: ReturnType<typeof holdings> | undefined;
		for (let cycle = 0; cycle < CYCLES; cycle++) {
			const line = await child.until(`cycle ${cycle}`, () => child.stdout.split('\n').slice(0, -1)[cycle]);
			const { used, resources } = JSON.parse(line) as { used: number; resources: string[] };
			assert.equal(used, FOLDERS);
			// Its three pipes to us, and nothing else.
			assert.deepEqual(resources, ['PipeWrap', 'PipeWrap', 'PipeWrap']);
			assert.equal(kernelWatches(child.pid), 0);
			const now = holdings(child.pid);
			early = cycle === 10 ? now : early;
			if (cycle === CYCLES - 1) {
				assert.deepEqual([now.threads, now.files], [early?.threads, early?.files]);
				assert.ok(now.anonMb - (early?.anonMb ?? 0) < GROWTH_MB, JSON.stringify({ early, now }));
			}
			child.child.stdin?.write('go on\n');
		}
		rmSync(root, { recursive: true });
	});
});
