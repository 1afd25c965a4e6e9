import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Histogram, ProgressTracker } from './progress-tracker.ts';

suite('a histogram', () => {
	for (const [name, values, expected] of [
		['of nothing', [], [0, 0, 0]],
		['of one value', [7], [7, 7, 7]],
		['of many', Array.from({ length: 1000 }, (_, i) => i + 1), [500, 950, 990]],
		['with outliers', [...Array.from({ length: 98 }, () => 2), 5000, 5000], [2, 2, 5000]],
		['beyond its ends', [0, 1e12], [0.01, 3.7e8, 3.7e8]],
	] as const) {
		test(name, () => {
			const histogram = new Histogram();
			for (const value of values) {
				histogram.add(value);
			}
			const { p50, p95, p99 } = histogram.percentiles;
			for (const [i, shown] of [p50, p95, p99].entries()) {
				const [from, to] = [expected[i]! * 0.94, expected[i]! * 1.06];
				assert.ok(shown >= from && shown <= to, `${shown} is about ${expected[i]}`);
			}
		});
	}
});

suite('an estimate', () => {
	test('comes from the rate of late', () => {
		let now = 0;
		const tracker = new ProgressTracker(() => now);
		tracker.indexed(0, 1000);
		assert.deepEqual(tracker.status.indexing, { done: 0, total: 1000 });
		now = 1000;
		tracker.indexed(100, 1000);
		assert.deepEqual(tracker.status.indexing, { done: 100, total: 1000, msLeft: 9000 });
		// Slower from now on: what was before two windows counts no more.
		for (now = 6000; now < 30_000; now += 6000) {
			tracker.indexed(100 + now / 100, 1000);
		}
		tracker.indexed(400, 1000);
		assert.deepEqual(tracker.status.indexing, { done: 400, total: 1000, msLeft: 60_000 });
		tracker.indexingEnded();
		assert.equal(tracker.status.indexing, undefined);
	});

	test('a total that was exceeded grows', () => {
		const tracker = new ProgressTracker(() => 0);
		tracker.indexed(12, 10);
		assert.deepEqual(tracker.status.indexing, { done: 12, total: 12 });
	});
});

test('whoever goes on has what was measured before', () => {
	const [before, after] = [new ProgressTracker(() => 0), new ProgressTracker(() => 0)];
	for (const ms of [1, 5, 200]) {
		before.processed(ms);
		before.propagated(ms * 2);
	}
	after.resume(before.measured);
	assert.deepEqual(after.status, before.status);
});
