import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { VcsWindow } from './vcs-window.ts';

type Step =
	/** These marks are there, and one of them has just come, gone or changed. */
	| { at: number; marks: string[] }
	/** A hint, or something else in the control folder. */
	| { at: number; touch: true };

const mark = (at: number, ...marks: string[]): Step => ({ at, marks });
const touch = (at: number): Step => ({ at, touch: true });
const touches = (from: number, to: number, every: number): Step[] =>
	Array.from({ length: Math.ceil((to - from) / every) }, (_, i) => touch(from + i * every));

/** Plays steps against a clock that stops at each moment that the window asks for; returns the changes of its state. */
function play(steps: readonly Step[], until: number, window = new VcsWindow()): string[] {
	const states: string[] = [];
	let state = window.state;
	const note = (now: number) => {
		if (window.state !== state) {
			state = window.state;
			states.push(`${state} ${now}`);
		}
	};
	const pass = (to: number) => {
		for (let next = window.nextDue(); next !== undefined && next <= to; next = window.nextDue()) {
			assert.ok(window.due(next), `nothing was due at ${next}`);
			note(next);
		}
	};
	for (const step of steps) {
		pass(step.at - 1);
		if ('marks' in step) {
			window.look(new Set(step.marks), true, step.at);
		} else if (window.state !== 'closed') {
			window.touch(step.at);
		}
		note(step.at);
	}
	pass(until);
	return states;
}

suite('when version control is at work', () => {
	const check = (name: string, steps: readonly Step[], expected: string[]) => {
		test(name, () => {
			assert.deepEqual(play(steps, 2_000_000), expected);
		});
	};
	check('a lock comes and goes', [mark(10, 'lock'), mark(50)], ['holding 10', 'closed 150']);
	check('a lock that was gone before anybody looked', [mark(10)], ['holding 10', 'closed 110']);
	check(
		'locks a moment apart are one operation',
		[mark(0, 'lock'), mark(20), mark(60, 'lock2'), mark(90)],
		['holding 0', 'closed 190'],
	);
	check(
		'hints do not make it last when the lock is gone',
		[mark(0, 'l'), mark(20), touch(100)],
		['holding 0', 'closed 120'],
	);
	check('a forgotten lock', [mark(0, 'lock'), touch(100)], ['holding 0', 'closed 2100']);
	check('hints under a forgotten lock open nothing', [mark(0, 'lock'), touch(5000)], ['holding 0', 'closed 2000']);
	check(
		'the end of a forgotten lock is no news for long',
		[mark(0, 'lock'), mark(5000)],
		['holding 0', 'closed 2000', 'holding 5000', 'closed 5100'],
	);
	check(
		'another lock after a forgotten one',
		[mark(0, 'lock'), mark(5000, 'lock2'), mark(5500)],
		['holding 0', 'closed 2000', 'holding 5000', 'closed 5600'],
	);
	check(
		'a lock within a rebase that waits for its user',
		[mark(0, 'rebase'), mark(5000, 'rebase', 'lock'), mark(5010, 'rebase')],
		['holding 0', 'closed 2000', 'holding 5000', 'closed 5110'],
	);
	check(
		'a rebase that goes on',
		[mark(0, 'rebase'), mark(5000, 'rebase 2'), ...touches(5500, 9000, 500), mark(9000)],
		['holding 0', 'closed 2000', 'holding 5000', 'closed 9100'],
	);
	check(
		'a long checkout holds hints no longer than allowed, and is one operation',
		[mark(0, 'lock'), ...touches(100, 60_000, 1000), mark(60_000)],
		['holding 0', 'flowing 30000', 'closed 60100'],
	);
	check(
		'work that never ends under a lock that nobody takes away',
		[mark(0, 'lock'), ...touches(100, 900_000, 1000)],
		['holding 0', 'flowing 30000', 'closed 600000'],
	);

	test('a lock that is found, not reported, opens it unless it is forgotten', () => {
		const window = new VcsWindow();
		window.look(new Set(), false, 0);
		assert.equal(window.state, 'closed');
		window.look(new Set(['lock']), false, 100);
		assert.equal(window.state, 'holding');
		assert.deepEqual(play([], 10_000, window), ['closed 2100']);
		window.look(new Set(['lock']), false, 20_000);
		assert.equal(window.state, 'closed');
	});

	test('whatever happens, no hint is held for more than 30 s, and it ends when nothing happens any more', () => {
		const steps = fc.array(
			fc.record({
				after: fc.integer({ min: 0, max: 5000 }),
				marks: fc.option(fc.subarray(['lock', 'rebase', 'rebase 2']), { nil: undefined }),
			}),
			{ maxLength: 60 },
		);
		fc.assert(
			fc.property(steps, (list) => {
				let at = 0;
				const played = list.map(({ after, marks }): Step => {
					at += after;
					return marks === undefined ? touch(at) : mark(at, ...marks);
				});
				const window = new VcsWindow();
				const states = play(played, at + 700_000, window);
				assert.equal(window.state, 'closed');
				let holdingSince: number | undefined;
				for (const [state, time] of states.map((each) => each.split(' ') as [string, string])) {
					assert.ok(holdingSince === undefined || Number(time) - holdingSince <= 30_000, states.join(', '));
					holdingSince = state === 'holding' ? Number(time) : undefined;
				}
			}),
		);
	});
});
