/** Every kind of change, watched live, polled and made while no server runs: the net changes are the same. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { NetChange } from '#shared/model.ts';
import type { EngineClient } from '../support/engine-client.ts';
import { checkIndex, netLines } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { type Scenario, SCENARIOS } from '../support/scenarios.ts';
import { type ServeOptions, Server } from '../support/server.ts';

/** Where a scenario takes place: a folder in the watched one, and one outside. */
interface Place {
	here: string;
	outside: string;
}

function place(box: Sandbox, number: number): Place {
	return { here: box.at('w', `s${number}`), outside: box.at('outside', `s${number}`) };
}

function prepare(box: Sandbox, number: number, scenario: Scenario): Place {
	const { here, outside } = place(box, number);
	box.tree(`w/s${number}`, scenario.before);
	mkdirSync(outside, { recursive: true });
	scenario.prepare?.(here, outside);
	return { here, outside };
}

function checkNet(changes: readonly NetChange[], { here }: Place, expected: readonly string[]): void {
	assert.deepEqual(
		netLines(
			changes.filter(({ path }) => path.startsWith(`${here}/`)),
			here,
		),
		[...expected].sort(),
	);
}

async function runScenario(client: EngineClient, where: Place, { happens, net, later }: Scenario): Promise<void> {
	const prepared = await client.sync();
	happens(where.here, where.outside);
	const done = await client.sync();
	checkNet((await client.since(prepared.cursor)).changes, where, net);
	await checkIndex(client);
	if (later !== undefined) {
		later.happens(where.here);
		await client.sync();
		checkNet((await client.since(done.cursor)).changes, where, later.net);
		await checkIndex(client);
	}
}

/** One server for all; each scenario runs to its end, the index is compared with the disk, and the next one begins. */
function checkWatched(how: string, options: ServeOptions): void {
	suite(`changes, ${how}`, () => {
		const box = new Sandbox({ after });
		let server: Server;
		before(async () => {
			box.tree('w');
			server = await Server.start(box, options);
		});
		for (const [number, [name, scenario]] of Object.entries(SCENARIOS).entries()) {
			test(name, async () => {
				const { client } = server;
				try {
					await runScenario(client, prepare(box, number, scenario), scenario);
				} catch (error) {
					// What this one left wrong must not fail the next one too.
					await client.sync(true);
					throw error;
				}
			});
		}
	});
}

checkWatched('watched live', {});
// The interval is so long that only the barrier polls.
checkWatched('polled', { watches: [{ path: 'w', source: 'polling', pollInterval: 86_400_000 }] });

suite('changes, made while no server runs', () => {
	const box = new Sandbox({ after });
	const scenarios = [...Object.entries(SCENARIOS).entries()];
	let changes: NetChange[];
	before(async () => {
		box.tree('w');
		const places = scenarios.map(([number, [, scenario]]) => prepare(box, number, scenario));
		const first = await Server.start(box);
		await first.stop();
		for (const [number, [, { happens }]] of scenarios) {
			const { here, outside } = places[number]!;
			happens(here, outside);
		}
		const second = await Server.start(box);
		({ changes } = await second.client.since(first.ready.cursor));
		await checkIndex(second.client);
	});
	for (const [number, [name, { net }]] of scenarios) {
		test(name, () => {
			checkNet(changes, place(box, number), net);
		});
	}
	test('and nothing else', () => {
		const folder = join(box.path, 'w/');
		assert.deepEqual(
			changes.filter(({ path }) => !/^s\d+\//.test(path.slice(folder.length))),
			[],
		);
	});
});
