/** What a clock that jumps means: sleep, or somebody who set it (DESIGN.md §4, "Hybrid"). */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const HOUR_MS = 3_600_000;
/** Nothing but a look at everything finds what happens. */
const NEVER = { source: 'polling', pollInterval: 86_400_000, reconcileInterval: 0 } as const;

/** A sandbox whose servers' wall clock can be set. */
function withClock(t: ConstructorParameters<typeof Sandbox>[0]): {
	box: Sandbox;
	setClock: (offsetMs: number) => void;
} {
	const box = new Sandbox(t);
	const file = box.at('clock');
	box.env['FILETIDE_TEST_CLOCK'] = file;
	const preload = new URL('../support/set-clock.ts', import.meta.url);
	box.env['NODE_OPTIONS'] = `--import=${pathToFileURL(preload.pathname).href}`;
	return {
		box,
		setClock: (offsetMs) => {
			writeFileSync(`${file}.new`, `${offsetMs}`);
			renameSync(`${file}.new`, file);
		},
	};
}

suite('the clock jumps', { concurrency: 3 }, () => {
	for (const [name, offsetMs] of [
		['forward, as after sleep', HOUR_MS],
		['back', -HOUR_MS],
	] as const) {
		test(`${name}: everything is compared`, async (t) => {
			const { box, setClock } = withClock(t);
			const root = box.tree('w', { 'a.txt': '' });
			const { client, ready } = await Server.start(box, { watches: [{ path: 'w', id: 'w', ...NEVER }] });
			const { head } = (await client.status()).index;
			writeFileSync(join(root, 'b.txt'), '');
			setClock(offsetMs);
			await client.until('the change is recorded', ({ index }) => index.head > head);
			assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file b.txt']);
		});
	}

	test('F13 back while things happen: nothing is lost, times go back, sequence numbers do not', async (t) => {
		const { box, setClock } = withClock(t);
		const root = box.tree('w');
		const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		for (const [i, offsetMs] of [0, -HOUR_MS, 0, -2 * HOUR_MS].entries()) {
			setClock(offsetMs);
			for (let j = 0; j < 50; j++) {
				writeFileSync(join(root, `${i}-${j}`), '');
			}
			await client.sync();
		}
		writeFileSync(join(root, 'last'), '');
		await client.sync();
		const records = await client.log('w');
		const sequence = records.map(({ seq }) => seq);
		assert.deepEqual(
			sequence,
			[...sequence].sort((a, b) => a - b),
		);
		assert.equal(new Set(sequence).size, 201);
		assert.ok((records.at(-1)?.time ?? 0) < (records[0]?.time ?? 0));
		await checkIndex(client);
	});
});
