import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Debouncer, type DebounceOptions } from './debounce.ts';

/** Plays hints of one path at given times, asking every millisecond what is due; returns when the path was reported. */
function reports(options: DebounceOptions, hints: readonly number[], until: number): number[] {
	const debouncer = new Debouncer(options);
	const reported: number[] = [];
	for (let now = 0; now <= until; now++) {
		reported.push(...debouncer.due(now).map(() => now));
		for (const hint of hints.filter((time) => time === now)) {
			if (debouncer.hint('path', hint)) {
				reported.push(now);
			}
		}
	}
	return reported;
}

const cases: [string, Partial<DebounceOptions>, number[], number[]][] = [
	['one hint goes out at once', {}, [0], [0]],
	['a second one within the window goes out at its end', {}, [0, 30], [0, 130]],
	['further ones move the end', {}, [0, 30, 90], [0, 190]],
	['constant hints are reported at the longest wait', { maxWaitMs: 150 }, [0, 50, 100, 150, 200, 250], [0, 200, 350]],
	['after a quiet window the next one goes out at once', {}, [0, 300], [0, 300]],
	['after a trailing report the window is open still', {}, [0, 50, 160], [0, 150, 260]],
	['settled: nothing goes out before a quiet window', { leading: false }, [0, 80], [180]],
];

for (const [name, options, hints, expected] of cases) {
	test(name, () => {
		assert.deepEqual(reports({ windowMs: 100, maxWaitMs: 1000, leading: true, ...options }, hints, 2000), expected);
	});
}

test('whatever the times, the last hint is followed by a report, and none waits longer than allowed', () => {
	fc.assert(
		fc.property(
			fc.array(fc.nat(1500), { minLength: 1, maxLength: 40 }),
			fc.integer({ min: 1, max: 200 }),
			fc.integer({ min: 0, max: 400 }),
			fc.boolean(),
			(times, windowMs, extra, leading) => {
				const maxWaitMs = windowMs + extra;
				const hints = times.toSorted((a, b) => a - b);
				const reported = reports({ windowMs, maxWaitMs, leading }, hints, 4000);
				for (const hint of hints) {
					const next = reported.find((time) => time >= hint);
					assert.ok(next !== undefined, `the hint at ${hint} is reported`);
					assert.ok(next - hint <= maxWaitMs, `the hint at ${hint} waits ${next - hint} ms`);
				}
				assert.ok(reported.length <= hints.length, 'no more reports than hints');
			},
		),
	);
});

test('asked only when it says that something is due, it reports the same', () => {
	fc.assert(
		fc.property(
			fc.array(fc.nat(1000), { minLength: 1, maxLength: 30 }),
			fc.integer({ min: 1, max: 200 }),
			fc.integer({ min: 0, max: 400 }),
			fc.boolean(),
			(times, windowMs, extra, leading) => {
				const options = { windowMs, maxWaitMs: windowMs + extra, leading };
				const hints = times.toSorted((a, b) => a - b);
				const debouncer = new Debouncer(options);
				const reported: number[] = [];
				for (const hint of [...hints, Number.POSITIVE_INFINITY]) {
					for (let due = debouncer.nextDue(); due !== undefined && due <= hint; due = debouncer.nextDue()) {
						reported.push(...debouncer.due(due).map(() => due));
					}
					if (hint !== Number.POSITIVE_INFINITY && debouncer.hint('path', hint)) {
						reported.push(hint);
					}
				}
				assert.equal(debouncer.size, 0, 'every window ends');
				assert.deepEqual(reported, reports(options, hints, 4000));
			},
		),
	);
});

test('paths have windows of their own, and flush ends all of them', () => {
	const debouncer = new Debouncer({ windowMs: 100, maxWaitMs: 1000, leading: true });
	assert.deepEqual([debouncer.hint('a', 0), debouncer.hint('b', 10), debouncer.hint('a', 20)], [true, true, false]);
	assert.equal(debouncer.nextDue(), 110);
	assert.deepEqual(debouncer.flush(), ['a']);
	assert.equal(debouncer.size, 0);
	assert.equal(debouncer.nextDue(), undefined);
});
