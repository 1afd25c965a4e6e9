import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeShortage, isShortage, type LimitFacts } from './limits.ts';

const FACTS: LimitFacts = {
	watches: { name: 'fs.inotify.max_user_watches', value: 8192 },
	instances: { name: 'fs.inotify.max_user_instances', value: 128 },
	openFiles: { used: 40, limit: 1024 },
};
const SHORTAGE = { needed: 10_101, had: 8000, first: '/w/d79', pollIntervalMs: 5000 };
const START =
	'10,101 folders need a watch of the system, and 8,000 could be had; /w/d79 is the first without. What has none is scanned every 5 s until there is room. ';

const check = (name: string, code: string, facts: Partial<LimitFacts>, expected: string) => {
	test(`${name}: what to do`, () => {
		assert.equal(describeShortage({ ...SHORTAGE, code }, { ...FACTS, ...facts }), START + expected);
	});
};
// Others hold 192: 10,293 watches are needed, and a quarter to spare.
check('no inotify watches', 'ENOSPC', {}, 'Raise the limit: sudo sysctl fs.inotify.max_user_watches=16384');
check(
	'no inotify watches in a container',
	'ENOSPC',
	{ watches: { name: 'user.max_inotify_watches', value: 8192 } },
	'Raise the limit: sudo sysctl user.max_inotify_watches=16384',
);
check('no inotify instances', 'EMFILE', {}, 'Raise the limit: sudo sysctl fs.inotify.max_user_instances=256');
check(
	'no open files',
	'EMFILE',
	{ openFiles: { used: 1023, limit: 1024 } },
	'Raise the limit of open files before the start: ulimit -n 2048',
);
check('no memory', 'ENOMEM', {}, 'The system is out of memory for watches: end other programs.');
check('elsewhere than on Linux', 'ENOSPC', { watches: undefined }, 'Raise the limit of inotify watches.');

test('one folder is one folder', () => {
	assert.match(
		describeShortage({ ...SHORTAGE, code: 'ENOMEM', needed: 1, had: 0 }, FACTS),
		/^1 folder needs a watch of the system, and 0 could be had/,
	);
});

test('only what may pass by itself is a shortage', () => {
	const codes = ['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOENT', 'EACCES', undefined];
	assert.deepEqual(
		codes.map((code) => isShortage(Object.assign(new Error('x'), { code }))),
		[true, true, true, true, false, false, false],
	);
});
