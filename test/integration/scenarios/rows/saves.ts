/** Section D of the table of scenarios: how editors and downloads write files. */
import assert from 'node:assert/strict';
import {
	appendFileSync,
	closeSync,
	fsyncSync,
	openSync,
	readFileSync,
	renameSync,
	symlinkSync,
	unlinkSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { LoggedChange } from '#shared/model.ts';
import { move, type Place, type Rows, write } from '../../../support/scenario.ts';

/** Writes a file through a temporary one beside it. */
function saveThrough(temporary: string, content: string): (place: Place) => void {
	return ({ here }) => {
		const file = openSync(join(here, temporary), 'w');
		writeSync(file, content);
		fsyncSync(file);
		closeSync(file);
		move(here, temporary, 'a');
	};
}

/** Writes a file piece by piece for about half a second. */
async function download({ here }: Place, pieces = 30): Promise<void> {
	for (let i = 0; i < pieces; i++) {
		appendFileSync(join(here, 'a'), Buffer.alloc(64 * 1024, i));
		await setTimeout(15);
	}
}

/** Reports a file only once it has not changed for so long; the barrier need not wait for that. */
const SETTLED = { settled: true, debounce: 1000 } as const;

function records(count: number): (found: readonly LoggedChange[]) => void {
	return (found) => {
		assert.equal(found.length, count, JSON.stringify(found));
	};
}

export const SAVES: Rows = {
	'D01 save through a temporary file': {
		before: { a: 'old' },
		does: saveThrough('a.tmp', 'new'),
		net: ['modify file a'],
		later: [
			{ does: saveThrough('a.tmp', 'newer'), net: ['modify file a'] },
			{ does: ({ here }) => write(here, 'a', 'in place'), net: ['modify file a'] },
		],
	},
	'D01 save through a temporary file that no filter leaves out': {
		before: { a: 'old' },
		does: saveThrough('sedXq3f0A', 'new'),
		net: ['modify file a'],
		log: (found) => {
			assert.ok(
				found.every(({ type, path }) => type !== 'move' || !path.endsWith('/a')),
				'a new file that takes the place of an old one is its new content',
			);
		},
	},
	'D01 the temporary file waits before it takes the place': {
		before: { a: 'old' },
		does: async ({ here }) => {
			write(here, 'a-new', 'new');
			await setTimeout(400);
			move(here, 'a-new', 'a');
		},
		net: ['modify file a'],
	},
	'D01 save the same bytes through a temporary file': {
		before: { a: 'same' },
		does: saveThrough('a.tmp', 'same'),
		net: ['metadata file a'],
	},
	'D01 the temporary file comes from outside': {
		before: { a: 'old' },
		does: ({ here, outside }) => {
			write(outside, 'a', 'new');
			renameSync(join(outside, 'a'), join(here, 'a'));
		},
		net: ['modify file a'],
	},
	'D02 save with a backup': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'a~');
			write(here, 'a');
			unlinkSync(join(here, 'a~'));
		},
		net: ['modify file a'],
	},
	'D02 save with a backup that stays': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'a~');
			write(here, 'a');
		},
		net: ['modify file a'],
	},
	'D02 save with a backup that no filter leaves out': {
		before: { a: 'old' },
		does: ({ here }) => {
			move(here, 'a', 'a.bak');
			write(here, 'a');
			unlinkSync(join(here, 'a.bak'));
		},
		net: ['modify file a'],
	},
	'D03 vim probes the folder, swaps and saves': {
		before: { a: 'old' },
		does: ({ here }) => {
			write(here, '.a.swp');
			write(here, '4913');
			unlinkSync(join(here, '4913'));
			move(here, 'a', 'a~');
			write(here, 'a');
			unlinkSync(join(here, 'a~'));
			unlinkSync(join(here, '.a.swp'));
		},
		net: ['modify file a'],
	},
	'D04 a stale backup is there at the start and goes': {
		before: { a: 'old', 'a~': 'older' },
		does: ({ here }) => unlinkSync(join(here, 'a~')),
		net: [],
	},
	'D05 Emacs saves: a lock that is a broken link, and an autosave file': {
		before: { a: 'old' },
		does: ({ here }) => {
			symlinkSync('user@host.1234:5678', join(here, '.#a'));
			write(here, '#a#', 'half');
			move(here, 'a', 'a~');
			write(here, 'a');
			unlinkSync(join(here, '#a#'));
			unlinkSync(join(here, '.#a'));
		},
		net: ['modify file a'],
	},
	'D05 Sublime saves': {
		before: { a: 'old' },
		does: saveThrough('.subl3f2.tmp', 'new'),
		net: ['modify file a'],
	},
	'D09 a file arrives in pieces: one event when it is settled': {
		only: 'live',
		watch: SETTLED,
		does: (place) => download(place),
		net: ['create file a'],
		log: records(1),
		later: [{ does: (place) => download(place), net: ['modify file a'], log: records(1) }],
	},
	'D09 a file arrives in pieces: events meanwhile, the last one with all of it': {
		only: 'live',
		does: async (place) => {
			await download(place, 100);
			assert.equal(readFileSync(join(place.here, 'a')).length, 100 * 64 * 1024);
		},
		net: ['create file a'],
		log: (found) => {
			assert.ok(found.length >= 2 && found.length <= 100, `${found.length} records`);
		},
	},
	'D10 what is arriving in pieces goes before it is settled': {
		only: 'live',
		watch: SETTLED,
		does: async (place) => {
			await download(place);
			unlinkSync(join(place.here, 'a'));
		},
		net: [],
		log: records(0),
	},
	'D11 what has arrived in pieces goes at once': {
		does: async (place) => {
			await download(place, 5);
			unlinkSync(join(place.here, 'a'));
		},
		net: [],
	},
	'O01 writes in quick succession are one event when they are settled': {
		only: 'live',
		watch: SETTLED,
		before: { a: '', b: '' },
		does: async ({ here }) => {
			for (let i = 0; i < 10; i++) {
				appendFileSync(join(here, i % 2 === 0 ? 'a' : 'b'), 'more');
				await setTimeout(5);
			}
		},
		net: ['modify file a', 'modify file b'],
		log: records(2),
	},
};
