/**
 * What the TypeScript compiler found in real packages, edit by edit (`npm run oracle`): every file that it found to differ must
 * be in the graph's answer. A few verdicts are had anew, which shows that the kept ones are the compiler's.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Bench } from '../oracle/bench.ts';
import { fixturePackages, hasEffect, type JudgedEdit, readFixtures } from '../oracle/fixtures.ts';
import { missesOf } from '../oracle/misses.ts';
import { random } from '../support/random-changes.ts';

/** Which verdicts are had anew; the same seed chooses the same ones. */
const SEED = Number(process.env['FILETIDE_ORACLE_SEED'] ?? Date.now() % 1_000_000);
const JUDGED_ANEW = 10;

/** Edits of it cost the compiler ten times what others cost. */
const SLOW = 'zod';

suite('the oracle of the dependency graph', () => {
	const benches = new Map<string, Bench>();
	let judged: JudgedEdit[];

	before(async () => {
		for (const name of fixturePackages()) {
			benches.set(name, await Bench.of(name));
		}
		judged = readFixtures((name) => benches.get(name)!.project.files);
	});
	after(() => {
		for (const bench of benches.values()) {
			bench.dispose();
		}
	});

	test('no file that an edit made different is missed', () => {
		const effective = judged.filter(({ verdict }) => hasEffect(verdict)).length;
		assert.ok(effective >= 300, `${effective} edits make a difference in another file`);
		const missed = judged.flatMap(({ edit, verdict }) => {
			const { affected } = benches.get(edit.package)!.graph.answer(edit);
			return missesOf(affected, verdict).map((miss) => `${miss} after ${JSON.stringify(edit)}`);
		});
		assert.deepEqual(missed, []);
	});

	test(`the compiler says again what it said (FILETIDE_ORACLE_SEED=${SEED})`, async () => {
		const chance = random(SEED);
		const quick = judged.filter(({ edit }) => edit.package !== SLOW);
		for (let turn = 0; turn < JUDGED_ANEW; turn++) {
			const { edit, verdict } = quick[chance(quick.length)]!;
			const anew = await benches.get(edit.package)!.judge(edit, 0);
			assert.deepEqual(anew.verdict, verdict, JSON.stringify(edit));
		}
	});
});
