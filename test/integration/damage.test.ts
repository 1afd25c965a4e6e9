/**
 * A damaged index (DESIGN.md §11): whatever has happened to the data file, the engine comes up, says nothing that is wrong, keeps
 * what it found and tells the user.
 *
 * `FILETIDE_SEED` makes the same damage again, `FILETIDE_DAMAGE_ROUNDS` makes more of each random kind.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RunningProcess } from '../support/process.ts';
import { Sandbox } from '../support/sandbox.ts';

const CYCLES = fileURLToPath(new URL('../support/damage-cycles.ts', import.meta.url));
const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);
const soak = process.env['FILETIDE_SOAK'] !== undefined;
const rounds = Number(process.env['FILETIDE_DAMAGE_ROUNDS'] ?? (soak ? 10 : 1));
/** Processes at once. */
const PARTS = 2;
/** Of all parts together, with one round. */
const LEAST_KINDS = 80;

/** What a cycle prints. */
type Line = { begins: string } | { survived: string; outcome: 'aside' | 'kept' };

suite(`a damaged index (seed ${seed})`, { concurrency: PARTS }, () => {
	for (let part = 0; part < PARTS; part++) {
		test(`comes up, right, kept and told: part ${part + 1} of ${PARTS}`, async (t) => {
			const box = new Sandbox(t);
			const parameters = [seed, rounds, part, PARTS].map(String);
			const child = new RunningProcess(box, process.execPath, [CYCLES, box.path, ...parameters], {
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
				`with ${last !== undefined && 'begins' in last ? last.begins : 'the whole index'} (FILETIDE_SEED=${seed} FILETIDE_DAMAGE_ROUNDS=${rounds}): ${child.stderr}`,
			);
			const survived = lines.filter((line) => 'survived' in line);
			assert.ok(survived.length >= LEAST_KINDS / PARTS, `${survived.length} kinds`);
			assert.ok(survived.some(({ outcome }) => outcome === 'aside'));
			assert.ok(survived.some(({ outcome }) => outcome === 'kept'));
		});
	}
});
