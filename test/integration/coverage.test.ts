/** Which watch covers what: filters, patterns, depth, `.gitignore`, overlapping watches, and what a change of them does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { WatchSummary } from '#shared/model.ts';
import type { WatchConfigInput } from '#shared/settings.ts';
import type { EngineClient } from '../support/engine-client.ts';
import { checkIndex, type Covers, netLines, passesDefaultFilters } from '../support/oracle.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';

const NO_FILTERS = {
	hidden: false,
	metadataSidecars: false,
	temporary: false,
	gitInternals: false,
	gitignore: false,
	watcherExclude: false,
};

/** The nine rows of DESIGN.md §9, "Filters", and what the default filters make of them. */
const NINE: Record<string, 'kept' | 'left out'> = {
	'.hidden': 'left out',
	'file.txt': 'kept',
	'.metadata.json': 'left out',
	'file.metadata.json': 'left out',
	'backup~': 'left out',
	'temp.tmp': 'left out',
	'normal.json': 'kept',
	'.gitignore': 'left out',
	'file.backup': 'kept',
};

/** Paths below the root that the index has, in order. */
async function listed(client: EngineClient, root: string): Promise<string[]> {
	return (await client.since('0')).changes.map(({ path }) => path.slice(root.length + 1));
}

async function countsById(client: EngineClient): Promise<Record<string, [events: number, metadata: number]>> {
	const { watches } = await client.stats();
	return Object.fromEntries(watches.map((watch) => [watch.id, [watch.event_count, watch.metadata_count]]));
}

