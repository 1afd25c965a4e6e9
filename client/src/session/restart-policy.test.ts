import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RestartPolicy } from './restart-policy.ts';

/** Lives in seconds, one after the other, with the delay that follows each; `stop` ends the list. */
function check(name: string, lives: number[], expected: (number | 'stop')[]): void {
	test(name, () => {
		let now = 1000;
		const policy = new RestartPolicy(() => now);
		const answers = lives.map((seconds) => {
			policy.started();
			now += seconds * 1000;
			const verdict = policy.ended();
			if (verdict.restart) {
				now += verdict.delayMs;
				return verdict.delayMs;
			}
			return 'stop';
		});
		assert.deepEqual(answers, expected);
	});
}

suite('restart policy', () => {
	check(
		'doubles, and stops at the fifth crash within three minutes',
		[1, 1, 1, 1, 1],
		[500, 1000, 2000, 4000, 'stop'],
	);
	check('a server that dies at once', [0, 0, 0, 0, 0], [500, 1000, 2000, 4000, 'stop']);
	check(
		'goes on when the crashes are far apart, up to 30 s',
		Array.from({ length: 8 }, () => 50),
		[500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
	);
	check('a life of a minute makes the next end a first one', [1, 1, 60, 1], [500, 1000, 500, 1000]);

	test('a restart on request starts afresh', () => {
		const policy = new RestartPolicy(() => 0);
		for (let crash = 0; crash < 4; crash += 1) {
			policy.ended();
		}
		policy.reset();
		assert.deepEqual(policy.ended(), { restart: true, delayMs: 500 });
	});
});
