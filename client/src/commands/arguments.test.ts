import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { watchIds } from './arguments.ts';

suite('which watches a command is about', () => {
	const [a, b] = [
		{ kind: 'watch', watchId: 'a' },
		{ kind: 'watch', watchId: 'b' },
	];
	const change = { kind: 'change', watchId: 'a' };
	for (const [name, args, expected] of [
		['the palette passes nothing', [], []],
		['one row', [a, undefined], ['a']],
		['several selected rows', [a, [a, b]], ['a', 'b']],
		['a row outside the selection stands for itself', [b, [a]], ['b']],
		['other rows are left out', [a, [a, change, b]], ['a', 'b']],
		['a link passes an id', ['a'], ['a']],
		['anything else', [{ some: 'thing' }, 7], []],
	] as [string, unknown[], string[]][]) {
		test(name, () => assert.deepEqual(watchIds(args), expected));
	}
});
