/** Section B of the table of scenarios: folders. */
import { cpSync, mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Rows, times, write } from '../../../support/scenario.ts';

const DEEP = '1/2/3/4/5/6/7/8/9/10';

/** Every folder on the way to a path, itself included. */
const waypoints = (path: string) => path.split('/').map((_, i, names) => names.slice(0, i + 1).join('/'));

export const FOLDERS: Rows = {
	'B01 make a folder': { does: ({ here }) => mkdirSync(join(here, 'd')), net: ['create folder d'] },
	'B02 remove an empty folder': {
		before: { 'd/': '' },
		does: ({ here }) => rmdirSync(join(here, 'd')),
		net: ['remove folder d'],
	},
	'B03 remove a tree': {
		before: { 'd/a': '', 'd/e/b': '' },
		does: ({ here }) => rmSync(join(here, 'd'), { recursive: true }),
		net: ['remove file d/a', 'remove file d/e/b', 'remove folder d/e', 'remove folder d'],
	},
	'B03 remove 200 files of 300': {
		before: Object.fromEntries(times(300, (i) => [`${i}`, ''])),
		does: ({ here }) => {
			for (let i = 0; i < 200; i++) {
				unlinkSync(join(here, `${i}`));
			}
		},
		net: times(200, (i) => `remove file ${i}`),
	},
	'B04 make a folder and a file in it at once': {
		does: ({ here }) => write(here, 'd/a'),
		net: ['create folder d', 'create file d/a'],
		later: [{ does: ({ here }) => write(here, 'd/b'), net: ['create file d/b'] }],
	},
	'B05 make ten nested folders and a file at once': {
		does: ({ here }) => write(here, `${DEEP}/leaf`),
		net: [...waypoints(DEEP).map((path) => `create folder ${path}`), `create file ${DEEP}/leaf`],
		later: [{ does: ({ here }) => write(here, `${DEEP}/leaf`, 'again'), net: [`modify file ${DEEP}/leaf`] }],
	},
	'B08 remove a folder and make it again with a file of other bytes': {
		before: { 'd/a': 'old' },
		does: ({ here }) => {
			rmSync(join(here, 'd'), { recursive: true });
			write(here, 'd/a', 'new');
		},
		net: ['modify file d/a'],
		later: [{ does: ({ here }) => write(here, 'd/b'), net: ['create file d/b'] }],
	},
	'B08 remove a folder and make it again with the same bytes': {
		before: { 'd/a': 'same' },
		does: ({ here }) => {
			rmSync(join(here, 'd'), { recursive: true });
			write(here, 'd/a', 'same');
		},
		// Who saw it gone has nothing left to compare the bytes with.
		net: { either: [['metadata file d/a'], ['modify file d/a']] },
	},
	'B08 remove a folder and make it again, with other content': {
		before: { 'd/a': 'old', 'd/e/b': '' },
		does: ({ here }) => {
			rmSync(join(here, 'd'), { recursive: true });
			write(here, 'd/a', 'new');
			write(here, 'd/e/c', 'new');
		},
		net: ['modify file d/a', 'remove file d/e/b', 'create file d/e/c'],
		later: [{ does: ({ here }) => write(here, 'd/e/d'), net: ['create file d/e/d'] }],
	},
	'B08 remove a tree, make it again later': {
		before: { 'd/a': '', 'd/e/b': '' },
		does: ({ here }) => rmSync(join(here, 'd'), { recursive: true }),
		net: ['remove file d/a', 'remove file d/e/b', 'remove folder d/e', 'remove folder d'],
		later: [
			{
				does: ({ here }) => write(here, 'd/e/b'),
				net: ['create folder d', 'create folder d/e', 'create file d/e/b'],
			},
			{ does: ({ here }) => write(here, 'd/e/b', 'again'), net: ['modify file d/e/b'] },
		],
	},
	'B10 a folder becomes a file': {
		before: { 'x/a': '' },
		does: ({ here }) => {
			rmSync(join(here, 'x'), { recursive: true });
			write(here, 'x');
		},
		net: ['remove file x/a', 'remove folder x', 'create file x'],
		later: [{ does: ({ here }) => write(here, 'x', 'again'), net: ['modify file x'] }],
	},
	'B10 a file becomes a folder': {
		before: { x: '' },
		does: ({ here }) => {
			unlinkSync(join(here, 'x'));
			write(here, 'x/a');
		},
		net: ['remove file x', 'create folder x', 'create file x/a'],
		// Watchers that trusted the first event are blind in such a folder from now on.
		later: [
			{
				does: ({ here }) => {
					write(here, 'x/b');
					write(here, 'x/d/c');
				},
				net: ['create file x/b', 'create folder x/d', 'create file x/d/c'],
			},
		],
	},
	'B10 a file becomes a link': {
		before: { x: '', target: '' },
		does: ({ here }) => {
			unlinkSync(join(here, 'x'));
			symlinkSync('target', join(here, 'x'));
		},
		net: ['remove file x', 'create link x'],
	},
	'B10 a link becomes a folder': {
		before: { 'd/a': '' },
		prepare: ({ here }) => symlinkSync('d', join(here, 'x')),
		does: ({ here }) => {
			unlinkSync(join(here, 'x'));
			mkdirSync(join(here, 'x'));
			write(here, 'x/a');
		},
		net: ['remove link x', 'create folder x', 'create file x/a'],
		later: [{ does: ({ here }) => write(here, 'x/b'), net: ['create file x/b'] }],
	},
	'B10 a folder becomes a file and a folder again': {
		before: { 'x/a': 'same' },
		does: ({ here }) => {
			rmSync(join(here, 'x'), { recursive: true });
			write(here, 'x');
			unlinkSync(join(here, 'x'));
			write(here, 'x/b');
		},
		net: ['remove file x/a', 'create file x/b'],
		later: [{ does: ({ here }) => write(here, 'x/c'), net: ['create file x/c'] }],
	},
	'B12 a file comes and goes beside a new folder': {
		before: { 'd/': '' },
		does: async ({ here }) => {
			write(here, 'd/x');
			await setTimeout(200);
			mkdirSync(join(here, 'd/e'));
			unlinkSync(join(here, 'd/x'));
		},
		// The change of its own time is none that a folder has.
		net: ['create folder d/e'],
	},
	'B12 a file changes in a folder, which does not': {
		before: { 'd/a': 'old' },
		does: ({ here }) => {
			write(here, 'd/b');
			unlinkSync(join(here, 'd/b'));
		},
		net: [],
	},
	'B14 below, at and above the depth': {
		watch: { depth: 1 },
		covers: (path) => path.split('/').length <= 2,
		before: { 'd/e/f': '' },
		does: ({ here }) => {
			write(here, 'a');
			write(here, 'd/a');
			write(here, 'd/e/a');
		},
		net: ['create file a', 'create file d/a'],
		later: [
			{
				does: ({ here }) => renameSync(join(here, 'd/e'), join(here, 'e')),
				// What a move brings into the watch appears, like anything that is moved in.
				net: ['move folder d/e -> e', 'create file e/f', 'create file e/a'],
			},
			{ does: ({ here }) => write(here, 'e/f', 'more'), net: ['modify file e/f'] },
		],
	},
	'B04 copy a tree': {
		before: { 'd/a': '', 'd/e/b': '', 'd/e/c': '' },
		does: ({ here }) => cpSync(join(here, 'd'), join(here, 'f'), { recursive: true }),
		net: ['create folder f', 'create file f/a', 'create folder f/e', 'create file f/e/b', 'create file f/e/c'],
	},
	'B04 a folder that contains an entry of its own name': {
		before: { 'a/b': '' },
		does: ({ here }) => write(here, 'a/a/a'),
		net: ['create folder a/a', 'create file a/a/a'],
		later: [{ does: ({ here }) => write(here, 'a/a/a', 'again'), net: ['modify file a/a/a'] }],
	},
	'B04 make folders and remove them at once': {
		does: ({ here }) => {
			write(here, 'd/e/a');
			rmSync(join(here, 'd'), { recursive: true });
		},
		net: [],
	},
};
