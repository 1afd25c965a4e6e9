import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '#shared/model.ts';
import { ProblemMemory } from './problem-memory.ts';

const problem = (fields: Partial<Problem> = {}): Problem => ({
	key: 'k',
	code: 'ROOT_MISSING',
	message: 'Missing.',
	severity: 'warning',
	...fields,
});

test('a problem is told once, also when it comes back; another wording is news', () => {
	const memory = new ProblemMemory();
	assert.equal(memory.fresh([problem(), problem({ key: 'other' })]).tell.length, 2);
	assert.equal(memory.fresh([]).tell.length, 0);
	assert.equal(memory.fresh([problem()]).tell.length, 0);
	assert.equal(memory.fresh([problem({ message: 'Still missing.' })]).tell.length, 1);
});

test('what waits for trust is logged and told by the window itself', () => {
	const { log, tell } = new ProblemMemory().fresh([problem({ code: 'UNTRUSTED' })]);
	assert.deepEqual([log.length, tell.length], [1, 0]);
});
