import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { suite, test } from 'node:test';
import type { ImpactResult, Invalidated } from '#shared/protocol.ts';
import { plainWording as w } from '../plain-wording.ts';
import { sampleBurst } from '../state/samples.ts';
import { impactAsText } from './copy-text.ts';
import { ImpactList } from './impact-list.ts';
import { ImpactRows, type ImpactRowsOptions, MOST_ROWS } from './impact-rows.ts';
import { impactGroups } from './impact-text.ts';
import { type ImpactGroup, isImpactNode, type ImpactNode, parentOf, rootOf } from './nodes.ts';
import { effectText, reasonText, shortReasonText } from './reason-text.ts';
import { impactRowText, type Surroundings } from './row-text.ts';

const step = (name: string, file = `/ws/${name}.ts`) => ({ file, name });

function affected(fields: Partial<Invalidated> = {}): Invalidated {
	return {
		file: '/ws/shop/checkout.ts',
		kinds: ['behaviour'],
		certainty: 'certain',
		distance: 1,
		reason: [step('total', '/ws/cart.ts'), step('due', '/ws/shop/checkout.ts')],
		...fields,
	};
}

suite('reasons', () => {
	for (const [names, whole, short] of [
		[['a', 'b'], '`a` in a.ts → `b` in b.ts', '`a` in a.ts → `b` in b.ts'],
		[
			['a', 'b', 'c', 'd', 'e', 'f'],
			'`a` in a.ts → `b` in b.ts → `c` in c.ts → `d` in d.ts → `e` in e.ts → `f` in f.ts',
			'`a` in a.ts → … → `d` in d.ts → `e` in e.ts → `f` in f.ts',
		],
	] as const) {
		test(short, () => {
			const reason = names.map((name) => step(name));
			assert.equal(reasonText({ reason }, w, posix), whole);
			assert.equal(shortReasonText({ reason }, w, posix), short);
		});
	}

	test('what a file does when it is evaluated has no name; names cannot break the line', () => {
		const reason = [step('', '/ws/a\nb.ts'), step('x\ty', '/ws/c.ts')];
		assert.equal(reasonText({ reason }, w, posix), 'a␊b.ts → `x␉y` in c.ts');
	});

	test('kinds, and that it is only possible', () => {
		assert.equal(effectText(affected({ kinds: ['behaviour', 'interface'] }), w), 'behaviour, interface');
		assert.equal(effectText(affected({ certainty: 'possible' }), w), 'possibly: behaviour');
	});
});

test('the list of commands: grouped by distance, cut where nobody reads on', () => {
	const files = [affected(), affected({ distance: 2 }), affected({ distance: 2, file: '/ws/top.ts' })];
	const { groups, more } = impactGroups(files, (path) => path.replace(/^\/ws\/?/, ''), w, posix);
	assert.deepEqual(
		groups.map(({ title, rows }) => [title, ...rows.map(({ label, description }) => `${label}: ${description}`)]),
		[
			['1 step', 'checkout.ts: behaviour · shop'],
			['2 steps', 'checkout.ts: behaviour · shop', 'top.ts: behaviour'],
		],
	);
	assert.equal(groups[0]?.rows[0]?.detail, '`total` in cart.ts → `due` in checkout.ts');
	assert.equal(more, 0);
	assert.equal(
		impactGroups(
			Array.from({ length: 1003 }, () => affected()),
			String,
			w,
			posix,
		).more,
		3,
	);
});

/** A server's answer: so many files at each distance. */
function answer(...perDistance: number[]): Omit<ImpactResult, 'files'> & { all: Invalidated[] } {
	const groups = perDistance.map((files, index) => ({ distance: index + 1, files, possible: 0 }));
	const all = groups.flatMap(({ distance, files }) =>
		Array.from({ length: files }, (_, index) => affected({ distance, file: `/ws/${distance}-${index}.ts` })),
	);
	return { version: 'v1', changed: 1, groups, widened: [], widenedCount: 0, all };
}

function rowsOver(first: ReturnType<typeof answer>, more: Partial<ImpactRowsOptions> = {}) {
	const asked: { path: string | undefined; offset: number; limit: number }[] = [];
	const server = { answer: first };
	const rows = new ImpactRows({
		ask: (path, { offset, limit }) => {
			asked.push({ path, offset, limit });
			const { all, ...head } = server.answer;
			return Promise.resolve({ ...head, files: all.slice(offset, offset + limit) });
		},
		patience: () => new Promise(() => undefined),
		noteOn: (error) => ({ note: 'failed', why: String(error) }),
		...more,
	});
	rows.readiness = 'ready';
	return { rows, asked, server };
}

