/** Run with a stand-in for the system's recursive watch, which only macOS and Windows have. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { watch } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { watchSchema } from '#shared/settings.ts';
import { RecursiveSource } from './recursive-source.ts';
import { Scopes } from './scope.ts';

class StandIn extends EventEmitter {
	close(): void {
		this.emit('close');
	}
}

suite('one recursive watch of the system', () => {
	const { filters } = watchSchema.parse({ path: '/w' });
	const coverage = {
		id: 'w',
		root: '/w',
		include: [],
		ignore: ['left-out'],
		excludes: [],
		filters,
		maxDepth: 9,
		followInto: [],
	};
	let hints: string[];
	let handle: StandIn;
	let report: (event: string, name: string | null) => void;
	let source: RecursiveSource;
	beforeEach(() => {
		hints = [];
		handle = new StandIn();
		source = new RecursiveSource(
			'/w',
			new Scopes([coverage], '/storage'),
			{
				entry: (path) => hints.push(`entry ${path}`),
				tree: (path) => hints.push(`tree ${path}`),
				poll: (path) => hints.push(`poll ${path}`),
				workTree: (folder) => hints.push(`work tree ${folder}`),
				failed: (error) => hints.push(`failed ${error.message}`),
				limited: () => hints.push('limited'),
			},
			((_root: string, _options: object, listener: typeof report) => {
				report = listener;
				return handle;
			}) as unknown as typeof watch,
		);
	});

	const check = (name: string, happens: () => void, expected: string[]) => {
		test(name, async () => {
			await source.ready;
			happens();
			assert.deepEqual(hints, expected);
		});
	};
	check('an entry', () => report('rename', 'a/b'), ['entry /w/a/b']);
	check('the root itself', () => report('rename', ''), ['entry /w']);
	check('nothing where no watch looks', () => report('rename', 'left-out/node_modules/x'), []);
	check('no name: events were dropped', () => report('change', null), ['tree /w']);
	check('an error: events may have been dropped', () => handle.emit('error', new Error('gone')), [
		'failed gone',
		'tree /w',
	]);

	test('new folders are hinted, outermost only', async () => {
		await source.ensure(['/w/a', '/w/a/b', '/w/c'].map((path) => ({ path, replaced: false })));
		assert.deepEqual(hints, ['tree /w/a', 'tree /w/c']);
	});

	test('it cannot say that it has reported everything', async () => {
		assert.equal(await source.settle(), false);
	});

	test('it holds one handle until it is closed, however often', async () => {
		let closed = 0;
		handle.on('close', () => closed++);
		assert.equal(source.handles, 1);
		await source.close();
		await source.close();
		assert.deepEqual([closed, source.handles], [1, 0]);
	});

	test('where the system has no such watch, it says so', async () => {
		const none = new RecursiveSource('/w', new Scopes([], '/storage'), {} as never, () => {
			throw new Error('no such thing');
		});
		await assert.rejects(none.ready, /no such thing/);
	});
});
