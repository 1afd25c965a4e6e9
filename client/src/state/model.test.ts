import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isBusy, totalScan } from './activity.ts';
import { Model } from './model.ts';
import { sampleStatus, sampleWatch } from './samples.ts';

suite('model', () => {
	test('keeps the rows while the server is started again, and forgets them when it stays stopped', () => {
		const model = new Model();
		model.setStatus(sampleStatus());
		model.setState('restarting');
		assert.ok(model.status);
		model.setState('stopped');
		assert.equal(model.status, undefined);
		assert.equal(model.hasWatches, false);
		model.setConfigured(true);
		assert.equal(model.hasWatches, true);
	});

	test('an equal state is no news', () => {
		const model = new Model();
		let news = 0;
		model.changed.on(() => (news += 1));
		model.setState('starting');
		model.setState('starting');
		model.setConfigured(true);
		model.setConfigured(true);
		assert.equal(news, 2);
	});

	test('waiting for a state ends with the state or with the time', async (t) => {
		t.mock.timers.enable({ apis: ['setTimeout'] });
		const model = new Model();
		const reached = model.reaches(['running', 'stopped'], 1000);
		model.setState('starting');
		model.setState('running');
		assert.equal(await reached, true);
		assert.equal(await model.reaches(['running'], 1000), true);
		const tooLate = model.reaches(['stopped'], 1000);
		t.mock.timers.tick(1000);
		assert.equal(await tooLate, false);
	});
});

suite('busy', () => {
	const scan = { done: 3, total: 10 };
	for (const [name, state, status, expected] of [
		['nothing to do', 'running', sampleStatus(), false],
		['changes are pending', 'running', sampleStatus({ pending: 1 }), true],
		['a watch is scanned', 'running', sampleStatus({ watches: [sampleWatch({ scan })] }), true],
		['the server died while it was', 'restarting', sampleStatus({ pending: 1 }), false],
		['nothing is known', 'running', undefined, false],
	] as const) {
		test(name, () => assert.equal(isBusy({ state, status }), expected));
	}

	test('scans add up; one that knows no total leaves the sum without', () => {
		const watches = [sampleWatch({ scan }), sampleWatch({ id: 'b', scan: { done: 1, total: 5 } })];
		assert.deepEqual(totalScan({ status: sampleStatus({ watches }) }), { done: 4, total: 15 });
		const first = sampleWatch({ id: 'c', scan: { done: 100, total: 0 } });
		assert.deepEqual(totalScan({ status: sampleStatus({ watches: [...watches, first] }) }), {
			done: 104,
			total: 0,
		});
		assert.equal(totalScan({ status: sampleStatus() }), undefined);
	});
});
