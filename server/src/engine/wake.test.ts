import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WakeDetector } from './wake.ts';

suite('waking up', () => {
	/** Both clocks go on by so many milliseconds between two checks; the last number says which checks tell of it. */
	for (const [name, steps, expected] of [
		[
			'awake',
			[
				[1000, 1000],
				[1002, 1000],
				[1000, 1003],
			],
			[false, false, false],
		],
		[
			'a busy thread',
			[
				[9000, 9000],
				[1000, 1000],
			],
			[false, false],
		],
		[
			'asleep, the monotonic clock stands still',
			[
				[3_600_000, 900],
				[1000, 1000],
			],
			[true, false],
		],
		[
			'asleep, the monotonic clock goes on',
			[
				[3_600_000, 3_600_000],
				[1000, 1000],
			],
			[true, false],
		],
		['a nap of a few seconds', [[4000, 1000]], [false]],
		[
			'the clock is set back',
			[
				[-7_200_000, 1000],
				[1000, 1000],
			],
			[true, false],
		],
		[
			'the clock is set forward',
			[
				[7_200_000, 1000],
				[1000, 1000],
			],
			[true, false],
		],
		[
			'a time server slows the clock down',
			[
				[600, 1000],
				[600, 1000],
				[600, 1000],
			],
			[false, false, false],
		],
	] as [string, [wallMs: number, monotonicMs: number][], boolean[]][]) {
		test(name, () => {
			let [wall, monotonic] = [1_700_000_000_000, 5000];
			const detector = new WakeDetector({ wall: () => wall, monotonic: () => monotonic });
			const told = steps.map(([wallMs, monotonicMs]) => {
				wall += wallMs;
				monotonic += monotonicMs;
				return detector.hasWoken();
			});
			assert.deepEqual(told, expected);
		});
	}
});
