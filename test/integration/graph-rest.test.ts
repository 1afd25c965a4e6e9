/** The processes of the graph while nothing changes: none. Linux alone tells of them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Cli } from '../support/cli.ts';
import { graphProcesses } from '../support/graph-processes.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

/** The graph rests after 20 s; on a busy machine that is told later. */
const REST_MS = 90_000;
const LOOK_MS = 250;

test(
	'a graph with nothing to do takes no process, and a change brings it back',
	{ skip: process.platform !== 'linux' },
	async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', {
			'a.ts': 'export const a = 1;\n',
			'b.ts': "import { a } from './a';\nconsole.log(a);\n",
		});
		const server = await Server.start(box, { graph: true });
		const cli = new Cli(box, box.at('index'));
		await cli.sync();
		writeFileSync(join(root, 'a.ts'), 'export const a = 0;\n');
		await cli.sync();
		assert.ok(graphProcesses(server.process.pid).length > 0);
		const { graph: before } = await server.client.status();
		const until = performance.now() + REST_MS;
		while (graphProcesses(server.process.pid).length > 0) {
			assert.ok(performance.now() < until, 'the graph does not rest');
			await delay(LOOK_MS);
		}
		assert.deepEqual((await server.client.status()).graph, before, 'what is known of it is known still');
		writeFileSync(join(root, 'a.ts'), 'export const a = 2;\n');
		await cli.sync();
		const { graph } = await server.client.status();
		assert.deepEqual([graph?.files, graph?.pending, graph?.updates.done], [2, 0, 2]);
	},
);
