/** Pausing and resuming all watches (DESIGN.md §4, "Watch manager"). */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Methods, type Status } from '#shared/protocol.ts';
import type { EngineClient } from '../support/engine-client.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const WATCHES = [
	{ path: 'a', id: 'a' },
	{ path: 'b', id: 'b' },
	{ path: 'missing', id: 'missing' },
	{ path: 'off', id: 'off', enabled: false },
];

const states = ({ watches }: Status) => Object.fromEntries(watches.map(({ id, state }) => [id, state]));
const pauseAll = (client: EngineClient) => client.connection.sendRequest(Methods.pauseAll, {});
const resumeAll = (client: EngineClient) => client.connection.sendRequest(Methods.resumeAll, {});

test('all watches are paused, also across a restart, and resumed; those that are turned off stay so', async (t) => {
	const box = new Sandbox(t);
	const [a, b] = [box.tree('a', { '1.txt': '' }), box.tree('b')];
	box.tree('off');
	const server = await Server.start(box, { watches: WATCHES });
	const { cursor } = server.ready;
	await server.client.connection.sendRequest(Methods.pause, { watchId: 'b' });
	await pauseAll(server.client);
	const paused = { a: 'paused', b: 'paused', missing: 'paused', off: 'stopped' };
	assert.deepEqual(states(await server.client.status()), paused);
	await pauseAll(server.client);
	writeFileSync(join(a, '2.txt'), '');
	writeFileSync(join(b, '3.txt'), '');
	await server.client.sync(true);
	assert.deepEqual((await server.client.since(cursor)).changes, []);
	await server.stop();

	const { client } = await Server.start(box, { watches: WATCHES });
	assert.deepEqual(states(await client.status()), paused);
	await resumeAll(client);
	const live = await client.until('they are live', ({ settled }) => settled);
	assert.deepEqual(states(live), { a: 'live', b: 'live', missing: 'missing', off: 'stopped' });
	await client.sync();
	assert.deepEqual(netLines((await client.since(cursor)).changes, box.path), [
		'create file a/2.txt',
		'create file b/3.txt',
	]);
	box.tree('missing');
	await client.until('the last one is live', ({ watches }) => watches.every(({ state }) => state !== 'missing'));
	await checkIndex(client, { covers: { off: () => false } });
});