const texts = (nodes: readonly ImpactNode[]): string[] =>
	nodes.map((node) => {
		switch (node.kind) {
			case 'file':
				return node.file.file;
			case 'group':
				return `${node.group.distance}: ${node.group.files}${node.expanded ? ' expanded' : ''}`;
			case 'note':
				return node.note;
			case 'root':
			case 'widenedGroup':
			case 'widened':
			case 'more':
			case 'limit':
				return node.kind;
		}
	});

async function groupAt(rows: ImpactRows, place: number): Promise<ImpactGroup> {
	const node = (await rows.children(rows.burst))[place];
	assert.ok(node?.kind === 'group');
	return node;
}

suite('the rows of the Impact view', () => {
	test('what is not expanded is not asked for; one question serves a whole small answer', async () => {
		const { rows, asked } = rowsOver(answer(2, 3));
		assert.deepEqual(await rows.children(), [rows.file, rows.burst]);
		assert.deepEqual(asked, []);
		assert.deepEqual(texts(await rows.children(rows.burst)), ['1: 2 expanded', '2: 3 expanded']);
		assert.deepEqual(texts(await rows.children(await groupAt(rows, 1))), [
			'/ws/2-0.ts',
			'/ws/2-1.ts',
			'/ws/2-2.ts',
		]);
		assert.deepEqual(asked, [{ path: undefined, offset: 0, limit: 100 }]);
	});

	test('of 10,000 files a hundred are brought at a time, and a thousand shown', async () => {
		const { rows, asked } = rowsOver(answer(40, 9960));
		assert.deepEqual(texts(await rows.children(rows.burst)), ['1: 40 expanded', '2: 9960']);
		const far = await groupAt(rows, 1);
		let shown = await rows.children(far);
		assert.deepEqual([shown.length, shown.at(-1)?.kind], [101, 'more']);
		for (let end = shown.at(-1); end?.kind === 'more'; end = shown.at(-1)) {
			rows.more({ kind: 'more', within: end.within });
			shown = await rows.children(far);
		}
		assert.deepEqual([shown.length, shown.at(-1)?.kind], [MOST_ROWS + 1, 'limit']);
		assert.ok(asked.every(({ limit }) => limit <= 100));
		// The head has the first 60 of them; each row was asked for once.
		assert.ok(asked.length <= 12, `${asked.length} questions`);
		assert.equal(texts(shown.slice(0, -1)).at(-1), '/ws/2-999.ts');
	});

	test('pages of another answer do not mix: everything is asked for anew', async () => {
		const { rows, server } = rowsOver(answer(150));
		const group = await groupAt(rows, 0);
		const end = (await rows.children(group)).at(-1);
		assert.ok(end?.kind === 'more');
		server.answer = { ...answer(180), version: 'v2' };
		rows.more({ kind: 'more', within: end.within });
		const changed: unknown[] = [];
		rows.changed.on((node) => changed.push(node));
		assert.deepEqual(await rows.children(group), []);
		assert.deepEqual(changed, [rows.burst]);
		assert.deepEqual(texts(await rows.children(rows.burst)), ['1: 180 expanded']);
	});

	test('another file takes the question about the one before back, and its late answer is not shown', async () => {
		const signals: AbortSignal[] = [];
		const { all, ...head } = answer(1);
		let release = (): void => undefined;
		const { rows } = rowsOver(answer(1), {
			ask: (path, _, signal) => {
				signals.push(signal);
				return new Promise((resolve) => {
					release = () => resolve({ ...head, files: all, version: String(path) });
				});
			},
		});
		rows.path = '/ws/a.ts';
		const before = rows.children(rows.file);
		const releaseFirst = release;
		rows.path = '/ws/b.ts';
		assert.deepEqual(
			signals.map(({ aborted }) => aborted),
			[true],
		);
		const now = rows.children(rows.file);
		releaseFirst();
		release();
		assert.deepEqual(await before, []);
		assert.deepEqual(texts(await now), ['1: 1 expanded']);
		assert.equal(rows.known(rows.file)?.version, '/ws/b.ts');
	});

	for (const [name, expected, change] of [
		['no editor', ['noFile'], () => undefined],
		['nothing depends on it', ['none'], (rows) => (rows.path = '/ws/a.ts')],
		['still indexing', ['waits'], (rows) => (rows.readiness = 'waits')],
	] as [string, string[], (rows: ImpactRows) => void][]) {
		test(`a row says: ${name}`, async () => {
			const { rows } = rowsOver(answer());
			change(rows);
			assert.deepEqual(texts(await rows.children(rows.file)), expected);
		});
	}

	test('a row says: no burst yet, and none affected by one', async () => {
		const { rows, server } = rowsOver(answer());
		assert.deepEqual(texts(await rows.children(rows.burst)), ['noBurst']);
		server.answer = { ...answer(), burst: sampleBurst() };
		rows.refresh();
		assert.deepEqual(texts(await rows.children(rows.burst)), ['none']);
	});

	test('a request that failed is a row, and asked again with the next refresh', async () => {
		let up = false;
		const { all, ...head } = answer(1);
		const { rows } = rowsOver(answer(1), {
			ask: () => (up ? Promise.resolve({ ...head, files: all }) : Promise.reject(new Error('disk full'))),
		});
		const [row] = await rows.children(rows.burst);
		assert.deepEqual(row, { kind: 'note', root: rows.burst, note: 'failed', why: 'Error: disk full' });
		up = true;
		assert.deepEqual(texts(await rows.children(rows.burst)), ['1: 1 expanded']);
	});

	test('a slow answer is waited for in a row, and shown when it comes', async () => {
		let release = (): void => undefined;
		const { all, ...head } = answer(1);
		const { rows } = rowsOver(answer(1), {
			ask: () =>
				new Promise((resolve) => {
					release = () => resolve({ ...head, files: all });
				}),
			patience: () => Promise.resolve(),
		});
		assert.deepEqual(texts(await rows.children(rows.burst)), ['asks']);
		const changed = new Promise((resolve) => rows.changed.on(resolve));
		release();
		assert.equal(await changed, rows.burst);
		assert.deepEqual(texts(await rows.children(rows.burst)), ['1: 1 expanded']);
	});

	test('a slow answer that fails is a row, too', async () => {
		const { rows } = rowsOver(answer(1), {
			ask: async () => {
				await new Promise(setImmediate);
				throw new Error('disk full');
			},
			patience: () => Promise.resolve(),
		});
		assert.deepEqual(texts(await rows.children(rows.burst)), ['asks']);
		assert.equal(await new Promise((resolve) => rows.changed.on(resolve)), rows.burst);
		assert.deepEqual(texts(await rows.children(rows.burst)), ['failed']);
	});

	test('nothing watched: no rows, so that the welcome shows', async () => {
		const { rows } = rowsOver(answer(1));
		rows.readiness = 'none';
		assert.deepEqual(await rows.children(), []);
	});

	test('what is told as a whole is a group of its own, after the files', async () => {
		const place = { scope: 'package', of: '/ws', by: '/ws/a.ts', reason: 'eval', files: 1 } as const;
		const { rows } = rowsOver({ ...answer(1), widened: [place], widenedCount: 7 });
		const [, group] = await rows.children(rows.burst);
		assert.ok(group?.kind === 'widenedGroup');
		const [widened] = await rows.children(group);
		assert.equal(widened?.kind, 'widened');
		assert.equal(parentOf(widened), group);
		assert.equal(rootOf(widened), rows.burst);
		assert.ok(isImpactNode(widened) && !isImpactNode({ kind: 'watch' }) && !isImpactNode(undefined));
	});
});

