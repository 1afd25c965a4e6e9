import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { suite, test } from 'node:test';
import type { Counters, PathStats } from '#shared/model.ts';
import { plainWording as w } from '../plain-wording.ts';
import { badgeText, decorationText } from './badge.ts';
import { markText } from './mark-text.ts';
import { PathCache } from './path-cache.ts';
import { SeenImpact, type StoredSeen } from './seen-impact.ts';
import { WatchRoots } from './watch-roots.ts';

const counters = (create: number, modify: number, metadata = 0): Counters => ({
	event_count: create + modify,
	metadata_count: metadata,
	per_type_counts: { create, modify, metadata, move: 0 },
});
const stats = (path: string, subtree = counters(0, 1)): PathStats => ({ path, own: subtree, subtree });

suite('badge', () => {
	for (const [count, expected] of [
		[0, undefined],
		[1, '1'],
		[9, '9'],
		[10, '9+'],
		[123_456, '9+'],
	] as const) {
		test(`${count} → ${expected}`, () => assert.equal(badgeText(count), expected));
	}

	test('the tooltip has the full numbers', () => {
		assert.deepEqual(decorationText(stats('/a', counters(1, 11, 3)), w), {
			badge: '9+',
			tooltip: '12 changes: 1 create, 11 modify · 3 metadata changes',
		});
		assert.deepEqual(decorationText(stats('/a', counters(0, 0, 1)), w), {
			badge: undefined,
			tooltip: '1 metadata change',
		});
		assert.equal(decorationText(stats('/a', counters(0, 0)), w), undefined);
	});
});

suite('watch roots', () => {
	const roots = new WatchRoots(['/ws/src', '/ws/src/deep'], posix);

	test('contain themselves and what is beneath, not what starts alike', () => {
		assert.deepEqual(
			['/ws/src', '/ws/src/a', '/ws/srcx', '/ws', '/'].map((path) => roots.contains(path)),
			[true, true, false, false, false],
		);
	});

	test('folders above, up to the outermost root', () => {
		assert.deepEqual(roots.withFoldersAbove('/ws/src/deep/er/a.ts'), [
			'/ws/src/deep/er/a.ts',
			'/ws/src/deep/er',
			'/ws/src/deep',
			'/ws/src',
		]);
		assert.deepEqual(roots.withFoldersAbove('/elsewhere/a'), []);
	});

	test('a file-system root ends', () => {
		assert.deepEqual(new WatchRoots(['/'], posix).withFoldersAbove('/a/b'), ['/a/b', '/a', '/']);
	});

	test('Windows ignores case', () => {
		const windows = new WatchRoots(['C:\\Ws'], win32);
		assert.ok(windows.contains('c:\\ws\\a.ts'));
		assert.deepEqual(windows.withFoldersAbove('c:\\WS\\d\\a.ts'), ['c:\\WS\\d\\a.ts', 'c:\\WS\\d', 'c:\\WS']);
	});
});

