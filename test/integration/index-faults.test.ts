/** What befalls the index while it is in use (DESIGN.md §11): told once, nothing committed is lost, and the server goes on by itself. */
import assert from 'node:assert/strict';
import {
	appendFileSync,
	chmodSync,
	chownSync,
	closeSync,
	cpSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { StatsResult, Status } from '#shared/protocol.ts';
import { Attached } from '../support/attached.ts';
import { Cli, runCli, startCli } from '../support/cli.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { random } from '../support/random-changes.ts';
import { Sandbox } from '../support/sandbox.ts';
import { readyLine, Server, serveParameters, socketOf } from '../support/server.ts';
import { SmallDisk } from '../support/small-disk.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);
const soak = process.env['FILETIDE_SOAK'] !== undefined;

/** The server that a sandbox has, once more: it has opened its index anew, which ends all connections. */
async function reattach(box: Sandbox, { client, process: child }: Server): Promise<Attached> {
	await client.closed;
	while (child.running) {
		try {
			return await Attached.connect(box, socketOf(box));
		} catch {
			// It listens again when the index is open.
			await setImmediate();
		}
	}
	throw new Error(`The server ended: ${JSON.stringify(await child.ended)} ${child.stderr}`);
}

const codes = ({ problems }: Pick<Status, 'problems'>) => problems.map(({ code }) => code);
const isLive = ({ watches }: Status) => watches.every(({ state }) => state === 'live');

suite('an index that is taken away while it is in use', { concurrency: 2 }, () => {
	/** What is done to the index folder, and which problem is told. */
	const cases: Record<string, [harm: (index: string) => void, code: string]> = {
		'its folder is deleted': [(index) => rmSync(index, { recursive: true }), 'INDEX_REPLACED'],
		'its data file is deleted': [(index) => rmSync(join(index, 'data.mdb')), 'INDEX_REPLACED'],
		'its folder is moved away': [(index) => renameSync(index, `${index}-away`), 'INDEX_REPLACED'],
		'its data file is replaced by a text': [
			(index) => {
				writeFileSync(join(index, 'new'), 'Dear diary,\n'.repeat(1000));
				renameSync(join(index, 'new'), join(index, 'data.mdb'));
			},
			'INDEX_DAMAGED',
		],
	};
	for (const [what, [harm, code]] of Object.entries(cases)) {
		test(`${what}: a new one is built, and it is told once`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '' });
			const server = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
			appendFileSync(join(root, 'a.txt'), 'more');
			const { cursor } = await server.client.sync();
			harm(box.at('index'));
			const client = await reattach(box, server);
			writeFileSync(join(root, 'c.txt'), '');
			const status = await client.until('it is live again', isLive);
			assert.deepEqual(codes(status), [code]);
			const [problem] = status.problems;
			assert.equal(server.stderr.split(problem!.message).length - 1, 1, server.stderr);
			await client.sync();
			await checkIndex(client);
			const { fresh } = await client.since(cursor);
			assert.ok(fresh, 'a cursor of the old index starts afresh');
			writeFileSync(join(root, 'd.txt'), '');
			const after = await client.sync();
			assert.deepEqual(await server.process.end('SIGTERM'), { code: 0, signal: null });
			// What was written is in the file that the next start finds.
			const next = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
			assert.equal(next.ready.cursor, after.cursor);
			assert.deepEqual((await next.client.status()).problems, []);
		});
	}

	test('another index is put in its place: it is used, and cursors of the first are foreign to it', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const watches = [{ path: 'w', id: 'w' }];
		await (await Server.start(box, { watches })).stop();
		cpSync(box.at('index'), box.at('copy'), { recursive: true });
		const server = await Server.start(box, { watches });
		writeFileSync(join(root, 'b.txt'), '');
		const { cursor } = await server.client.sync();
		renameSync(box.at('index'), box.at('away'));
		renameSync(box.at('copy'), box.at('index'));
		const client = await reattach(box, server);
		await client.until('it is live again', isLive);
		await client.sync();
		// It has as many records again, but not those that the cursor has seen.
		assert.equal((await client.since(cursor)).fresh, true);
		await checkIndex(client);
	});

	test('a folder that may not be written: what is open goes on, a start waits until it may', async (t) => {
		const box = new Sandbox(t);
		await box.dropPrivileges();
		const root = box.tree('w', { 'a.txt': '' });
		const state = box.at('state', 'own');
		mkdirSync(state);
		if (box.user !== undefined) {
			chownSync(state, box.user.uid, box.user.gid);
		}
		const index = join(state, 'index');
		const watches = [{ path: 'w', id: 'w' }];
		const server = await Server.start(box, { index, watches });
		chmodSync(index, 0o500);
		box.onEnd(() => {
			chmodSync(index, 0o700);
		});
		writeFileSync(join(root, 'b.txt'), '');
		const { cursor } = await server.client.sync();
		assert.deepEqual((await server.client.status()).problems, []);
		await server.kill();

		writeFileSync(join(root, 'c.txt'), '');
		const child = startCli(box, serveParameters(box, { index, watches }));
		await child.until('it says so', () => /cannot be opened/.exec(child.stderr) ?? undefined);
		assert.match(
			child.stderr,
			/^filetide: error: The index in \S+ cannot be opened \(EACCES: .+\)\. Free some space or make its folder writable; Filetide tries again by itself\.\n/,
		);
		chmodSync(index, 0o700);
		const { client } = await Server.whenReady(box, child);
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), ['create file c.txt']);
		await checkIndex(client);
	});
});

