/** The oracles of the integration tests: that they follow moves, and that they find what is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeType, EntryKind, LoggedChange, NetChange } from '#shared/model.ts';
import { Recount } from '../support/recount.ts';
import { checkApplied, checkOrder } from '../support/replay.ts';
import { shownPath } from '../support/shown-names.ts';
import type { Snapshot } from '../support/tree-difference.ts';

/** Lines like `move file /a -> /b` as log records. */
function log(...lines: string[]): LoggedChange[] {
	return lines.map((line, i) => {
		const [type, kind, first, , second] = line.split(' ') as [ChangeType, EntryKind, string, string?, string?];
		const path = second ?? first;
		return {
			seq: i + 1,
			time: 0,
			type,
			kind,
			path,
			watches: ['w'],
			burst: 0,
			nodeId: 0,
			...(second === undefined ? {} : { from: first }),
		};
	});
}

/** path → types of the records that it has in the end. */
const recounts: Record<string, [now: string[], records: LoggedChange[], expected: Record<string, string[]>]> = {
	'a file keeps its records': [
		['/b'],
		log('create file /a', 'modify file /a', 'move file /a -> /b'),
		{ '/b': ['create', 'modify', 'move'] },
	],
	'a folder takes along what is in it': [
		['/e', '/e/a'],
		log('modify file /d/a', 'move folder /d -> /e', 'modify file /e/a'),
		{ '/e': ['move'], '/e/a': ['modify', 'modify'] },
	],
	'two that are exchanged keep their own, one of which has none': [
		['/a', '/b'],
		log('modify file /a', 'move file /a -> /b', 'move file /b -> /a'),
		{ '/a': ['move'], '/b': ['modify', 'move'] },
	],
	'there and back again': [
		['/a'],
		log('modify file /a', 'move file /a -> /b', 'move file /b -> /a'),
		{ '/a': ['modify', 'move', 'move'] },
	],
	'what is replaced is removed before': [
		['/b'],
		log('modify file /b', 'modify file /a', 'remove file /b', 'move file /a -> /b'),
		{ '/b': ['modify', 'move'] },
	],
	'a removed path begins anew': [
		['/a'],
		log('modify file /a', 'remove file /a', 'create file /a'),
		{ '/a': ['create'] },
	],
};
for (const [name, [now, records, expected]] of Object.entries(recounts)) {
	test(`the recount: ${name}`, () => {
		const recount = Recount.upTo(now, records);
		recount.checkNothingLost();
		for (const [path, types] of Object.entries(expected)) {
			const counted = Object.entries(recount.live(path).per_type_counts);
			const wanted = counted.map(([type]) => [type, types.filter((each) => each === type).length]);
			assert.deepEqual(counted, wanted, path);
		}
	});
}

test('the recount: what is moved over without a word is lost', () => {
	const recount = new Recount(['/a', '/b']);
	recount.apply(log('move file /a -> /b'));
	assert.throws(() => recount.checkNothingLost());
});

const tree = (...paths: string[]) =>
	new Map(paths.map((path): [string, EntryKind] => [path, path.endsWith('file') ? 'file' : 'folder']));

const wrongOrders: Record<
	string,
	[before: Map<string, EntryKind>, records: LoggedChange[], after: Map<string, EntryKind>]
> = {
	'a child before its folder': [tree(), log('create file /d/file', 'create folder /d'), tree('/d', '/d/file')],
	'a folder before its child': [tree('/d', '/d/file'), log('remove folder /d', 'remove file /d/file'), tree()],
	'a creation twice': [tree(), log('create file /file', 'create file /file'), tree('/file')],
	'a removal of nothing': [tree(), log('remove file /file'), tree()],
	'a creation left out': [tree(), log(), tree('/file')],
	'a change of another kind': [tree('/d'), log('modify file /d'), tree('/d')],
	'a move onto what is there': [tree('/d', '/e'), log('move folder /d -> /e'), tree('/e')],
};
for (const [name, [before, records, after]] of Object.entries(wrongOrders)) {
	test(`the order of the log: ${name} is found`, () => {
		assert.throws(() => {
			checkOrder(before, records, after);
		}, assert.AssertionError);
	});
}

test('the order of the log: moves take along what is in them', () => {
	checkOrder(
		tree('/d', '/d/file', '/e'),
		log('move folder /d -> /e', 'move folder /e -> /d', 'create file /d/x-file'),
		tree('/e', '/e/file', '/d', '/d/x-file'),
	);
});

const state = (content: string, kind: EntryKind = 'file') => ({ kind, identity: 'i', content, metadata: 'm' });
const OLD: Snapshot = new Map([
	['d', state('', 'folder')],
	['d/a', state('a')],
	['b', state('b')],
]);
const net = (...lines: string[]): NetChange[] => log(...lines);

test('net changes: moved, with what is in it changed', () => {
	const now: Snapshot = new Map([
		['e', state('', 'folder')],
		['e/a', state('other')],
		['e/n', state('')],
	]);
	const changes = net('remove file /b', 'move folder /d -> /e', 'modify file /e/a', 'create file /e/n');
	checkApplied(OLD, changes, now, '/');
	for (let left = 0; left < changes.length; left++) {
		assert.throws(() => {
			checkApplied(OLD, changes.toSpliced(left, 1), now, '/');
		}, assert.AssertionError);
	}
});

test('a path that is not UTF-8 is shown by its bytes', () => {
	const bytes = Buffer.from([0x2f, 0x66, 0xff, 0x2f, 0x61]);
	assert.equal(shownPath({ path: '/f\ufffd/a', bytes: bytes.toString('base64') }), '/f\\xff/a');
	assert.throws(() => shownPath({ path: '/f/a', bytes: bytes.toString('base64') }));
});
