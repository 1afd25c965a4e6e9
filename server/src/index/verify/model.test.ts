/**
 * Counters and verification against a naive model, on a real LMDB: random changes of a random tree under up to five watches,
 * nested, overlapping and patterned, that come, go and change meanwhile; several changes in a transaction, some transactions
 * thrown away. Replay: FILETIDE_SEED=<seed that fast-check printed>, and FILETIDE_RUNS for more than the usual number.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { change, World } from '../../../../test/support/index-world.ts';
import type { BurstPolicy } from '../bursts.ts';
import { IndexWriter } from '../writer.ts';

const RUNS = Number(process.env['FILETIDE_RUNS'] ?? 1000);
/** Memory where there is some to be had: what is committed need not survive the machine. */
const QUICK = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const SEED = process.env['FILETIDE_SEED'];

const transactions = fc.array(
	fc.record({
		changes: fc.array(change, { minLength: 1, maxLength: 6 }),
		fails: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
		/** Whether the events belong to another burst than the ones before. */
		pause: fc.boolean(),
	}),
	{ maxLength: 12 },
);

test('after any sequence of changes every counter equals its recount, and verify is clean', () => {
	const folder = mkdtempSync(join(QUICK, 'verify-model-'));
	let run = 0;
	try {
		fc.assert(
			fc.property(transactions, (sequence) => {
				const claim = IndexWriter.claim(join(folder, String(run++)), '');
				assert.ok('writer' in claim);
				const { writer } = claim;
				let world = new World();
				let burst = 1;
				const bursts: BurstPolicy = { burstOf: () => ({ id: burst, origin: 'unknown', root: '/' }) };
				let now = 1000;
				for (const { changes, fails, pause } of sequence) {
					burst += pause ? 1 : 0;
					now++;
					const before = world.copy();
					const attempt = () =>
						writer.transact(
							now,
							(transaction) => {
								for (const each of changes) {
									world.apply(transaction, each);
								}
								if (fails) {
									throw new Error('thrown away');
								}
							},
							bursts,
						);
					if (fails) {
						assert.throws(attempt, /thrown away/);
						world = before;
					} else {
						attempt();
					}
					world.check(writer.tables);
					const { differences } = writer.verify({ part: {}, statOf: () => undefined });
					assert.deepEqual(differences, []);
					assert.deepEqual(writer.suspects(), [], 'a crash now would leave nothing suspect');
				}
				void writer.close();
				rmSync(join(folder, String(run - 1)), { recursive: true, force: true });
			}),
			{ numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
