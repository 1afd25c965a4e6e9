import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Methods, type Status } from '#shared/protocol.ts';
import type { Engine } from '../engine/engine.ts';
import { Notifier, type Subscriber } from './notifier.ts';
import { OpenFileSet } from './open-files.ts';
import { RemoteEngine } from './remote-engine.ts';
import { HELLO } from './session.ts';
import { SocketServer } from './socket-server.ts';

/** Resolves with the method that a subscriber is told next. */
function nextTold(notifier: Notifier): Promise<string> {
	return new Promise((resolve) => {
		const subscriber: Subscriber = {
			sendNotification: (method) => {
				notifier.delete(subscriber);
				resolve(method);
				return Promise.resolve();
			},
		};
		notifier.add(subscriber);
	});
}

test('who followed a server that closed is told nothing, and the others are told', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'filetide-'));
	t.after(() => {
		rmSync(folder, { recursive: true });
	});
	const path = join(folder, 'socket');
	const status = { settled: true } as Status;
	const notifier = new Notifier(() => Promise.resolve(status));
	const engine = { status: () => Promise.resolve(status) } as Engine;
	const server = await SocketServer.listen({
		path,
		hello: { ...HELLO, follow: false },
		engine,
		notifier,
		open: new OpenFileSet(),
	});
	const follower = await RemoteEngine.connect(path, HELLO, notifier);
	assert.ok(follower !== undefined);
	await server.close();
	await follower.closed;
	const told = nextTold(notifier);
	notifier.statusChanged();
	assert.equal(await told, Methods.statusChanged);
	notifier.close();
});
