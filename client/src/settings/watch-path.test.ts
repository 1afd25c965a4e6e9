import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { suite, test } from 'node:test';
import { isBroad, pathInside, resolveWatchPath, samePath, writeWatchPath } from './watch-path.ts';

const app = { name: 'app', path: '/ws/app' };
const lib = { name: 'lib', path: '/ws/lib' };

suite('what a path means', () => {
	const home = '/home/me';
	for (const [written, folders, expected] of [
		['${workspaceFolder}', [app], '/ws/app'],
		['${workspaceFolder}/src/', [app], '/ws/app/src'],
		['${workspaceFolder:lib}/deep', [app, lib], '/ws/lib/deep'],
		['${workspaceFolder:gone}/deep', [app, lib], undefined],
		['${workspaceFolder}', [], undefined],
		['${workspaceFolders}', [app], '/ws/app/${workspaceFolders}'],
		['~', [], '/home/me'],
		['~/notes', [], '/home/me/notes'],
		['~other', [app], '/ws/app/~other'],
		['/abs/../else', [], '/else'],
		['src', [app], '/ws/app/src'],
		['src', [app, lib], undefined],
		['src', [], undefined],
	] as const) {
		test(`${written} with ${folders.length} folders`, () =>
			assert.equal(resolveWatchPath(written, { folders, home, paths: posix }), expected));
	}

	test('relative to the folder whose settings say it', () => {
		const context = { folders: [app, lib], folder: lib, home, paths: posix };
		assert.equal(resolveWatchPath('src', context), '/ws/lib/src');
		assert.equal(resolveWatchPath('${workspaceFolder}/src', context), '/ws/lib/src');
	});

	test('on Windows', () => {
		const folders = [{ name: 'app', path: 'c:\\ws\\app' }];
		const context = { folders, home: 'C:\\Users\\me', paths: win32 };
		assert.equal(resolveWatchPath('${workspaceFolder}/src', context), 'c:\\ws\\app\\src');
		assert.equal(resolveWatchPath('~\\notes', context), 'C:\\Users\\me\\notes');
		assert.equal(resolveWatchPath('C:\\', context), 'C:\\');
	});
});

test('one place in two spellings', () => {
	assert.ok(samePath('/a/b/', '/a/./b', posix));
	assert.ok(!samePath('/a/B', '/a/b', posix));
	assert.ok(samePath('C:\\A\\b', 'c:\\a\\B\\', win32));
});

test('inside a folder', () => {
	assert.equal(pathInside('/ws/app', '/ws/app', posix), '');
	assert.equal(pathInside('/ws/app', '/ws/app/src/x', posix), 'src/x');
	assert.equal(pathInside('/ws/app', '/ws/app2', posix), undefined);
	assert.equal(pathInside('/ws/app', '/ws/app/..hidden', posix), '..hidden');
	assert.equal(pathInside('C:\\ws', 'D:\\ws', win32), undefined);
	assert.equal(pathInside('C:\\ws', 'C:\\ws\\a\\b', win32), 'a/b');
});

test('written so that the project can move', () => {
	assert.equal(writeWatchPath('/ws/app', app, false, posix), '${workspaceFolder}');
	assert.equal(writeWatchPath('/ws/app/src', app, false, posix), '${workspaceFolder}/src');
	assert.equal(writeWatchPath('/ws/app/src', app, true, posix), '${workspaceFolder:app}/src');
});

test('too broad to be meant', () => {
	assert.ok(isBroad('/', '/home/me', posix));
	assert.ok(isBroad('/home/me/', '/home/me', posix));
	assert.ok(!isBroad('/home/me/project', '/home/me', posix));
	assert.ok(isBroad('d:\\', 'C:\\Users\\me', win32));
});
