/** Section C of the table of scenarios: names that are exchanged. Each name is another thing's from one instant to the next. */
import { appendFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { move, replaced, type Rows, times, write } from '../../../support/scenario.ts';

/** Exchanges two names, by way of a third. */
function swap(folder: string, a: string, b: string): void {
	move(folder, a, 'third');
	move(folder, b, a);
	move(folder, 'third', b);
}

export const SWAPS: Rows = {
	'C04 swap two files': {
		before: { a: 'a', b: 'b' },
		does: ({ here }) => swap(here, 'a', 'b'),
		net: ['move file a -> b', 'move file b -> a'],
		later: [{ does: ({ here }) => appendFileSync(join(here, 'a'), 'more'), net: ['modify file a'] }],
	},
	'C04 swap two files, and write one': {
		before: { a: 'a', b: 'b' },
		does: ({ here }) => {
			swap(here, 'a', 'b');
			appendFileSync(join(here, 'b'), 'more');
		},
		net: ['move file a -> b', 'move file b -> a', 'modify file b'],
	},
	'C04 three names go round': {
		before: { a: 'a', b: 'b', c: 'c' },
		does: ({ here }) => {
			move(here, 'a', 'x');
			move(here, 'c', 'a');
			move(here, 'b', 'c');
			move(here, 'x', 'b');
		},
		net: ['move file a -> b', 'move file b -> c', 'move file c -> a'],
	},
	'C04 swap a file and a folder': {
		before: { a: 'a', 'd/b': 'b' },
		does: ({ here }) => swap(here, 'a', 'd'),
		net: ['move file a -> d', 'move folder d -> a'],
		later: [{ does: ({ here }) => write(here, 'a/b', 'more'), net: ['modify file a/b'] }],
	},
	'C04 swap two files of two folders': {
		before: { 'd/a': 'a', 'e/a': 'b' },
		does: ({ here }) => swap(here, 'd/a', 'e/a'),
		net: ['move file d/a -> e/a', 'move file e/a -> d/a'],
	},
	'C04 names move up by one': {
		before: Object.fromEntries(times(10, (i) => [`log.${i}`, `${i}`])),
		does: ({ here }) => {
			unlinkSync(join(here, 'log.9'));
			for (let i = 8; i >= 0; i--) {
				move(here, `log.${i}`, `log.${i + 1}`);
			}
			write(here, 'log.0', 'new');
		},
		net: [
			...times(9, (i) => `move file log.${i} -> log.${i + 1}`),
			...replaced('remove file log.9'),
			'create file log.0',
		],
	},
	'C11 swap two folders': {
		before: { 'd/a': 'a', 'e/b': 'b' },
		does: ({ here }) => swap(here, 'd', 'e'),
		net: ['move folder d -> e', 'move folder e -> d'],
		later: [
			{
				does: ({ here }) => {
					write(here, 'd/new');
					write(here, 'e/new');
				},
				net: ['create file d/new', 'create file e/new'],
			},
		],
	},
	'C11 swap two folders with the same names in them': {
		before: { 'd/a': 'a', 'd/x/b': 'b', 'e/a': 'c', 'e/x/b': 'd' },
		does: ({ here }) => swap(here, 'd', 'e'),
		net: ['move folder d -> e', 'move folder e -> d'],
	},
};