suite('texts of rows', () => {
	const around = (fields: Partial<Surroundings> = {}): Surroundings => ({
		path: '/ws/cart.ts',
		pinned: false,
		known: undefined,
		now: 120_000,
		shorten: (path) => path.replace(/^\/ws\/?/, ''),
		...fields,
	});
	const root = { kind: 'root', of: 'file' } as const;
	const burst = { kind: 'root', of: 'burst' } as const;
	const group: ImpactGroup = {
		kind: 'group',
		root,
		group: { distance: 2, files: 1200, possible: 3 },
		expanded: true,
	};
	const { all: _, ...known } = answer(3, 4);
	const place = { scope: 'directory', of: '/ws/shop', by: '/ws/a.ts', reason: 'import(name)', files: 1 } as const;
	const widenedGroup = { kind: 'widenedGroup', root, places: [place], count: 3 } as const;

	for (const [node, surroundings, label, description] of [
		[root, {}, 'Dependents of cart.ts', ''],
		[root, { known: { ...known, files: [] } }, 'Dependents of cart.ts', '7 files'],
		[root, { pinned: true, known: { ...known, files: [] } }, 'Dependents of cart.ts', 'pinned · 7 files'],
		[root, { path: undefined }, 'Dependents of the active file', ''],
		[burst, {}, 'Affected by the last burst', ''],
		[
			burst,
			{ known: { ...known, groups: [], files: [], burst: sampleBurst() } },
			'Affected by the last burst',
			'2 changes',
		],
		[
			burst,
			{ known: { ...known, files: [], burst: sampleBurst({ origin: 'git' }) } },
			'Affected by the last burst',
			'7 files · git: 2 changes',
		],
		[group, {}, '2 steps', '1,200 files · 3 only possibly'],
		[
			{ kind: 'file', within: group, file: affected({ certainty: 'possible' }) },
			{},
			'checkout.ts',
			'`total` in cart.ts → `due` in checkout.ts · possibly: behaviour · shop',
		],
		[widenedGroup, {}, 'What is told as a whole', '3 places'],
		[
			{ kind: 'widened', within: widenedGroup, place, index: 0 },
			{},
			'a.ts: import(name)',
			'1 file in the folder shop',
		],
		[{ kind: 'note', root, note: 'noFile' }, {}, 'Open a file of a watched folder', ''],
		[{ kind: 'note', root, note: 'notCovered' }, {}, 'No watch has this file', ''],
		[{ kind: 'note', root, note: 'none' }, {}, 'No other file depends on it', ''],
		[{ kind: 'note', root: burst, note: 'none' }, {}, 'No other file is affected', ''],
		[{ kind: 'note', root: burst, note: 'noBurst' }, {}, 'Nothing has changed yet', ''],
		[{ kind: 'note', root, note: 'waits' }, {}, 'Files are still being read', ''],
		[{ kind: 'note', root, note: 'failed', why: 'No\nroom.' }, {}, 'No␊room.', ''],
		[{ kind: 'more', within: group }, {}, 'Load More…', ''],
		[{ kind: 'limit', within: group }, {}, 'The first 1,000 are listed', 'Copy Impact has all of them'],
	] as [ImpactNode, Partial<Surroundings>, string, string][]) {
		test([label, description].join(' | '), () => {
			const row = impactRowText(node, around(surroundings), w, posix);
			assert.deepEqual([row.label, row.description], [label, description]);
			assert.ok(row.accessibleLabel.startsWith(label));
		});
	}

	test('a file’s row says all aloud, and its tooltip has every step', () => {
		const row = impactRowText({ kind: 'file', within: group, file: affected() }, around(), w, posix);
		assert.equal(
			row.accessibleLabel,
			'checkout.ts, behaviour, 1 step, `total` in cart.ts → `due` in checkout.ts, shop',
		);
		assert.deepEqual(row.tooltip, [
			'shop/checkout.ts',
			'behaviour, 1 step',
			'`total` in cart.ts',
			'→ `due` in checkout.ts',
		]);
	});
});

