/** The writer with an index of its own and nobody else: no source runs, what it posts is kept. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { IndexTransaction } from '../index/transaction.ts';
import { IndexWriter } from '../index/writer.ts';
import type { FromWriter } from './messages.ts';
import { planWatches } from './watch-plan.ts';
import { Writer } from './writer.ts';

test('all watches are paused, or, when that cannot be written, none', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'writer-'));
	t.after(() => {
		rmSync(folder, { recursive: true });
	});
	const claim = IndexWriter.claim(join(folder, 'index'), '');
	assert.ok('writer' in claim);
	const index = claim.writer;
	let told: Record<string, string> = {};
	const post = (message: FromWriter) => {
		if (message.type === 'state') {
			told = Object.fromEntries(message.watches.map(({ id, state }) => [id, state]));
		}
	};
	const writer = new Writer(index, join(folder, 'index'), { post, toDrain: () => undefined, crawlers: 0 });
	for (const name of ['a', 'b']) {
		mkdirSync(join(folder, name));
	}
	const entries = [
		{ path: 'a', id: 'a' },
		{ path: 'b', id: 'b' },
	];
	writer.configure(
		planWatches([{ place: 'test', entries, base: folder, excludes: [] }], { folders: [], trusted: true }),
	);
	const ask = (type: 'pauseAll' | 'resumeAll') => writer.request({ type }, () => undefined);
	const stored = () => {
		const paused: Record<string, boolean> = {};
		index.transact(0, (transaction) => {
			for (const [id, watch] of transaction.storedWatches()) {
				paused[id] = watch.paused;
			}
		});
		return paused;
	};

	const commits = t.mock.method(index, 'transact', (now: number, work: (transaction: IndexTransaction) => void) => {
		commits.mock.restore();
		index.transact(now, (transaction) => {
			work(transaction);
			// As LMDB does on a full disk: when all is written, and the commit fails.
			throw Object.assign(new Error('No space left on device'), { code: 28 });
		});
	});
	await assert.rejects(ask('pauseAll'), { code: ErrorCodes.indexWriteFailed });
	assert.deepEqual(told, { a: 'starting', b: 'starting' });
	assert.deepEqual(stored(), { a: false, b: false });

	await ask('pauseAll');
	assert.deepEqual(told, { a: 'paused', b: 'paused' });
	assert.deepEqual(stored(), { a: true, b: true });
	await ask('resumeAll');
	assert.deepEqual(told, { a: 'starting', b: 'starting' });
	assert.deepEqual(stored(), { a: false, b: false });
	await writer.stop();
});

test('watches that could not be written do not run otherwise before they are', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'writer-'));
	t.after(() => {
		rmSync(folder, { recursive: true });
	});
	const claim = IndexWriter.claim(join(folder, 'index'), '');
	assert.ok('writer' in claim);
	const index = claim.writer;
	const writer = new Writer(index, join(folder, 'index'), {
		post: () => undefined,
		toDrain: () => undefined,
		crawlers: 0,
	});
	const configure = (...names: string[]) => {
		const entries = names.map((name) => ({ path: name, id: name }));
		const source = { place: 'test', entries, base: folder, excludes: [] };
		writer.configure(planWatches([source], { folders: [], trusted: true }));
	};
	const pause = (watchId: string) => writer.request({ type: 'pause', watchId }, () => undefined);
	for (const name of ['a', 'b']) {
		mkdirSync(join(folder, name));
	}
	configure('a', 'b');
	const commits = t.mock.method(index, 'transact', () => {
		commits.mock.restore();
		throw new FiletideError(ErrorCodes.indexWriteFailed, 'No space left on device');
	});
	configure('a');
	await pause('b');
	configure('a');
	await assert.rejects(pause('b'), { code: ErrorCodes.watchUnknown });
	await writer.stop();
});