suite('cache of what the server says of paths', () => {
	function cacheOver(answer: (path: string) => PathStats | null, maxEntries = 100) {
		const requests: string[][] = [];
		const cache = new PathCache({
			fetch: (paths) => {
				requests.push(paths);
				return Promise.resolve(paths.map(answer));
			},
			delayMs: 1,
			maxPaths: 3,
			maxEntries,
		});
		return { cache, requests, get: (path: string) => cache.get(path, path) };
	}

	test('questions travel together, each path once, in batches', async () => {
		const { requests, get } = cacheOver((path) => (path === 'c' ? null : stats(path)));
		const answers = await Promise.all(['a', 'b', 'a', 'c', 'd'].map(get));
		assert.deepEqual(
			answers.map((answer) => answer?.path),
			['a', 'b', 'a', undefined, 'd'],
		);
		assert.deepEqual(requests, [['a', 'b', 'c'], ['d']]);
		await Promise.all(['a', 'c'].map(get));
		assert.equal(requests.length, 2);
	});

	test('invalidated paths are asked again; only those asked for are shown', async () => {
		const { cache, requests, get } = cacheOver(stats);
		await get('a');
		assert.equal(cache.invalidate('a'), true);
		assert.equal(cache.invalidate('never'), false);
		await get('a');
		assert.deepEqual(requests, [['a'], ['a']]);
	});

	test('an answer that a change overtakes is not kept', async () => {
		let release = (): void => undefined;
		let count = 0;
		const cache = new PathCache({
			fetch: async (paths) => {
				count += 1;
				const own = counters(0, count);
				await new Promise<void>((resolve) => {
					release = resolve;
				});
				return paths.map((path) => stats(path, own));
			},
			delayMs: 0,
			maxPaths: 10,
			maxEntries: 10,
		});
		const first = cache.get('a', 'a');
		await new Promise((resolve) => {
			setTimeout(resolve, 5);
		});
		assert.equal(cache.invalidate('a'), true);
		const second = cache.get('a', 'a');
		release();
		assert.equal((await first)?.subtree.event_count, 1);
		await new Promise(setImmediate);
		release();
		assert.equal((await second)?.subtree.event_count, 2);
	});

	test('bounded, and what was dropped may still be on screen', async () => {
		const { cache, requests, get } = cacheOver(stats, 2);
		await Promise.all(['a', 'b', 'c'].map(get));
		assert.equal(cache.invalidate('a'), true);
		await get('a');
		assert.equal(requests.length, 2);
	});

	test('without a server there is no answer and nothing is kept', async () => {
		let up = false;
		const cache = new PathCache({
			fetch: (paths) =>
				up ? Promise.resolve(paths.map((path) => stats(path))) : Promise.reject(new Error('gone')),
			delayMs: 0,
			maxPaths: 10,
			maxEntries: 10,
		});
		assert.equal(await cache.get('a', 'a'), undefined);
		up = true;
		assert.equal((await cache.get('a', 'a'))?.path, 'a');
	});

	test('dispose leaves nobody waiting', async () => {
		const { cache, get } = cacheOver(stats);
		const open = get('a');
		cache.dispose();
		assert.equal(await open, undefined);
	});
});

suite('marks of what the last burst affects', () => {
	const file = {
		file: '/ws/checkout.ts',
		kinds: ['behaviour' as const],
		distance: 1,
		reason: [
			{ file: '/ws/cart.ts', name: 'total' },
			{ file: '/ws/checkout.ts', name: 'due' },
		],
	};

	test('the badge fits, and says when it is only possible; the tooltip has the reason', () => {
		const certain = markText({ ...file, certainty: 'certain' }, w, posix);
		const possible = markText({ ...file, certainty: 'possible' }, w, posix);
		assert.notEqual(certain.badge, possible.badge);
		assert.ok([certain, possible].every(({ badge }) => badge.length <= 2));
		assert.equal(
			certain.tooltip,
			'Affected by the last burst, behaviour: `total` in cart.ts → `due` in checkout.ts',
		);
		assert.match(possible.tooltip, /possibly: behaviour/);
	});

	test('what was opened is seen until the next burst, also by the next window', () => {
		let stored: StoredSeen | undefined;
		const open = () => new SeenImpact(stored, (seen) => (stored = seen));
		const seen = open();
		seen.begin('index#1');
		seen.see('/ws/a.ts');
		const next = open();
		next.begin('index#1');
		assert.deepEqual([next.has('/ws/a.ts'), next.has('/ws/b.ts')], [true, false]);
		next.begin('index#2');
		assert.equal(next.has('/ws/a.ts'), false);
	});

	test('cleared marks stay away until the next burst', () => {
		let stored: StoredSeen | undefined;
		const seen = new SeenImpact(undefined, (value) => (stored = value));
		seen.begin('index#1');
		seen.seeAll();
		assert.ok(seen.has('/ws/a.ts') && new SeenImpact(stored, () => undefined).has('/ws/a.ts'));
		seen.begin('index#2');
		assert.equal(seen.has('/ws/a.ts'), false);
	});

	test('of many files that were opened the last 500 are kept', () => {
		let stored: StoredSeen | undefined;
		const seen = new SeenImpact(undefined, (value) => (stored = value));
		for (let index = 0; index < 600; index++) {
			seen.see(`/ws/${index}`);
		}
		assert.deepEqual([stored?.keys.length, stored?.keys.at(-1)], [500, '/ws/599']);
	});
});
