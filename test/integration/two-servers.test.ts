/** One index, several servers: one writes, the others follow and take over. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Methods, PROTOCOL_VERSION } from '#shared/protocol.ts';
import { Attached, HELLO } from '../support/attached.ts';
import { Cli, startCli } from '../support/cli.ts';
import { LanguageClient } from '../support/language-client.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import type { End, RunningProcess } from '../support/process.ts';
import { Sandbox } from '../support/sandbox.ts';
import { readyLine, Server, serveParameters, socketOf } from '../support/server.ts';

/** Resolves when a server that followed has become the one that writes. */
async function leads(child: RunningProcess): Promise<void> {
	await child.until('it took over', () => /^filetide: writing /m.exec(child.stderr) ?? undefined);
}

/** Asks whoever writes the index now. */
async function attach(box: Sandbox): Promise<Attached> {
	return await Attached.connect(box, socketOf(box));
}

suite('two servers on one index', { concurrency: 3 }, () => {
	test('the second one follows: it says so, hears of changes, and passes questions and rescans on', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'sub/b.txt': '' });
		const watches = [{ path: root, id: 'w' }];
		const leader = await Server.start(box, { index: null, watches });
		const follower = await LanguageClient.start(box, { watches });
		const status = await follower.status();
		assert.deepEqual(
			{ role: status.role, leaderPid: status.leaderPid, indexPath: status.indexPath },
			{ role: 'follower', leaderPid: leader.ready.pid, indexPath: leader.ready.index },
		);

		writeFileSync(join(root, 'new.txt'), '');
		await follower.until('the change is told', ({ global }) => global.event_count === 1);
		const { cursor } = await follower.sync();
		assert.deepEqual(netLines((await follower.since(leader.ready.cursor)).changes, root), ['create file new.txt']);
		assert.equal(cursor, (await leader.client.status()).cursor);

		const rescanned = await follower.rescan('w', 'token');
		assert.deepEqual({ ...rescanned, ms: 0 }, { changes: 0, entries: 4, ms: 0, cancelled: false });
		assert.deepEqual(
			follower.progress.map(({ token, value }) => [token, value.kind]).filter(([, kind]) => kind !== 'report'),
			[
				['token', 'begin'],
				['token', 'end'],
			],
		);
		await follower.connection.sendRequest(Methods.pause, { watchId: 'w' });
		assert.equal((await leader.client.stats()).watches[0]?.state, 'paused');
		await follower.connection.sendRequest(Methods.resume, { watchId: 'w' });
		await checkIndex(follower);
		assert.equal((await follower.stop()).code, 0);
		assert.equal((await leader.client.status()).role, 'leader', 'the leader goes on');
	});

	test('a failed question reaches the asker of a follower with its code and sentence', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		await Server.start(box, { index: null, watches: [{ path: root, id: 'w' }] });
		const follower = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		await assert.rejects(follower.rescan('nonsense'), {
			message: 'There is no watch with the id "nonsense".',
			data: { code: 'WATCH_UNKNOWN' },
		});
	});

	test('when the leader is killed the follower takes over, and the cursor stays good', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const leader = await Server.start(box);
		const follower = startCli(box, serveParameters(box));
		const ready = await readyLine(follower);
		assert.deepEqual(
			{ ...ready, ms: 0 },
			{
				ready: true,
				pid: follower.pid,
				index: leader.ready.index,
				cursor: leader.ready.cursor,
				ms: 0,
				leader: false,
			},
		);
		writeFileSync(join(root, 'before.txt'), '');
		await leader.client.sync();
		await leader.kill();
		writeFileSync(join(root, 'between.txt'), '');
		await leads(follower);
		const client = await attach(box);
		assert.equal((await client.status()).leaderPid, follower.pid);
		writeFileSync(join(root, 'after.txt'), '');
		await client.sync();
		const { fresh, changes } = await client.since(leader.ready.cursor);
		assert.equal(fresh, false);
		assert.deepEqual(netLines(changes, root), [
			'create file after.txt',
			'create file before.txt',
			'create file between.txt',
		]);
		await checkIndex(client);
		assert.deepEqual(await follower.end('SIGTERM'), { code: 0, signal: null });
	});

	test('an editor whose server followed takes over too, and is told', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '' });
		const leader = await Server.start(box, { index: null, watches: [{ path: root, id: 'w' }] });
		const follower = await LanguageClient.start(box, { watches: [{ path: root, id: 'w' }] });
		assert.equal((await follower.status()).role, 'follower');
		await leader.kill();
		writeFileSync(join(root, 'b.txt'), '');
		await follower.until(
			'it leads and is live',
			({ role, watches }) => role === 'leader' && watches[0]?.state === 'live',
		);
		await follower.sync();
		assert.deepEqual(netLines((await follower.since(leader.ready.cursor)).changes, root), ['create file b.txt']);
		await checkIndex(follower);
	});

	test('when the leader stops the follower takes over, and a third one follows that', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const leader = await Server.start(box);
		const second = startCli(box, serveParameters(box));
		await readyLine(second);
		assert.deepEqual(await leader.stop(), { code: 0, signal: null });
		await leads(second);
		const third = startCli(box, serveParameters(box));
		assert.equal((await readyLine(third)).leader, false);
		writeFileSync(join(root, 'a.txt'), '');
		const client = await attach(box);
		await client.sync();
		assert.deepEqual(netLines((await client.since(leader.ready.cursor)).changes, root), ['create file a.txt']);
		assert.deepEqual(await third.end('SIGTERM'), { code: 0, signal: null });
		assert.deepEqual(await second.end('SIGTERM'), { code: 0, signal: null });
	});

	test('of several followers exactly one takes over, the others follow it', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { 'a.txt': '' });
		const leader = await Server.start(box);
		const followers = [1, 2, 3].map(() => startCli(box, serveParameters(box)));
		await Promise.all(followers.map(readyLine));
		const followings = (child: RunningProcess) => child.stderr.match(/^filetide: following /gm)?.length ?? 0;
		await leader.kill();
		await Promise.all(
			followers.map((child) =>
				child.until('it leads or follows anew', () =>
					/^filetide: writing /m.test(child.stderr) || followings(child) === 2 ? true : undefined,
				),
			),
		);
		assert.equal(followers.filter(({ stderr }) => /^filetide: writing /m.test(stderr)).length, 1);
		await checkIndex(await attach(box));
	});

	test('of two started at the same instant exactly one leads', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { 'a.txt': '' });
		for (let round = 0; round < 4; round++) {
			// The first round makes the index, the others find it.
			const servers = [1, 2].map(() => startCli(box, serveParameters(box)));
			const ready = await Promise.all(servers.map(readyLine));
			assert.equal(ready.filter(({ leader }) => leader).length, 1, `round ${round}`);
			assert.equal(ready[0]!.cursor, ready[1]!.cursor);
			await checkIndex(await attach(box));
			for (const end of await Promise.all(servers.map((child) => child.end('SIGTERM')))) {
				assert.deepEqual(end, { code: 0, signal: null });
			}
		}
	});

	test('a leader that hangs does not lose its index to a second server', async (t) => {
		const box = new Sandbox(t);
		box.tree('w');
		const leader = await Server.start(box);
		leader.process.child.kill('SIGSTOP');
		const second = startCli(box, serveParameters(box));
		// Longer than the 5 s that a greeting may take: the second one finds that nobody answers and the index is held.
		await setTimeout(6500);
		leader.process.child.kill('SIGCONT');
		assert.equal((await readyLine(second)).leader, false);
		assert.equal((await leader.client.status()).role, 'leader');
	});
});

