import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { suite, test } from 'node:test';
import type { BurstSummary, LoggedChange, WatchSummary } from '#shared/model.ts';
import type { GraphStatus } from '#shared/protocol.ts';
import { plainWording as w } from '../plain-wording.ts';
import { sampleBurst, sampleGraph, sampleStatus, sampleWatch } from '../state/samples.ts';
import { burstRow } from './burst-text.ts';
import { changeRow, openable } from './change-text.ts';
import { graphRow } from './graph-text.ts';
import { agoText, countersText } from './quantities.ts';
import { oneLine, shorten } from './safe-text.ts';
import { statusBarText } from './status-bar-text.ts';
import { viewBadge, viewMessage } from './view-text.ts';
import { watchFacts, watchRow } from './watch-text.ts';

suite('a watch’s row', () => {
	const message = 'The folder /ws/src does not exist.';
	for (const [fields, description, icon, contextValue] of [
		[{}, 'live · 1,204 files · 37 changes', 'eye', 'watch+live'],
		[{ files: 1, event_count: 1 }, 'live · 1 file · 1 change', 'eye', 'watch+live'],
		[
			{ scan: { done: 3000, total: 10_000 } },
			'live · scanning 3,000 of 10,000 · 37 changes',
			'sync~spin',
			'watch+live+scanning',
		],
		[
			{ state: 'starting', event_count: 0, scan: { done: 50, total: 0 } },
			'starting · scanning, 50 so far',
			'sync~spin',
			'watch+starting+scanning',
		],
		[{ state: 'paused' }, 'paused · 1,204 files · 37 changes', 'debug-pause', 'watch+paused'],
		[{ state: 'degraded', message }, 'degraded · 1,204 files · 37 changes', 'warning', 'watch+degraded'],
		[{ state: 'missing', message }, `missing · ${message}`, 'warning', 'watch+missing'],
		[{ state: 'error', message }, `error · ${message}`, 'error', 'watch+error'],
		[{ state: 'stopped' }, 'stopped', 'circle-slash', 'watch+stopped'],
	] as [Partial<WatchSummary>, string, string, string][]) {
		test(description, () => {
			const row = watchRow(sampleWatch(fields), w);
			assert.equal(row.description, description);
			assert.equal(row.icon.id, icon);
			assert.equal(row.contextValue, contextValue);
			assert.equal(row.accessibleLabel, `Watch src: ${description.replaceAll(' · ', ', ')}`);
		});
	}

	test('tooltip facts', () => {
		const facts = watchFacts(sampleWatch(), 1_000_000 + 12_000, w);
		assert.deepEqual(facts.slice(0, 3), [
			'1,204 files in 88 folders',
			'37 changes: 1 create, 36 modify · 2 metadata changes',
			'Recorded in all: 40 create, 100 modify, 3 metadata, 1 move, 5 remove',
		]);
		assert.match(facts[3] ?? '', /^Last change: 12 s ago \(.*1970.*\)$/);
	});
});

suite('how long ago', () => {
	for (const [elapsedMs, expected] of [
		[-5000, 'now'],
		[1999, 'now'],
		[12_400, '12 s ago'],
		[3 * 60_000, '3 min ago'],
		[2.5 * 3_600_000, '2 h ago'],
		[49 * 3_600_000, '2 d ago'],
	] as const) {
		test(expected, () => assert.equal(agoText(elapsedMs, w), expected));
	}
});

test('counters without records say nothing', () => {
	const none = { create: 0, modify: 0, metadata: 0, move: 0 };
	assert.equal(countersText({ event_count: 0, metadata_count: 0, per_type_counts: none }, w), undefined);
	const touched = { event_count: 0, metadata_count: 1, per_type_counts: { ...none, metadata: 1 } };
	assert.equal(countersText(touched, w), '1 metadata change');
});

suite('hostile names', () => {
	for (const [name, expected] of [
		['plain.txt', 'plain.txt'],
		['two\nlines', 'two␊lines'],
		['exe\u202Etxt.bad', 'exe\ufffdtxt.bad'],
		['ümlaut 文件', 'ümlaut 文件'],
	] as const) {
		test(expected, () => assert.equal(oneLine(name), expected));
	}
	test('long text is cut between words', () => {
		assert.equal(shorten('one two three four', 12), 'one two…');
		assert.equal(shorten('x'.repeat(300), 10), `${'x'.repeat(9)}…`);
		assert.equal(shorten('short', 10), 'short');
	});
});

const change = (fields: Partial<LoggedChange>): LoggedChange => ({
	seq: 1,
	time: 0,
	type: 'modify',
	kind: 'file',
	path: '/ws/src/deep/a.ts',
	watches: ['src'],
	burst: 0,
	nodeId: 1,
	...fields,
});

