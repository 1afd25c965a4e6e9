import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { suite, test } from 'node:test';
import type { NetChange } from '#shared/model.ts';
import { plainWording as w } from '../plain-wording.ts';
import { type AbsenceState, comeBack, leave, readAbsence } from './absence.ts';
import { awayRows, MOST_LISTED } from './away-text.ts';

const MINUTE = 60_000;

suite('when the user was away', () => {
	const check = (name: string, moves: ['leave' | 'back', number][], expected: number | undefined) => {
		test(name, () => {
			let state: AbsenceState = {};
			for (const [move, at] of moves) {
				state = move === 'leave' ? leave(state, { cursor: `i.${at}`, at }) : comeBack(state, at);
				assert.deepEqual(readAbsence(JSON.parse(JSON.stringify(state))), state, 'it survives being stored');
			}
			assert.equal(state.away?.at, expected);
			assert.equal(state.away?.cursor, expected === undefined ? undefined : `i.${expected}`);
		});
	};
	check('never', [['back', 0]], undefined);
	check(
		'once',
		[
			['leave', 5],
			['back', 5 + MINUTE],
		],
		5,
	);
	check(
		'a look elsewhere hides no absence',
		[
			['leave', 5],
			['back', MINUTE + 5],
			['leave', 2 * MINUTE],
			['back', 2 * MINUTE + 1],
		],
		5,
	);
	check(
		'closed without the focus: gone since it lost that',
		[
			['leave', 5],
			['leave', 10],
			['back', MINUTE * 9],
		],
		5,
	);
	check(
		'the latest counts',
		[
			['leave', 5],
			['back', MINUTE + 5],
			['leave', 2 * MINUTE],
			['back', 9 * MINUTE],
		],
		2 * MINUTE,
	);

	test('what another version stored counts as nothing', () => {
		for (const stored of [undefined, null, 7, 'x', { left: 7, away: { cursor: 1, at: 2 } }]) {
			assert.deepEqual(readAbsence(stored), {});
		}
	});
});

suite('what changed meanwhile', () => {
	const roots = ['/ws', '/ws/inner'];
	for (const [change, label, description, opens] of [
		[{ type: 'create', kind: 'file', path: '/ws/a.ts' }, '$(diff-added) a.ts', 'create', '/ws/a.ts'],
		[
			{ type: 'modify', kind: 'file', path: '/ws/inner/x/a.ts' },
			'$(diff-modified) a.ts',
			'modify · x',
			'/ws/inner/x/a.ts',
		],
		[{ type: 'remove', kind: 'file', path: '/ws/a.ts' }, '$(diff-removed) a.ts', 'remove', undefined],
		[
			{ type: 'move', kind: 'folder', path: '/ws/d/new', from: '/ws/old' },
			'$(diff-renamed) new/',
			'move · from old · d',
			undefined,
		],
		[{ type: 'metadata', kind: 'file', path: '/wsx/a\nb' }, '$(tag) a␊b', 'metadata · /wsx', '/wsx/a\nb'],
	] as [NetChange, string, string, string | undefined][]) {
		test(`${change.type} ${change.path}`, () => {
			assert.deepEqual(awayRows([change], roots, w, posix), { rows: [{ label, description, opens }], more: 0 });
		});
	}

	test('more than anybody reads', () => {
		const change: NetChange = { type: 'create', kind: 'file', path: '/ws/a' };
		const { rows, more } = awayRows(
			Array.from({ length: MOST_LISTED + 7 }, () => change),
			roots,
			w,
			posix,
		);
		assert.deepEqual([rows.length, more], [MOST_LISTED, 7]);
	});
});
