/** Section H of the table of scenarios with `followSymlinks`: a link is what it leads to, as long as that is allowed. */
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { move, type Row, type Rows, write } from '../../../support/scenario.ts';

const watch: Row['watch'] = { followSymlinks: true };
/** What is hidden is in the root, and no watch looks into it. */
const HIDDEN = '.hidden';

/** Links by name, and what they hold. */
function link(folder: string, links: Record<string, string>): void {
	for (const [name, target] of Object.entries(links)) {
		symlinkSync(target, join(folder, name));
	}
}

function relink(folder: string, name: string, target: string): void {
	unlinkSync(join(folder, name));
	symlinkSync(target, join(folder, name));
}

export const FOLLOWED_LINKS: Rows = {
	'H03 a followed link to a file: the file is written, touched in its mode, removed, made again': {
		watch,
		before: { 'd/a': 'old' },
		prepare: ({ here }) => link(here, { x: 'd/a' }),
		does: ({ here }) => write(here, 'd/a', 'newer'),
		net: ['modify file d/a', 'modify file x'],
		later: [
			{
				does: ({ here }) => chmodSync(join(here, 'd/a'), 0o600),
				net: ['metadata file d/a', 'metadata file x'],
			},
			{
				does: ({ here }) => unlinkSync(join(here, 'd/a')),
				net: ['remove file d/a', 'remove file x', 'create link x'],
			},
			{
				does: ({ here }) => write(here, 'd/a', 'again'),
				net: ['create file d/a', 'remove link x', 'create file x'],
			},
		],
	},
	'H03 the file behind a link is saved through a temporary file': {
		watch,
		before: { a: 'old' },
		prepare: ({ here }) => link(here, { x: 'a' }),
		does: ({ here }) => {
			write(here, 'b', 'saved');
			move(here, 'b', 'a');
		},
		net: ['modify file a', 'modify file x'],
	},
	'H03 two links to one file': {
		watch,
		before: { a: 'old', 'd/b': '' },
		prepare: ({ here }) => link(here, { x: 'a', 'd/y': '../a' }),
		does: ({ here }) => appendFileSync(join(here, 'd/y'), 'more'),
		net: ['modify file a', 'modify file x', 'modify file d/y'],
	},
	'H03 the file behind a link is renamed and comes back': {
		watch,
		before: { a: 'old' },
		prepare: ({ here }) => link(here, { x: 'a' }),
		does: ({ here }) => move(here, 'a', 'b'),
		net: ['move file a -> b', 'remove file x', 'create link x'],
		later: [
			{ does: ({ here }) => move(here, 'b', 'a'), net: ['move file b -> a', 'remove link x', 'create file x'] },
		],
	},
	'H03 the file behind a link lies where no watch looks': {
		watch,
		before: { [`${HIDDEN}/deep/a`]: 'old' },
		prepare: ({ here }) => link(here, { x: `${HIDDEN}/deep/a` }),
		does: ({ here }) => write(here, `${HIDDEN}/deep/a`, 'newer'),
		net: ['modify file x'],
		later: [
			{
				does: ({ here }) => {
					write(here, `${HIDDEN}/deep/b`, 'saved');
					move(here, `${HIDDEN}/deep/b`, `${HIDDEN}/deep/a`);
				},
				net: ['modify file x'],
			},
			{
				does: ({ here }) => move(here, `${HIDDEN}/deep`, `${HIDDEN}/other`),
				net: ['remove file x', 'create link x'],
			},
			{
				does: ({ here }) => {
					mkdirSync(join(here, HIDDEN, 'deep'));
					write(here, `${HIDDEN}/deep/a`, 'again');
				},
				net: ['remove link x', 'create file x'],
			},
			{ does: ({ here }) => write(here, `${HIDDEN}/deep/a`, 'and again'), net: ['modify file x'] },
		],
	},
	'H03 the file behind a link lies in another watch': {
		watch,
		watches: ['one', 'two'],
		before: { 'two/d/a': 'old' },
		prepare: ({ here }) => link(join(here, 'one'), { x: '../two/d/a' }),
		does: ({ here }) => write(here, 'two/d/a', 'newer'),
		net: ['modify file two/d/a', 'modify file one/x'],
	},
	'H03 a link gets another file': {
		watch,
		before: { a: 'one', b: 'another' },
		prepare: ({ here }) => link(here, { x: 'a' }),
		does: ({ here }) => relink(here, 'x', 'b'),
		net: ['modify file x'],
		later: [
			{ does: ({ here }) => write(here, 'a', 'not its own any more'), net: ['modify file a'] },
			{ does: ({ here }) => write(here, 'b', 'its own now'), net: ['modify file b', 'modify file x'] },
		],
	},
	'H03 a link at the end of a chain of links': {
		watch,
		before: { 'd/a': 'one', 'd/b': 'another' },
		prepare: ({ here }) => link(here, { x: 'y', y: 'e/a', e: 'd' }),
		does: ({ here }) => write(here, 'd/a', 'newer'),
		net: ['modify file d/a', 'modify file e/a', 'modify file x', 'modify file y'],
		later: [{ does: ({ here }) => relink(here, 'y', 'd/b'), net: ['modify file x', 'modify file y'] }],
	},
	'H03 links are made: to a file, to a folder, to nothing, to a circle, outside': {
		watch,
		before: { 'd/a': '' },
		prepare: ({ outside }) => write(outside, 'a'),
		does: ({ here, outside }) =>
			link(here, {
				file: 'd/a',
				folder: 'd',
				dangling: 'nothing',
				loop: 'loop',
				out: outside,
				away: `${outside}/a`,
			}),
		net: [
			'create file file',
			'create folder folder',
			'create file folder/a',
			'create link dangling',
			'create link loop',
			'create link out',
			'create link away',
		],
	},
	'H03 a link becomes a file, a file becomes a link': {
		watch,
		before: { a: 'content', x: 'own', 'd/b': '' },
		prepare: ({ here }) => link(here, { y: 'a' }),
		does: ({ here }) => {
			relink(here, 'x', 'a');
			unlinkSync(join(here, 'y'));
			write(here, 'y', 'own');
		},
		net: ['modify file x', 'modify file y'],
	},
	'H04 links to the root, to a folder above, to one another, to themselves': {
		watch,
		before: { 'd/e/a': '', 'f/b': '' },
		prepare: ({ here }) => {
			link(here, { loop: here, twice: 'loop/loop', self: 'self' });
			link(join(here, 'd/e'), { up: '..', top: '../..', over: '../../f' });
			link(join(here, 'f'), { back: '../d' });
		},
		does: ({ here }) => write(here, 'd/e/new'),
		net: ['create file d/e/new', 'create file f/back/e/new'],
		later: [
			{
				does: ({ here }) => write(here, 'f/new'),
				net: ['create file f/new', 'create file d/e/over/new'],
			},
			{
				does: ({ here }) => unlinkSync(join(here, 'd/e/over')),
				net: [
					'remove link f/back/e/over',
					'remove link d/e/over/back',
					'remove file d/e/over/b',
					'remove file d/e/over/new',
					'remove folder d/e/over',
				],
			},
		],
	},
	'H04 a link to the folder above the root': {
		watch,
		before: { a: '' },
		prepare: ({ here }) => link(here, { up: '..' }),
		does: ({ here }) => write(here, 'b'),
		net: ['create file b'],
	},
	'H05 a link to nothing: its target comes, as a folder, and goes': {
		watch,
		prepare: ({ here }) => link(here, { x: 'not/yet' }),
		does: ({ here }) => mkdirSync(join(here, 'not')),
		net: ['create folder not'],
		later: [
			{
				does: ({ here }) => write(here, 'not/yet/a'),
				net: [
					'create folder not/yet',
					'create file not/yet/a',
					'remove link x',
					'create folder x',
					'create file x/a',
				],
			},
			{
				does: ({ here }) => write(here, 'not/yet/b'),
				net: ['create file not/yet/b', 'create file x/b'],
			},
			{
				does: ({ here }) => rmSync(join(here, 'not'), { recursive: true }),
				net: [
					'remove folder not',
					'remove folder not/yet',
					'remove file not/yet/a',
					'remove file not/yet/b',
					'remove file x/a',
					'remove file x/b',
					'remove folder x',
					'create link x',
				],
			},
		],
	},
	'H05 a link to nothing where no watch looks: its target comes': {
		watch,
		prepare: ({ here }) => link(here, { x: `${HIDDEN}/a` }),
		does: ({ here }) => write(here, `${HIDDEN}/a`),
		net: ['remove link x', 'create file x'],
	},
	'H05 a link to nothing is made and removed': {
		watch,
		does: ({ here }) => link(here, { x: 'nothing' }),
		net: ['create link x'],
		later: [{ does: ({ here }) => unlinkSync(join(here, 'x')), net: ['remove link x'] }],
	},
	'H06 a followed link to a folder beside it: things happen in it, then it is removed': {
		watch,
		before: { 'd/a': 'old', 'd/s/b': '' },
		prepare: ({ here }) => link(here, { x: 'd' }),
		does: ({ here }) => {
			write(here, 'd/a', 'newer');
			write(here, 'x/c');
			move(here, 'd/s/b', 'd/s/e');
		},
		net: [
			'modify file d/a',
			'modify file x/a',
			'create file d/c',
			'create file x/c',
			'move file d/s/b -> d/s/e',
			'move file x/s/b -> x/s/e',
		],
		later: [
			{
				does: ({ here }) => {
					write(here, 'd/n/f');
					write(here, 'x/s/g');
				},
				net: [
					'create folder d/n',
					'create file d/n/f',
					'create folder x/n',
					'create file x/n/f',
					'create file d/s/g',
					'create file x/s/g',
				],
			},
			{
				does: ({ here }) => write(here, 'x/n/h'),
				net: ['create file d/n/h', 'create file x/n/h'],
			},
			{
				does: ({ here }) => unlinkSync(join(here, 'x')),
				net: [
					'remove file x/a',
					'remove file x/c',
					'remove file x/s/e',
					'remove file x/s/g',
					'remove folder x/s',
					'remove file x/n/f',
					'remove file x/n/h',
					'remove folder x/n',
					'remove folder x',
				],
			},
			{ does: ({ here }) => write(here, 'd/a', 'and again'), net: ['modify file d/a'] },
		],
	},
	'H06 the folder behind a link is renamed and comes back': {
		watch,
		before: { 'd/s/a': '' },
		prepare: ({ here }) => link(here, { x: 'd' }),
		does: ({ here }) => move(here, 'd', 'e'),
		net: ['move folder d -> e', 'remove file x/s/a', 'remove folder x/s', 'remove folder x', 'create link x'],
		later: [
			{ does: ({ here }) => write(here, 'e/s/b'), net: ['create file e/s/b'] },
			{
				does: ({ here }) => move(here, 'e', 'd'),
				net: [
					'move folder e -> d',
					'remove link x',
					'create folder x',
					'create folder x/s',
					'create file x/s/a',
					'create file x/s/b',
				],
			},
			{ does: ({ here }) => write(here, 'd/s/c'), net: ['create file d/s/c', 'create file x/s/c'] },
		],
	},
	'H06 a folder behind a link is renamed, and one comes in and one goes': {
		watch,
		before: { 'd/s/a': '', 'o/t/b': '', 'd/u/c': '' },
		prepare: ({ here }) => link(here, { x: 'd' }),
		does: ({ here }) => {
			move(here, 'd/s', 'd/r');
			move(here, 'o/t', 'd/t');
			move(here, 'd/u', 'o/u');
		},
		net: [
			'move folder d/s -> d/r',
			'move folder x/s -> x/r',
			'move folder o/t -> d/t',
			'create folder x/t',
			'create file x/t/b',
			'move folder d/u -> o/u',
			'remove file x/u/c',
			'remove folder x/u',
		],
		later: [
			{
				does: ({ here }) => {
					write(here, 'd/r/new');
					write(here, 'x/t/new');
					write(here, 'o/u/new');
				},
				net: [
					'create file d/r/new',
					'create file x/r/new',
					'create file d/t/new',
					'create file x/t/new',
					'create file o/u/new',
				],
			},
		],
	},
	'H06 a link gets another folder, then one outside': {
		watch,
		before: { 'd/a': 'one', 'd/only': '', 'e/a': 'another', 'e/s/b': '' },
		prepare: ({ here, outside }) => {
			link(here, { x: 'd' });
			write(outside, 'secret');
		},
		does: ({ here }) => relink(here, 'x', 'e'),
		net: ['modify file x/a', 'remove file x/only', 'create folder x/s', 'create file x/s/b'],
		later: [
			{ does: ({ here }) => write(here, 'd/a', 'not its own any more'), net: ['modify file d/a'] },
			{ does: ({ here }) => write(here, 'e/s/c'), net: ['create file e/s/c', 'create file x/s/c'] },
			{
				does: ({ here, outside }) => relink(here, 'x', outside),
				net: [
					'remove file x/a',
					'remove file x/s/b',
					'remove file x/s/c',
					'remove folder x/s',
					'remove folder x',
					'create link x',
				],
			},
			{ does: ({ outside }) => write(outside, 'more'), net: [] },
		],
	},
	'H06 a link is renamed': {
		watch,
		before: { a: '', 'd/b': '' },
		prepare: ({ here }) => link(here, { x: 'a', y: 'd' }),
		does: ({ here }) => {
			move(here, 'x', 'x2');
			move(here, 'y', 'y2');
		},
		// What is known of it is its target, which has not moved.
		net: [
			'remove file x',
			'create file x2',
			'remove file y/b',
			'remove folder y',
			'create folder y2',
			'create file y2/b',
		],
		later: [{ does: ({ here }) => write(here, 'd/c'), net: ['create file d/c', 'create file y2/c'] }],
	},
	'H06 a folder with links in it is renamed': {
		watch,
		before: { 'd/a': 'old', 'd/s/b': '', 'o/c': '' },
		prepare: ({ here }) => link(join(here, 'd'), { x: 'a', y: 's', z: '../o' }),
		does: ({ here }) => move(here, 'd', 'e'),
		net: ['move folder d -> e'],
		later: [
			{
				does: ({ here }) => {
					write(here, 'e/a', 'newer');
					write(here, 'e/s/new');
					write(here, 'o/new');
				},
				net: [
					'modify file e/a',
					'modify file e/x',
					'create file e/s/new',
					'create file e/y/new',
					'create file o/new',
					'create file e/z/new',
				],
			},
		],
	},
	'H06 a link into another watch': {
		watch,
		watches: ['one', 'two'],
		before: { 'two/d/a': 'old' },
		prepare: ({ here }) => link(join(here, 'one'), { x: '../two/d' }),
		does: ({ here }) => {
			write(here, 'two/d/a', 'newer');
			write(here, 'one/x/b');
		},
		net: ['modify file two/d/a', 'modify file one/x/a', 'create file two/d/b', 'create file one/x/b'],
		later: [
			{
				does: ({ here }) => rmSync(join(here, 'two/d'), { recursive: true }),
				net: [
					'remove file two/d/a',
					'remove file two/d/b',
					'remove folder two/d',
					'remove file one/x/a',
					'remove file one/x/b',
					'remove folder one/x',
					'create link one/x',
				],
			},
		],
	},
	'H06 a folder takes the place of a link, and a link that of a folder': {
		watch,
		before: { 'd/a': '', 'e/b': 'one', 'f/b': 'another' },
		prepare: ({ here }) => link(here, { x: 'd' }),
		does: ({ here }) => {
			unlinkSync(join(here, 'x'));
			write(here, 'x/own');
			rmSync(join(here, 'e'), { recursive: true });
			link(here, { e: 'f' });
		},
		net: ['remove file x/a', 'create file x/own', 'modify file e/b'],
		later: [
			{
				does: ({ here }) => {
					write(here, 'x/own', 'more');
					write(here, 'f/c');
				},
				net: ['modify file x/own', 'create file f/c', 'create file e/c'],
			},
		],
	},
	'H06 many links to one folder, made and removed while things happen in it': {
		watch,
		before: { 'd/a': '' },
		does: async ({ here }) => {
			for (let i = 0; i < 20; i++) {
				link(here, { [`x${i}`]: 'd' });
				write(here, `d/${i}`);
				if (i % 2 === 0) {
					unlinkSync(join(here, `x${i}`));
				}
				await Promise.resolve();
			}
		},
		net: [
			...Array.from({ length: 20 }, (_, i) => `create file d/${i}`),
			...Array.from({ length: 10 }, (_, i) => i * 2 + 1).flatMap((i) => [
				`create folder x${i}`,
				`create file x${i}/a`,
				...Array.from({ length: 20 }, (_, j) => `create file x${i}/${j}`),
			]),
		],
	},
};
