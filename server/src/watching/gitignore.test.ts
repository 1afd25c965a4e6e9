/**
 * `.gitignore` files in several folders, held against git itself: which of them decides, and what an inner one can take
 * back. Wider than the one property in scope.test.ts, which is about one inner file and plain names.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { Scopes } from './scope.ts';
import { parseCoverageKey } from './watch.ts';

const repository = realpathSync(mkdtempSync(join(tmpdir(), 'gitignore-')));
execFileSync('git', ['init', '-q', repository]);
after(() => {
	rmSync(repository, { recursive: true, force: true });
});

const FILTERS = {
	metadataSidecars: false,
	temporary: false,
	gitInternals: true,
	gitignore: true,
	watcherExclude: false,
};

/** Everything in a folder that a watch covers, folders with `/` at their end. */
function covered(root: string, paths: readonly string[]): string[] {
	const key = JSON.stringify([root, [], [], [], { ...FILTERS, hidden: false }, null]);
	const scopes = new Scopes([parseCoverageKey('w', key)], '/index');
	return paths.filter((path) => {
		const names = withoutSlash(path).split('/');
		const folders = names.slice(0, -1).map((name, i) => ({ name, of: join(root, ...names.slice(0, i)) }));
		return (
			folders.every(({ name, of }) => scopes.of(of).verdict(name, true).descend) &&
			scopes.of(join(root, ...names.slice(0, -1))).verdict(names.at(-1)!, path.endsWith('/')).covering.length > 0
		);
	});
}

/** The same, by git. */
function notIgnored(root: string, paths: readonly string[]): string[] {
	// -z: names are bytes, not quoted text. It looks itself whether a path is a folder; a slash at its end means more.
	const { stdout } = spawnSync('git', ['-C', root, 'check-ignore', '--stdin', '-z', '--no-index'], {
		input: paths.map(withoutSlash).join('\0'),
		encoding: 'utf8',
	});
	const ignored = new Set(stdout.split('\0'));
	return paths.filter((path) => !ignored.has(withoutSlash(path)));
}

const withoutSlash = (path: string) => path.replace(/\/$/, '');

let runs = 0;

/** @param ignores text of the ignore file by its folder, '' for the top */
function check(ignores: Record<string, string>, files: readonly string[]): void {
	const root = join(repository, String(runs++));
	const paths = new Set<string>();
	for (const file of files) {
		mkdirSync(dirname(join(root, file)), { recursive: true });
		writeFileSync(join(root, file), '');
		paths.add(file);
		for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
			paths.add(`${folder}/`);
		}
	}
	for (const [folder, text] of Object.entries(ignores)) {
		mkdirSync(join(root, folder), { recursive: true });
		writeFileSync(join(root, folder, '.gitignore'), text);
	}
	const sorted = [...paths].sort();
	assert.deepEqual(covered(root, sorted), notIgnored(root, sorted), JSON.stringify(ignores));
}

const FILES = [
	'build/x.js',
	'a/build/x.js',
	'a/build/deep/y.js',
	'a/x.log',
	'x.log',
	'keep.log',
	'a/keep.log',
	'Build/z',
];
const cases: Record<string, Record<string, string>> = {
	'an inner file takes a folder back, and the outer rules hold in it': { '': 'build/\n*.log\n', a: '!build/\n' },
	'and takes back what is in it': { '': 'build\n', a: '!build\nbuild/*\n!build/deep/\n' },
	'an inner file cannot reach into what an outer one leaves out whole': { '': 'a/\n', a: '!*\n', 'a/build': '!*\n' },
	'the last line that fits decides': { '': '*.log\n!keep.log\nkeep.log\n!/keep.log\n' },
	'letters have their case': { '': 'Build/\n' },
	'a BOM, carriage returns, spaces and comments': { '': '\uFEFF*.log \r\n#a/\r\n\r\nbuild/\\ \r\n!keep.log' },
	'nothing but an exclamation mark or a slash': { '': '!\n/\n!/\n\\\n' },
	'a rule for everything, and exceptions': { '': '*\n!*/\n!*.js\n' },
	'anchored in the middle': { '': 'a/build\n/x.log\n' },
};
for (const [name, ignores] of Object.entries(cases)) {
	test(`as git has it: ${name}`, () => {
		check(ignores, FILES);
	});
}

test('as git has it: any rules in any folders', () => {
	const name = fc.constantFrom('a', 'b', 'ab', 'A', 'x.log', 'k.log', '[a]', 'a b', '#a', '!a');
	const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
	const escaped = name.map((text) => text.replaceAll(/[[\]!#]/g, String.raw`\$&`));
	const piece = fc.oneof(
		{ weight: 4, arbitrary: escaped },
		{ weight: 3, arbitrary: fc.constantFrom('*', '**', '?', 'a*', '*b', '*.log', '[ab]', '[!a]', '[a-b]*') },
	);
	const rule = fc
		.record({
			negated: fc.boolean(),
			anchored: fc.boolean(),
			pieces: fc.array(piece, { minLength: 1, maxLength: 3 }),
			folder: fc.boolean(),
			end: fc.constantFrom('', ' ', '\r', '  '),
		})
		.map(({ negated, anchored, pieces, folder, end }) =>
			[negated ? '!' : '', anchored ? '/' : '', pieces.join('/'), folder ? '/' : '', end].join(''),
		);
	const text = fc.array(rule, { maxLength: 4 }).map((rules) => rules.join('\n'));
	fc.assert(
		fc.property(
			fc.record({ '': text, a: text, 'a/b': text, b: text }, { requiredKeys: [] }),
			fc.uniqueArray(path, { minLength: 1, maxLength: 10 }),
			(ignores, paths) => {
				// A path that is a folder of another one, or of an ignore file, cannot be a file.
				const folders = [...paths, ...Object.keys(ignores).map((folder) => `${folder}/x`)];
				const files = paths.filter((file) => !folders.some((other) => other.startsWith(`${file}/`)));
				check(ignores, files);
			},
		),
		{ numRuns: 250 },
	);
});