suite('copied text', () => {
	const listOver = (of: ReturnType<typeof answer>, later = of) => {
		let count = 0;
		return new ImpactList(({ offset, limit }) => {
			const { all, ...head } = count++ === 0 ? of : later;
			return Promise.resolve({ ...head, files: all.slice(offset, offset + limit) });
		});
	};
	const copied = (list: ImpactList) => impactAsText('Dependents of cart.ts', list, (path) => path.slice(4), w);

	test('every file with its reason, whatever the view shows', async () => {
		const lines = (await copied(listOver(answer(1, 1500)))).split('\n');
		assert.deepEqual(lines.slice(0, 5), [
			'Dependents of cart.ts: 1,501 files',
			'1 step',
			'  1-0.ts  behaviour',
			'    `total` in cart.ts → `due` in checkout.ts',
			'2 steps',
		]);
		assert.equal(lines.length, 1 + 2 + 2 * 1501);
	});

	test('it says where it ends, and what is told as a whole', async () => {
		const place = { scope: 'program', of: '/', by: '/ws/a.ts', reason: 'eval', files: 1 } as const;
		const text = await copied(listOver({ ...answer(10_001), widened: [place], widenedCount: 2 }));
		assert.deepEqual(text.split('\n').slice(-4), [
			'and 1 more',
			'What is told as a whole',
			'  a.ts: eval',
			'and 1 more',
		]);
	});

	test('an answer that becomes another one meanwhile is not mixed with it', async () => {
		const text = await copied(listOver(answer(700), { ...answer(700), version: 'v2' }));
		assert.equal(text.split('\n').at(-1), 'What follows has changed meanwhile. Copy again.');
	});
});