suite('a change’s row', () => {
	for (const [fields, expected] of [
		[{}, 'modify · 12 s ago · deep/'],
		[{ path: '/ws/src/a.ts' }, 'modify · 12 s ago'],
		[{ type: 'move', path: '/ws/src/b.ts', from: '/ws/src/deep/a.ts' }, 'move · 12 s ago · from deep/a.ts'],
		[{ type: 'create', reason: 'coverage' }, 'now covered · 12 s ago · deep/'],
		[{ type: 'remove', reason: 'coverage' }, 'no longer covered · 12 s ago · deep/'],
	] as [Partial<LoggedChange>, string][]) {
		test(expected, () =>
			assert.equal(changeRow(change(fields), '/ws/src', 12_000, w, posix).description, expected),
		);
	}

	test('what is gone does not open', () => {
		const newestFirst = [
			change({ seq: 9, type: 'create', path: '/back' }),
			change({ seq: 8, type: 'remove', path: '/back' }),
			change({ seq: 7, type: 'move', from: '/old', path: '/new' }),
			change({ seq: 6, path: '/old' }),
			change({ seq: 5, type: 'remove', path: '/gone' }),
			change({ seq: 4, path: '/gone' }),
			change({ seq: 3, path: '/back' }),
			change({ seq: 2, type: 'create', kind: 'folder', path: '/folder' }),
			change({ seq: 1, type: 'remove', reason: 'coverage', path: '/uncovered' }),
		];
		assert.deepEqual([...openable(newestFirst)], [9, 7, 3, 1]);
	});
});

suite('a burst’s row', () => {
	const counts = { create: 12, modify: 300, metadata: 0, move: 0, remove: 0 };
	for (const [fields, label, description] of [
		[{ origin: 'git', events: 312, counts }, 'git: 312 changes', '2 min ago · 12 create, 300 modify'],
		[{ origin: 'packages', events: 312, counts }, 'packages: 312 changes', '2 min ago · 12 create, 300 modify'],
		[{ origin: 'editor' }, 'editor: 2 changes', '2 min ago · 2 modify'],
		[{}, '2 changes', '2 min ago · 2 modify'],
		[{ end: 120_000 }, '2 changes', 'now · 2 modify'],
	] as [Partial<BurstSummary>, string, string][]) {
		test(`${label} ${description}`, () => {
			const row = burstRow(sampleBurst(fields), 120_000, w);
			assert.deepEqual([row.label, row.description], [label, description]);
			assert.equal(row.accessibleLabel, [label, ...description.split(' · ')].join(', '));
		});
	}
	test('each origin has an icon of its own', () => {
		const icons = (['git', 'packages', 'editor', 'unknown'] as const).map(
			(origin) => burstRow(sampleBurst({ origin }), 0, w).icon.id,
		);
		assert.equal(new Set(icons).size, 4);
	});
});

suite('the row of the dependency graph', () => {
	const times = { p50: 1.234, p95: 20, p99: 300 };
	for (const [fields, description, icon, contextValue] of [
		[{ files: 1200 }, '1,200 files', 'type-hierarchy-sub', 'graph'],
		[{ files: 1 }, '1 file', 'type-hierarchy-sub', 'graph'],
		[{ files: 9, pending: 3, inFlight: 2 }, '9 files · 3 pending · 2 in flight', 'sync~spin', 'graph'],
		[{ files: 9, failed: 1 }, '9 files · 1 failed', 'sync~spin', 'graph'],
		[{ files: 9, parkedCount: 4 }, '9 files · 4 parked', 'warning', 'graph+parked'],
		[{ files: 9, pending: 1, parkedCount: 4 }, '9 files · 1 pending · 4 parked', 'sync~spin', 'graph+parked'],
		[{ indexing: { done: 0, total: 0 } }, '0 %', 'sync~spin', 'graph'],
		[{ indexing: { done: 43, total: 100, msLeft: 2000 } }, '43 %, a few seconds left', 'sync~spin', 'graph'],
		[{ indexing: { done: 5, total: 10, msLeft: 61_000 } }, '50 %, about 2 min left', 'sync~spin', 'graph'],
		[{ indexing: { done: 10, total: 10 } }, '99 %', 'sync~spin', 'graph'],
	] as [Partial<GraphStatus>, string, string, string][]) {
		test(description, () => {
			const row = graphRow(sampleGraph(fields), w);
			assert.deepEqual([row.description, row.icon.id, row.contextValue], [description, icon, contextValue]);
			assert.equal(row.accessibleLabel, `Dependencies, ${description.replaceAll(' · ', ', ')}`);
		});
	}

	test('tooltip', () => {
		const updates = { done: 12, processing: times, propagation: { ...times, p50: 8 } };
		assert.deepEqual(graphRow(sampleGraph({ files: 1200, updates, failed: 1, parkedCount: 2 }), w).tooltip, [
			'Files whose dependencies are known: 1,200',
			'1 failed: tried again in a moment',
			'2 parked: left out until they change, or are retried',
			'Updates: 12',
			'Reading a file: 1.2 ms, 95 % within 20 ms',
			'From a change to what it affects: 8 ms, 95 % within 20 ms',
		]);
	});
});

