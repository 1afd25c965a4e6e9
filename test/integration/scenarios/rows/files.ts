/** Section A of the table of scenarios: single files. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	statSync,
	truncateSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Rows, times, write } from '../../../support/scenario.ts';

/** Seconds since 1970. */
const YEAR_2100 = 4_102_444_800;

export const FILES: Rows = {
	'A01 create a file': { does: ({ here }) => write(here, 'a'), net: ['create file a'] },
	'A02 create nine files in one folder': {
		does: ({ here }) => {
			for (let i = 0; i < 9; i++) {
				write(here, `${i}`);
			}
		},
		net: times(9, (i) => `create file ${i}`),
	},
	'A02 create 33 files in nine folders': {
		before: Object.fromEntries(times(9, (i) => [`${i}/`, ''])),
		does: ({ here }) => {
			for (let i = 0; i < 33; i++) {
				write(here, `${i % 9}/${i}`);
			}
		},
		net: times(33, (i) => `create file ${i % 9}/${i}`),
	},
	'A03 rewrite a file with other bytes of the same length': {
		before: { a: 'old' },
		does: ({ here }) => write(here, 'a', 'new'),
		net: ['modify file a'],
	},
	'A04 append five times, each within the debounce of the one before': {
		before: { a: 'old' },
		does: async ({ here }) => {
			for (let i = 0; i < 5; i++) {
				appendFileSync(join(here, 'a'), 'more');
				await setTimeout(20);
			}
		},
		net: ['modify file a'],
	},
	'A04 append five times at once': {
		before: { a: 'old' },
		does: ({ here }) => {
			for (let i = 0; i < 5; i++) {
				appendFileSync(join(here, 'a'), 'more');
			}
		},
		net: ['modify file a'],
	},
	'A05 rewrite a file with the same bytes': {
		before: { a: 'same' },
		does: ({ here }) => write(here, 'a', 'same'),
		net: ['metadata file a'],
		// The hash is that of the bytes still: other ones are told from them.
		later: [{ does: ({ here }) => write(here, 'a', 'else'), net: ['modify file a'] }],
	},
	'A05 touch a file': {
		before: { a: 'same' },
		does: ({ here }) => utimesSync(join(here, 'a'), new Date(), new Date()),
		net: ['metadata file a'],
	},
	'A05 touch an empty file': {
		before: { a: '' },
		does: ({ here }) => utimesSync(join(here, 'a'), new Date(), new Date()),
		net: ['metadata file a'],
	},
	'A05 write other bytes, then the first ones again': {
		before: { a: 'same' },
		does: ({ here }) => {
			write(here, 'a', 'else');
			write(here, 'a', 'same');
		},
		net: ['metadata file a'],
	},
	'A05 touch a file that is too large for a hash': {
		before: { a: 'x'.repeat(2 ** 20 + 1) },
		does: ({ here }) => utimesSync(join(here, 'a'), new Date(), new Date()),
		// Without a hash a changed time means changed bytes (DESIGN.md §4, "Content").
		net: ['modify file a'],
	},
	'A06 truncate a file and fill it again': {
		before: { a: 'old' },
		does: ({ here }) => {
			truncateSync(join(here, 'a'));
			write(here, 'a', 'new');
		},
		net: ['modify file a'],
	},
	'A06 truncate a file': {
		before: { a: 'old' },
		does: ({ here }) => truncateSync(join(here, 'a')),
		net: ['modify file a'],
	},
	'A07 remove a file': { before: { a: '' }, does: ({ here }) => unlinkSync(join(here, 'a')), net: ['remove file a'] },
	'A08 remove a file, create it later': {
		before: { a: 'old' },
		does: ({ here }) => unlinkSync(join(here, 'a')),
		net: ['remove file a'],
		later: [{ does: ({ here }) => write(here, 'a'), net: ['create file a'] }],
	},
	'A09 remove and create at once': {
		before: { a: 'old' },
		does: ({ here }) => {
			unlinkSync(join(here, 'a'));
			write(here, 'a', 'new');
		},
		net: ['modify file a'],
	},
	'A09 remove and create with the same bytes': {
		before: { a: 'same' },
		does: ({ here }) => {
			unlinkSync(join(here, 'a'));
			write(here, 'a', 'same');
		},
		// Who saw it gone has nothing left to compare the bytes with.
		net: { either: [['metadata file a'], ['modify file a']] },
	},
	'A10 O04 create and remove at once': {
		does: ({ here }) => {
			write(here, 'a');
			unlinkSync(join(here, 'a'));
		},
		net: [],
	},
	'A11 create and write again and again': {
		does: ({ here }) => {
			for (let i = 0; i < 5; i++) {
				write(here, 'a', `${i}`);
			}
		},
		net: ['create file a'],
	},
	'A12 write, write and remove at once': {
		before: { a: '' },
		does: ({ here }) => {
			write(here, 'a', '1');
			write(here, 'a', '2');
			unlinkSync(join(here, 'a'));
		},
		net: ['remove file a'],
	},
	'A14 read, stat and list': {
		before: { a: 'old', 'd/b': '' },
		does: ({ here }) => {
			readFileSync(join(here, 'a'));
			statSync(join(here, 'd'));
			readdirSync(here);
			readdirSync(join(here, 'd'));
		},
		net: [],
		log: (records) => {
			assert.deepEqual(records, []);
		},
	},
	'A15 change the mode of a file': {
		before: { a: '' },
		does: ({ here }) => chmodSync(join(here, 'a'), 0o600),
		net: ['metadata file a'],
	},
	'A15 change the mode of a folder': {
		before: { 'd/a': '' },
		does: ({ here }) => chmodSync(join(here, 'd'), 0o700),
		net: ['metadata folder d'],
	},
	'A16 change the mode, append, change the mode': {
		before: { a: '' },
		does: ({ here }) => {
			chmodSync(join(here, 'a'), 0o600);
			appendFileSync(join(here, 'a'), 'more');
			chmodSync(join(here, 'a'), 0o640);
		},
		net: ['modify file a'],
	},
	'A17 set the time to the past, to 1970 and to 2100, then write': {
		before: { a: 'old' },
		does: ({ here }) => utimesSync(join(here, 'a'), 1_000_000_000, 1_000_000_000),
		net: ['metadata file a'],
		later: [
			{ does: ({ here }) => utimesSync(join(here, 'a'), 0, 0), net: ['metadata file a'] },
			{ does: ({ here }) => utimesSync(join(here, 'a'), YEAR_2100, YEAR_2100), net: ['metadata file a'] },
			{ does: ({ here }) => write(here, 'a'), net: ['modify file a'] },
		],
	},
	'A19 create an empty file, fill it later': {
		does: ({ here }) => write(here, 'a', ''),
		net: ['create file a'],
		later: [{ does: ({ here }) => write(here, 'a', 'full'), net: ['modify file a'] }],
	},
	'A20 sparse files of 2 and 4 GiB': {
		does: ({ here }) => {
			for (const bits of [31, 32]) {
				write(here, `${bits}`, '');
				truncateSync(join(here, `${bits}`), 2 ** bits);
			}
		},
		net: ['create file 31', 'create file 32'],
		later: [{ does: ({ here }) => truncateSync(join(here, '32'), 2 ** 32 + 1), net: ['modify file 32'] }],
	},
	'A22 append every 50 ms for longer than the longest wait': {
		only: 'live',
		before: { a: '' },
		does: async ({ here }) => {
			for (let i = 0; i < 40; i++) {
				appendFileSync(join(here, 'a'), 'more');
				await setTimeout(50);
			}
		},
		net: ['modify file a'],
		log: (records) => {
			// The first one at once, the next when a second of writing has passed.
			assert.ok(records.length >= 2, `${records.length} records`);
		},
	},
	'A23 a FIFO and a socket': {
		does: ({ here }) => {
			execFileSync('mkfifo', [join(here, 'pipe')]);
			// A process that ends in order takes its socket along.
			const listen = `require('net').createServer().listen('socket', () => process.kill(process.pid, 'SIGKILL'))`;
			spawnSync(process.execPath, ['-e', listen], { cwd: here });
		},
		net: ['create other pipe', 'create other socket'],
		later: [
			{ does: ({ here }) => chmodSync(join(here, 'pipe'), 0o600), net: ['metadata other pipe'] },
			{ does: ({ here }) => renameSync(join(here, 'pipe'), join(here, 'p')), net: ['move other pipe -> p'] },
			{ does: ({ here }) => unlinkSync(join(here, 'socket')), net: ['remove other socket'] },
		],
	},
	// Extended attributes and access lists change `ctime` alone, as does this.
	'A24 only the change time differs': {
		before: { a: 'old', 'd/b': '' },
		does: ({ here }) => {
			for (const name of ['a', 'd']) {
				const { mode } = statSync(join(here, name));
				chmodSync(join(here, name), mode);
			}
			linkSync(join(here, 'a'), join(here, 'b'));
			unlinkSync(join(here, 'b'));
		},
		net: [],
	},
	'O06 other bytes of the same length at the same time': {
		before: { a: 'old' },
		does: ({ here }) => {
			const { atime, mtime } = statSync(join(here, 'a'));
			write(here, 'a', 'new');
			utimesSync(join(here, 'a'), atime, mtime);
		},
		net: ['modify file a'],
	},
	'O06 another file of the same length and time takes its place': {
		before: { a: 'old' },
		does: ({ here, outside }) => {
			write(outside, 'other', 'new');
			execFileSync('touch', ['-r', join(here, 'a'), join(outside, 'other')]);
			renameSync(join(outside, 'other'), join(here, 'a'));
		},
		net: ['modify file a'],
	},
	'A01 in a folder that several changes made': {
		does: ({ here }) => {
			mkdirSync(join(here, 'd'));
			writeFileSync(join(here, 'd/a'), '');
			mkdirSync(join(here, 'd/e'));
			writeFileSync(join(here, 'd/e/b'), '');
		},
		net: ['create folder d', 'create file d/a', 'create folder d/e', 'create file d/e/b'],
	},
};
