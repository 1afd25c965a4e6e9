/** What belongs together is one burst, with its origin and complete: real git, package managers, removals (DESIGN.md §4). */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { BurstSummary, LoggedChange, NetChange } from '#shared/model.ts';
import type { WatchConfigInput } from '#shared/settings.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const run = promisify(execFile);
const EVERYTHING: NonNullable<WatchConfigInput['filters']> = { hidden: false, gitignore: false, temporary: false };

/** A repository `w` in a sandbox, and the server that watches it. */
class Watched {
	readonly box: Sandbox;
	readonly root: string;
	#server: Server | undefined;

	constructor(t: TestContext, files: Record<string, string>) {
		this.box = new Sandbox(t);
		this.root = this.box.tree('w', files);
	}

	get client() {
		return this.#server!.client;
	}

	/** What a command prints. Fails with the command, unless `mayFail`. */
	async git(...parameters: string[]): Promise<string> {
		return await this.gitIn('w', ...parameters);
	}

	async gitIn(folder: string, ...parameters: string[]): Promise<string> {
		const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'protocol.file.allow=always'];
		const fixed = ['-c', 'init.defaultBranch=main', '-c', 'gc.auto=0', '-c', 'advice.detachedHead=false'];
		const env = { ...this.box.env, GIT_CONFIG_NOSYSTEM: '1', GIT_EDITOR: 'true' };
		const options = { cwd: this.box.at(folder), env, maxBuffer: 1 << 26 };
		return (await run('git', [...identity, ...fixed, ...parameters], options)).stdout;
	}

	async commitAll(message: string): Promise<void> {
		await this.git('add', '-A');
		await this.git('commit', '-q', '-m', message);
	}

	async start(watch: Partial<WatchConfigInput> = {}): Promise<void> {
		this.#server = await Server.start(this.box, { watches: [{ path: this.root, id: 'w', ...watch }] });
	}

	/** What happened during an action: its bursts and events, oldest first, and the net changes. */
	async during(action: () => Promise<unknown> | void): Promise<{
		bursts: BurstSummary[];
		log: LoggedChange[];
		net: NetChange[];
	}> {
		const { cursor } = await this.client.sync();
		const before = (await this.client.bursts({ watchId: 'w', limit: 1 })).bursts[0]?.id ?? 0;
		const head = (await this.client.status()).index.head;
		await action();
		// The quiet's own end, not the barrier's: that would be cheating.
		await this.client.until('something is recorded', ({ index }) => index.head > head);
		await this.client.sync();
		const { bursts } = await this.client.bursts({ watchId: 'w', limit: 500 });
		return {
			bursts: bursts.filter(({ id }) => id > before).toReversed(),
			log: (await this.client.log('w')).filter(({ seq }) => seq > head),
			net: (await this.client.since(cursor)).changes,
		};
	}

	shown(path: string): string {
		return path.slice(this.root.length + 1);
	}
}

/** `D path` lines of git as net changes show them, folders left out. */
function filesOf(net: readonly NetChange[], here: Watched): string[] {
	const letters = { create: 'A', modify: 'M', metadata: 'T', move: 'R', remove: 'D' };
	return net
		.filter(({ kind }) => kind !== 'folder')
		.flatMap(({ type, path, from }) =>
			type === 'move'
				? [`D ${here.shown(from!)}`, `A ${here.shown(path)}`]
				: [`${letters[type]} ${here.shown(path)}`],
		)
		.sort();
}

async function treeDiff(here: Watched, from: string, to: string): Promise<string[]> {
	const lines = (await here.git('diff', '--no-renames', '--name-status', from, to)).trim().split('\n');
	return lines.map((line) => line.replace('\t', ' ')).sort();
}

/** Exactly one burst, and every event is of it. */
function assertOneBurst(found: { bursts: BurstSummary[]; log: LoggedChange[] }, origin: string): BurstSummary {
	const [burst] = found.bursts;
	assert.deepEqual(
		found.bursts.map(({ origin: each, events }) => [each, events]),
		[[origin, found.log.length]],
	);
	assert.ok(burst !== undefined);
	assert.deepEqual([...new Set(found.log.map((change) => change.burst))], [burst.id]);
	return burst;
}

function manyFiles(count: number, content: (i: number) => string): Record<string, string> {
	return Object.fromEntries(
		Array.from({ length: count }, (_, i) => [`src/d${i % 60}/s${i % 7}/f${i}.txt`, content(i)]),
	);
}

