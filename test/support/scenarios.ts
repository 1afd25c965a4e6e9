/**
 * What people and programs do to files, and the net change that it comes to. Each row runs in a folder of its own and in
 * several ways: watched live, polled, and while no server runs. The result is the same.
 */
import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	cpSync,
	linkSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmdirSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

export interface Scenario {
	/** Files that exist before: content by path; a path that ends with `/` is a folder. */
	before?: Record<string, string>;
	/** More preparation than files and folders. */
	prepare?: (here: string, outside: string) => void;
	/** What happens. `outside` is a folder on the same file system that nobody watches. */
	happens: (here: string, outside: string) => void;
	/** Net changes: type, kind and path relative to the scenario's folder. In any order. */
	net: string[];
	/** What happens later, behind a barrier, and its net changes. */
	later?: { happens: (here: string) => void; net: string[] };
}

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

const write = (folder: string, name: string, content = 'new') => {
	writeFileSync(join(folder, name), content);
};

export const SCENARIOS: Record<string, Scenario> = {
	'create a file': { happens: (here) => write(here, 'a'), net: ['create file a'] },
	'create an empty file': { happens: (here) => write(here, 'a', ''), net: ['create file a'] },
	'rewrite a file with other bytes of the same length': {
		before: { a: 'old' },
		happens: (here) => write(here, 'a', 'new'),
		net: ['modify file a'],
	},
	'append to a file, five times': {
		before: { a: 'old' },
		happens: (here) => {
			for (let i = 0; i < 5; i++) {
				appendFileSync(join(here, 'a'), 'more');
			}
		},
		net: ['modify file a'],
	},
	'truncate a file and fill it again': {
		before: { a: 'old' },
		happens: (here) => {
			truncateSync(join(here, 'a'));
			write(here, 'a', 'new');
		},
		net: ['modify file a'],
	},
	'change the mode of a file': {
		before: { a: '' },
		happens: (here) => chmodSync(join(here, 'a'), 0o600),
		net: ['metadata file a'],
	},
	'change the mode of a folder': {
		before: { 'd/a': '' },
		happens: (here) => chmodSync(join(here, 'd'), 0o700),
		net: ['metadata folder d'],
	},
	'change the mode, append, change the mode': {
		before: { a: '' },
		happens: (here) => {
			chmodSync(join(here, 'a'), 0o600);
			appendFileSync(join(here, 'a'), 'more');
			chmodSync(join(here, 'a'), 0o640);
		},
		net: ['modify file a'],
	},
	// Until files have a baseline hash, a changed time means changed bytes (DESIGN.md §4, "Content").
	'touch a file': {
		before: { a: '' },
		happens: (here) => utimesSync(join(here, 'a'), new Date(), new Date()),
		net: ['modify file a'],
	},
	'set times to 1970 and to 2100, then write': {
		before: { a: '', b: '' },
		happens: (here) => {
			utimesSync(join(here, 'a'), 0, 0);
			utimesSync(join(here, 'b'), 4_102_444_800, 4_102_444_800);
		},
		net: ['modify file a', 'modify file b'],
		later: { happens: (here) => write(here, 'b'), net: ['modify file b'] },
	},
	'replace a file by one with the same size and time': {
		before: { a: 'old' },
		happens: (here, outside) => {
			write(outside, 'other', 'new');
			execFileSync('touch', ['-r', join(here, 'a'), join(outside, 'other')]);
			renameSync(join(outside, 'other'), join(here, 'a'));
		},
		net: ['modify file a'],
	},
	'read, stat and list': {
		before: { a: 'old', 'd/b': '' },
		happens: (here) => {
			readFileSync(join(here, 'a'));
			statSync(join(here, 'd'));
			readdirSync(join(here, 'd'));
		},
		net: [],
	},
	'remove a file': { before: { a: '' }, happens: (here) => unlinkSync(join(here, 'a')), net: ['remove file a'] },
	'create and remove at once': {
		happens: (here) => {
			write(here, 'a');
			unlinkSync(join(here, 'a'));
		},
		net: [],
	},
	'create and write again and again': {
		happens: (here) => {
			for (let i = 0; i < 5; i++) {
				write(here, 'a', `${i}`);
			}
		},
		net: ['create file a'],
	},
	'write and remove at once': {
		before: { a: '' },
		happens: (here) => {
			write(here, 'a');
			unlinkSync(join(here, 'a'));
		},
		net: ['remove file a'],
	},
	'remove and create at once': {
		before: { a: 'old' },
		happens: (here) => {
			unlinkSync(join(here, 'a'));
			write(here, 'a', 'new');
		},
		net: ['modify file a'],
	},
	'remove, and create later': {
		before: { a: 'old' },
		happens: (here) => unlinkSync(join(here, 'a')),
		net: ['remove file a'],
		later: { happens: (here) => write(here, 'a'), net: ['create file a'] },
	},
	'make a folder': { happens: (here) => mkdirSync(join(here, 'd')), net: ['create folder d'] },
	'make a folder and a file in it at once': {
		happens: (here) => {
			mkdirSync(join(here, 'd'));
			write(here, 'd/a');
		},
		net: ['create folder d', 'create file d/a'],
		later: { happens: (here) => write(here, 'd/b'), net: ['create file d/b'] },
	},
	'make ten nested folders and a file at once': {
		happens: (here) => {
			mkdirSync(join(here, '1/2/3/4/5/6/7/8/9/10'), { recursive: true });
			write(here, '1/2/3/4/5/6/7/8/9/10/leaf');
		},
		net: [
			'create folder 1',
			'create folder 1/2',
			'create folder 1/2/3',
			'create folder 1/2/3/4',
			'create folder 1/2/3/4/5',
			'create folder 1/2/3/4/5/6',
			'create folder 1/2/3/4/5/6/7',
			'create folder 1/2/3/4/5/6/7/8',
			'create folder 1/2/3/4/5/6/7/8/9',
			'create folder 1/2/3/4/5/6/7/8/9/10',
			'create file 1/2/3/4/5/6/7/8/9/10/leaf',
		],
		later: {
			happens: (here) => write(here, '1/2/3/4/5/6/7/8/9/10/leaf', 'again'),
			net: ['modify file 1/2/3/4/5/6/7/8/9/10/leaf'],
		},
	},
	'remove an empty folder': {
		before: { 'd/': '' },
		happens: (here) => rmdirSync(join(here, 'd')),
		net: ['remove folder d'],
	},
	'remove a tree': {
		before: { 'd/a': '', 'd/e/b': '', 'd/e/c': '' },
		happens: (here) => rmSync(join(here, 'd'), { recursive: true }),
		net: ['remove file d/a', 'remove file d/e/b', 'remove file d/e/c', 'remove folder d/e', 'remove folder d'],
	},
	'remove a tree and make it again at once': {
		before: { 'd/a': 'old', 'd/e/b': 'old' },
		happens: (here) => {
			rmSync(join(here, 'd'), { recursive: true });
			mkdirSync(join(here, 'd/e'), { recursive: true });
			write(here, 'd/a', 'new');
			write(here, 'd/e/c', 'new');
		},
		net: ['modify file d/a', 'remove file d/e/b', 'create file d/e/c'],
		later: { happens: (here) => write(here, 'd/e/d'), net: ['create file d/e/d'] },
	},
	'a file becomes a folder': {
		before: { x: '' },
		happens: (here) => {
			unlinkSync(join(here, 'x'));
			mkdirSync(join(here, 'x'));
			write(here, 'x/a');
		},
		net: ['remove file x', 'create folder x', 'create file x/a'],
		// Watchers that trusted the first event are blind in such a folder from now on.
		later: {
			happens: (here) => {
				write(here, 'x/b');
				mkdirSync(join(here, 'x/d'));
				write(here, 'x/d/c');
			},
			net: ['create file x/b', 'create folder x/d', 'create file x/d/c'],
		},
	},
	'a folder becomes a file': {
		before: { 'x/a': '' },
		happens: (here) => {
			rmSync(join(here, 'x'), { recursive: true });
			write(here, 'x');
		},
		net: ['remove file x/a', 'remove folder x', 'create file x'],
		later: { happens: (here) => write(here, 'x', 'again'), net: ['modify file x'] },
	},
	'a file becomes a link': {
		before: { x: '', target: '' },
		happens: (here) => {
			unlinkSync(join(here, 'x'));
			symlinkSync('target', join(here, 'x'));
		},
		net: ['remove file x', 'create link x'],
	},
	'a link becomes a folder': {
		before: { 'd/a': '' },
		prepare: (here) => symlinkSync('d', join(here, 'x')),
		happens: (here) => {
			unlinkSync(join(here, 'x'));
			mkdirSync(join(here, 'x'));
			write(here, 'x/a');
		},
		net: ['remove link x', 'create folder x', 'create file x/a'],
		later: { happens: (here) => write(here, 'x/b'), net: ['create file x/b'] },
	},
	'create links: to a file, to a folder, to nothing, to itself': {
		before: { 'd/a': '' },
		happens: (here) => {
			symlinkSync('d/a', join(here, 'file'));
			symlinkSync('d', join(here, 'folder'));
			symlinkSync('nothing', join(here, 'dangling'));
			symlinkSync('.', join(here, 'loop'));
		},
		// Links are recorded as links and not followed.
		net: ['create link file', 'create link folder', 'create link dangling', 'create link loop'],
	},
	'a link gets another target': {
		before: { one: '', two: '' },
		prepare: (here) => symlinkSync('one', join(here, 'x')),
		happens: (here) => {
			unlinkSync(join(here, 'x'));
			symlinkSync('two', join(here, 'x'));
		},
		net: ['modify link x'],
	},
	'a link to a folder is removed, the folder stays': {
		before: { 'd/a': '' },
		prepare: (here) => symlinkSync('d', join(here, 'x')),
		happens: (here) => unlinkSync(join(here, 'x')),
		net: ['remove link x'],
	},
	"a link's target changes": {
		prepare: (here, outside) => {
			write(outside, 'target');
			symlinkSync(join(outside, 'target'), join(here, 'x'));
		},
		happens: (_here, outside) => appendFileSync(join(outside, 'target'), 'more'),
		net: [],
	},
	'a hard link': {
		before: { a: '' },
		happens: (here) => linkSync(join(here, 'a'), join(here, 'b')),
		net: ['create file b'],
	},
	'a FIFO': {
		happens: (here) => {
			execFileSync('mkfifo', [join(here, 'pipe')]);
		},
		net: ['create other pipe'],
	},
	// Moves come later; until then a rename is what it is to somebody who only looks at names.
	'rename a file': {
		before: { a: '' },
		happens: (here) => renameSync(join(here, 'a'), join(here, 'b')),
		net: ['remove file a', 'create file b'],
	},
	'rename a file by case alone': {
		before: { readme: '' },
		happens: (here) => renameSync(join(here, 'readme'), join(here, 'README')),
		net: ['remove file readme', 'create file README'],
	},
	'rename a folder': {
		before: { 'd/a': '', 'd/e/b': '' },
		happens: (here) => renameSync(join(here, 'd'), join(here, 'f')),
		net: [
			'remove file d/a',
			'remove file d/e/b',
			'remove folder d/e',
			'remove folder d',
			'create folder f',
			'create file f/a',
			'create folder f/e',
			'create file f/e/b',
		],
		later: { happens: (here) => write(here, 'f/e/c'), net: ['create file f/e/c'] },
	},
	'rename a folder away and a new one to its name': {
		before: { 'd/a': 'old' },
		happens: (here) => {
			renameSync(join(here, 'd'), join(here, 'old'));
			mkdirSync(join(here, 'd'));
			write(here, 'd/b');
		},
		net: ['remove file d/a', 'create file d/b', 'create folder old', 'create file old/a'],
		later: {
			happens: (here) => {
				write(here, 'd/c');
				write(here, 'old/c');
			},
			net: ['create file d/c', 'create file old/c'],
		},
	},
	'rename over another file': {
		before: { a: 'a', b: 'b' },
		happens: (here) => renameSync(join(here, 'a'), join(here, 'b')),
		net: ['remove file a', 'modify file b'],
	},
	'swap two files': {
		before: { a: 'a', b: 'b' },
		happens: (here) => {
			renameSync(join(here, 'a'), join(here, 'c'));
			renameSync(join(here, 'b'), join(here, 'a'));
			renameSync(join(here, 'c'), join(here, 'b'));
		},
		net: ['modify file a', 'modify file b'],
	},
	'swap two folders': {
		before: { 'd/a': 'a', 'e/b': 'b' },
		happens: (here) => {
			renameSync(join(here, 'd'), join(here, 'c'));
			renameSync(join(here, 'e'), join(here, 'd'));
			renameSync(join(here, 'c'), join(here, 'e'));
		},
		net: ['remove file d/a', 'remove file e/b', 'create file d/b', 'create file e/a'],
		later: {
			happens: (here) => {
				write(here, 'd/new');
				write(here, 'e/new');
			},
			net: ['create file d/new', 'create file e/new'],
		},
	},
	'move a tree in from outside': {
		prepare: (_here, outside) => {
			for (let i = 0; i < 20; i++) {
				mkdirSync(join(outside, `tree/${i % 4}`), { recursive: true });
				write(outside, `tree/${i % 4}/${i}`);
			}
		},
		happens: (here, outside) => renameSync(join(outside, 'tree'), join(here, 'tree')),
		net: [
			'create folder tree',
			...[0, 1, 2, 3].map((i) => `create folder tree/${i}`),
			...Array.from({ length: 20 }, (_, i) => `create file tree/${i % 4}/${i}`),
		],
		later: { happens: (here) => write(here, 'tree/0/late'), net: ['create file tree/0/late'] },
	},
	'move a tree out, and change it there': {
		before: { 'd/a': '', 'd/e/b': '' },
		happens: (here, outside) => {
			renameSync(join(here, 'd'), join(outside, 'd'));
			write(outside, 'd/e/c');
		},
		net: ['remove file d/a', 'remove file d/e/b', 'remove folder d/e', 'remove folder d'],
	},
	'copy a tree': {
		before: { 'd/a': '', 'd/e/b': '', 'd/e/c': '' },
		happens: (here) => cpSync(join(here, 'd'), join(here, 'f'), { recursive: true }),
		net: ['create folder f', 'create file f/a', 'create folder f/e', 'create file f/e/b', 'create file f/e/c'],
	},
	'an editor saves through a temporary file': {
		before: { a: 'old' },
		happens: (here) => {
			write(here, 'a.tmp');
			renameSync(join(here, 'a.tmp'), join(here, 'a'));
		},
		net: ['modify file a'],
	},
	'an editor saves with a backup': {
		before: { a: 'old' },
		happens: (here) => {
			renameSync(join(here, 'a'), join(here, 'a~'));
			write(here, 'a');
			unlinkSync(join(here, 'a~'));
		},
		net: ['modify file a'],
	},
	'vim probes the folder, swaps and saves': {
		before: { a: 'old' },
		happens: (here) => {
			write(here, '.a.swp');
			write(here, '4913');
			unlinkSync(join(here, '4913'));
			renameSync(join(here, 'a'), join(here, 'a~'));
			write(here, 'a');
			unlinkSync(join(here, 'a~'));
			unlinkSync(join(here, '.a.swp'));
		},
		net: ['modify file a'],
	},
	'what the default filters leave out': {
		before: { '.hidden/a': '', b: '' },
		happens: (here) => {
			write(here, '.hidden/a');
			write(here, '.env');
			write(here, 'b~');
			write(here, 'b.tmp');
			write(here, 'b.metadata.json');
			mkdirSync(join(here, '.cache'));
			write(here, '.cache/c');
		},
		net: [],
	},
	'hostile names, created': {
		happens: (here) => {
			for (const name of HOSTILE_NAMES) {
				write(here, name);
			}
		},
		net: HOSTILE_NAMES.map((name) => `create file ${name}`),
		later: {
			happens: (here) => {
				for (const name of HOSTILE_NAMES) {
					appendFileSync(join(here, name), 'more');
				}
			},
			net: HOSTILE_NAMES.map((name) => `modify file ${name}`),
		},
	},
	'hostile names, as folders with files': {
		happens: (here) => {
			for (const name of HOSTILE_NAMES) {
				mkdirSync(join(here, name));
				write(here, `${name}/a`);
			}
		},
		net: HOSTILE_NAMES.flatMap((name) => [`create folder ${name}`, `create file ${name}/a`]),
		later: {
			happens: (here) => {
				for (const name of HOSTILE_NAMES) {
					rmSync(join(here, name), { recursive: true });
				}
			},
			net: HOSTILE_NAMES.flatMap((name) => [`remove folder ${name}`, `remove file ${name}/a`]),
		},
	},
	'a folder that contains an entry of its own name': {
		before: { 'a/b': '' },
		happens: (here) => {
			mkdirSync(join(here, 'a/a'));
			write(here, 'a/a/a');
		},
		net: ['create folder a/a', 'create file a/a/a'],
		later: { happens: (here) => write(here, 'a/a/a', 'again'), net: ['modify file a/a/a'] },
	},
	'remove 200 files of 300': {
		before: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}`, ''])),
		happens: (here) => {
			for (let i = 0; i < 200; i++) {
				unlinkSync(join(here, `${i}`));
			}
		},
		net: Array.from({ length: 200 }, (_, i) => `remove file ${i}`),
	},
	'a burst of 2,000 files into 50 new folders': {
		happens: (here) => {
			for (let i = 0; i < 50; i++) {
				mkdirSync(join(here, `${i}`));
				for (let j = 0; j < 40; j++) {
					write(here, `${i}/${j}`, '');
				}
			}
		},
		net: Array.from({ length: 50 }, (_, i) => [
			`create folder ${i}`,
			...Array.from({ length: 40 }, (_unused, j) => `create file ${i}/${j}`),
		]).flat(),
		later: {
			happens: (here) => {
				for (let i = 0; i < 50; i++) {
					write(here, `${i}/late`, '');
				}
			},
			net: Array.from({ length: 50 }, (_, i) => `create file ${i}/late`),
		},
	},
};