suite('what a watch covers', { concurrency: 3 }, () => {
	test('the nine cases of the replication watcher, present at the start and created live', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', {
			...Object.fromEntries(Object.keys(NINE).map((name) => [`old/${name}`, ''])),
			'old/.folder/file.txt': '',
		});
		const server = await Server.start(box);
		box.tree('w/new', Object.fromEntries(Object.keys(NINE).map((name) => [name, ''])));
		box.tree('w/new/.folder', { 'file.txt': '' });
		await server.client.sync();
		const found = await listed(server.client, root);
		for (const folder of ['old', 'new']) {
			assert.deepEqual(
				Object.fromEntries(
					Object.keys(NINE).map((name) => [name, found.includes(`${folder}/${name}`) ? 'kept' : 'left out']),
				),
				NINE,
				folder,
			);
			assert.ok(!found.includes(`${folder}/.folder/file.txt`), 'anything inside a hidden folder is hidden');
		}
		await checkIndex(server.client);
	});

	// What one watch lists of one tree, by its settings.
	const TREE = {
		'a.ts': '',
		'a.md': '',
		'src/b.ts': '',
		'src/deep/c.ts': '',
		'src/deep/deeper/d.ts': '',
		'out/e.js': '',
		'out/sub/f.js': '',
		'.hidden': '',
		'.config/g': '',
		'.git/HEAD': 'ref: refs/heads/main\n',
		'h.tmp': '',
		'i~': '',
		'j.metadata.json': '',
		'k.log': '',
		'.gitignore': '*.log\n',
	};
	const cases: Record<string, [settings: Partial<WatchConfigInput>, covered: string[]]> = {
		'everything but what the filters leave out': [
			{},
			[
				'a.md',
				'a.ts',
				'out',
				'out/e.js',
				'out/sub',
				'out/sub/f.js',
				'src',
				'src/b.ts',
				'src/deep',
				'src/deep/c.ts',
				'src/deep/deeper',
				'src/deep/deeper/d.ts',
			],
		],
		'include: a star does not cross folders': [{ include: ['*.ts'] }, ['a.ts']],
		'include: two stars do': [
			{ include: ['**/*.ts'] },
			['a.ts', 'src/b.ts', 'src/deep/c.ts', 'src/deep/deeper/d.ts'],
		],
		'include: several': [{ include: ['*.md', 'out/*'] }, ['a.md', 'out/e.js', 'out/sub']],
		'ignore: a folder and all in it': [
			{ ignore: ['src'] },
			['a.md', 'a.ts', 'out', 'out/e.js', 'out/sub', 'out/sub/f.js'],
		],
		'ignore: a folder anywhere': [{ ignore: ['**/deep', 'out/**'] }, ['a.md', 'a.ts', 'src', 'src/b.ts']],
		'ignore wins over include': [{ include: ['**/*.ts'], ignore: ['src/deep/**'] }, ['a.ts', 'src/b.ts']],
		'recursive: false': [{ recursive: false }, ['a.md', 'a.ts', 'out', 'src']],
		'depth 0 is the same': [{ depth: 0 }, ['a.md', 'a.ts', 'out', 'src']],
		'depth 1': [{ depth: 1 }, ['a.md', 'a.ts', 'out', 'out/e.js', 'out/sub', 'src', 'src/b.ts', 'src/deep']],
		'filter hidden off': [
			{ recursive: false, filters: { hidden: false } },
			['.config', '.gitignore', '.hidden', 'a.md', 'a.ts', 'out', 'src'],
		],
		'filter temporary off': [
			{ recursive: false, filters: { temporary: false } },
			['a.md', 'a.ts', 'h.tmp', 'i~', 'out', 'src'],
		],
		'filter metadataSidecars off': [
			{ recursive: false, filters: { metadataSidecars: false } },
			['a.md', 'a.ts', 'j.metadata.json', 'out', 'src'],
		],
		'filter gitignore off': [
			{ recursive: false, filters: { gitignore: false } },
			['a.md', 'a.ts', 'k.log', 'out', 'src'],
		],
		'filters hidden and gitInternals off': [
			{ recursive: false, filters: { hidden: false, gitInternals: false } },
			['.config', '.git', '.gitignore', '.hidden', 'a.md', 'a.ts', 'out', 'src'],
		],
		'all filters off': [
			{ filters: NO_FILTERS, ignore: ['src', 'out'] },
			[
				'.config',
				'.config/g',
				'.git',
				'.git/HEAD',
				'.gitignore',
				'.hidden',
				'a.md',
				'a.ts',
				'h.tmp',
				'i~',
				'j.metadata.json',
				'k.log',
			],
		],
	};
	// All of them are watches of the same folder, in one server; and all of it is made twice: before the start and live.
	test('settings decide, for what is there at the start and for what comes', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', TREE);
		const names = Object.keys(cases);
		const watches = Object.values(cases).map(([settings], i) => ({ path: 'w', id: `${i}`, ...settings }));
		const { client } = await Server.start(box, { watches });
		const covers = Object.fromEntries(
			Object.values(cases).map(([, covered], i): [string, Covers] => [`${i}`, (path) => covered.includes(path)]),
		);
		const check = async (when: string) => {
			for (const [i, { files, folders }] of (await client.stats()).watches.entries()) {
				const expected = cases[names[i]!]![1];
				assert.equal(files + folders, expected.length, `${names[i]}, ${when}`);
			}
			await checkIndex(client, { covers });
		};
		await check('at the start');
		for (const name of Object.keys(TREE)) {
			rmSync(join(root, name.split('/')[0]!), { recursive: true, force: true });
		}
		await client.sync();
		assert.deepEqual(await listed(client, root), []);
		box.tree('w', TREE);
		await client.sync();
		await check('made live');
	});

	test('the index folder inside a watch is never recorded', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'state/': '' });
		const { client } = await Server.start(box, { index: join(root, 'state', 'index') });
		writeFileSync(join(root, 'b.txt'), '');
		await client.sync(true);
		assert.deepEqual(await listed(client, root), ['a.txt', 'b.txt', 'state']);
		// Its own commits are no changes: nothing further is recorded.
		const { head } = (await client.stats()).index;
		await client.sync();
		assert.equal((await client.stats()).index.head, head);
	});

	test('nor is it when the watch leads there under another name', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.txt': '', 'state/': '' });
		symlinkSync(root, box.at('link'));
		const { client } = await Server.start(box, {
			folders: [box.at('link')],
			index: join(root, 'state', 'index'),
		});
		writeFileSync(join(root, 'b.txt'), '');
		await client.sync(true);
		assert.deepEqual(await listed(client, box.at('link')), ['a.txt', 'b.txt', 'state']);
	});

	test('a root that is a link is watched under the name that the user gave', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('real', { 'a.txt': '', 'sub/b.txt': '' });
		symlinkSync(root, box.at('link'));
		const { client, ready } = await Server.start(box, { folders: [box.at('link')] });
		writeFileSync(join(root, 'sub', 'c.txt'), '');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, box.at('link')), [
			'create file sub/c.txt',
		]);
		await checkIndex(client);
	});
});

