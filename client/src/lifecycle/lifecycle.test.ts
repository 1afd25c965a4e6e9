import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Coalescer } from './coalescer.ts';
import { Disposables } from './disposables.ts';
import { QueueOne } from './queue-one.ts';
import { Signal } from './signal.ts';

suite('coalescer', () => {
	test('first at once, later ones together after the interval, the last always', (t) => {
		t.mock.timers.enable({ apis: ['setTimeout'] });
		const delivered: string[][] = [];
		const coalescer = new Coalescer<string>(300, (keys) => delivered.push([...keys]));
		coalescer.add('a');
		assert.deepEqual(delivered, [['a']]);
		coalescer.add('b');
		coalescer.add('c');
		coalescer.add('b');
		t.mock.timers.tick(299);
		assert.equal(delivered.length, 1);
		t.mock.timers.tick(1);
		assert.deepEqual(delivered, [['a'], ['b', 'c']]);
		// After a quiet interval the next one goes out at once again.
		t.mock.timers.tick(300);
		coalescer.add('d');
		assert.deepEqual(delivered.at(-1), ['d']);
	});

	test('a storm costs at most one delivery per interval', (t) => {
		t.mock.timers.enable({ apis: ['setTimeout'] });
		let deliveries = 0;
		const coalescer = new Coalescer<number>(300, () => (deliveries += 1));
		for (let ms = 0; ms < 3000; ms += 1) {
			coalescer.add(ms % 7);
			t.mock.timers.tick(1);
		}
		assert.ok(deliveries <= 11, String(deliveries));
	});

	test('dispose and clear forget what waits', (t) => {
		t.mock.timers.enable({ apis: ['setTimeout'] });
		const delivered: string[] = [];
		const coalescer = new Coalescer<string>(300, (keys) => delivered.push(...keys));
		coalescer.add('a');
		coalescer.add('b');
		assert.equal(coalescer.clear(), true);
		assert.equal(coalescer.clear(), false);
		t.mock.timers.tick(300);
		coalescer.add('c');
		coalescer.add('d');
		coalescer.dispose();
		t.mock.timers.tick(1000);
		assert.deepEqual(delivered, ['a', 'c']);
	});
});

suite('queue of one', () => {
	test('one runs, one waits, everybody else gets the one that waits', async () => {
		const ends: (() => void)[] = [];
		const queue = new QueueOne(() => new Promise((resolve) => ends.push(resolve)));
		const first = queue.run();
		const [second, third] = [queue.run(), queue.run()];
		assert.equal(second, third);
		assert.equal(ends.length, 1);
		ends[0]?.();
		await first;
		await new Promise(setImmediate);
		assert.equal(ends.length, 2);
		ends[1]?.();
		await second;
	});

	test('a failure is its caller’s, and the queue goes on', async () => {
		let runs = 0;
		const queue = new QueueOne(() => {
			runs += 1;
			return runs === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
		});
		const first = queue.run();
		const second = queue.run();
		await assert.rejects(first, /no/);
		await second;
		await queue.run();
		assert.equal(runs, 3);
	});
});

test('a scope ends newest first, and what comes late ends at once', () => {
	const ended: string[] = [];
	const scope = new Disposables();
	const thing = (name: string) => ({ dispose: () => ended.push(name) });
	scope.add(thing('first'));
	scope.add(thing('second'));
	scope.dispose();
	scope.add(thing('late'));
	scope.dispose();
	assert.deepEqual(ended, ['second', 'first', 'late']);
});

test('a signal’s listener may end itself while it is told', () => {
	const heard: string[] = [];
	const signal = new Signal<string>();
	const once = signal.on((value) => {
		heard.push(`once ${value}`);
		once.dispose();
	});
	signal.on((value) => heard.push(`always ${value}`));
	signal.fire('a');
	signal.fire('b');
	assert.deepEqual(heard, ['once a', 'always a', 'always b']);
});
