import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ChangeType, EntryKind } from '#shared/model.ts';
import { CHANGE_TYPES, type LogRecord } from './records.ts';
import { foldChanges } from './since.ts';

function record(type: ChangeType, path: string, kind: EntryKind = 'file', reason?: 'coverage'): LogRecord {
	return {
		type: CHANGE_TYPES.indexOf(type),
		kind,
		reason,
		time: 0,
		nodeId: 0,
		coverage: 1,
		burst: 0,
		previous: 0,
		path,
		from: '',
	};
}

const cases: [string, LogRecord[], string[]][] = [
	['nothing', [], []],
	['created', [record('create', '/a')], ['create file /a']],
	['created and written', [record('create', '/a'), record('modify', '/a')], ['create file /a']],
	['created and removed', [record('create', '/a'), record('remove', '/a')], []],
	['written twice', [record('modify', '/a'), record('modify', '/a')], ['modify file /a']],
	['written, then its mode', [record('modify', '/a'), record('metadata', '/a')], ['modify file /a']],
	['its mode only', [record('metadata', '/a')], ['metadata file /a']],
	['removed', [record('modify', '/a'), record('remove', '/a')], ['remove file /a']],
	['removed and made again', [record('remove', '/a'), record('create', '/a')], ['modify file /a']],
	['a folder removed and made again', [record('remove', '/d', 'folder'), record('create', '/d', 'folder')], []],
	[
		'another kind',
		[record('remove', '/a'), record('create', '/a', 'folder')],
		['remove file /a', 'create folder /a'],
	],
	[
		'removals come first, children before parents; the rest parents first',
		[
			record('create', '/n/x'),
			record('create', '/n', 'folder'),
			record('remove', '/d', 'folder'),
			record('remove', '/d/x'),
		],
		['remove file /d/x', 'remove folder /d', 'create folder /n', 'create file /n/x'],
	],
	['only coverage', [record('create', '/a', 'file', 'coverage')], ['create file /a (coverage)']],
	[
		'coverage, then a real change',
		[record('create', '/a', 'file', 'coverage'), record('modify', '/a')],
		['create file /a'],
	],
];

function move(nodeId: number, from: string, path: string, kind: EntryKind = 'file'): LogRecord {
	return { ...record('move', path, kind), nodeId, from };
}

/** A record of a node that has an id. */
function of(nodeId: number, type: ChangeType, path: string, kind: EntryKind = 'file'): LogRecord {
	return { ...record(type, path, kind), nodeId };
}

const moves: typeof cases = [
	['renamed', [move(1, '/a', '/b')], ['move file /a -> /b']],
	['renamed twice', [move(1, '/a', '/b'), move(1, '/b', '/c')], ['move file /a -> /c']],
	['renamed there and back', [move(1, '/a', '/b'), move(1, '/b', '/a')], []],
	['made and renamed', [of(1, 'create', '/a'), move(1, '/a', '/b')], ['create file /b']],
	['written and renamed', [of(1, 'modify', '/a'), move(1, '/a', '/b')], ['move file /a -> /b', 'modify file /b']],
	['renamed and removed', [move(1, '/a', '/b'), of(1, 'remove', '/b')], ['remove file /a']],
	[
		'renamed, and another made in its place',
		[move(1, '/a', '/b'), of(2, 'create', '/a')],
		['create file /a', 'move file /a -> /b'],
	],
	['renamed over another', [of(2, 'remove', '/b'), move(1, '/a', '/b')], ['move file /a -> /b']],
	[
		'renamed over another kind',
		[of(2, 'remove', '/b', 'folder'), move(1, '/a', '/b')],
		['remove folder /b', 'move file /a -> /b'],
	],
	['swapped', [move(1, '/b', '/a'), move(2, '/a', '/b')], ['move file /b -> /a', 'move file /a -> /b']],
	[
		'swapped and swapped again',
		[move(1, '/b', '/a'), move(2, '/a', '/b'), move(1, '/a', '/b'), move(2, '/b', '/a')],
		[],
	],
	[
		'a folder renamed: what is in it is not listed',
		[move(1, '/d', '/e', 'folder'), of(2, 'modify', '/e/x')],
		['move folder /d -> /e', 'modify file /e/x'],
	],
	[
		'a file renamed in a folder that was renamed',
		[of(2, 'modify', '/d/x'), move(1, '/d', '/e', 'folder'), move(2, '/e/x', '/e/y')],
		['move folder /d -> /e', 'move file /d/x -> /e/y', 'modify file /e/y'],
	],
	[
		'removed in a folder that was renamed: the name at the cursor',
		[move(1, '/d', '/e', 'folder'), of(2, 'remove', '/e/x')],
		['remove file /d/x', 'move folder /d -> /e'],
	],
	[
		'removed and made again in a folder that was renamed',
		[move(1, '/d', '/e', 'folder'), of(2, 'remove', '/e/x'), of(3, 'create', '/e/x')],
		['move folder /d -> /e', 'modify file /e/x'],
	],
	[
		'moved into a new folder',
		[of(2, 'create', '/n', 'folder'), move(1, '/a', '/n/a')],
		['create folder /n', 'move file /a -> /n/a'],
	],
	[
		'a folder renamed away, a new one in its place with a file of an old name',
		[move(1, '/d', '/e', 'folder'), of(2, 'create', '/d', 'folder'), of(3, 'create', '/d/x')],
		['create folder /d', 'create file /d/x', 'move folder /d -> /e'],
	],
];