suite('overlapping watches', { concurrency: 3 }, () => {
	/** Files and folders, and live counters, of each watch. */
	const summary = ({ files, folders, event_count, metadata_count, lifetime }: WatchSummary) => ({
		files,
		folders,
		event_count,
		metadata_count,
		removed: lifetime.remove,
	});

	test('nested: a change is one record and counted by both', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'top.txt': '', 'sub/old.txt': '' });
		const { client, ready } = await Server.start(box, {
			watches: [
				{ path: 'w', id: 'outer' },
				{ path: 'w/sub', id: 'inner' },
			],
		});
		writeFileSync(join(root, 'sub/new.txt'), '');
		chmodSync(join(root, 'sub/old.txt'), 0o600);
		appendFileSync(join(root, 'top.txt'), 'more');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [
			'create file sub/new.txt',
			'metadata file sub/old.txt',
			'modify file top.txt',
		]);
		const { global, watches, index } = await client.stats();
		assert.equal(index.events, 5, 'two records that a watch was added, three changes');
		assert.deepEqual([global.event_count, global.metadata_count], [2, 1]);
		assert.deepEqual(Object.fromEntries(watches.map((watch) => [watch.id, summary(watch)])), {
			outer: { files: 3, folders: 1, event_count: 2, metadata_count: 1, removed: 0 },
			inner: { files: 2, folders: 0, event_count: 1, metadata_count: 1, removed: 0 },
		});
		assert.deepEqual(
			(await client.log('inner')).map(({ path, watches: ids }) => [path, ids]),
			[
				[join(root, 'sub/new.txt'), ['inner', 'outer']],
				[join(root, 'sub/old.txt'), ['inner', 'outer']],
			],
		);
		await checkIndex(client);

		rmSync(join(root, 'sub/new.txt'));
		await client.sync();
		assert.deepEqual(
			Object.fromEntries((await client.stats()).watches.map((watch) => [watch.id, summary(watch)])),
			{
				outer: { files: 2, folders: 1, event_count: 1, metadata_count: 1, removed: 1 },
				inner: { files: 1, folders: 0, event_count: 0, metadata_count: 1, removed: 1 },
			},
		);
		await checkIndex(client);
	});

	test('the inner root removed and made again: the outer watch records it, the inner one recovers', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'sub/a.txt': '' });
		const { client, ready } = await Server.start(box, {
			watches: [
				{ path: 'w', id: 'outer' },
				{ path: 'w/sub', id: 'inner' },
			],
		});
		rmSync(join(root, 'sub'), { recursive: true });
		const gone = await client.until('the inner watch is missing', ({ watches }) =>
			watches.some(({ state }) => state === 'missing'),
		);
		assert.deepEqual(
			gone.watches.map(({ id, state }) => [id, state]),
			[
				['outer', 'live'],
				['inner', 'missing'],
			],
		);
		const { cursor } = await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [
			'remove file sub/a.txt',
			'remove folder sub',
		]);
		mkdirSync(join(root, 'sub'));
		writeFileSync(join(root, 'sub/b.txt'), '');
		await client.until('it is back', ({ watches }) => watches.every(({ state }) => state === 'live'));
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), [
			'create file sub/b.txt',
			'create folder sub',
		]);
		writeFileSync(join(root, 'sub/c.txt'), '');
		await client.sync();
		await checkIndex(client, { recount: 'live' });
	});

	test('polled watches within each other: what is gone is recorded after a poll of each, nobody asks for it', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'sub/a.txt': '', 'sub/b.txt': '' });
		const polled = { source: 'polling', pollInterval: 200 } as const;
		const { client, ready } = await Server.start(box, {
			watches: [
				{ path: 'w', id: 'outer', ...polled },
				{ path: 'w/sub', id: 'inner', ...polled },
			],
		});
		const { head } = (await client.status()).index;
		rmSync(join(root, 'sub/a.txt'));
		// Sooner than a disappearance is held for a poll that never comes.
		await client.until('the removal is recorded', ({ index }) => index.head > head);
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['remove file sub/a.txt']);
	});

	test('one root, different patterns: each counts what it covers', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.ts': '', 'a.md': '' });
		const { client } = await Server.start(box, {
			watches: [
				{ path: 'w', id: 'code', include: ['**/*.ts'] },
				{ path: 'w', id: 'text', include: ['**/*.md'] },
				{ path: 'w', id: 'all' },
			],
		});
		for (const name of ['a.ts', 'a.md', 'b.ts', 'b.js']) {
			appendFileSync(join(root, name), 'more');
		}
		await client.sync();
		assert.deepEqual(await countsById(client), { code: [2, 0], text: [1, 0], all: [4, 0] });
		assert.equal((await client.stats()).global.event_count, 4);
		await checkIndex(client, {
			covers: { code: (path) => path.endsWith('.ts'), text: (path) => path.endsWith('.md') },
		});
	});

	test('watches that come and go take their counts along, and only theirs', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'top.txt': '', 'sub/old.txt': '', 'sub/deep/x.txt': '' });
		const [outer, inner, code] = [
			{ path: 'w', id: 'outer' },
			{ path: 'w/sub', id: 'inner' },
			{ path: 'w', id: 'code', include: ['**/*.ts'] },
		];
		const runs: [what: string, watches: WatchConfigInput[], expected: Record<string, [number, number]>][] = [
			['all', [outer, inner, code], { outer: [4, 1], inner: [3, 1], code: [1, 0] }],
			['the inner one goes', [outer, code], { outer: [4, 1], code: [1, 0] }],
			['the inner one is back', [outer, inner, code], { outer: [4, 1], inner: [3, 1], code: [1, 0] }],
			['the outer one goes', [inner, code], { inner: [3, 1], code: [1, 0] }],
			[
				'it is back: what only it had covered has no records any more',
				[outer, inner],
				{ outer: [3, 1], inner: [3, 1] },
			],
			['its patterns change', [{ ...outer, ignore: ['sub/deep'] }, inner], { outer: [2, 1], inner: [3, 1] }],
			['and change back', [outer, inner], { outer: [3, 1], inner: [3, 1] }],
		];
		const covers = {
			code: (path: string) => path.endsWith('.ts'),
		};
		for (const [i, [what, watches, expected]] of runs.entries()) {
			const server = await Server.start(box, { watches });
			const { client } = server;
			if (i === 0) {
				writeFileSync(join(root, 'sub/new.ts'), '');
				appendFileSync(join(root, 'sub/old.txt'), 'more');
				chmodSync(join(root, 'sub/old.txt'), 0o600);
				appendFileSync(join(root, 'top.txt'), 'more');
				await client.sync();
				// A second look at old.txt, so that both its content and its mode are recorded.
				chmodSync(join(root, 'sub/old.txt'), 0o640);
				writeFileSync(join(root, 'sub/deep/y.txt'), '');
				await client.sync();
			}
			assert.deepEqual(await countsById(client), expected, what);
			const changed = what === 'its patterns change';
			await checkIndex(client, {
				covers: {
					...covers,
					...(changed ? { outer: (path) => !path.startsWith('sub/deep') && passesDefaultFilters(path) } : {}),
				},
				recount: i === 0 ? 'all' : i < 4 ? 'live' : 'nothing',
			});
			assert.deepEqual(await server.stop(), { code: 0, signal: null });
		}
	});

	test('a change of patterns is logged with its reason and counted nowhere', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { 'a.ts': '', 'b.md': '', 'd/c.md': '' });
		const first = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		appendFileSync(join(root, 'b.md'), 'more');
		const { cursor } = await first.client.sync();
		await first.stop();
		const second = await Server.start(box, { watches: [{ path: 'w', id: 'w', ignore: ['**/*.md'] }] });
		assert.deepEqual(netLines((await second.client.since(cursor)).changes, root), [
			'remove file b.md (coverage)',
			'remove file d/c.md (coverage)',
		]);
		assert.deepEqual(await countsById(second.client), { w: [0, 0] });
		assert.equal((await second.client.stats()).watches[0]?.lifetime.remove, 0);
		await checkIndex(second.client, { covers: { w: (path) => !path.endsWith('.md') } });
		const between = second.ready.cursor;
		await second.stop();
		const third = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		assert.deepEqual(netLines((await third.client.since(between)).changes, root), [
			'create file b.md (coverage)',
			'create file d/c.md (coverage)',
		]);
		assert.deepEqual(await countsById(third.client), { w: [0, 0] });
		await checkIndex(third.client);
	});

	test('what a new watch brings is listed as created since an older cursor, whatever happened to it meanwhile', async (t) => {
		const box = new Sandbox(t);
		box.tree('w', { 'a.txt': '' });
		const other = box.tree('other', { 'kept.txt': '', 'changed.txt': '', 'removed.txt': '' });
		const first = await Server.start(box, { watches: [{ path: 'w', id: 'w' }] });
		await first.stop();
		const second = await Server.start(box, {
			watches: [
				{ path: 'w', id: 'w' },
				{ path: 'other', id: 'other' },
			],
		});
		appendFileSync(join(other, 'changed.txt'), 'more');
		rmSync(join(other, 'removed.txt'));
		await second.client.sync();
		assert.deepEqual(netLines((await second.client.since(first.ready.cursor)).changes, other), [
			'create file changed.txt (coverage)',
			'create file kept.txt (coverage)',
		]);
		assert.deepEqual(netLines((await second.client.since(second.ready.cursor)).changes, other), [
			'modify file changed.txt',
			'remove file removed.txt',
		]);
	});
});

