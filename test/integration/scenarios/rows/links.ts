/** Section H of the table of scenarios: links of both kinds. Links are recorded as links and not followed. */
import { appendFileSync, chmodSync, linkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Rows, write } from '../../../support/scenario.ts';

export const LINKS: Rows = {
	'H02 the target outside changes': {
		prepare: ({ here, outside }) => {
			write(outside, 'target');
			symlinkSync(join(outside, 'target'), join(here, 'x'));
		},
		does: ({ outside }) => appendFileSync(join(outside, 'target'), 'more'),
		net: [],
	},
	'H02 a link gets another target': {
		before: { one: '', two: '' },
		prepare: ({ here }) => symlinkSync('one', join(here, 'x')),
		does: ({ here }) => {
			unlinkSync(join(here, 'x'));
			symlinkSync('two', join(here, 'x'));
		},
		net: ['modify link x'],
	},
	'H02 a link is replaced by one like it': {
		before: { one: '' },
		prepare: ({ here }) => symlinkSync('one', join(here, 'x')),
		does: ({ here }) => {
			symlinkSync('one', join(here, 'y'));
			renameSync(join(here, 'y'), join(here, 'x'));
		},
		// The target is what a link holds.
		net: { either: [[], ['metadata link x']] },
	},
	'H04 create links: to a file, to a folder, to nothing, to itself': {
		before: { 'd/a': '' },
		does: ({ here }) => {
			symlinkSync('d/a', join(here, 'file'));
			symlinkSync('d', join(here, 'folder'));
			symlinkSync('nothing', join(here, 'dangling'));
			symlinkSync('.', join(here, 'loop'));
		},
		net: ['create link file', 'create link folder', 'create link dangling', 'create link loop'],
	},
	'H04 a link to the root is there at the start': {
		prepare: ({ here }) => {
			symlinkSync(here, join(here, 'loop'));
			symlinkSync('loop/loop', join(here, 'twice'));
		},
		does: ({ here }) => write(here, 'a'),
		net: ['create file a'],
	},
	'H05 a link to nothing comes, its target comes, it goes': {
		does: ({ here }) => symlinkSync('target', join(here, 'x')),
		net: ['create link x'],
		later: [
			{ does: ({ here }) => write(here, 'target'), net: ['create file target'] },
			{ does: ({ here }) => unlinkSync(join(here, 'target')), net: ['remove file target'] },
			{ does: ({ here }) => unlinkSync(join(here, 'x')), net: ['remove link x'] },
		],
	},
	'H06 a link to a folder is removed, the folder stays': {
		before: { 'd/a': '' },
		prepare: ({ here }) => symlinkSync('d', join(here, 'x')),
		does: ({ here }) => unlinkSync(join(here, 'x')),
		net: ['remove link x'],
	},
	'H08 a hard link comes, and one of two names goes': {
		before: { a: 'old' },
		does: ({ here }) => linkSync(join(here, 'a'), join(here, 'b')),
		net: ['create file b'],
		later: [{ does: ({ here }) => unlinkSync(join(here, 'a')), net: ['remove file a'] }],
	},
	'H08 a file of two names is written under one': {
		before: { a: 'old' },
		prepare: ({ here }) => linkSync(join(here, 'a'), join(here, 'b')),
		does: ({ here }) => write(here, 'a', 'new'),
		// A watcher hears of one name.
		full: true,
		net: ['modify file a', 'modify file b'],
	},
	'H08 a file of two names changes its mode': {
		before: { a: 'old' },
		prepare: ({ here }) => linkSync(join(here, 'a'), join(here, 'b')),
		does: ({ here }) => chmodSync(join(here, 'b'), 0o600),
		full: true,
		net: ['metadata file a', 'metadata file b'],
	},
	'H08 a file of two names is saved under one through a temporary file': {
		before: { a: 'old' },
		prepare: ({ here }) => linkSync(join(here, 'a'), join(here, 'b')),
		does: ({ here }) => {
			write(here, 'a.tmp');
			renameSync(join(here, 'a.tmp'), join(here, 'a'));
		},
		net: ['modify file a'],
	},
	'H08 one of two names is changed, the other stays': {
		before: { a: 'old' },
		prepare: ({ here }) => linkSync(join(here, 'a'), join(here, 'b')),
		does: ({ here }) => renameSync(join(here, 'a'), join(here, 'c')),
		// On disk it is the same as a third name made and the first removed.
		net: { either: [['move file a -> c'], ['remove file a', 'create file c']] },
	},
	'H08 a new name before the old one goes': {
		before: { a: 'old' },
		does: ({ here }) => {
			linkSync(join(here, 'a'), join(here, 'b'));
			unlinkSync(join(here, 'a'));
		},
		// Who looks only afterwards sees a file with another name.
		net: { either: [['move file a -> b'], ['remove file a', 'create file b']] },
	},
	'H09 a file with a second name outside is written there': {
		prepare: ({ here, outside }) => {
			write(outside, 'x', 'old');
			linkSync(join(outside, 'x'), join(here, 'a'));
		},
		does: ({ outside }) => write(outside, 'x', 'new'),
		full: true,
		net: ['modify file a'],
	},
};
