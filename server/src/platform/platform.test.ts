import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { findIndex, indexFolder, recordRoots, socketPath, stateFolder } from './locations.ts';
import { fileSystemType, isNetworkFileSystem, parseMounts } from './mounts.ts';
import { childPath, isInside, joinNames, realPath, splitPath } from './paths.ts';
import { isRunning, ownIdentity } from './process-identity.ts';

const box = realpathSync(mkdtempSync(join(tmpdir(), 'platform-')));
process.env['XDG_STATE_HOME'] = join(box, 'state');
process.env['XDG_RUNTIME_DIR'] = join(box, 'run');
after(() => {
	rmSync(box, { recursive: true, force: true });
});

const MOUNTS = parseMounts(
	[
		'22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
		'30 22 0:40 / /home/me/shared\\040folder rw - nfs4 server:/export rw',
		'31 22 0:41 / /mnt/c rw - 9p C: rw',
		'32 31 0:42 / /mnt/c/local rw - ext4 /dev/sdb1 rw',
		'33 22 0:43 / /home/me/cloud rw - fuse.sshfs me@host:/ rw',
	].join('\n'),
);

for (const [path, type, network] of [
	['/home/me/project', 'ext4', false],
	['/home/me/shared folder/project', 'nfs4', true],
	['/home/me/shared folders', 'ext4', false],
	['/mnt/c/Users', '9p', true],
	['/mnt/c/local/project', 'ext4', false],
	['/home/me/cloud/x', 'fuse.sshfs', true],
] as const) {
	test(`${path} lies on ${type}`, () => {
		assert.equal(fileSystemType(path, MOUNTS), type);
		assert.equal(isNetworkFileSystem(path, MOUNTS), network);
	});
}

test('the index of a folder is found from the folder, from inside it and through a link, and not from beside it', () => {
	const project = join(box, 'project');
	mkdirSync(join(project, 'src'), { recursive: true });
	symlinkSync(project, join(box, 'link'));
	const folder = indexFolder({ folders: [project] });
	assert.ok(isInside(stateFolder(), folder));
	assert.equal(indexFolder({ folders: [join(box, 'link')] }), folder);
	recordRoots(folder, [project]);
	assert.equal(findIndex(join(project, 'src')), folder);
	assert.equal(findIndex(join(box, 'link')), folder);
	assert.equal(findIndex(join(box, 'project-two')), undefined);
	const inner = indexFolder({ folders: [join(project, 'src')] });
	recordRoots(inner, [join(project, 'src')]);
	assert.equal(findIndex(join(project, 'src', 'deep')), inner);
	assert.equal(findIndex(project), folder);
});

test('several folders have one index whatever their order; a workspace file has its own; no folder is global', () => {
	const folders = [join(box, 'a'), join(box, 'b')];
	assert.equal(indexFolder({ folders }), indexFolder({ folders: folders.toReversed() }));
	assert.notEqual(indexFolder({ folders, workspaceFile: join(box, 'x.code-workspace') }), indexFolder({ folders }));
	assert.equal(indexFolder({ folders: [] }), join(stateFolder(), 'global'));
});

test('the socket lies in a folder that only the user enters, on a path that is short enough', () => {
	const path = socketPath(join(box, 'x'.repeat(200)));
	assert.ok(path.length < 107);
	assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
	const long = socketPath(join(box, 'index'), { XDG_RUNTIME_DIR: `/${'r'.repeat(90)}` });
	assert.ok(long.length < 107, long);
});

test('this process runs; one of another boot, or with another start time, does not', () => {
	const own = ownIdentity();
	assert.ok(isRunning(own));
	assert.ok(!isRunning({ ...own, bootId: 'another' }));
	assert.ok(!isRunning({ ...own, startTime: own.startTime + 1 }));
});

test('a process that has ended does not run, even while its parent has not taken note', async () => {
	// `exec` makes sleep the parent of a child that it never asks about; the child ends when that has happened.
	const child = '(until grep -q sleep /proc/$$/comm; do :; done)';
	const parent = spawn('sh', ['-c', `${child} & echo $!; exec sleep 60`], { stdio: ['ignore', 'pipe', 'ignore'] });
	try {
		const [line] = (await once(parent.stdout, 'data')) as [Buffer];
		const pid = Number(String(line));
		const identity = { ...ownIdentity(), pid };
		const state = () => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.slice(0, 1);
		while (state() !== 'Z') {
			await setImmediate();
		}
		for (const startTime of [
			0,
			Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19]),
		]) {
			assert.ok(!isRunning({ ...identity, startTime }));
		}
	} finally {
		parent.kill('SIGKILL');
		await once(parent, 'close');
	}
	assert.ok(!isRunning({ ...ownIdentity(), pid: parent.pid! }));
});

test('paths come apart and together again', () => {
	for (const path of ['/a', '/a/b c/d\ne']) {
		assert.equal(joinNames(splitPath(path)), path);
	}
	assert.equal(childPath('/', 'a'), '/a');
	assert.ok(isInside('/a', '/a/b') && isInside('/a', '/a') && !isInside('/a', '/ab'));
	assert.equal(realPath(join(box, 'missing', 'file')), join(box, 'missing', 'file'));
});
