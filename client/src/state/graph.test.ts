import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { GraphStatus, Status } from '#shared/protocol.ts';
import { isBusy } from './activity.ts';
import { graphPhase, indexingPercentage, logMark } from './graph.ts';
import { sampleGraph, sampleStatus } from './samples.ts';

suite('whether the dependency graph can be asked', () => {
	const graph = sampleGraph({ files: 9 });
	for (const [name, state, status, phase, busy] of [
		['no status', 'starting', undefined, 'none', false],
		['no watch', 'running', sampleStatus({ watches: [], graph }), 'none', false],
		['ready', 'running', sampleStatus({ graph }), 'ready', false],
		['first reading', 'running', withGraph({ indexing: { done: 1, total: 9 } }), 'waits', true],
		['updates under way', 'running', withGraph({ inFlight: 1 }), 'ready', true],
		['an update that failed waits for another attempt', 'running', withGraph({ failed: 1 }), 'ready', true],
		['given up', 'running', withGraph({ parkedCount: 1 }), 'ready', false],
		['the graph’s process has not said anything', 'running', sampleStatus({ settled: false }), 'waits', false],
		['the server is being started again', 'restarting', sampleStatus({ graph }), 'waits', false],
	] as const) {
		test(name, () => {
			assert.equal(graphPhase({ state, status }), phase);
			assert.equal(isBusy({ state, status }), busy);
		});
	}

	function withGraph(fields: Partial<GraphStatus>): Status {
		return sampleStatus({ graph: sampleGraph(fields) });
	}
});

test('answers are asked for anew when the log or what was given up differs, and not while there is work', () => {
	const mark = (fields: Partial<Status>) =>
		logMark({ state: 'running', status: sampleStatus({ graph: sampleGraph(), ...fields }) });
	assert.ok(mark({}) !== undefined && mark({ cursor: '7' }) === mark({}));
	assert.notEqual(mark({ index: { bytes: 0, events: 1, head: 1 } }), mark({}));
	assert.notEqual(mark({ graph: sampleGraph({ parkedCount: 1 }) }), mark({}));
	assert.equal(mark({ pending: 1 }), undefined);
	assert.equal(mark({ graph: sampleGraph({ pending: 1 }) }), undefined);
	assert.equal(logMark({ state: 'restarting', status: sampleStatus() }), undefined);
});

test('the percentage of a first reading is 100 only at its end, which no status shows', () => {
	const percentages = [
		{ done: 0, total: 0 },
		{ done: 1, total: 3 },
		{ done: 3, total: 3 },
	].map(indexingPercentage);
	assert.deepEqual(percentages, [0, 33, 99]);
});