suite('an index that damage ended', { concurrency: 2 }, () => {
	/** Of a file in use: what LMDB reads there next ends the server, unless it is noticed before. */
	const harms: Record<string, (path: string) => void> = {
		'it is cut': (path) => {
			truncateSync(path, 8192);
		},
		'it is overwritten': (path) => {
			writeFileSync(path, Buffer.alloc(statSync(path).size - 8192, 0xa5), { flag: 'r+' });
		},
		'a page in the middle is lost': (path) => {
			const file = openSync(path, 'r+');
			for (let page = 4; page < statSync(path).size / 4096; page += 3) {
				writeSync(file, Buffer.alloc(4096), 0, 4096, page * 4096);
			}
			closeSync(file);
		},
	};
	for (const [what, harm] of Object.entries(harms)) {
		test(`${what}: a server that dies of it is not the first of many`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree(
				'w',
				Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i % 20}/${i}`, ''])),
			);
			const server = await Server.start(box);
			const { cursor } = await server.client.sync();
			harm(box.at('index', 'data.mdb'));
			for (let i = 0; i < 20; i++) {
				writeFileSync(join(root, `${i}`, 'new'), '');
			}
			// Whether it has ended by itself or not.
			await server.kill();
			const next = await Server.start(box);
			const status = await next.client.status();
			assert.deepEqual(codes(status), ['INDEX_DAMAGED']);
			assert.equal(next.stderr.split(status.problems[0]!.message).length - 1, 1);
			assert.equal((await next.client.since(cursor)).fresh, true);
			await checkIndex(next.client);
		});
	}

	test('two servers that find it at the same instant: it is put aside once, one leads, both tell', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { a: '' });
		const watches = [{ path: 'w', id: 'w' }];
		await (await Server.start(box, { watches })).stop();
		truncateSync(box.at('index', 'data.mdb'), 20_000);
		const starts = [0, 1].map(() => startCli(box, serveParameters(box, { watches })));
		const ready = await Promise.all(starts.map((child) => readyLine(child)));
		assert.equal(ready.filter(({ leader }) => leader).length, 1);
		assert.equal(readdirSync(box.at('index')).filter((name) => name.includes('.damaged-')).length, 1);
		const client = await Attached.connect(box, socketOf(box));
		assert.deepEqual(codes(await client.status()), ['INDEX_DAMAGED']);
		for (const child of starts) {
			assert.match(child.stderr, /The index was damaged and begins anew/);
		}
		await checkIndex(client);
	});

	test('of many damaged files the newest three are kept', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { a: '' });
		const kept: string[] = [];
		for (let i = 0; i < 5; i++) {
			const server = await Server.start(box);
			await server.stop();
			writeFileSync(box.at('index', 'data.mdb'), `damage ${i}`);
			kept.push(`damage ${i}`);
		}
		await (await Server.start(box)).stop();
		const found = readdirSync(box.at('index')).filter((name) => name.startsWith('data.mdb.damaged-'));
		assert.deepEqual(
			found.sort().map((name) => readFileSync(box.at('index', name), 'utf8')),
			kept.slice(-3),
		);
	});

	test('who only reads is told in a sentence, and moves nothing', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { a: '' });
		await (await Server.start(box)).stop();
		const path = box.at('index', 'data.mdb');
		truncateSync(path, statSync(path).size / 2);
		const before = readFileSync(path);
		for (const command of [['stats'], ['since', '0'], ['log']]) {
			const { code, stderr } = await runCli(box, [...command, '--index', box.at('index')]);
			assert.notEqual(code, 0);
			assert.match(
				stderr,
				/^filetide: (error: )?The index cannot be read: \S+data\.mdb .+\. Start a server for it/,
			);
		}
		assert.ok(readFileSync(path).equals(before));
		assert.deepEqual(
			readdirSync(box.at('index')).filter((name) => name.includes('damaged')),
			[],
		);
	});
});

suite('who reads while another writes', () => {
	test('sees what is committed, without the server and beside it', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { a: '' });
		const server = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		const cli = new Cli(box, box.at('index'));
		let known = 0;
		for (let i = 0; i < 5; i++) {
			writeFileSync(join(root, `${i}`), '');
			await server.client.sync();
			// `log` reads the index itself.
			const { code, stdout } = await runCli(box, ['log', '--json', '--index', box.at('index')]);
			assert.equal(code, 0);
			const records = stdout.split('\n').length - 1;
			assert.ok(records > known);
			known = records;
		}
		await server.kill();
		const stats: StatsResult = await cli.stats();
		assert.equal(stats.global.event_count, known);
	});
});

suite(`a disk that fills up while the server is killed (seed ${seed})`, { concurrency: 2 }, () => {
	for (let round = 0; round < (soak ? 100 : 4); round++) {
		test(`nothing that was committed is lost: round ${round}`, async (t) => {
			const box = new Sandbox(t);
			const next = random(seed + round);
			const root = box.tree('w', { 'a.txt': '' });
			const watches = [{ path: 'w', id: 'w' }];
			const path = box.at('disk');
			const disk = SmallDisk.start(
				box,
				path,
				3 * 2 ** 20,
				serveParameters(box, { index: join(path, 'index'), watches }),
			);
			const { client } = await Server.whenReady(box, disk.process);
			// The disk goes with the server's namespace, unless somebody has it open.
			const held = openSync(disk.folder, 'r');
			box.onEnd(() => {
				closeSync(held);
			});
			for (let i = 0; i < 200; i++) {
				writeFileSync(join(root, `before-${i}`), '');
			}
			await client.sync();
			const committed = await client.log('w');
			disk.fill();
			for (let i = 0; i < 2000; i++) {
				writeFileSync(join(root, `${i}`), '');
			}
			await setTimeout(next(400));
			await disk.process.kill();
			// The next server's index lies elsewhere, and so does its socket.
			rmSync(socketOf(box));
			cpSync(`/proc/self/fd/${held}/index`, box.at('index'), { recursive: true });

			const { client: later } = await Server.start(box, { watches });
			assert.deepEqual((await later.status()).problems, []);
			assert.deepEqual((await later.log('w')).slice(0, committed.length), committed);
			await checkIndex(later);
		});
	}
});
