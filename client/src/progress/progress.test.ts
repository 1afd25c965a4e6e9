import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DelayedBusy } from './delayed-busy.ts';
import { overallIncrement } from './percentages.ts';

suite('delayed busy', () => {
	/** Steps: a number lets time pass, a boolean is what `set` gets. */
	function check(name: string, steps: (number | boolean | 'dispose')[], expected: string): void {
		test(name, (t) => {
			t.mock.timers.enable({ apis: ['setTimeout'] });
			const seen: string[] = [];
			const busy = new DelayedBusy(150, { begin: () => seen.push('begin'), end: () => seen.push('end') });
			for (const step of steps) {
				if (typeof step === 'number') {
					t.mock.timers.tick(step);
				} else if (step === 'dispose') {
					busy.dispose();
				} else {
					busy.set(step);
				}
			}
			assert.equal(seen.join(' '), expected);
		});
	}
	check('short work shows nothing', [true, 149, false, 1000], '');
	check('longer work shows and ends at once', [true, 150, false], 'begin end');
	check('repeated news begin once', [true, 100, true, 50, true, 500, true, false, false], 'begin end');
	check('each piece of work waits anew', [true, 149, false, true, 149, false], '');
	check('ends with its owner', [true, 200, 'dispose', 1000], 'begin end');
});

suite('increments from percentages', () => {
	for (const [name, pieces, reports, expected] of [
		[
			'one piece',
			1,
			[
				[0, 10],
				[0, 25],
				[0, 100],
			],
			[10, 15, 75],
		],
		[
			'never back',
			1,
			[
				[0, 50],
				[0, 20],
				[0, 60],
			],
			[50, 0, 10],
		],
		[
			'two pieces share the bar',
			2,
			[
				[0, 100],
				[1, 50],
			],
			[50, 25],
		],
		[
			'unknown stays unknown',
			1,
			[
				[0, undefined],
				[0, 40],
			],
			[undefined, 40],
		],
	] as [string, number, [number, number | undefined][], (number | undefined)[]][]) {
		test(name, () => {
			const advance = overallIncrement(pieces);
			assert.deepEqual(
				reports.map(([index, percentage]) => advance(index, percentage)),
				expected,
			);
		});
	}
});