suite('.gitignore', { concurrency: 3 }, () => {
	const FILES = {
		'.git/HEAD': 'ref: refs/heads/main\n',
		'a.log': '',
		'keep.log': '',
		'a.txt': '',
		'build/out.js': '',
		'sub/b.log': '',
		'sub/c.txt': '',
		'sub/build/out.js': '',
	};
	interface Step {
		what: string;
		/** Content by path; undefined removes the file. */
		write: Record<string, string | undefined>;
		net: string[];
	}
	const steps: Step[] = [
		{
			what: 'one appears',
			write: { '.gitignore': '*.log\nbuild/\n' },
			net: [
				'remove file a.log (coverage)',
				'remove file build/out.js (coverage)',
				'remove file keep.log (coverage)',
				'remove file sub/b.log (coverage)',
				'remove file sub/build/out.js (coverage)',
				'remove folder build (coverage)',
				'remove folder sub/build (coverage)',
			],
		},
		{
			what: 'a line is negated',
			write: { '.gitignore': '*.log\n!keep.log\nbuild/\n' },
			net: ['create file keep.log (coverage)'],
		},
		{
			what: 'an inner one overrules the outer one',
			write: { 'sub/.gitignore': '!*.log\n!build/\n' },
			net: [
				'create file sub/b.log (coverage)',
				'create file sub/build/out.js (coverage)',
				'create folder sub/build (coverage)',
			],
		},
		{
			what: 'the inner one goes',
			write: { 'sub/.gitignore': undefined },
			net: [
				'remove file sub/b.log (coverage)',
				'remove file sub/build/out.js (coverage)',
				'remove folder sub/build (coverage)',
			],
		},
		{ what: 'it is rewritten as it was', write: { '.gitignore': '*.log\n!keep.log\nbuild/\n' }, net: [] },
		{
			what: 'the outer one goes',
			write: { '.gitignore': undefined },
			net: [
				'create file a.log (coverage)',
				'create file build/out.js (coverage)',
				'create file sub/b.log (coverage)',
				'create file sub/build/out.js (coverage)',
				'create folder build (coverage)',
				'create folder sub/build (coverage)',
			],
		},
	];

	function take(root: string, write: Step['write']): void {
		for (const [name, content] of Object.entries(write)) {
			if (content === undefined) {
				rmSync(join(root, name));
			} else {
				writeFileSync(join(root, name), content);
			}
		}
	}

	/** What git itself does not ignore of the default filters' rest. */
	function notIgnoredByGit(root: string): Covers {
		return (path, kind) => {
			if (!passesDefaultFilters(path)) {
				return false;
			}
			const asked = kind === 'folder' ? `${path}/` : path;
			try {
				execFileSync('git', ['-C', root, 'check-ignore', '--no-index', '-q', asked]);
				return false;
			} catch {
				return true;
			}
		};
	}

	for (const [how, settings] of Object.entries<Partial<WatchConfigInput>>({
		'watched live': {},
		polled: { source: 'polling', pollInterval: 86_400_000 },
	})) {
		test(`edited while ${how}: coverage follows with its reason, counters do not move`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w', FILES);
			execFileSync('git', ['init', '-q', root]);
			const { client, ready } = await Server.start(box, { watches: [{ path: 'w', id: 'w', ...settings }] });
			appendFileSync(join(root, 'a.txt'), 'more');
			let { cursor } = await client.sync();
			assert.equal((await client.since(ready.cursor)).changes.length, 1);
			for (const { what, write, net } of steps) {
				take(root, write);
				const synced = await client.sync();
				assert.deepEqual(netLines((await client.since(cursor)).changes, root), net, what);
				({ cursor } = synced);
				assert.deepEqual(await countsById(client), { w: [1, 0] }, what);
				await checkIndex(client, { covers: { w: notIgnoredByGit(root) } });
			}
		});
	}

	test('edited while no server runs', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', FILES);
		execFileSync('git', ['init', '-q', root]);
		let server = await Server.start(box);
		for (const { what, write, net } of steps) {
			const { cursor } = server.ready;
			await server.stop();
			take(root, write);
			server = await Server.start(box);
			assert.deepEqual(netLines((await server.client.since(cursor)).changes, root), net, what);
		}
	});

	test('a file created together with an edit is an event', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { '.gitignore': '', 'a.log': '' });
		const { client, ready } = await Server.start(box);
		writeFileSync(join(root, 'before.txt'), '');
		writeFileSync(join(root, '.gitignore'), '*.log');
		writeFileSync(join(root, 'after.txt'), '');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), [
			'create file after.txt',
			'create file before.txt',
			'remove file a.log (coverage)',
		]);
	});

	test('it is a file like any other where the hidden filter is off', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client, ready } = await Server.start(box, {
			watches: [
				{ path: 'w', id: 'both', filters: { hidden: false } },
				{ path: 'w', id: 'hidden', filters: { hidden: false, gitignore: false } },
			],
		});
		writeFileSync(join(root, '.gitignore'), 'x');
		let { cursor } = await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file .gitignore']);
		appendFileSync(join(root, '.gitignore'), 'y');
		const before = cursor;
		({ cursor } = await client.sync());
		assert.deepEqual(netLines((await client.since(before)).changes, root), ['modify file .gitignore']);
		rmSync(join(root, '.gitignore'));
		await client.sync();
		assert.deepEqual(netLines((await client.since(cursor)).changes, root), ['remove file .gitignore']);
	});

	test('without the watch that follows it, too', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w');
		const { client, ready } = await Server.start(box, {
			watches: [{ path: 'w', filters: { hidden: false, gitignore: false } }],
		});
		writeFileSync(join(root, '.gitignore'), 'x');
		await client.sync();
		assert.deepEqual(netLines((await client.since(ready.cursor)).changes, root), ['create file .gitignore']);
	});

	test('one above the watch holds in it up to the repository', async (t) => {
		const box = new Sandbox(t);
		const root = box.tree('w', { '.gitignore': '*.log', 'sub/a.log': '', 'sub/a.txt': '' });
		box.tree('.', { '.gitignore': '*.txt' });
		execFileSync('git', ['init', '-q', root]);
		const { client } = await Server.start(box, { folders: [join(root, 'sub')] });
		assert.deepEqual(await listed(client, join(root, 'sub')), ['a.txt']);
	});
});
