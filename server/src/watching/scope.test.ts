import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { watchSchema, type WatchConfigInput } from '#shared/settings.ts';
import { Scopes } from './scope.ts';
import type { Watch } from './watch.ts';

const box = mkdtempSync(join(tmpdir(), 'scope-'));
after(() => {
	rmSync(box, { recursive: true, force: true });
});

function watch(root: string, input: Partial<WatchConfigInput> = {}, id = 'w'): Watch {
	const config = watchSchema.parse({ path: root, ...input });
	return {
		id,
		name: id,
		root,
		include: config.include,
		ignore: config.ignore,
		excludes: [],
		filters: config.filters,
		maxDepth: config.recursive ? (config.depth ?? Number.POSITIVE_INFINITY) : 0,
		followInto: [],
		source: 'chokidar',
		pollIntervalMs: 1000,
		windowMs: 100,
		maxWaitMs: 1000,
		settled: false,
		reconcileIntervalMs: 0,
	};
}

/** Whether the watches cover a file (path relative to `root`): every folder above must be looked into. */
function covers(scopes: Scopes, root: string, path: string): boolean {
	const names = path.split('/');
	let folder = root;
	for (const name of names.slice(0, -1)) {
		if (!scopes.of(folder).verdict(name, true).descend) {
			return false;
		}
		folder = join(folder, name);
	}
	return scopes.of(folder).verdict(names.at(-1)!, false).covering.length > 0;
}

/** The nine cases of the replication watcher (DESIGN.md §9), and what is inside hidden folders. */
for (const [path, kept] of [
	['.hidden', false],
	['file.txt', true],
	['.metadata.json', false],
	['file.metadata.json', false],
	['backup~', false],
	['temp.tmp', false],
	['normal.json', true],
	['.gitignore', false],
	['file.backup', true],
	['.git/config', false],
	['src/.cache/deep/file.txt', false],
	['src/deep/file.txt', true],
] as const) {
	test(`default filters ${kept ? 'keep' : 'leave out'} ${path}`, () => {
		assert.equal(covers(new Scopes([watch('/r')], '/index'), '/r', path), kept);
	});
}

const patterns: [string, Partial<WatchConfigInput>, string, boolean][] = [
	['include admits what matches', { include: ['**/*.ts'] }, 'a/b.ts', true],
	['include leaves out the rest', { include: ['**/*.ts'] }, 'a/b.js', false],
	['a star does not cross a slash', { include: ['*.ts'] }, 'a/b.ts', false],
	['ignore wins over include', { include: ['**/*.ts'], ignore: ['a/**'] }, 'a/b.ts', false],
	['an ignored folder is not looked into', { ignore: ['**/node_modules'] }, 'x/node_modules/y/z.ts', false],
	['depth 0: direct children', { depth: 0 }, 'a.ts', true],
	['depth 0: nothing deeper', { depth: 0 }, 'a/b.ts', false],
	['depth 1: one folder deep', { depth: 1 }, 'a/b.ts', true],
	['depth 1: not two', { depth: 1 }, 'a/b/c.ts', false],
	['recursive false is depth 0', { recursive: false }, 'a/b.ts', false],
	['a filter turned off', { filters: { hidden: false } }, '.env', true],
];
for (const [name, input, path, expected] of patterns) {
	test(`patterns: ${name}`, () => {
		assert.equal(covers(new Scopes([watch('/r', input)], '/index'), '/r', path), expected);
	});
}

test('a watch that begins in what another leaves out is reached, and covers only its own', () => {
	const scopes = new Scopes([watch('/r', {}, 'outer'), watch('/r/.hidden/deep', {}, 'inner')], '/index');
	assert.equal(scopes.of('/r').verdict('.hidden', true).descend, true);
	assert.deepEqual(scopes.of('/r').verdict('.hidden', true).covering, []);
	assert.deepEqual(scopes.of('/r/.hidden').verdict('x', false).covering, []);
	assert.deepEqual(scopes.of('/r/.hidden/deep').verdict('x', false).covering, ['inner']);
});

test('overlapping watches both cover; our own index is never covered', () => {
	const scopes = new Scopes([watch('/r', {}, 'b'), watch('/r/sub', {}, 'a')], '/r/sub/index');
	assert.deepEqual(scopes.of('/r/sub').verdict('x', false).covering, ['a', 'b']);
	assert.deepEqual(scopes.of('/r/sub').verdict('index', true), { covering: [], descend: false });
	assert.deepEqual(scopes.topRoots(), ['/r']);
});

test('.gitignore files mean what git says they mean', () => {
	const names = fc.constantFrom('a', 'b', 'build', 'x.log', 'keep.log');
	const path = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
	const glob = fc.oneof(
		names,
		path,
		fc.constantFrom(
			'*.log',
			'/build',
			'build/',
			'a/*',
			'**/b',
			'a/**',
			'/*',
			'b/*.log',
			'# comment',
			'',
			String.raw`\#x`,
		),
	);
	const rule = fc.tuple(fc.boolean(), glob).map(([negated, text]) => (negated && text !== '' ? `!${text}` : text));
	const file = fc.array(rule, { maxLength: 4 }).map((rules) => rules.join('\n'));
	let run = 0;
	fc.assert(
		fc.property(file, file, fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), (top, inA, paths) => {
			const root = join(box, `repository-${run++}`);
			mkdirSync(join(root, 'a'), { recursive: true });
			execFileSync('git', ['init', '-q', root]);
			writeFileSync(join(root, '.gitignore'), top);
			writeFileSync(join(root, 'a', '.gitignore'), inA);
			const files = placeFiles(root, paths);
			// 1 is its answer when nothing is ignored.
			const { stdout } = spawnSync('git', ['-C', root, 'check-ignore', '--stdin', '--no-index'], {
				input: files.join('\n'),
				encoding: 'utf8',
			});
			const ignored = new Set(stdout.split('\n'));
			const scopes = new Scopes([watch(root, { filters: { hidden: false } })], '/index');
			for (const each of files) {
				assert.equal(
					covers(scopes, root, each),
					!ignored.has(each),
					`${each} with ${JSON.stringify({ top, inA })}`,
				);
			}
		}),
		{ numRuns: 60 },
	);
});

/** Makes the files whose path is not a folder of another one. */
function placeFiles(root: string, paths: readonly string[]): string[] {
	const files = paths.filter((path) => path !== 'a' && !paths.some((other) => other.startsWith(`${path}/`)));
	for (const file of files) {
		mkdirSync(dirname(join(root, file)), { recursive: true });
		writeFileSync(join(root, file), '');
	}
	return files;
}
