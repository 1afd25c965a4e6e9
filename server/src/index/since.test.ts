import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { ChangeType, EntryKind } from '#shared/model.ts';
import { CHANGE_TYPES, type LogRecord } from './records.ts';
import { foldChanges } from './since.ts';

function record(type: ChangeType, path: string, kind: EntryKind = 'file', reason?: 'coverage'): LogRecord {
	return { type: CHANGE_TYPES.indexOf(type), kind, reason, time: 0, nodeId: 1, coverage: 1, path };
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
