import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
	configuredWatches,
	effectiveList,
	findConfigured,
	innermostView,
	namesAnyWatch,
	planAdd,
	planRemove,
	type SettingView,
} from './watch-levels.ts';

const app = { name: 'app', path: '/ws/app' };
const lib = { name: 'lib', path: '/ws/lib' };
const context = { folders: [app, lib], home: '/home/me' };
const notes = { path: '~/notes' };

suite('whether anything is watched', () => {
	for (const [name, views, expected] of [
		['nothing set', [{ values: {} }], false],
		['empty lists', [{ values: { user: [], workspace: [] } }], false],
		['the user watches', [{ values: { user: [notes] } }], true],
		['the workspace turns it off', [{ values: { user: [notes], workspace: [] } }], false],
		[
			'one folder watches',
			[
				{ folder: app, values: {} },
				{ folder: lib, values: { folder: [notes] } },
			],
			true,
		],
		['no list at all: the server has to say so', [{ values: { user: 'src' } }], true],
	] as [string, SettingView[], boolean][]) {
		test(name, () => assert.equal(namesAnyWatch(views), expected));
	}
});

suite('adding', () => {
	const folderWindow = { workspaceFile: false, inWorkspace: true, trusted: true };
	const multiRoot = { ...folderWindow, workspaceFile: true };
	const outside = { ...folderWindow, inWorkspace: false };
	const untrusted = { ...outside, trusted: false };
	for (const [name, path, view, options, expected] of [
		[
			'the first one of a folder window',
			'/ws/app',
			{ folder: app, values: {} },
			folderWindow,
			{ level: 'workspace', folder: undefined, value: [{ path: '${workspaceFolder}' }] },
		],
		[
			'ends none that the user settings name',
			'/ws/app/src',
			{ folder: app, values: { user: [notes] } },
			folderWindow,
			{ level: 'workspace', folder: undefined, value: [notes, { path: '${workspaceFolder}/src' }] },
		],
		[
			'names its folder in a workspace file',
			'/ws/app/src',
			{ folder: app, values: {} },
			multiRoot,
			{ level: 'workspace', folder: undefined, value: [{ path: '${workspaceFolder:app}/src' }] },
		],
		[
			'follows a folder that has a list of its own',
			'/ws/app/src',
			{ folder: app, values: { folder: [notes] } },
			multiRoot,
			{ level: 'folder', folder: app, value: [notes, { path: '${workspaceFolder}/src' }] },
		],
		[
			'outside the workspace',
			'/elsewhere',
			{ folder: app, values: {} },
			outside,
			{ level: 'user', folder: undefined, value: [{ path: '/elsewhere' }] },
		],
		[
			'outside, where the workspace’s list counts',
			'/elsewhere',
			{ folder: app, values: { user: [], workspace: [notes] } },
			outside,
			{ level: 'workspace', folder: undefined, value: [notes, { path: '/elsewhere' }] },
		],
		[
			'without trust: the workspace’s settings would not count',
			'/ws/app',
			{ folder: app, values: { user: [notes] } },
			untrusted,
			{ level: 'user', folder: undefined, value: [notes, { path: '/ws/app' }] },
		],
		[
			'without a folder',
			'/elsewhere',
			{ values: {} },
			outside,
			{ level: 'user', folder: undefined, value: [{ path: '/elsewhere' }] },
		],
		['to something that is no list', '/ws/app', { folder: app, values: { user: {} } }, folderWindow, 'not-a-list'],
	] as [string, string, SettingView, typeof folderWindow, unknown][]) {
		test(name, () => assert.deepEqual(planAdd(path, view, options), expected));
	}
});

test('of nested folders, the innermost', () => {
	const deep = { name: 'deep', path: '/ws/app/deep' };
	const views = [app, deep, lib].map((folder) => ({ folder, values: {} }));
	assert.equal(innermostView(views, '/ws/app/deep/er')?.folder, deep);
	assert.equal(innermostView(views, '/ws/app/deeper')?.folder, app);
	assert.equal(innermostView(views, '/elsewhere'), undefined);
});

suite('finding', () => {
	test('an entry of a wider level counts once, one with a variable once per folder', () => {
		const values = { workspace: [notes, { path: '${workspaceFolder}/src', name: 'sources' }] };
		const found = configuredWatches(
			[
				{ folder: app, values },
				{ folder: lib, values },
			],
			context,
		);
		assert.deepEqual(
			found.map(({ path, index, level }) => [path, index, level]),
			[
				['/home/me/notes', 0, 'workspace'],
				['/ws/app/src', 1, 'workspace'],
				['/ws/lib/src', 1, 'workspace'],
			],
		);
	});

	test('what is no watch is listed too, so that it can be removed', () => {
		const found = configuredWatches([{ values: { user: [7, { path: 3 }, {}] } }], context);
		assert.deepEqual(
			found.map(({ written, path }) => [written, path]),
			[
				['', undefined],
				['', undefined],
				['', undefined],
			],
		);
	});

	test('by id, then by path', () => {
		const values = { user: [{ path: '/a', id: 'x' }, { path: '/b' }] };
		const configured = configuredWatches([{ values }], context);
		assert.equal(findConfigured(configured, { id: 'x', path: '/other' })?.index, 0);
		assert.equal(findConfigured(configured, { id: 'derived', path: '/b/' })?.index, 1);
		assert.equal(findConfigured(configured, { id: 'none', path: '/c' }), undefined);
	});
});

suite('removing', () => {
	const remove = (views: SettingView[], path: string): unknown => {
		const entry = configuredWatches(views, context).find((candidate) => candidate.path === path);
		assert.ok(entry);
		return planRemove(entry, views);
	};

	test('at the level where it is', () => {
		const views = [{ folder: app, values: { workspace: [{ path: '/a' }, { path: '/b' }], user: [notes] } }];
		assert.deepEqual(remove(views, '/a'), { level: 'workspace', folder: undefined, value: [{ path: '/b' }] });
	});

	test('the last one takes the key away', () => {
		assert.deepEqual(remove([{ folder: app, values: { workspace: [{ path: '/a' }] } }], '/a'), {
			level: 'workspace',
			folder: undefined,
			value: undefined,
		});
	});

	test('the last one leaves an empty list where the user’s would count again', () => {
		const views = [{ folder: app, values: { workspace: [{ path: '/a' }], user: [notes] } }];
		assert.deepEqual(remove(views, '/a'), { level: 'workspace', folder: undefined, value: [] });
	});

	test('in the folder that has it', () => {
		const views = [
			{ folder: app, values: { folder: [{ path: 'x' }] } },
			{ folder: lib, values: { folder: [{ path: 'x' }, { path: 'y' }] } },
		];
		assert.deepEqual(remove(views, '/ws/lib/x'), { level: 'folder', folder: lib, value: [{ path: 'y' }] });
	});

	test('what is gone meanwhile', () => {
		const gone = { level: 'user', index: 3, written: '/a' } as const;
		assert.equal(planRemove(gone, [{ values: { user: [notes] } }]), undefined);
	});
});

test('the narrowest level counts alone', () => {
	assert.deepEqual(effectiveList({ values: { user: [1], workspace: [2], folder: [3] } }), [3]);
	assert.deepEqual(effectiveList({ values: {} }), []);
	assert.equal(effectiveList({ values: { user: 'x' } }), undefined);
});
