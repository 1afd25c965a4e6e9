/** Section N of the table of scenarios: what git does to a tree, judged by what git itself says that it did. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { checkIndex, netLines } from '../support/oracle.ts';
import { checkApplied } from '../support/replay.ts';
import { Sandbox } from '../support/sandbox.ts';
import { times, write } from '../support/scenario.ts';
import { Server } from '../support/server.ts';
import { snapshot } from '../support/tree-difference.ts';

const soak = process.env['FILETIDE_SOAK'] !== undefined;
const FILES = soak ? 3000 : 300;

/** Longer than a debounce with its longest wait: whoever has said nothing until then holds it back. */
const HELD_MS = 1500;

class Repository {
	readonly root: string;
	readonly #box: Sandbox;

	constructor(box: Sandbox, folder = 'w') {
		this.#box = box;
		this.root = box.at(folder);
		execFileSync('git', ['init', '-q', '-b', 'main', this.root]);
	}

	git(...parameters: string[]): string {
		return execFileSync('git', ['-C', this.root, ...parameters], {
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'pipe'],
			// Nobody's own settings, hooks or editor.
			env: {
				...this.#box.env,
				GIT_CONFIG_NOSYSTEM: '1',
				GIT_AUTHOR_NAME: 'a',
				GIT_AUTHOR_EMAIL: 'a@b',
				GIT_COMMITTER_NAME: 'a',
				GIT_COMMITTER_EMAIL: 'a@b',
				GIT_EDITOR: 'true',
			},
		});
	}

	commit(files: Record<string, string>, message = 'x'): void {
		for (const [name, content] of Object.entries(files)) {
			write(this.root, name, content);
		}
		this.git('add', '-A');
		this.git('commit', '-q', '-m', message);
	}

	/** What a switch from one commit to another does to files, as `netLines` prints it. */
	differs(from: string, to: string): string[] {
		const types: Record<string, string> = { A: 'create', D: 'remove', M: 'modify' };
		return this.git('diff', '--no-renames', '--name-status', from, to)
			.trim()
			.split('\n')
			.map((line) => line.split('\t'))
			.map(([status, path]) => `${types[status!]} file ${path}`)
			.sort();
	}
}

const isFileLine = (line: string) => line.split(' ')[1] === 'file';

/** A repository with the branches `main` and `other`, on `main`. */
function twoBranches(box: Sandbox): Repository {
	const repository = new Repository(box);
	repository.commit(Object.fromEntries(times(FILES, (i) => [`${i % 30}/${i}`, `main ${i}`])));
	repository.git('checkout', '-q', '-b', 'other');
	for (let i = 0; i < FILES; i += 3) {
		rmSync(join(repository.root, `${i % 30}/${i}`));
	}
	repository.commit({
		...Object.fromEntries(times(FILES / 3, (i) => [`${(3 * i + 1) % 30}/${3 * i + 1}`, `other ${i}`])),
		...Object.fromEntries(times(FILES / 10, (i) => [`new/${i % 5}/${i}`, `${i}`])),
	});
	repository.git('checkout', '-q', 'main');
	return repository;
}