/** Two branches that differ in 3,000 files: changed, removed and added ones. */
async function twoBranches(t: TestContext): Promise<Watched> {
	const here = new Watched(
		t,
		manyFiles(3000, (i) => `one ${i}\n`),
	);
	await here.git('init', '-q');
	await here.commitAll('one');
	await here.git('checkout', '-q', '-b', 'other');
	for (let i = 0; i < 3000; i += 2) {
		writeFileSync(join(here.root, `src/d${i % 60}/s${i % 7}/f${i}.txt`), `other ${i}\n`);
	}
	rmSync(join(here.root, 'src/d1'), { recursive: true });
	here.box.tree('w', Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`new/n${i % 20}/x${i}`, `${i}`])));
	await here.commitAll('other');
	await here.git('checkout', '-q', 'main');
	return here;
}

suite('bursts', { concurrency: 2 }, () => {
	test('N01 a checkout of thousands of files is one burst of git', async (t) => {
		const here = await twoBranches(t);
		await here.start();
		for (const [from, to] of [
			['main', 'other'],
			['other', 'main'],
		] as const) {
			const found = await here.during(() => here.git('checkout', '-q', to));
			const burst = assertOneBurst(found, 'git');
			assert.equal(burst.root, here.root);
			assert.deepEqual(filesOf(found.net, here), await treeDiff(here, from, to));
		}
	});

	test('N01 nothing is recorded while the index is locked, and everything at once when it is not', async (t) => {
		const here = new Watched(t, { 'a.txt': 'a', 'b.txt': 'b' });
		await here.git('init', '-q');
		await here.start();
		const lock = join(here.root, '.git/index.lock');
		const head = (await here.client.status()).index.head;
		let unlocked = false;
		const found = await here.during(async () => {
			writeFileSync(lock, '');
			writeFileSync(join(here.root, 'a.txt'), 'a2');
			const { promise, resolve } = Promise.withResolvers<void>();
			const stopListening = here.client.onStatus(({ index }) => {
				assert.ok(unlocked || index.head === head, 'recorded under the lock');
			});
			setTimeout(resolve, 700);
			await promise;
			writeFileSync(join(here.root, 'c.txt'), 'c');
			renameSync(join(here.root, 'b.txt'), join(here.root, 'd.txt'));
			assert.equal((await here.client.status()).index.head, head);
			unlocked = true;
			rmSync(lock);
			stopListening();
		});
		assertOneBurst(found, 'git');
		assert.deepEqual(filesOf(found.net, here), ['A c.txt', 'A d.txt', 'D b.txt', 'M a.txt']);
	});

	test('sync during a checkout records what is there, in the same burst as the rest', async (t) => {
		const here = new Watched(t, { 'a.txt': 'a', 'b.txt': 'b' });
		await here.git('init', '-q');
		await here.start();
		const lock = join(here.root, '.git/index.lock');
		const found = await here.during(async () => {
			const { cursor } = await here.client.sync();
			writeFileSync(lock, '');
			writeFileSync(join(here.root, 'a.txt'), 'a2');
			await here.client.sync();
			assert.deepEqual(filesOf((await here.client.since(cursor)).changes, here), ['M a.txt']);
			writeFileSync(join(here.root, 'b.txt'), 'b2');
			rmSync(lock);
		});
		assertOneBurst(found, 'git');
		assert.deepEqual(filesOf(found.net, here), ['M a.txt', 'M b.txt']);
	});

	test('barrier after barrier while a checkout runs: one burst, and exact', async (t) => {
		const here = await twoBranches(t);
		await here.start();
		let syncs = 0;
		const found = await here.during(async () => {
			const over = new AbortController();
			const checkout = here.git('checkout', '-q', 'other').finally(() => {
				over.abort();
			});
			while (!over.signal.aborted) {
				await here.client.sync();
				syncs++;
			}
			await checkout;
		});
		assert.ok(syncs > 1);
		assertOneBurst(found, 'git');
		assert.deepEqual(filesOf(found.net, here), await treeDiff(here, 'main', 'other'));
	});

	test('N04 a rebase of 50 commits is one burst, and what it leaves is exact', async (t) => {
		const here = new Watched(t, { base: 'base' });
		await here.git('init', '-q');
		await here.commitAll('base');
		await here.git('checkout', '-q', '-b', 'topic');
		for (let i = 0; i < 50; i++) {
			writeFileSync(join(here.root, `t${i % 10}.txt`), `${i}`);
			await here.commitAll(`t${i}`);
		}
		await here.git('checkout', '-q', 'main');
		writeFileSync(join(here.root, 'main.txt'), 'main');
		await here.commitAll('main');
		await here.git('checkout', '-q', 'topic');
		await here.git('tag', 'before');
		await here.start();
		const found = await here.during(() => here.git('rebase', '-q', 'main'));
		assert.deepEqual(
			found.bursts.map(({ origin }) => origin),
			['git'],
		);
		// The commits' own files were written anew, with the bytes that they had.
		const differs = filesOf(found.net, here).filter((line) => !line.startsWith('T '));
		assert.deepEqual(differs, await treeDiff(here, 'before', 'topic'));
	});

	test('N05 stash, pop, reset, clean and a merge with a conflict are exact, each its own burst', async (t) => {
		const here = new Watched(t, { 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'ignored\n' });
		await here.git('init', '-q');
		await here.commitAll('base');
		await here.git('checkout', '-q', '-b', 'other');
		writeFileSync(join(here.root, 'a.txt'), 'theirs\n');
		writeFileSync(join(here.root, 'theirs.txt'), 'theirs\n');
		await here.commitAll('theirs');
		await here.git('checkout', '-q', 'main');
		writeFileSync(join(here.root, 'a.txt'), 'ours\n');
		await here.commitAll('ours');
		writeFileSync(join(here.root, 'b.txt'), 'work\n');
		writeFileSync(join(here.root, 'untracked'), '');
		await here.start({ filters: EVERYTHING, ignore: ['.git/**', '.git'] });
		const steps: [parameters: string[], origin: string, expected: string[]][] = [
			[['stash', '-u'], 'git', ['D untracked', 'M b.txt']],
			[['stash', 'pop'], 'git', ['A untracked', 'M b.txt']],
			[['reset', '-q', '--hard'], 'git', ['M b.txt']],
			// Clean locks nothing: whose burst it is cannot be told.
			[['clean', '-qfdx'], 'unknown', ['D untracked']],
			[['merge', '-q', 'other'], 'git', ['A theirs.txt', 'M a.txt']],
			[['merge', '--abort'], 'git', ['D theirs.txt', 'M a.txt']],
		];
		for (const [parameters, origin, expected] of steps) {
			const found = await here.during(() => here.git(...parameters).catch(() => undefined));
			assert.deepEqual(filesOf(found.net, here), expected, parameters.join(' '));
			assertOneBurst(found, origin);
		}
	});

	test('N06 under a lock that was left behind changes are recorded all the same', async (t) => {
		const here = new Watched(t, { 'a.txt': 'a' });
		await here.git('init', '-q');
		writeFileSync(join(here.root, '.git/index.lock'), '');
		await here.start();
		const first = await here.during(() => {
			writeFileSync(join(here.root, 'a.txt'), 'a2');
		});
		assert.deepEqual(filesOf(first.net, here), ['M a.txt']);
		const began = performance.now();
		await here.during(() => {
			writeFileSync(join(here.root, 'a.txt'), 'a3');
		});
		assert.ok(performance.now() - began < 1000, 'the lock is known to mean nothing');
	});

	test('N07 a worktree and a submodule, whose .git is a file, are quiet on their own', async (t) => {
		const here = new Watched(t, { 'a.txt': 'a' });
		await here.git('init', '-q');
		await here.commitAll('base');
		here.box.tree('library', { 'l.txt': 'one' });
		await here.gitIn('library', 'init', '-q');
		await here.gitIn('library', 'add', '-A');
		await here.gitIn('library', 'commit', '-q', '-m', 'one');
		await here.gitIn('library', 'checkout', '-q', '-b', 'two');
		writeFileSync(here.box.at('library', 'l.txt'), 'two');
		await here.gitIn('library', 'commit', '-qam', 'two');
		await here.git('submodule', '--quiet', 'add', here.box.at('library'), 'sub');
		await here.git('commit', '-q', '-m', 'sub');
		await here.git('branch', 'empty', 'HEAD~1');
		await here.git('worktree', 'add', '-q', '-b', 'tree', 'tree', 'HEAD~1');
		assert.match(readFileSync(join(here.root, 'sub/.git'), 'utf8'), /^gitdir: /);
		await here.start();

		const sub = await here.during(() => here.gitIn('w/sub', 'checkout', '-q', 'main'));
		assert.deepEqual(filesOf(sub.net, here), ['M sub/l.txt']);
		assert.equal(assertOneBurst(sub, 'git').root, join(here.root, 'sub'));

		await here.gitIn('w/tree', 'rm', '-q', '--cached', 'a.txt');
		const tree = await here.during(() => here.gitIn('w/tree', 'reset', '-q', '--hard', 'main'));
		assert.equal(assertOneBurst(tree, 'git').root, join(here.root, 'tree'));
	});

	test('a root inside a repository, whose git folder is above it', async (t) => {
		const here = await twoBranches(t);
		await here.start({ path: join(here.root, 'src/d2') });
		const found = await here.during(() => here.git('checkout', '-q', 'other'));
		assertOneBurst(found, 'git');
		const expected = (await treeDiff(here, 'main', 'other')).filter((line) => line.includes(' src/d2/'));
		assert.deepEqual(filesOf(found.net, here), expected);
	});

	test('a repository that is cloned into the watch is quiet from then on', async (t) => {
		const here = new Watched(t, {});
		here.box.tree('library', { 'l.txt': 'one' });
		await here.gitIn('library', 'init', '-q');
		await here.gitIn('library', 'add', '-A');
		await here.gitIn('library', 'commit', '-q', '-m', 'one');
		await here.gitIn('library', 'branch', 'two');
		await here.start();
		await here.during(() => here.git('clone', '-q', here.box.at('library'), 'clone'));
		// Recorded before git begins: else the file is back as it was before anybody has looked, and there is nothing to tell.
		await here.during(() => {
			writeFileSync(here.box.at('w', 'clone', 'l.txt'), 'mine');
		});
		const found = await here.during(() => here.gitIn('w/clone', 'checkout', '-q', '-f', 'HEAD'));
		assert.equal(found.bursts.at(-1)?.origin, 'git');
	});

	test('what a package manager installs is one burst of packages', async (t) => {
		const here = new Watched(t, { 'package.json': '{}' });
		await here.start({ filters: EVERYTHING });
		const found = await here.during(() => {
			for (let i = 0; i < 3000; i++) {
				const folder = join(here.root, `node_modules/p${i % 150}/lib`);
				mkdirSync(folder, { recursive: true });
				writeFileSync(join(folder, `f${i}.js`), `${i}`);
			}
			writeFileSync(join(here.root, 'node_modules/.package-lock.json'), '{}');
			writeFileSync(join(here.root, 'package-lock.json'), '{}');
		});
		assertOneBurst(found, 'packages');
		assert.equal(found.net.filter(({ kind }) => kind === 'file').length, 3002);
	});

	test('a lockfile tells of packages where node_modules is ignored', async (t) => {
		const here = new Watched(t, { 'package.json': '{}', '.gitignore': 'node_modules\n' });
		await here.start();
		const found = await here.during(() => {
			here.box.tree('w', { 'node_modules/p/index.js': '', 'pnpm-lock.yaml': '' });
		});
		assertOneBurst(found, 'packages');
	});

	test('the removal of 10,000 files is one burst, and complete', async (t) => {
		const here = new Watched(t, { ...manyFiles(10_000, () => ''), keep: '' });
		await here.start();
		const found = await here.during(() => run('rm', ['-rf', join(here.root, 'src')]).then(() => undefined));
		const burst = assertOneBurst(found, 'unknown');
		assert.equal(burst.counts.remove, burst.events);
		assert.equal(found.net.filter(({ kind, type }) => kind === 'file' && type === 'remove').length, 10_000);
	});

	test('pages of bursts and of the events of one', async (t) => {
		const here = new Watched(t, { 'a.txt': 'a' });
		await here.start();
		const one = await here.during(() => {
			writeFileSync(join(here.root, 'a.txt'), 'a2');
		});
		const { bursts, more } = await here.client.bursts({ watchId: 'w', limit: 1 });
		assert.deepEqual([bursts.length, more], [1, false]);
		assert.deepEqual(bursts[0]?.change, one.log[0]);
		const { id } = bursts[0]!;
		assert.deepEqual(await here.client.recentChanges({ watchId: 'w', limit: 5, burst: id }), {
			changes: one.log,
			more: false,
		});
		assert.deepEqual(await here.client.bursts({ watchId: 'w', limit: 5, before: id }), { bursts: [], more: false });
		assert.deepEqual(await here.client.bursts({ watchId: 'none', limit: 5 }), { bursts: [], more: false });
		assert.deepEqual(await here.client.recentChanges({ watchId: 'w', limit: 5, burst: id + 1 }), {
			changes: [],
			more: false,
		});
	});
});
