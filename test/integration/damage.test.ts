/**
 * A damaged index, or graph (DESIGN.md §11): whatever has happened to the data file, the engine comes up, says nothing that is wrong,
 * keeps what it found of an index, makes a graph again, and tells the user.
 *
 * `FILETIDE_SEED` makes the same damage again, `FILETIDE_DAMAGE_ROUNDS` makes more of each random kind.
 */
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RunningProcess } from '../support/process.ts';
import { Sandbox } from '../support/sandbox.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);
const soak = process.env['FILETIDE_SOAK'] !== undefined;
const rounds = Number(process.env['FILETIDE_DAMAGE_ROUNDS'] ?? (soak ? 10 : 1));
/** Processes at once. */
const AT_ONCE = 2;
/** Of all kinds together, with one round. */
const LEAST_KINDS = 80;
/** Of so many kinds of damage to a graph two are tried, others each time; in soak all are. */
const GRAPH_PARTS = soak ? 2 : 12;
const LEAST_GRAPH_KINDS = 70;

/** What a cycle prints. */
type Line = { begins: string } | { survived: string; outcome: string };

/** Runs the cycles of one part. @returns what came of each */
async function cycles(t: TestContext, name: string, part: number, parts: number): Promise<string[]> {
	const box = new Sandbox(t);
	const script = fileURLToPath(new URL(`../support/${name}.ts`, import.meta.url));
	const parameters = [seed, rounds, part, parts].map(String);
	const child = new RunningProcess(box, process.execPath, [script, box.path, ...parameters], {
		// Each start loads the code of three workers: a third of the time.
		env: { NODE_COMPILE_CACHE: box.at('compiled') },
	});
	const end = await child.ended;
	const lines = child.stdout
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as Line);
	const last = lines.at(-1);
	assert.deepEqual(
		end,
		{ code: 0, signal: null },
		`with ${last !== undefined && 'begins' in last ? last.begins : 'the whole file'} (FILETIDE_SEED=${seed} FILETIDE_DAMAGE_ROUNDS=${rounds}): ${child.stderr}`,
	);
	return lines.flatMap((line) => ('survived' in line ? [line.outcome] : []));
}

suite(`a damaged index (seed ${seed})`, { concurrency: AT_ONCE }, () => {
	for (let part = 0; part < AT_ONCE; part++) {
		test(`comes up, right, kept and told: part ${part + 1} of ${AT_ONCE}`, async (t) => {
			const outcomes = await cycles(t, 'damage-cycles', part, AT_ONCE);
			assert.ok(outcomes.length >= LEAST_KINDS / AT_ONCE, `${outcomes.length} kinds`);
			assert.ok(outcomes.includes('aside'));
			assert.ok(outcomes.includes('kept'));
		});
	}
});

suite(`a damaged graph (seed ${seed})`, { concurrency: AT_ONCE }, () => {
	for (let i = 0; i < AT_ONCE; i++) {
		const part = (seed + (i * GRAPH_PARTS) / AT_ONCE) % GRAPH_PARTS;
		test(`ends nobody who reads it, and is made again: part ${part + 1} of ${GRAPH_PARTS}`, async (t) => {
			const outcomes = await cycles(t, 'graph-damage-cycles', part, GRAPH_PARTS);
			assert.ok(outcomes.length >= Math.floor(LEAST_GRAPH_KINDS / GRAPH_PARTS), `${outcomes.length} kinds`);
			assert.ok(outcomes.includes('made again'));
		});
	}
});