suite('the first message on the socket', { concurrency: 3 }, () => {
	const REFUSED: Record<string, [first: string, params: object, says: RegExp]> = {
		'another protocol': [
			Methods.hello,
			{ ...HELLO, protocol: PROTOCOL_VERSION + 1, version: '9.9.9' },
			/^Filetide 9\.9\.9 \(protocol \d+\) cannot talk to the running server, which is Filetide \S+ \(protocol \d+\)\. Use the same version for both\.$/,
		],
		'no greeting': [Methods.status, {}, /^The first message must be filetide\/hello\.$/],
		'a greeting without a protocol': [Methods.hello, {}, /Use the same version for both\.$/],
	};
	for (const [name, [method, params, says]] of Object.entries(REFUSED)) {
		test(`${name} is refused in one sentence`, async (t) => {
			const box = new Sandbox(t);
			box.tree('w');
			await Server.start(box);
			const client = await Attached.connectSilently(box, socketOf(box));
			await assert.rejects(client.connection.sendRequest(method, params), (error: Error & { data?: unknown }) => {
				assert.match(error.message, says);
				assert.deepEqual(error.data, { code: 'PROTOCOL_MISMATCH' });
				return true;
			});
			// Refused for good: nothing is answered, and others are not disturbed.
			await assert.rejects(client.stats(), /The first message must be filetide\/hello\./);
			assert.equal((await new Cli(box, box.at('index')).sync()).parked, 0);
		});
	}

	test('only the user can reach the socket', async (t) => {
		const box = new Sandbox(t);
		box.tree('w');
		await Server.start(box);
		const { mode } = statSync(dirname(socketOf(box)));
		assert.equal(mode & 0o777, 0o700);
	});
});

suite(
	'a connection that breaks off in the middle of a message keeps no process from ending',
	{ concurrency: 3 },
	() => {
		/** A header goes out in a write of its own: whoever is killed after it has sent this much. */
		const BEGUN = 'Content-Length: 100\r\n\r\n{';

		/** Leaves an index whose leader was killed, with somebody at its socket who breaks off whatever he answers. */
		async function leaderBreaksOff(box: Sandbox): Promise<void> {
			const leader = await Server.start(box);
			await leader.kill();
			const path = socketOf(box);
			rmSync(path);
			const impostor = createServer((socket) => {
				socket.once('data', () => socket.end(BEGUN)).on('error', () => undefined);
			});
			await new Promise<void>((resolve) => {
				impostor.listen(path, resolve);
			});
			box.onEnd(() => {
				impostor.close();
			});
		}

		async function ends(child: RunningProcess): Promise<End> {
			await child.until('it ended', () => (child.running ? undefined : true));
			return await child.ended;
		}

		test('a follower', async (t) => {
			const box = new Sandbox(t);
			box.tree('w');
			await leaderBreaksOff(box);
			const follower = startCli(box, serveParameters(box));
			await readyLine(follower);
			await leads(follower);
			follower.child.kill('SIGTERM');
			assert.deepEqual(await ends(follower), { code: 0, signal: null });
		});

		test('a command', async (t) => {
			const box = new Sandbox(t);
			box.tree('w');
			await leaderBreaksOff(box);
			const command = startCli(box, ['sync', '--index', box.at('index')]);
			assert.deepEqual(await ends(command), { code: 3, signal: null });
		});

		test('the leader', async (t) => {
			const box = new Sandbox(t);
			box.tree('w');
			const leader = await Server.start(box);
			const socket = connect(socketOf(box)).resume();
			socket.end(BEGUN);
			// The leader ends its side when it has read ours.
			await once(socket, 'close');
			leader.client.close();
			leader.process.child.kill('SIGTERM');
			assert.deepEqual(await ends(leader.process), { code: 0, signal: null });
		});
	},
);
