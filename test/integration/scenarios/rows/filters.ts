/** Section K of the table of scenarios: what filters and patterns leave out. What they keep is in coverage.test.ts. */
import assert from 'node:assert/strict';
import { renameSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { move, type Rows, write } from '../../../support/scenario.ts';

export const FILTERS: Rows = {
	'K01 1,000 files in a folder that is left out': {
		watch: { ignore: ['node_modules'] },
		covers: (path) => !path.startsWith('node_modules'),
		before: { 'node_modules/a/index.js': '' },
		does: ({ here }) => {
			for (let i = 0; i < 1000; i++) {
				write(here, `node_modules/${i % 50}/${i}.js`);
			}
			rmSync(join(here, 'node_modules/a'), { recursive: true });
		},
		net: [],
		log: (records) => {
			assert.deepEqual(records, []);
		},
	},
	'K02 patterns leave out a folder and files': {
		watch: { ignore: ['out', '**/*.log'] },
		covers: (path) => !path.startsWith('out') && !path.endsWith('.log'),
		before: { 'out/a': '', 'a.log': '' },
		does: ({ here }) => {
			write(here, 'out/b');
			write(here, 'b.log');
			write(here, 'd/c.log');
			write(here, 'd/c.txt');
			unlinkSync(join(here, 'a.log'));
		},
		net: ['create folder d', 'create file d/c.txt'],
		later: [
			{ does: ({ here }) => move(here, 'd/c.txt', 'd/d.log'), net: ['remove file d/c.txt'] },
			{ does: ({ here }) => move(here, 'd/d.log', 'd/e.txt'), net: ['create file d/e.txt'] },
			{
				does: ({ here }) => move(here, 'd', 'out/d'),
				net: ['remove file d/e.txt', 'remove folder d'],
			},
			{
				does: ({ here }) => move(here, 'out/d', 'e'),
				net: ['create folder e', 'create file e/e.txt'],
			},
		],
	},
	'K03 patterns name files, their folder is renamed': {
		watch: { include: ['**/*.js'] },
		covers: (path) => path.endsWith('.js'),
		before: { 'd/a.js': '', 'd/b.txt': '' },
		does: ({ here }) => move(here, 'd', 'e'),
		net: ['move file d/a.js -> e/a.js'],
		later: [
			{
				does: ({ here }) => {
					write(here, 'e/c.js');
					write(here, 'e/c.txt');
				},
				net: ['create file e/c.js'],
			},
			{ does: ({ here }) => move(here, 'e/b.txt', 'e/b.js'), net: ['create file e/b.js'] },
		],
	},
	'K03 patterns name a folder, files come into it': {
		watch: { include: ['in/**'] },
		covers: (path) => path === 'in' || path.startsWith('in/'),
		before: { 'in/a': '', b: '', 'c/d': '' },
		does: ({ here }) => move(here, 'b', 'in/b'),
		net: ['create file in/b'],
		later: [
			{ does: ({ here }) => move(here, 'c', 'in/c'), net: ['create folder in/c', 'create file in/c/d'] },
			{ does: ({ here }) => move(here, 'in/a', 'a'), net: ['remove file in/a'] },
		],
	},
	'K06 what the default filters leave out': {
		before: { '.hidden/a': '', b: '' },
		does: ({ here }) => {
			write(here, '.hidden/a');
			write(here, '.env');
			write(here, 'b~');
			write(here, 'b.tmp');
			write(here, 'b.metadata.json');
			write(here, '.cache/c');
		},
		net: [],
	},
	'K06 a folder moves into a hidden one, and out again': {
		before: { '.hidden/': '', 'd/a': '', 'd/e/b': '' },
		does: ({ here }) => move(here, 'd', '.hidden/d'),
		net: ['remove file d/a', 'remove file d/e/b', 'remove folder d/e', 'remove folder d'],
		later: [
			{
				does: ({ here }) => move(here, '.hidden/d', 'f'),
				net: ['create folder f', 'create file f/a', 'create folder f/e', 'create file f/e/b'],
			},
		],
	},
	'K07 inside .git, where hidden files count': {
		watch: { filters: { hidden: false } },
		covers: (path) => path !== '.git' && !path.startsWith('.git/'),
		before: { '.git/HEAD': 'ref: refs/heads/main\n', '.git/config': '' },
		does: ({ here }) => {
			write(here, '.git/config', 'more');
			write(here, '.hidden/a');
		},
		net: ['create folder .hidden', 'create file .hidden/a'],
	},
	'K11 files come and go in .git': {
		before: { '.git/HEAD': 'ref: refs/heads/main\n', a: '' },
		does: ({ here }) => {
			write(here, '.git/refs/heads/main', '0');
			write(here, '.git/x');
			unlinkSync(join(here, '.git/x'));
			renameSync(join(here, '.git/HEAD'), join(here, '.git/ORIG_HEAD'));
		},
		net: [],
		log: (records) => {
			assert.deepEqual(records, []);
		},
	},
};
