/** Section I of the table of scenarios: names of every kind. */
import { appendFileSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { move, type Rows, write } from '../../../support/scenario.ts';

const HOSTILE_NAMES = [
	'with space',
	' leading and trailing ',
	'new\nline',
	'tab\there',
	'*',
	'**',
	'[a]',
	'{a,b}',
	'?',
	'!not',
	'#hash',
	'-rf',
	'~home',
	'%41',
	'$HOME',
	'"quoted"',
	"it's",
	'back\\slash',
	'colon:semi;',
	'ünïcödé',
	'e\u0301 combining',
	'مرحبا',
	'🦀🌊',
	'x'.repeat(255),
	'café'.repeat(51),
];

/** A path of bytes: each character of the name is one. */
const raw = (folder: string, name: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);

const NFC = '\u00e9';
const NFD = 'e\u0301';

export const NAMES: Rows = {
	'I01 rename a file by case alone': {
		before: { readme: 'old' },
		does: ({ here }) => move(here, 'readme', 'README'),
		net: ['move file readme -> README'],
	},
	'I01 rename a folder by case alone': {
		before: { 'foo/a': '' },
		does: ({ here }) => {
			move(here, 'foo', 'FOO');
			move(here, 'FOO', 'Foo');
		},
		net: ['move folder foo -> Foo'],
		later: [{ does: ({ here }) => write(here, 'Foo/b'), net: ['create file Foo/b'] }],
	},
	'I04 two names that differ by case alone': {
		before: { a: 'a' },
		does: ({ here }) => write(here, 'A'),
		net: ['create file A'],
		later: [{ does: ({ here }) => unlinkSync(join(here, 'a')), net: ['remove file a'] }],
	},
	'I05 one name, composed and decomposed': {
		before: { [NFC]: 'composed' },
		does: ({ here }) => write(here, NFD, 'decomposed'),
		net: [`create file ${NFD}`],
		later: [
			{ does: ({ here }) => appendFileSync(join(here, NFC), 'more'), net: [`modify file ${NFC}`] },
			{
				does: ({ here }) => {
					unlinkSync(join(here, NFD));
					move(here, NFC, NFD);
				},
				net: [`move file ${NFC} -> ${NFD}`],
			},
		],
	},
	'I06 I11 hostile names': {
		does: ({ here }) => {
			for (const name of HOSTILE_NAMES) {
				write(here, name);
			}
		},
		net: HOSTILE_NAMES.map((name) => `create file ${name}`),
		later: [
			{
				does: ({ here }) => {
					for (const name of HOSTILE_NAMES) {
						appendFileSync(join(here, name), 'more');
					}
				},
				net: HOSTILE_NAMES.map((name) => `modify file ${name}`),
			},
			{
				does: ({ here }) => {
					mkdirSync(join(here, 'd'));
					for (const name of HOSTILE_NAMES) {
						move(here, name, join('d', name));
					}
				},
				net: ['create folder d', ...HOSTILE_NAMES.map((name) => `move file ${name} -> d/${name}`)],
			},
			{
				does: ({ here }) => {
					for (const name of HOSTILE_NAMES) {
						unlinkSync(join(here, 'd', name));
					}
				},
				net: HOSTILE_NAMES.map((name) => `remove file d/${name}`),
			},
		],
	},
	'I06 hostile names, as folders with files': {
		// chokidar takes a backslash in a name for a separator.
		except: ['chokidar'],
		does: ({ here }) => {
			for (const name of HOSTILE_NAMES) {
				write(here, `${name}/a`);
			}
		},
		net: HOSTILE_NAMES.flatMap((name) => [`create folder ${name}`, `create file ${name}/a`]),
		later: [
			{
				does: ({ here }) => {
					for (const name of HOSTILE_NAMES) {
						write(here, `${name}/b`);
					}
				},
				net: HOSTILE_NAMES.map((name) => `create file ${name}/b`),
			},
			{
				does: ({ here }) => {
					for (const name of HOSTILE_NAMES) {
						rmSync(join(here, name), { recursive: true });
					}
				},
				net: HOSTILE_NAMES.flatMap((name) => [
					`remove folder ${name}`,
					`remove file ${name}/a`,
					`remove file ${name}/b`,
				]),
			},
		],
	},
	// Shown alike, with U+FFFD, but two files.
	'I07 names that are not valid UTF-8': {
		does: ({ here }) => {
			writeFileSync(raw(here, 'f\xff'), 'one');
			writeFileSync(raw(here, 'f\xfe'), 'two');
		},
		net: ['create file f\\xff', 'create file f\\xfe'],
		later: [
			{ does: ({ here }) => writeFileSync(raw(here, 'f\xfe'), 'newer'), net: ['modify file f\\xfe'] },
			{ does: ({ here }) => unlinkSync(raw(here, 'f\xff')), net: ['remove file f\\xff'] },
			{ does: ({ here }) => write(here, 'f\ufffd'), net: ['create file f\ufffd'] },
			{ does: ({ here }) => unlinkSync(raw(here, 'f\xfe')), net: ['remove file f\\xfe'] },
		],
	},
	'I07 a folder whose name is not valid UTF-8': {
		// chokidar takes text only: it never watches such a folder. `sync --full` and the hourly comparison find what is in it.
		except: ['chokidar'],
		does: ({ here }) => {
			mkdirSync(raw(here, 'd\xff'));
			writeFileSync(raw(here, 'd\xff/a'), '');
			mkdirSync(raw(here, 'd\xff/e'));
		},
		net: ['create folder d\\xff', 'create file d\\xff/a', 'create folder d\\xff/e'],
		later: [
			{ does: ({ here }) => writeFileSync(raw(here, 'd\xff/e/b'), ''), net: ['create file d\\xff/e/b'] },
			{
				does: ({ here }) => rmSync(raw(here, 'd\xff'), { recursive: true }),
				net: [
					'remove file d\\xff/a',
					'remove file d\\xff/e/b',
					'remove folder d\\xff/e',
					'remove folder d\\xff',
				],
			},
		],
	},
	'I07 such a name is there at the start, changes, and becomes valid': {
		prepare: ({ here }) => writeFileSync(raw(here, 'f\xff'), 'old'),
		does: ({ here }) => writeFileSync(raw(here, 'f\xff'), 'newer'),
		net: ['modify file f\\xff'],
		later: [
			{
				does: ({ here }) => renameSync(raw(here, 'f\xff'), join(here, 'g')),
				net: ['move file f\\xff -> g'],
			},
		],
	},
	'I08 a path of nearly 4,096 bytes': {
		does: ({ here }) => write(here, `${`${'x'.repeat(250)}/`.repeat(15)}leaf`),
		net: [
			...Array.from({ length: 15 }, (_, i) => `create folder ${`/${'x'.repeat(250)}`.repeat(i + 1).slice(1)}`),
			`create file ${`${'x'.repeat(250)}/`.repeat(15)}leaf`,
		],
		later: [
			{
				does: ({ here }) => rmSync(join(here, 'x'.repeat(250)), { recursive: true }),
				net: [
					...Array.from(
						{ length: 15 },
						(_, i) => `remove folder ${`/${'x'.repeat(250)}`.repeat(i + 1).slice(1)}`,
					),
					`remove file ${`${'x'.repeat(250)}/`.repeat(15)}leaf`,
				],
			},
		],
	},
};
