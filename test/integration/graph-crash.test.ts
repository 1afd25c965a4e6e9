/**
 * The process that keeps the graph, and its server, are killed while a repository of real sources changes. After each barrier the
 * stored graph is the one that a fresh index has.
 *
 *   FILETIDE_SEED=123 node --test test/integration/graph-crash.test.ts     the same edits and moments again
 *   FILETIDE_GRAPH_ROUNDS=200 …                                             more of them (npm run soak does 200)
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { GraphLife } from '../soak/graph/life.ts';
import { random } from '../support/random-changes.ts';
import { Sandbox } from '../support/sandbox.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env['FILETIDE_GRAPH_ROUNDS'] ?? 4);
/** Rounds of one repository and its index. */
const ROUNDS_OF_ONE = 4;

suite(`the graph under kills, ${ROUNDS} rounds (seed ${seed})`, { skip: process.platform !== 'linux' }, () => {
	for (let first = 0; first < ROUNDS; first += ROUNDS_OF_ONE) {
		const last = Math.min(first + ROUNDS_OF_ONE, ROUNDS);
		test(`rounds ${first + 1} to ${last}`, async (t) => {
			const next = random(seed + first);
			const life = await GraphLife.begin(new Sandbox(t), next);
			for (let round = first; round < last; round++) {
				await life.round(next);
				assert.deepEqual(await life.differences(new Sandbox(t)), [], `round ${round + 1} of seed ${seed}`);
			}
			assert.deepEqual(await life.end(), { code: 0, signal: null });
			assert.ok(life.kills >= last - first, `${life.kills} kills`);
		});
	}
});