suite('git', { concurrency: 2 }, () => {
	test('N01 a checkout is the difference of the two trees, there and back', async (t) => {
		const box = new Sandbox(t);
		const repository = twoBranches(box);
		const { client, ready } = await Server.start(box);
		let { cursor } = ready;
		for (const [from, to] of [
			['main', 'other'],
			['other', 'main'],
		] as const) {
			repository.git('checkout', '-q', to);
			const synced = await client.sync();
			const { changes } = await client.since(cursor);
			assert.deepEqual(netLines(changes, repository.root).filter(isFileLine), repository.differs(from, to));
			await checkIndex(client);
			({ cursor } = synced);
		}
	});

	// What the barrier is told to end it ends; so nothing may ask for one here.
	for (const [what, lock] of Object.entries({
		'a repository': '.git/index.lock',
		'N07 a worktree, whose .git is a file': '../main/.git/worktrees/w/index.lock',
	})) {
		test(`N01 nothing is recorded while the index of ${what} is locked, and all of it after`, async (t) => {
			const box = new Sandbox(t);
			const main = new Repository(box, lock.startsWith('..') ? 'main' : 'w');
			main.commit({ a: 'old' });
			if (lock.startsWith('..')) {
				main.git('worktree', 'add', '-q', '--detach', box.at('w'));
			}
			const root = box.at('w');
			const { client, ready } = await Server.start(box);
			const before = await client.status();
			write(root, lock, '');
			write(root, 'a', 'newer');
			write(root, 'b');
			await setTimeout(HELD_MS);
			assert.equal((await client.status()).index.head, before.index.head, 'held back');
			unlinkSync(join(root, lock));
			await client.until('it is recorded', ({ index }) => index.head >= before.index.head + 2);
			assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [
				'create file b',
				'modify file a',
			]);
		});
	}

	test('N06 a lock that a crash has left holds nothing back for ever', async (t) => {
		const box = new Sandbox(t);
		const { root } = twoBranches(box);
		write(root, '.git/index.lock', '');
		const { client } = await Server.start(box);
		const { index } = await client.status();
		write(root, 'a');
		await client.until('it is recorded', (status) => status.index.head > index.head);
		await checkIndex(client);
	});

	test('N06 nor does it hold back a barrier', async (t) => {
		const box = new Sandbox(t);
		const { root } = twoBranches(box);
		const { client, ready } = await Server.start(box);
		write(root, '.git/index.lock', '');
		write(root, 'a');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file a']);
	});

	/** What happens between two barriers; then net changes lead from one tree to the other. */
	const commands: Record<string, (repository: Repository) => void> = {
		'N04 rebase 20 commits': (repository) => {
			repository.git('checkout', '-q', '-b', 'topic');
			for (let i = 0; i < 20; i++) {
				repository.commit({ [`topic/${i % 4}`]: `${i}`, [`${i}/${i}`]: `topic ${i}` });
			}
			repository.git('checkout', '-q', 'main');
			repository.commit({ base: 'new' });
			repository.git('rebase', '-q', 'main', 'topic');
		},
		'N05 stash': (repository) => {
			write(repository.root, '1/1', 'edited');
			write(repository.root, 'untracked');
			repository.git('stash', '-q', '--include-untracked');
		},
		'N05 stash and pop': (repository) => {
			write(repository.root, '1/1', 'edited');
			repository.git('stash', '-q');
			repository.git('stash', 'pop', '-q');
		},
		'N05 reset --hard': (repository) => {
			write(repository.root, '1/1', 'edited');
			rmSync(join(repository.root, '2'), { recursive: true });
			repository.git('reset', '-q', '--hard', 'other');
		},
		'N05 clean -fdx': (repository) => {
			write(repository.root, 'untracked/a');
			write(repository.root, '1/untracked');
			repository.git('clean', '-q', '-fdx');
		},
		'N05 a merge with conflicts': (repository) => {
			repository.commit({ '1/1': 'conflict' });
			assert.throws(() => repository.git('merge', '-q', 'other'));
		},
		'N07 a submodule': (repository) => {
			const inner = `${repository.root}-inner`;
			execFileSync('git', ['init', '-q', inner]);
			repository.git('-C', inner, 'commit', '-q', '--allow-empty', '-m', 'x');
			repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub');
			write(repository.root, 'sub/a');
			repository.git('-C', 'sub', 'add', '-A');
			repository.git('-C', 'sub', 'commit', '-q', '-m', 'y');
		},
		'N08 a detached head': (repository) => {
			repository.git('checkout', '-q', 'other~0');
		},
	};
	for (const [what, happens] of Object.entries(commands)) {
		test(`${what}: net changes lead from one tree to the other`, async (t) => {
			const box = new Sandbox(t);
			const repository = twoBranches(box);
			const { client, ready } = await Server.start(box);
			await client.sync();
			const before = snapshot(repository.root);
			happens(repository);
			await client.sync();
			const { changes } = await client.since(ready.cursor);
			checkApplied(before, changes, snapshot(repository.root), repository.root);
			await checkIndex(client);
		});
	}
});