for (const [name, records, expected] of moves) {
	test(`net changes: ${name}`, () => {
		assert.deepEqual(
			foldChanges(records, () => false).map(
				({ type, kind, path, from }) => `${type} ${kind} ${from === undefined ? '' : `${from} -> `}${path}`,
			),
			expected,
		);
	});
}

for (const [name, records, expected] of cases) {
	test(`net changes: ${name}`, () => {
		const shown = foldChanges(records, () => false).map(
			({ type, kind, path, reason }) => `${type} ${kind} ${path}${reason === undefined ? '' : ` (${reason})`}`,
		);
		assert.deepEqual(shown, expected);
	});
}

test('net changes lead from the tree at the cursor to the tree of now', () => {
	const paths = ['/a', '/b', '/c'];
	const step = fc.record({ path: fc.constantFrom(...paths), choice: fc.nat(2), folder: fc.boolean() });
	fc.assert(
		fc.property(fc.array(step, { maxLength: 30 }), fc.subarray(paths), (steps, existing) => {
			const before = new Map<string, EntryKind>(existing.map((path) => [path, 'file']));
			const now = new Map(before);
			const records = steps.map(({ path, choice, folder }) => {
				const kind = now.get(path);
				if (kind === undefined) {
					const made = folder ? 'folder' : 'file';
					now.set(path, made);
					return record('create', path, made);
				}
				if (choice === 0) {
					now.delete(path);
					return record('remove', path, kind);
				}
				return record(choice === 1 ? 'modify' : 'metadata', path, kind);
			});
			const replayed = new Map(before);
			for (const { type, kind, path } of foldChanges(records, () => false)) {
				if (type === 'remove') {
					assert.equal(replayed.get(path), kind, `${path} was there to be removed`);
					replayed.delete(path);
				} else if (type === 'create') {
					assert.ok(!replayed.has(path), `${path} was not there`);
					replayed.set(path, kind);
				} else {
					assert.equal(replayed.get(path), kind, `${path} was there to be changed`);
				}
			}
			assert.deepEqual(replayed, now);
		}),
	);
});

/** A tree's entry: its kind, and what tells two states of it apart. */
interface Entry {
	kind: EntryKind;
	content: number;
	mode: number;
}

const show = (lines: Iterable<string>) => [...lines].sort();

test('net changes are exactly the difference of the two trees', () => {
	const paths = ['/a', '/b', '/c', '/d'];
	const step = fc.record({
		path: fc.constantFrom(...paths),
		what: fc.constantFrom('remove', 'content', 'mode', 'replace'),
		kind: fc.constantFrom<EntryKind>('file', 'folder', 'link'),
	});
	fc.assert(
		fc.property(fc.array(step, { maxLength: 20 }), fc.subarray(paths), (steps, existing) => {
			// Each state is unlike all earlier ones, so that nothing is as it was by chance.
			let serial = 0;
			const now = new Map<string, Entry>(existing.map((path) => [path, { kind: 'file', content: 0, mode: 0 }]));
			const before = new Map(now);
			const records: LogRecord[] = [];
			const create = (path: string, kind: EntryKind, mode: number) => {
				now.set(path, { kind, content: ++serial, mode });
				records.push(record('create', path, kind));
			};
			const remove = (path: string, kind: EntryKind) => {
				now.delete(path);
				records.push(record('remove', path, kind));
			};
			for (const { path, what, kind } of steps) {
				const entry = now.get(path);
				if (entry === undefined) {
					create(path, kind, 0);
				} else if (what === 'remove') {
					remove(path, entry.kind);
				} else if (what === 'replace') {
					remove(path, entry.kind);
					// With the mode that it had: a replaced file is another content, a replaced folder is nothing.
					create(path, kind, entry.mode);
				} else if (what === 'content' && entry.kind !== 'folder') {
					now.set(path, { ...entry, content: ++serial });
					records.push(record('modify', path, entry.kind));
				} else if (what === 'mode') {
					now.set(path, { ...entry, mode: ++serial });
					records.push(record('metadata', path, entry.kind));
				}
			}
			const expected = paths.flatMap((path) => {
				const [was, is] = [before.get(path), now.get(path)];
				if (was?.kind !== is?.kind) {
					return [
						...(was === undefined ? [] : [`remove ${was.kind} ${path}`]),
						...(is === undefined ? [] : [`create ${is.kind} ${path}`]),
					];
				}
				if (is === undefined || was === undefined) {
					return [];
				}
				return is.content !== was.content && is.kind !== 'folder'
					? [`modify ${is.kind} ${path}`]
					: is.mode === was.mode
						? []
						: [`metadata ${is.kind} ${path}`];
			});
			const net = foldChanges(records, () => false);
			assert.deepEqual(show(net.map(({ type, kind, path }) => `${type} ${kind} ${path}`)), show(expected));
		}),
	);
});

/** Records of what a watch covers that was added after the cursor: its files existed, and were not in the old tree. */
const brought: [string, LogRecord[], string[]][] = [
	['written', [record('modify', '/a')], ['create file /a (coverage)']],
	['its mode', [record('metadata', '/a')], ['create file /a (coverage)']],
	['removed', [record('remove', '/a')], []],
	['removed and made again', [record('remove', '/a'), record('create', '/a')], ['create file /a (coverage)']],
	['made, which the watch saw', [record('create', '/a'), record('modify', '/a')], ['create file /a']],
];
for (const [name, records, expected] of brought) {
	test(`net changes of what a new watch brought: ${name}`, () => {
		const net = foldChanges(records, () => true).map(
			({ type, kind, path, reason }) => `${type} ${kind} ${path}${reason === undefined ? '' : ` (${reason})`}`,
		);
		assert.deepEqual(net, expected);
	});
}
