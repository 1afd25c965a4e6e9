/** Section E of the table of scenarios: many changes at once, and changes within a debounce. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Rows, times, write } from '../../../support/scenario.ts';

/** Milliseconds between the writes of the specified table, which a debounce of 200 ms shall gather. */
const PAUSES = [0, 50, 50, 150];

export const BURSTS: Rows = {
	'E01 2,500 files created in one loop': {
		does: ({ here }) => {
			for (let i = 0; i < 2500; i++) {
				write(here, `${i}`, '');
			}
		},
		net: times(2500, (i) => `create file ${i}`),
	},
	'E01 2,000 files into 50 new folders': {
		does: ({ here }) => {
			for (let i = 0; i < 50; i++) {
				mkdirSync(join(here, `${i}`));
				for (let j = 0; j < 40; j++) {
					write(here, `${i}/${j}`, '');
				}
			}
		},
		net: times(50, (i) => [`create folder ${i}`, ...times(40, (j) => `create file ${i}/${j}`)]).flat(),
		later: [
			{
				does: ({ here }) => {
					for (let i = 0; i < 50; i++) {
						write(here, `${i}/late`, '');
					}
				},
				net: times(50, (i) => `create file ${i}/late`),
			},
		],
	},
	'E03 four writes around a debounce of 200 ms: the last one counts': {
		watch: { debounce: 200 },
		before: { a: 'old' },
		does: async ({ here }) => {
			for (const [i, pause] of PAUSES.entries()) {
				await setTimeout(pause);
				write(here, 'a', `write ${i}`);
			}
		},
		net: ['modify file a'],
		log: (records) => {
			assert.ok(records.length <= PAUSES.length, `${records.length} records`);
		},
	},
	'E05 change the mode, then write within the debounce': {
		before: { a: 'old' },
		does: async ({ here }) => {
			chmodSync(join(here, 'a'), 0o600);
			await setTimeout(20);
			write(here, 'a', 'newer');
		},
		net: ['modify file a'],
	},
	'E06 two files written in turn': {
		before: { a: 'old', b: 'old' },
		does: async ({ here }) => {
			for (let i = 0; i < 10; i++) {
				write(here, i % 2 === 0 ? 'a' : 'b', `${i}`);
				await setTimeout(15);
			}
		},
		net: ['modify file a', 'modify file b'],
		log: (records, { here }) => {
			for (const name of ['a', 'b']) {
				assert.ok(records.some(({ path }) => path === join(here, name)));
			}
		},
	},
};