suite('the view around the rows', () => {
	const message = (
		...args: Parameters<typeof viewMessage> extends [infer S, infer T, ...unknown[]] ? [S, T] : never
	) => viewMessage(...args, w);
	const paused = sampleWatch({ state: 'paused' });
	const scan = sampleStatus({ watches: [sampleWatch({ scan: { done: 3000, total: 10_000 } })] });

	test('no message over an empty tree, or its welcome view would not show', () => {
		assert.equal(message({ state: 'running', status: sampleStatus({ watches: [] }) }, true), undefined);
		assert.equal(message({ state: 'starting', status: undefined }, true), undefined);
	});
	for (const [expected, shown, trusted] of [
		[undefined, { state: 'running', status: sampleStatus() }, true],
		['Scanning 3,000 of 10,000…', { state: 'running', status: scan }, true],
		['Paused', { state: 'running', status: sampleStatus({ watches: [paused] }) }, true],
		[undefined, { state: 'running', status: sampleStatus({ watches: [paused, sampleWatch({ id: 'b' })] }) }, true],
		[
			'Following another Filetide server (pid 42): read-only',
			{ state: 'running', status: sampleStatus({ role: 'follower' }) },
			true,
		],
		[
			'Restricted Mode: only watches inside the opened folders run',
			{ state: 'running', status: sampleStatus() },
			false,
		],
		['The server is being started again…', { state: 'restarting', status: scan }, true],
	] as const) {
		test(String(expected), () => assert.equal(message(shown, trusted), expected));
	}

	test('the badge counts watches that need somebody, and goes at zero', () => {
		const states = ['error', 'degraded', 'missing', 'live', 'paused', 'polling'] as const;
		const watches = states.map((state) => sampleWatch({ id: state, state }));
		const badge = viewBadge({ state: 'running', status: sampleStatus({ watches }) }, w);
		assert.deepEqual(badge, { value: 3, tooltip: '3 watches need attention' });
		assert.equal(viewBadge({ state: 'running', status: sampleStatus() }, w), undefined);
	});
});

suite('status bar', () => {
	const status = sampleStatus({ watches: [sampleWatch(), sampleWatch({ id: 'b', name: 'docs' })] });
	const missing = sampleStatus({ watches: [sampleWatch({ state: 'missing', message: 'Gone.' })] });
	for (const [state, shownStatus, text, severity] of [
		['running', status, '$(eye) 2 watches · 41 changes', 'normal'],
		['running', { ...status, pending: 1 }, '$(sync~spin) 2 watches · 41 changes', 'normal'],
		['running', missing, '$(warning) 1 watch · 41 changes', 'warning'],
		['starting', undefined, '$(sync~spin) Filetide is starting', 'normal'],
		['restarting', status, '$(sync~spin) Filetide is restarting', 'normal'],
		['stopped', undefined, '$(error) Filetide stopped', 'error'],
	] as const) {
		test(text, () => {
			const content = statusBarText({ state, status: shownStatus, hasWatches: true }, w);
			assert.equal(content?.text, text);
			assert.equal(content.severity, severity);
		});
	}

	test('how far the dependency graph is, and what it could not read', () => {
		const graph = sampleGraph({ files: 1200 });
		const lines = (fields: Partial<GraphStatus>) =>
			statusBarText(
				{ state: 'running', status: { ...status, graph: { ...graph, ...fields } }, hasWatches: true },
				w,
			)?.lines;
		assert.equal(lines({})?.at(-1), 'Dependencies: 1,200 files');
		assert.equal(
			lines({ indexing: { done: 1200, total: 2000, msLeft: 31_000 }, pending: 800 })?.at(-1),
			'Reading dependencies: 60 %, 1,200 of 2,000 files, about 35 s left · 800 pending',
		);
		assert.equal(lines({ parkedCount: 2 })?.at(-1), 'Dependencies: 1,200 files · 2 parked');
	});

	test('a first reading has its percentage, and failed updates their command', () => {
		const shown = (graph: GraphStatus) =>
			statusBarText({ state: 'running', status: { ...status, graph }, hasWatches: true }, w);
		const indexing = shown(sampleGraph({ indexing: { done: 999, total: 1000 } }));
		assert.equal(indexing?.text, '$(sync~spin) 2 watches · 41 changes · dependencies 99 %');
		assert.equal(indexing.failedUpdates, false);
		assert.equal(shown(sampleGraph({ parkedCount: 1 }))?.failedUpdates, true);
	});

	test('nothing where nothing is watched', () => {
		assert.equal(statusBarText({ state: 'idle', status: undefined, hasWatches: false }, w), undefined);
	});
});
