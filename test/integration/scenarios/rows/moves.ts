/** Section C of the table of scenarios: files that get another name. Folders are in folder-moves.ts, exchanges in swaps.ts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	copyFileSync,
	mkdirSync,
	renameSync,
	rmdirSync,
	rmSync,
	symlinkSync,
	unlinkSync,
	utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { move, replaced, type Rows, times, write } from '../../../support/scenario.ts';

/** Longer than a debounce and the window in which a disappearance is held. */
const LONG_MS = 400;

export const MOVES: Rows = {
	'C01 rename a file': {
		before: { a: 'old' },
		does: ({ here }) => move(here, 'a', 'b'),
		net: ['move file a -> b'],
		log: (records) => {
			assert.deepEqual(
				records.map(({ type }) => type),
				['move'],
			);
		},
		later: [
			{ does: ({ here }) => appendFileSync(join(here, 'b'), 'more'), net: ['modify file b'] },
			{ does: ({ here }) => unlinkSync(join(here, 'b')), net: ['remove file b'] },
		],
	},
	'C01 rename a link, a FIFO and an empty folder': {
		before: { 'd/': '' },
		prepare: ({ here }) => {
			symlinkSync('d', join(here, 'l'));
			execFileSync('mkfifo', [join(here, 'p')]);
		},
		does: ({ here }) => {
			move(here, 'd', 'd2');
			move(here, 'l', 'l2');
			move(here, 'p', 'p2');
		},
		net: ['move folder d -> d2', 'move link l -> l2', 'move other p -> p2'],
	},
	'C01 rename 300 files, all of the same size and time': {
		before: Object.fromEntries(times(300, (i) => [`${i}`, ''])),
		prepare: ({ here }) => {
			for (let i = 0; i < 300; i++) {
				utimesSync(join(here, `${i}`), 1_000_000_000, 1_000_000_000);
			}
		},
		does: ({ here }) => {
			for (let i = 0; i < 300; i++) {
				move(here, `${i}`, `new-${i}`);
			}
		},
		net: times(300, (i) => `move file ${i} -> new-${i}`),
	},
	'C01 rename a file to a name that is left out, and back': {
		before: { a: 'old' },
		does: ({ here }) => move(here, 'a', 'a.tmp'),
		net: ['remove file a'],
		later: [{ does: ({ here }) => move(here, 'a.tmp', 'a'), net: ['create file a'] }],
	},
	'C02 rename over another file': {
		before: { a: 'a', b: 'b' },
		does: ({ here }) => move(here, 'a', 'b'),
		net: ['move file a -> b', ...replaced('remove file b')],
		log: (records) => {
			assert.equal(records.filter(({ type }) => type === 'remove').length, 1, 'what was replaced is removed');
		},
	},
	'C02 rename over another file of the same bytes': {
		before: { a: 'same', b: 'same' },
		does: ({ here }) => move(here, 'a', 'b'),
		net: ['move file a -> b', ...replaced('remove file b')],
	},
	'C02 rename a link over a file': {
		before: { a: '', b: '' },
		prepare: ({ here }) => symlinkSync('a', join(here, 'l')),
		does: ({ here }) => move(here, 'l', 'b'),
		// Another kind at one path is never a change of what was there.
		net: ['move link l -> b', 'remove file b'],
	},
	'C03 rename twice': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'b');
			move(here, 'b', 'c');
		},
		net: ['move file a -> c'],
	},
	'C03 rename twice, with a rest between': {
		before: { a: 'old', 'd/e/': '' },
		does: async ({ here }) => {
			move(here, 'a', 'd/a');
			await setTimeout(LONG_MS);
			move(here, 'd/a', 'd/e/b');
		},
		net: ['move file a -> d/e/b'],
	},
	'C04 rename and back': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'b');
			move(here, 'b', 'a');
		},
		net: [],
	},
	'C04 rename and back, with a rest between': {
		before: { a: 'old' },
		does: async ({ here }) => {
			move(here, 'a', 'b');
			await setTimeout(LONG_MS);
			move(here, 'b', 'a');
		},
		net: [],
	},
	'C05 create and rename at once': {
		does: ({ here }) => {
			write(here, 'a');
			move(here, 'a', 'b');
		},
		net: ['create file b'],
	},
	'C05 create and rename, with a rest between': {
		does: async ({ here }) => {
			write(here, 'a');
			await setTimeout(LONG_MS);
			move(here, 'a', 'b');
		},
		net: ['create file b'],
	},
	'C06 write, then rename': {
		before: { a: 'old' },
		does: ({ here }) => {
			write(here, 'a', 'newer');
			move(here, 'a', 'b');
		},
		net: ['move file a -> b', 'modify file b'],
	},
	'C06 write, rest, then rename': {
		before: { a: 'old' },
		does: async ({ here }) => {
			write(here, 'a', 'newer');
			await setTimeout(LONG_MS);
			move(here, 'a', 'b');
		},
		net: ['move file a -> b', 'modify file b'],
	},
	'C07 rename, then write': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'b');
			write(here, 'b', 'newer');
		},
		net: ['move file a -> b', 'modify file b'],
	},
	'C07 rename, rest, then write': {
		before: { a: 'old' },
		does: async ({ here }) => {
			move(here, 'a', 'b');
			await setTimeout(LONG_MS);
			write(here, 'b', 'newer');
		},
		net: ['move file a -> b', 'modify file b'],
	},
	'C07 rename and change the mode': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'b');
			chmodSync(join(here, 'b'), 0o600);
		},
		net: ['move file a -> b', 'metadata file b'],
	},
	'C08 rename and remove': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'b');
			unlinkSync(join(here, 'b'));
		},
		net: ['remove file a'],
	},
	'C08 rename, rest, then remove': {
		before: { a: 'old' },
		does: async ({ here }) => {
			move(here, 'a', 'b');
			await setTimeout(LONG_MS);
			unlinkSync(join(here, 'b'));
		},
		net: ['remove file a'],
	},
	'C09 rename a file, another takes its name': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'b');
			write(here, 'a');
		},
		net: ['move file a -> b', 'create file a'],
	},
	'C09 rename a file, a folder takes its name': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'b');
			write(here, 'a/c');
		},
		net: ['move file a -> b', 'create folder a', 'create file a/c'],
	},
	'C09 rename a file into a folder of its name': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'tmp');
			mkdirSync(join(here, 'a'));
			move(here, 'tmp', 'a/a');
		},
		net: ['move file a -> a/a', 'create folder a'],
	},
	'C14 move a file to another folder': {
		before: { 'd1/f': 'old', 'd2/': '' },
		does: ({ here }) => move(here, 'd1/f', 'd2/f'),
		net: ['move file d1/f -> d2/f'],
	},
	'C14 move a file into a new folder': {
		before: { 'd/f': 'old' },
		does: ({ here }) => {
			mkdirSync(join(here, 'n'));
			move(here, 'd/f', 'n/f');
		},
		net: ['create folder n', 'move file d/f -> n/f'],
	},
	'C14 move a file out of a folder that goes': {
		before: { 'd/e/f': 'old', 'd/g': '' },
		does: ({ here }) => {
			move(here, 'd/e/f', 'f');
			rmSync(join(here, 'd'), { recursive: true });
		},
		net: ['move file d/e/f -> f', 'remove file d/g', 'remove folder d/e', 'remove folder d'],
	},
	'C14 a file takes the name of its folder': {
		before: { 'd/f': 'old' },
		does: ({ here }) => {
			move(here, 'd/f', 'f');
			rmdirSync(join(here, 'd'));
			move(here, 'f', 'd');
		},
		// What comes out of what it replaces cannot be told as a move in the log's order.
		net: {
			either: [
				['remove folder d', 'move file d/f -> d'],
				['remove file d/f', 'remove folder d', 'create file d'],
			],
		},
	},
	'C15 move a file from one watch to another': {
		watches: ['R1', 'R2'],
		before: { 'R1/f': 'old', 'R1/g': '' },
		does: ({ here }) => appendFileSync(join(here, 'R1/f'), 'more'),
		net: ['modify file R1/f'],
		later: [
			{
				does: ({ here }) => move(here, 'R1/f', 'R2/f'),
				net: ['move file R1/f -> R2/f'],
				log: (records) => {
					assert.equal(records.length, 1);
					assert.equal(
						records[0]!.watches.length,
						3,
						'that of the old place, that of the new one, the outer one',
					);
				},
			},
			{ does: ({ here }) => move(here, 'R2/f', 'f'), net: ['move file R2/f -> f'] },
		],
	},
	'C16 move a file in from outside': {
		prepare: ({ outside }) => write(outside, 'f'),
		does: ({ here, outside }) => renameSync(join(outside, 'f'), join(here, 'f')),
		net: ['create file f'],
	},
	'C17 move a file out, and write it there': {
		before: { f: 'old' },
		does: ({ here, outside }) => renameSync(join(here, 'f'), join(outside, 'f')),
		net: ['remove file f'],
		later: [
			{
				does: ({ outside }) => write(outside, 'f', 'newer'),
				net: [],
				log: (records) => {
					assert.deepEqual(records, []);
				},
			},
		],
	},
	// `mv` across file systems: a copy with the same time, then the original goes.
	'C20 copy a file with its time, remove the original': {
		before: { a: 'old' },
		does: ({ here }) => {
			execFileSync('cp', ['-p', join(here, 'a'), join(here, 'b')]);
			unlinkSync(join(here, 'a'));
		},
		net: ['create file b', 'remove file a'],
	},
	'C25 a file goes, a copy of another one of the same bytes comes': {
		before: { a: 'same', c: 'same' },
		does: ({ here }) => {
			unlinkSync(join(here, 'a'));
			copyFileSync(join(here, 'c'), join(here, 'b'));
		},
		net: ['remove file a', 'create file b'],
	},
	'C25 a file goes, an unlike one comes': {
		before: { a: 'old' },
		does: ({ here }) => {
			unlinkSync(join(here, 'a'));
			write(here, 'b', 'something else');
		},
		net: ['remove file a', 'create file b'],
	},
};
