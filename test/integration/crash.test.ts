/**
 * A server that is killed while files change: the index opens, every table agrees with every other, and after a restart it
 * equals the disk.
 *
 *   FILETIDE_SEED=123 node --test test/integration/crash.test.ts     the same changes and moments again
 *   FILETIDE_KILLS=1000 …                                            more of them (npm run soak does 1,000)
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IndexReader } from '../../server/src/index/reader.ts';
import { startCli } from '../support/cli.ts';
import { checkIndex, passesDefaultFilters } from '../support/oracle.ts';
import { RunningProcess } from '../support/process.ts';
import { random } from '../support/random-changes.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server, serveParameters } from '../support/server.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['FILETIDE_KILLS'] ?? 20);
const CHANGER = fileURLToPath(new URL('../soak/changer.ts', import.meta.url));
/** More than are made until the kill. */
const CHANGES = 300;
/** Kills within the life of one index, which is checked as a whole after each. */
const KILLS_OF_ONE = 5;
const WATCHES = [
	{ path: 'w', id: 'all' },
	{ path: 'w/inner', id: 'inner' },
	{ path: 'w', id: 'some', name: 'some', ignore: ['**/*1*'] },
];

suite(`killed ${KILLS} times under load (seed ${seed})`, { concurrency: 2 }, () => {
	for (let first = 0; first < KILLS; first += KILLS_OF_ONE) {
		const last = Math.min(first + KILLS_OF_ONE, KILLS);
		test(`kills ${first + 1} to ${last}`, async (t) => {
			const next = random(seed + first);
			const box = new Sandbox(t);
			mkdirSync(box.at('w/outer'), { recursive: true });
			mkdirSync(box.at('w/inner/most'), { recursive: true });
			let head = 0;
			for (let kill = first; kill < last; kill++) {
				head = await killOnce(box, next, head, `kill ${kill + 1} of seed ${seed}`);
			}
			const server = await Server.start(box, { watches: WATCHES });
			await checkCovered(server.client);
			await server.stop();
		});
	}
});

/** @returns the last sequence number that was committed */
async function killOnce(box: Sandbox, next: (below: number) => number, head: number, which: string): Promise<number> {
	const changers = [box.at('w/outer'), box.at('w/inner/most')].map(
		(folder) =>
			new RunningProcess(box, process.execPath, [CHANGER, folder, String(next(2 ** 31)), String(CHANGES)]),
	);
	if (next(4) === 0) {
		// While it starts.
		const child = startCli(box, serveParameters(box, { watches: WATCHES }));
		await delay(next(600));
		await child.kill();
	} else {
		const server = await Server.start(box, { watches: WATCHES });
		await delay(next(400));
		await server.kill();
	}
	await Promise.all(changers.map((changer) => changer.kill()));
	if (next(4) === 0) {
		const server = await Server.start(box, { watches: WATCHES });
		await checkCovered(server.client);
		assert.doesNotMatch(server.stderr, /does not agree|repaired|put aside/i, which);
		await server.kill();
	}
	let reader: IndexReader;
	try {
		reader = new IndexReader(box.at('index'), (error) => {
			throw error;
		});
	} catch (error) {
		// Killed before it had made its index.
		assert.equal(head, 0, `${which}: ${String(error)}`);
		return 0;
	}
	try {
		const { differences } = reader.verify({ part: {}, statOf: () => undefined });
		assert.deepEqual(differences, [], which);
		assert.ok(reader.head >= head, `${which}: nothing that was committed is lost`);
		return reader.head;
	} finally {
		await reader.close();
	}
}

async function checkCovered(client: Server['client']): Promise<void> {
	await client.sync();
	await checkIndex(client, {
		covers: { some: (path) => passesDefaultFilters(path) && !path.includes('1') },
	});
	assert.deepEqual((await client.verify()).differences, []);
}
