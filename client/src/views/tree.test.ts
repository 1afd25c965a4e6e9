import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LoggedChange } from '#shared/model.ts';
import type { Status } from '#shared/protocol.ts';
import { plainWording as w } from '../plain-wording.ts';
import { sampleBurst, sampleGraph, sampleStatus, sampleWatch } from '../state/samples.ts';
import { burstVersion, RowPages } from './row-pages.ts';
import { rootProblems, TreeMemory } from './tree-diff.ts';

suite('which rows a status changes', () => {
	const two = [sampleWatch(), sampleWatch({ id: 'docs', name: 'docs' })];
	const problem = { key: 'k', code: 'CONFIG_INVALID', message: 'No.', severity: 'error' } as const;
	for (const [name, next, root, watches] of [
		['nothing', sampleStatus({ watches: two, pending: 9 }), false, []],
		['a count', sampleStatus({ watches: [sampleWatch({ event_count: 38 }), ...two.slice(1)] }), false, ['src']],
		[
			'changes without a count of their own',
			sampleStatus({
				watches: [...two.slice(0, 1), sampleWatch({ id: 'docs', name: 'docs', lastChange: 2_000_000 })],
			}),
			false,
			['docs'],
		],
		['a watch that went', sampleStatus({ watches: two.slice(0, 1) }), true, []],
		['another order', sampleStatus({ watches: two.toReversed() }), true, []],
		['a problem', sampleStatus({ watches: two, problems: [problem] }), true, []],
		[
			'a problem that a watch’s row tells',
			sampleStatus({ watches: two, problems: [{ ...problem, watchId: 'src' }] }),
			false,
			[],
		],
		['no server', undefined, true, []],
	] as const) {
		test(name, () => {
			const memory = new TreeMemory();
			memory.update(sampleStatus({ watches: two }), w);
			assert.deepEqual(memory.update(next, w), { root, watches, graph: false });
		});
	}

	test('how far the dependency graph is changes its row only, its coming and going the root', () => {
		const memory = new TreeMemory();
		const graph = sampleGraph({ files: 3 });
		memory.update(sampleStatus({ watches: two }), w);
		const update = (fields: Partial<Status>) => memory.update(sampleStatus({ watches: two, ...fields }), w);
		assert.deepEqual(update({ graph }), { root: true, watches: [], graph: true });
		assert.deepEqual(update({ graph: { ...graph } }), { root: false, watches: [], graph: false });
		assert.deepEqual(update({ graph: { ...graph, pending: 1 } }), { root: false, watches: [], graph: true });
		assert.deepEqual(update({}), { root: true, watches: [], graph: true });
	});

	test('a problem of a watch that has no row gets one', () => {
		const lost = { ...problem, watchId: 'unknown' };
		assert.deepEqual(rootProblems(sampleStatus({ watches: two, problems: [lost] })), [lost]);
	});
});

suite('pages of rows', () => {
	const changes = (count: number): LoggedChange[] =>
		Array.from({ length: count }, (_, index) => ({
			seq: count - index,
			time: 0,
			type: 'modify',
			kind: 'file',
			path: `/f${index}`,
			watches: [],
			burst: 0,
			nodeId: 1,
		}));

	function pagesOver(total: number) {
		const asked: number[] = [];
		const pages = new RowPages((limit) => {
			asked.push(limit);
			return Promise.resolve({ rows: changes(Math.min(limit, total)), more: total > limit });
		});
		return { pages, asked };
	}

	test('asks once per version and page', async () => {
		const { pages, asked } = pagesOver(120);
		assert.equal((await pages.load('1')).rows.length, 50);
		await pages.load('1');
		assert.deepEqual(asked, [50]);
		pages.more();
		assert.deepEqual((await pages.load('1')).beyond, 'page');
		pages.more();
		assert.deepEqual((await pages.load('1')).beyond, 'nothing');
		await pages.load('2');
		assert.deepEqual(asked, [50, 100, 150, 150]);
	});

	test('stops at two hundred rows', async () => {
		const { pages } = pagesOver(1000);
		for (let more = 0; more < 10; more += 1) {
			pages.more();
		}
		const { rows, beyond } = await pages.load('1');
		assert.deepEqual([rows.length, beyond], [200, 'too-much']);
	});

	test('without an answer, what was there; and it asks again', async () => {
		let up = true;
		const pages = new RowPages(() =>
			up ? Promise.resolve({ rows: changes(3), more: false }) : Promise.reject(new Error('gone')),
		);
		await pages.load('1');
		up = false;
		assert.equal((await pages.load('2')).rows.length, 3);
		up = true;
		assert.equal((await pages.load('2')).rows.length, 3);
	});

	test('a burst that goes on is asked for anew', () => {
		const burst = sampleBurst();
		assert.notEqual(burstVersion(burst), burstVersion({ ...burst, events: burst.events + 1, end: burst.end + 5 }));
		assert.equal(burstVersion(burst), burstVersion({ ...burst, origin: 'git' }));
	});
});
