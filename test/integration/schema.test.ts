/** An index that an earlier version left behind, met by the program as it is built. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Cli, runCli } from '../support/cli.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const FIXTURE = new URL('../fixtures/index-v1/', import.meta.url);
const answers = JSON.parse(readFileSync(new URL('answers.json', FIXTURE), 'utf8')) as {
	cursor: string;
	head: number;
	global: object;
	everything: object[];
};

function schema1(t: TestContext): { box: Sandbox; cli: Cli } {
	const box = new Sandbox(t);
	mkdirSync(box.at('index'), { recursive: true });
	writeFileSync(join(box.at('index'), 'data.mdb'), gunzipSync(readFileSync(new URL('data.mdb.gz', FIXTURE))));
	return { box, cli: new Cli(box, box.at('index')) };
}

suite('an index of schema 1', { concurrency: 2 }, () => {
	test('commands without a server answer with what it has, and say what it lacks', async (t) => {
		const { box, cli } = schema1(t);
		const before = readFileSync(join(box.at('index'), 'data.mdb'));
		assert.deepEqual((await cli.stats()).global, answers.global);
		assert.deepEqual((await cli.since(answers.cursor)).changes, []);
		assert.equal((await cli.since('0')).changes.length, answers.everything.length);
		const { code, stderr } = await runCli(box, ['stats', '--hot', '--index', box.at('index')]);
		assert.equal(code, 1);
		assert.match(stderr, /^filetide: .*older Filetide \(schema 1.*"filetide serve".*\n$/);
		assert.deepEqual(readFileSync(join(box.at('index'), 'data.mdb')), before, 'nothing of it was changed');
	});

	test('a server brings it up to date: counters, cursors and history stay good', async (t) => {
		const { box, cli } = schema1(t);
		// Their folders are not on this machine, so what is recorded of them is kept.
		const watches = [
			{ path: '/project', id: 'outer' },
			{ path: '/project/src', id: 'inner' },
		];
		const { client } = await Server.start(box, { watches });
		const { global, watches: shown } = await client.stats();
		assert.deepEqual(global, answers.global);
		assert.deepEqual(
			shown.map(({ id, state }) => [id, state]),
			[
				['outer', 'missing'],
				['inner', 'missing'],
			],
		);
		const { fresh, changes } = await cli.since(answers.cursor);
		assert.deepEqual([fresh, changes], [false, []]);
		const { periods } = await client.rates({ unit: 'day' });
		assert.ok(periods.length > 10, 'the history can be plotted');
		assert.ok(
			(await client.recentChanges({ path: '/project/docs/parts/part-0.ts', limit: 100 })).changes.length > 10,
		);
	});
});
