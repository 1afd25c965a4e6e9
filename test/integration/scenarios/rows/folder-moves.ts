/** Section C of the table of scenarios: folders that get another name, with all that is in them. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { LoggedChange } from '#shared/model.ts';
import { move, replaced, type Rows, times, write } from '../../../support/scenario.ts';

const TREE = Object.fromEntries([...times(10, (i) => [`d/x/f${i}`, `${i}`]), ['d/a', 'a']]);

/** The log has one record: what is in the folder is not listed. */
function onlyTheMove(records: readonly LoggedChange[]): void {
	assert.deepEqual(
		records.map(({ type, kind }) => `${type} ${kind}`),
		['move folder'],
	);
}

export const FOLDER_MOVES: Rows = {
	'C11 rename a folder': {
		before: TREE,
		does: ({ here }) => move(here, 'd', 'e'),
		net: ['move folder d -> e'],
		log: onlyTheMove,
		later: [
			{ does: ({ here }) => write(here, 'e/x/new'), net: ['create file e/x/new'] },
			{ does: ({ here }) => write(here, 'e/x/f1', 'changed'), net: ['modify file e/x/f1'] },
			{
				does: ({ here }) => write(here, 'd/x/f1'),
				net: ['create folder d', 'create folder d/x', 'create file d/x/f1'],
			},
		],
	},
	'C11 rename a folder that has a history': {
		before: { 'd/a': 'old', 'd/e/b': '' },
		does: ({ here }) => {
			write(here, 'd/a', 'newer');
			write(here, 'd/e/c');
		},
		net: ['modify file d/a', 'create file d/e/c'],
		later: [
			// The records of all that is in it go along: the counters tell.
			{ does: ({ here }) => move(here, 'd', 'f'), net: ['move folder d -> f'], log: onlyTheMove },
			{ does: ({ here }) => move(here, 'f/e', 'e'), net: ['move folder f/e -> e'], log: onlyTheMove },
			{
				does: ({ here }) => rmSync(join(here, 'e'), { recursive: true }),
				net: ['remove file e/b', 'remove file e/c', 'remove folder e'],
			},
		],
	},
	'C11 rename a folder of 300 files': {
		before: Object.fromEntries(times(300, (i) => [`d/${i % 10}/${i}`, ''])),
		does: ({ here }) => move(here, 'd', 'e'),
		net: ['move folder d -> e'],
		log: onlyTheMove,
	},
	'C11 move a folder into another': {
		before: { ...TREE, 'e/': '' },
		does: ({ here }) => move(here, 'd', 'e/d'),
		net: ['move folder d -> e/d'],
		log: onlyTheMove,
		later: [{ does: ({ here }) => write(here, 'e/d/x/new'), net: ['create file e/d/x/new'] }],
	},
	'C11 move a folder into a new one': {
		before: TREE,
		does: ({ here }) => {
			mkdirSync(join(here, 'n'));
			move(here, 'd', 'n/d');
		},
		net: ['create folder n', 'move folder d -> n/d'],
	},
	'C11 rename a folder and change what is in it': {
		before: { 'd/a': 'old', 'd/b': '', 'd/x/c': '' },
		does: ({ here }) => {
			move(here, 'd', 'e');
			write(here, 'e/a', 'newer');
			unlinkSync(join(here, 'e/b'));
			write(here, 'e/x/new');
		},
		// What is gone is called by its old name, all else by its new one.
		net: ['move folder d -> e', 'modify file e/a', 'remove file d/b', 'create file e/x/new'],
	},
	'C11 change what is in a folder and rename it': {
		before: { 'd/a': 'old', 'd/b': '', 'd/x/c': '' },
		does: async ({ here }) => {
			write(here, 'd/a', 'newer');
			unlinkSync(join(here, 'd/b'));
			write(here, 'd/x/new');
			await setTimeout(400);
			move(here, 'd', 'e');
		},
		net: ['move folder d -> e', 'modify file e/a', 'remove file d/b', 'create file e/x/new'],
	},
	'C11 rename a folder twice': {
		before: TREE,
		does: ({ here }) => {
			move(here, 'd', 'e');
			move(here, 'e', 'f');
		},
		net: ['move folder d -> f'],
	},
	'C11 rename a folder and back': {
		before: TREE,
		does: async ({ here }) => {
			move(here, 'd', 'e');
			await setTimeout(400);
			move(here, 'e', 'd');
		},
		net: [],
	},
	'C11 rename a folder, and one in it': {
		before: TREE,
		does: ({ here }) => {
			move(here, 'd', 'e');
			move(here, 'e/x', 'e/y');
		},
		net: ['move folder d -> e', 'move folder d/x -> e/y'],
	},
	'C11 move a folder out of one that is renamed': {
		before: TREE,
		does: ({ here }) => {
			move(here, 'd/x', 'y');
			move(here, 'd', 'e');
		},
		net: ['move folder d/x -> y', 'move folder d -> e'],
	},
	'C11 a folder takes the place of the one it was in': {
		before: { 'd/x/f': '' },
		does: ({ here }) => {
			move(here, 'd/x', 'tmp-x');
			rmdirSync(join(here, 'd'));
			move(here, 'tmp-x', 'd');
		},
		// Either the folder came up, or its parent stayed and what was in it came up.
		net: {
			either: [
				['move folder d/x -> d', ...replaced('remove folder d')],
				['move file d/x/f -> d/f', 'remove folder d/x'],
			],
		},
	},
	'C11 a folder goes into what was in it': {
		before: { 'd/x/f': '', 'd/a': '' },
		does: ({ here }) => {
			move(here, 'd/x', 'x');
			move(here, 'd', 'x/d');
		},
		net: ['move folder d/x -> x', 'move folder d -> x/d'],
	},
	'C11 rename over an empty folder': {
		before: { 'd/a': '', 'e/': '' },
		does: ({ here }) => move(here, 'd', 'e'),
		net: ['move folder d -> e', ...replaced('remove folder e')],
	},
	'C11 rename a folder, another takes its name': {
		before: { 'd/a': 'old' },
		does: ({ here }) => {
			move(here, 'd', 'old');
			write(here, 'd/b');
		},
		net: ['move folder d -> old', 'create folder d', 'create file d/b'],
		later: [
			{
				does: ({ here }) => {
					write(here, 'd/c');
					write(here, 'old/c');
				},
				net: ['create file d/c', 'create file old/c'],
			},
		],
	},
	'C11 make a folder with files and rename it at once': {
		does: ({ here }) => {
			write(here, 'd/a');
			write(here, 'd/x/b');
			move(here, 'd', 'e');
		},
		net: ['create folder e', 'create file e/a', 'create folder e/x', 'create file e/x/b'],
		later: [{ does: ({ here }) => write(here, 'e/x/new'), net: ['create file e/x/new'] }],
	},
	'C11 rename a folder and remove it': {
		before: { 'd/a': '' },
		does: ({ here }) => {
			move(here, 'd', 'e');
			rmSync(join(here, 'e'), { recursive: true });
		},
		net: ['remove file d/a', 'remove folder d'],
	},
	'C15 move a folder from one watch to another': {
		watches: ['R1', 'R2'],
		before: { 'R1/d/a': 'old', 'R1/d/x/b': '' },
		does: ({ here }) => write(here, 'R1/d/a', 'newer'),
		net: ['modify file R1/d/a'],
		later: [
			{ does: ({ here }) => move(here, 'R1/d', 'R2/d'), net: ['move folder R1/d -> R2/d'], log: onlyTheMove },
			{ does: ({ here }) => write(here, 'R2/d/x/b', 'more'), net: ['modify file R2/d/x/b'] },
		],
	},
	'C17 move a tree out, and change it there': {
		before: { 'd/a': '', 'd/e/b': '' },
		does: ({ here, outside }) => {
			renameSync(join(here, 'd'), join(outside, 'd'));
			write(outside, 'd/e/c');
		},
		net: ['remove file d/a', 'remove file d/e/b', 'remove folder d/e', 'remove folder d'],
		later: [
			{
				does: ({ outside }) => write(outside, 'd/e/late'),
				net: [],
				log: (records) => {
					assert.deepEqual(records, []);
				},
			},
		],
	},
	'C18 move a tree in from outside': {
		prepare: ({ outside }) => {
			for (let i = 0; i < 100; i++) {
				write(outside, `tree/${i % 4}/${i}`);
			}
		},
		does: ({ here, outside }) => renameSync(join(outside, 'tree'), join(here, 'tree')),
		net: [
			'create folder tree',
			...times(4, (i) => `create folder tree/${i}`),
			...times(100, (i) => `create file tree/${i % 4}/${i}`),
		],
		later: [{ does: ({ here }) => write(here, 'tree/0/late'), net: ['create file tree/0/late'] }],
	},
	'C19 move a tree out, and back under another name': {
		before: TREE,
		does: ({ here, outside }) => {
			renameSync(join(here, 'd'), join(outside, 'd'));
			renameSync(join(outside, 'd'), join(here, 'e'));
		},
		net: ['move folder d -> e'],
	},
	'C19 move a tree out, and back later': {
		before: { 'd/a': '', 'd/x/b': '' },
		does: ({ here, outside }) => renameSync(join(here, 'd'), join(outside, 'd')),
		net: ['remove file d/a', 'remove file d/x/b', 'remove folder d/x', 'remove folder d'],
		later: [
			{
				does: ({ here, outside }) => {
					write(outside, 'd/c');
					renameSync(join(outside, 'd'), join(here, 'e'));
				},
				net: [
					'create folder e',
					'create file e/a',
					'create file e/c',
					'create folder e/x',
					'create file e/x/b',
				],
			},
			{ does: ({ here }) => write(here, 'e/x/late'), net: ['create file e/x/late'] },
		],
	},
	'C23 rename a folder, a link to it takes its name': {
		before: { 'foo/a': '' },
		does: ({ here }) => {
			move(here, 'foo', 'bar');
			symlinkSync('bar', join(here, 'foo'));
		},
		net: ['move folder foo -> bar', 'create link foo'],
		later: [{ does: ({ here }) => write(here, 'foo/b'), net: ['create file bar/b'] }],
	},
};
