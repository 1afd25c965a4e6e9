/** Work trees on a real file system: where their marks are, and what is held while they are there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { KernelBarrier } from './barrier.ts';
import { KernelQueue } from './kernel-queue.ts';
import type { FromDrain } from './messages.ts';
import { Outbox } from './outbox.ts';
import { enclosingWorkTree, marksOf, repositoriesAt } from './repository.ts';
import { VcsQuiet } from './vcs-quiet.ts';

let base: string;

beforeEach(() => {
	base = mkdtempSync(join(tmpdir(), 'filetide-vcs-'));
});
afterEach(() => {
	rmSync(base, { recursive: true });
});

function write(name: string, text = ''): string {
	const path = join(base, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, text);
	return path;
}

suite('where version control keeps its marks', () => {
	const check = (name: string, files: Record<string, string>, at: string, control: string[]) => {
		test(name, () => {
			for (const [file, text] of Object.entries(files)) {
				write(file, text.replace('BASE', base));
			}
			assert.deepEqual(
				repositoriesAt(join(base, at)).map((repository) => repository.control),
				control.map((folder) => join(base, folder)),
			);
		});
	};
	check('a repository', { 'w/.git/HEAD': '' }, 'w', ['w/.git']);
	check('a folder of that name', { 'w/.git/config': '' }, 'w', []);
	check('none', { 'w/a': '' }, 'w', []);
	check('a worktree', { 'w/.git': 'gitdir: BASE/m/.git/worktrees/w\n', 'm/.git/worktrees/w/HEAD': '' }, 'w', [
		'm/.git/worktrees/w',
	]);
	check('a submodule', { 'w/s/.git': 'gitdir: ../.git/modules/s\r\n', 'w/.git/modules/s/HEAD': '' }, 'w/s', [
		'w/.git/modules/s',
	]);
	check('a file that points nowhere', { 'w/.git': 'gitdir: gone\n' }, 'w', []);
	check('a file that says something else', { 'w/.git': 'what\n' }, 'w', []);
	check('Mercurial and Subversion', { 'w/.hg/a': '', 'w/.svn/a': '' }, 'w', ['w/.hg', 'w/.svn']);
	check('Jujutsu beside git', { 'w/.jj/working_copy/a': '', 'w/.git/HEAD': '' }, 'w', [
		'w/.git',
		'w/.jj/working_copy',
	]);

	test('a folder in a work tree', () => {
		write('w/.git/HEAD');
		write('w/a/b/c');
		assert.equal(enclosingWorkTree(join(base, 'w/a/b')), join(base, 'w'));
		assert.equal(enclosingWorkTree(join(base, 'w')), join(base, 'w'));
		assert.notEqual(enclosingWorkTree(base), base);
	});

	test('marks, be they files, folders or links to nowhere', () => {
		write('w/.git/HEAD');
		write('w/.hg/a');
		const [git, hg] = repositoriesAt(join(base, 'w'));
		assert.equal(marksOf(git!).size, 0);
		write('w/.git/index.lock');
		write('w/.git/rebase-merge/done');
		symlinkSync('host:1234', join(base, 'w/.hg/wlock'));
		assert.deepEqual(
			[...marksOf(git!), ...marksOf(hg!)].map((mark) => mark.split(' ')[0]),
			['index.lock', 'rebase-merge', 'wlock'],
		);
	});
});

suite(
	'what is held meanwhile',
	{ skip: process.platform === 'linux' ? false : 'the order of events is that of Linux' },
	() => {
		let queue: KernelQueue;
		let barrier: KernelBarrier;
		let quiet: VcsQuiet;
		let told: string[];
		let wake = () => {};

		beforeEach(() => {
			told = [];
			queue = new KernelQueue(join(base, 'storage'), () => assert.fail('nothing is lost'));
			queue.open();
			barrier = new KernelBarrier(queue);
			const post = (message: FromDrain) => {
				if (message.type === 'vcs') {
					told.push(message.phase);
				} else if (message.type === 'hints') {
					told.push(
						...[...message.entries, ...message.trees.map((tree) => `${tree}/**`)].map((path) =>
							path.slice(base.length + 1),
						),
					);
				}
				wake();
			};
			quiet = new VcsQuiet(queue, new Outbox(post), post);
			write('w/.git/HEAD');
			quiet.useRoots([join(base, 'w')]);
		});
		afterEach(() => {
			quiet.close();
			queue.close();
		});

		const take = (path: string) => quiet.take(join(base, path));
		/** Waits until the operation has been told to have ended. */
		const ended = () =>
			new Promise<void>((resolve) => {
				wake = () => {
					if (told.at(-1) === 'end') {
						resolve();
					}
				};
				wake();
			});

		test('nothing while nothing happens', () => {
			assert.equal(take('w/a'), false);
			assert.equal(quiet.handles, 1);
		});

		test('hints under a lock, between a beginning and an end', async () => {
			const lock = write('w/.git/index.lock');
			assert.equal(await barrier.pass(), true);
			assert.deepEqual([take('w/a'), take('w/b'), take('w/a'), take('v/a')], [true, true, true, false]);
			assert.equal(quiet.takeTree(join(base, 'w/new')), true);
			assert.deepEqual(told, []);
			rmSync(lock);
			await ended();
			assert.deepEqual(told, ['begin', 'w/a', 'w/b', 'w/new/**', 'end']);
			assert.equal(take('w/a'), false);
		});

		test('a lock that was gone before it was seen', async () => {
			renameSync(write('w/.git/index.lock'), join(base, 'w/.git/index'));
			await barrier.pass();
			assert.equal(take('w/a'), true);
			await ended();
			assert.deepEqual(told, ['begin', 'w/a', 'end']);
		});

		test('an operation that changes nothing is not told', async () => {
			rmSync(write('w/.git/index.lock'));
			await barrier.pass();
			assert.equal(quiet.takeTree(join(base, 'v')), false);
			quiet.flush();
			quiet.close();
			assert.deepEqual(told, []);
		});

		test('a barrier takes what is held and leaves the rest to come', async () => {
			const lock = write('w/.git/index.lock');
			await barrier.pass();
			take('w/a');
			quiet.flush();
			assert.deepEqual(told, ['begin', 'w/a']);
			take('w/b');
			rmSync(lock);
			await ended();
			assert.deepEqual(told, ['begin', 'w/a', 'w/b', 'end']);
		});

		test('too much to hold becomes a look at the tree', async () => {
			const lock = write('w/.git/index.lock');
			await barrier.pass();
			for (let i = 0; i < 60_000; i++) {
				take(`w/${i}`);
			}
			rmSync(lock);
			await ended();
			assert.deepEqual(told, ['begin', 'w/**', 'end']);
		});

		test('a repository that is made, moved away and made again', async () => {
			mkdirSync(join(base, 'w/sub/.git'), { recursive: true });
			take('w/sub/.git');
			assert.equal(quiet.handles, 1, 'it is none yet');
			write('w/sub/.git/HEAD');
			take('w/sub/a');
			assert.equal(quiet.handles, 2);
			renameSync(join(base, 'w/sub/.git'), join(base, 'away'));
			await barrier.pass();
			assert.equal(quiet.handles, 1);
			write('w/sub/.git/HEAD');
			take('w/sub/.git');
			write('w/sub/.git/index.lock');
			await barrier.pass();
			assert.deepEqual([take('w/sub/a'), take('w/a')], [true, false]);
		});

		test('roots that are watched no longer', () => {
			quiet.useRoots([join(base, 'v')]);
			assert.equal(quiet.handles, 0);
		});
	},
);
