import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { planWatches, type PlanContext } from './watch-plan.ts';

const CONTEXT: PlanContext = { folders: [{ name: 'app', path: '/projects/app' }], trusted: true };

function plan(entries: unknown, context: Partial<PlanContext> = {}, base: string | undefined = '/projects/app') {
	return planWatches([{ place: 'filetide.watches', entries, base, excludes: ['**/excluded/**'] }], {
		...CONTEXT,
		...context,
	});
}

/** Bad input → the one sentence about it. The good watch beside it always goes on. */
const bad: [string, unknown, RegExp][] = [
	['no path', {}, /^filetide\.watches\[0\]\.path is wrong: .+\. The other watches go on\.$/],
	['a number for a path', { path: 1 }, /^filetide\.watches\[0\]\.path is wrong: /],
	['no object', 'src', /^filetide\.watches\[0\] is wrong: /],
	[
		'an unknown key',
		{ path: 'a', patern: [] },
		/^filetide\.watches\[0\] has the unknown setting "patern"; known are path, name, /,
	],
	[
		'an unknown filter',
		{ path: 'a', filters: { hiden: true } },
		/^filetide\.watches\[0\]\.filters has the unknown setting "hiden"; known are hidden, /,
	],
	['a wrong debounce', { path: 'a', debounce: 'fast' }, /^filetide\.watches\[0\]\.debounce is wrong: /],
	['a broken include', { path: 'a', include: ['x['] }, /The pattern "x\[" cannot be read: /],
	['a broken ignore', { path: 'a', ignore: ['{a'] }, /The pattern "\{a" cannot be read: /],
	['an unknown variable', { path: '${env:HOME}/a' }, /The path uses \$\{env:HOME\}, which Filetide does not know/],
	[
		'an unknown folder',
		{ path: '${workspaceFolder:other}/a' },
		/The path uses \$\{workspaceFolder:other\}, but no such workspace folder is open/,
	],
	[
		'the whole file system',
		{ path: '/' },
		/^filetide\.watches\[0\]: \/ is a whole file system\. Watch a folder in it\.$/,
	],
];

for (const [name, entry, sentence] of bad) {
	test(`${name} is told in one sentence, and the watch beside it goes on`, () => {
		const { watches, problems } = plan([entry, { path: 'good' }]);
		assert.deepEqual(
			watches.map((watch) => watch.root),
			['/projects/app/good'],
		);
		assert.equal(problems.length, 1);
		assert.match(problems[0]!.message, sentence);
	});
}

test('a relative path without a folder that is open is told', () => {
	const { watches, problems } = planWatches(
		[{ place: 'filetide.watches', entries: [{ path: 'src' }], base: undefined, excludes: [] }],
		{ folders: [], trusted: true },
	);
	assert.deepEqual(watches, []);
	assert.match(problems[0]!.message, /"src" is relative, but no folder is open/);
});

test('something else than a list is told', () => {
	assert.match(plan({ path: 'a' }).problems[0]!.message, /^filetide\.watches must be a list of watches/);
	for (const nothing of [undefined, null, []]) {
		assert.deepEqual(plan(nothing).problems, []);
		assert.deepEqual(plan(nothing).watches, []);
	}
});

test('two watches with one id are told; the same entry seen from two folders is one watch', () => {
	const twice = plan([
		{ path: 'a', id: 'x' },
		{ path: 'b', id: 'x' },
	]);
	assert.deepEqual(
		twice.watches.map((watch) => watch.root),
		['/projects/app/a'],
	);
	assert.equal(twice.problems.length, 1);
	const source = { place: 'filetide.watches', entries: [{ path: '/abs' }], excludes: [] };
	const seen = planWatches(
		[
			{ ...source, base: '/projects/app' },
			{ ...source, base: '/projects/lib' },
		],
		CONTEXT,
	);
	assert.deepEqual([seen.watches.length, seen.problems.length], [1, 0]);
});

for (const [path, root] of [
	['.', '/projects/app'],
	['src/../lib/', '/projects/app/lib'],
	['${workspaceFolder}', '/projects/app'],
	['${workspaceFolder:app}/src', '/projects/app/src'],
	['~', homedir()],
	['~/notes', `${homedir()}/notes`],
	['~user', '/projects/app/~user'],
	['/abs//x/', '/abs/x'],
] as const) {
	test(`the path ${path} means ${root}`, () => {
		assert.deepEqual(
			plan([{ path }]).watches.map((watch) => watch.root),
			[root],
		);
	});
}

test('defaults, presets and derived values', () => {
	const [watch] = plan([{ path: 'a' }]).watches;
	assert.deepEqual(
		[watch!.name, watch!.windowMs, watch!.maxWaitMs, watch!.excludes],
		['a', 100, 1000, ['**/excluded/**']],
	);
	const [other] = plan([
		{ path: 'a', debounce: 'lowResource', recursive: false, filters: { watcherExclude: false } },
	]).watches;
	assert.deepEqual([other!.windowMs, other!.maxDepth, other!.excludes], [500, 0, []]);
	assert.equal(plan([{ path: 'a' }]).watches[0]!.id, watch!.id, 'the id is stable');
	assert.notEqual(plan([{ path: 'a', name: 'other' }]).watches[0]!.id, watch!.id);
});

test('without trust only what lies inside the workspace runs; what is turned off does not', () => {
	const { watches, idle, problems } = plan([{ path: 'in' }, { path: '/out' }, { path: 'off', enabled: false }], {
		trusted: false,
	});
	assert.deepEqual(
		watches.map((watch) => watch.root),
		['/projects/app/in'],
	);
	assert.deepEqual(
		idle.map(({ root, state }) => `${root} ${state}`),
		['/out stopped', '/projects/app/off stopped'],
	);
	assert.deepEqual(problems, []);
});

test('links lead into the outermost roots of all watches that run, and need a source that sees behind them', () => {
	const entries = [
		{ path: 'a', followSymlinks: true, source: 'chokidar' },
		{ path: 'a/b', followSymlinks: true, source: 'polling' },
		{ path: '/other' },
		{ path: '/off', enabled: false },
	];
	const native = process.platform === 'linux' ? 'native' : 'polling';
	assert.deepEqual(
		plan(entries).watches.map(({ followInto, source }) => [followInto, source === 'native' ? native : source]),
		[
			[['/other', '/projects/app/a'], native],
			[['/other', '/projects/app/a'], 'polling'],
			[[], native],
		],
	);
	assert.deepEqual(plan(entries, { trusted: false }).watches[0]?.followInto, ['/projects/app/a']);
});
