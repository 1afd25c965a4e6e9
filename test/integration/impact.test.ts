/** What views ask of the graph: the last burst's impact and a file's dependents, in pages. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import { Methods } from '#shared/protocol.ts';
import { Cli } from '../support/cli.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const CART = 'export const total = 1;\nexport function sum() { return total; }\n';
const USERS = 25;

/** `cart.ts`, which `checkout.ts` uses, which many others use; and one that only a type may lead to. */
const SHOP = {
	'package.json': '{ "name": "shop" }',
	'cart.ts': CART,
	'checkout.ts': "import { sum } from './cart';\nexport const due = sum();\n",
	'other.ts': 'export const other = 1;\n',
	...Object.fromEntries(
		Array.from({ length: USERS }, (_, i) => [
			`user${i}.ts`,
			`import { due } from './checkout';\nexport const user${i} = due;\n`,
		]),
	),
};

suite('impact', { concurrency: 2 }, () => {
	test('the last burst: by distance, in pages that fit together, each file opening at its declaration', async (t) => {
		const { root, server, cli } = await shop(t);
		const before = await server.client.impact();
		assert.deepEqual([before.burst, before.changed, before.files], [undefined, 0, []], 'nothing has changed yet');
		assert.deepEqual(await server.client.impactOn([]), { affected: 0, files: [] });

		writeFileSync(join(root, 'cart.ts'), CART.replace('= 1', '= 2'));
		await cli.sync();
		const first = await server.client.impact({ limit: 10 });
		assert.deepEqual([first.burst?.events, first.changed], [1, 1]);
		assert.deepEqual(first.groups, [
			{ distance: 2, files: 1, possible: 0 },
			{ distance: 3, files: USERS, possible: 0 },
		]);
		const rest = await server.client.impact({ offset: 10, limit: 100 });
		assert.equal(rest.version, first.version);
		const files = [...first.files, ...rest.files];
		assert.equal(new Set(files.map(({ file }) => file)).size, 1 + USERS);
		assert.equal(first.files.length, 10);
		const [nearest] = files;
		assert.equal(nearest?.file, join(root, 'checkout.ts'));
		assert.equal(SHOP['checkout.ts'].slice(nearest.start, nearest.start! + 3), 'due');

		const on = await server.client.impactOn(['checkout.ts', 'cart.ts', 'other.ts'].map((name) => join(root, name)));
		assert.deepEqual(
			on.files.map((file) => file?.reason.map(({ name }) => name)),
			[['total', 'sum', 'due'], undefined, undefined],
		);
		assert.deepEqual([on.burst, on.affected], [first.burst?.id, 1 + USERS]);
	});

	test('another burst is another answer, also when it affects nothing; what another watch has is not in it', async (t) => {
		const { box, root, server, cli } = await shop(t);
		writeFileSync(join(root, 'cart.ts'), CART.replace('= 1', '= 2'));
		await cli.sync();
		const { burst, version } = await server.client.impact();
		writeFileSync(box.at('v/notes.md'), '# Notes\n');
		await cli.sync();
		const next = await server.client.impact();
		assert.notEqual(next.version, version);
		assert.ok(next.burst!.id > burst!.id);
		assert.deepEqual([next.changed, next.groups, next.files], [1, [], []]);
		assert.deepEqual((await server.client.impactOn([join(root, 'checkout.ts')])).files, [null]);

		// The first watch again: whether its burst goes on or another one begins, it has the last event.
		writeFileSync(join(root, 'cart.ts'), CART.replace('= 1', '= 3'));
		await cli.sync();
		const last = await server.client.impact();
		assert.deepEqual([last.changed, last.groups.length], [1, 2]);
	});

	test('what depends on a file; one that no watch has is refused; a cancelled question is not worked out', async (t) => {
		const { root, server } = await shop(t);
		const { files, groups, burst } = await server.client.impact({ path: join(root, 'checkout.ts'), limit: 2 });
		assert.deepEqual([burst, groups.map(({ distance }) => distance), files.length], [undefined, [1], 2]);
		await assert.rejects(server.client.impact({ path: '/nowhere.ts' }), /not among the files that are watched/);

		// The process that is waited for stands still until the server knows that nobody wants the answer any more.
		const graph = graphProcess(server.process.pid);
		process.kill(graph, 'SIGSTOP');
		const cancellation = new CancellationTokenSource();
		const page = { offset: 0, limit: 1 };
		const cancelled = server.client.connection.sendRequest(Methods.impact, page, cancellation.token);
		await server.client.status();
		cancellation.cancel();
		await server.client.status();
		process.kill(graph, 'SIGCONT');
		await assert.rejects(cancelled, /aborted/);
	});
});

/** The child of the server that keeps the graph. */
function graphProcess(server: number): number {
	const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8').trim().split(' ').map(Number);
	const graph = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('graph'));
	assert.ok(graph !== undefined, 'the server has such a process');
	return graph;
}

async function shop(t: { after(cleanUp: () => Promise<void>): void }) {
	const box = new Sandbox(t);
	const root = box.tree('w', SHOP);
	const server = await Server.start(box, { graph: true, folders: [root, box.tree('v')] });
	const cli = new Cli(box, box.at('index'));
	await cli.sync();
	return { box, root, server, cli };
}
