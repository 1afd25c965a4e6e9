/** Retention by each of its limits, on a real LMDB; that counters follow exactly is the property test of transaction.test.ts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { checkLogIndexes, checkSearches } from '../../../test/support/log-recount.ts';
import { ALWAYS_KEPT, type Pruned, type RetentionLimits } from './prune.ts';
import { IndexReader } from './reader.ts';
import type { EntryStat } from './records.ts';
import { bytesInUse, ROOT_NODE } from './tables.ts';
import type { IndexTransaction } from './transaction.ts';
import { IndexWriter } from './writer.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const UNLIMITED: RetentionLimits = { since: 0, records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

class Index {
	readonly folder = mkdtempSync(join(tmpdir(), 'prune-'));
	writer = this.#claim();
	#serial = 0;

	constructor(t: TestContext) {
		t.after(async () => {
			await this.writer.close();
			rmSync(this.folder, { recursive: true });
		});
	}

	async restart(): Promise<void> {
		await this.writer.close();
		this.writer = this.#claim();
	}

	/** New files, in one transaction and one burst. */
	create(count: number, now: number, id = this.writer.lastBurstId() + 1): void {
		const burst = { id, origin: 'unknown', root: '/' } as const;
		const work = (transaction: IndexTransaction) => {
			const coverage = transaction.internCoverage(['w']);
			transaction.putWatch('w', {
				root: '/',
				name: 'w',
				coverageKey: '',
				indexed: true,
				paused: false,
				mountPoint: false,
			});
			for (let i = 0; i < count; i++) {
				const serial = ++this.#serial;
				transaction.create(ROOT_NODE, `file-${serial}`, stat(serial), coverage, 'event');
			}
		};
		this.writer.transact(now, work, { burstOf: () => burst });
	}

	prune(limits: Partial<RetentionLimits>, isOver: () => boolean = () => false, now = START): Pruned {
		let pruned: Pruned | undefined;
		this.writer.transact(now, (transaction) => {
			pruned = transaction.prune({ ...UNLIMITED, ...limits }, isOver);
		});
		assert.ok(pruned !== undefined);
		checkLogIndexes(this.writer.tables);
		assert.deepEqual(this.writer.verify({ part: {}, statOf: () => undefined }).differences, []);
		return pruned;
	}

	async ask<T>(question: (reader: IndexReader) => T): Promise<T> {
		const reader = new IndexReader(this.folder, assert.fail);
		try {
			return question(reader);
		} finally {
			await reader.close();
		}
	}

	#claim(): IndexWriter {
		const claim = IndexWriter.claim(this.folder, '');
		assert.ok('writer' in claim);
		return claim.writer;
	}

	live(): Promise<number> {
		return this.ask((reader) => reader.watchCounts('w').event_count);
	}
}

function stat(serial: number): EntryStat {
	const n = BigInt(serial);
	const times = { birthtimeNs: n, mtimeNs: n, ctimeNs: n };
	return { kind: 'file', dev: 1n, ino: n, ...times, size: n, mode: 0o644, uid: 0, gid: 0, nlink: 1, target: '' };
}

test('by number: the newest are kept, lifetime totals stay, and the index can tell what it no longer has', async (t) => {
	const index = new Index(t);
	index.create(150, START);
	const cursor = await index.ask((reader) => reader.cursor());
	index.create(150, START + 1);
	assert.equal(index.writer.pruningDue({ ...UNLIMITED, records: 300 }), 'no');
	assert.equal(index.writer.pruningDue({ ...UNLIMITED, records: 299 }), 'yes');
	assert.equal(index.writer.pruningDue({ ...UNLIMITED, records: 100 }), 'much');
	assert.deepEqual(index.prune({ records: 150 }), { records: 150, damaged: [], more: false });
	assert.equal(await index.live(), 150);
	await index.ask((reader) => {
		assert.deepEqual(reader.watchCounts('w').lifetime.create, 300);
		assert.equal(reader.retention().prunedTo, 150);
		const { fresh, changes } = reader.since(cursor);
		assert.deepEqual([fresh, changes.length], [false, 150], 'the cursor at the prune point is good');
	});
	index.prune({ records: 149 });
	await index.ask((reader) => {
		const { fresh, pruned, changes } = reader.since(cursor);
		assert.deepEqual([fresh, pruned, changes.length], [true, true, 300], 'behind it everything is listed');
		assert.equal(reader.since('0').pruned, undefined);
		assert.equal(reader.recentChanges({ limit: 500 }).changes.length, 149);
	});
	checkSearches(index.writer.tables);
});

test('within a burst: what is left of it is counted, and the index agrees with itself', (t) => {
	const index = new Index(t);
	for (let i = 0; i < 4; i++) {
		index.create(3, START + i, 1);
	}
	for (const records of [10, 9, 4]) {
		assert.equal(index.prune({ records }).more, false);
	}
	assert.equal(index.writer.lastBurstId(), 1);
});

test('by age, also when nothing is left; numbers and bursts go on after a restart', async (t) => {
	const index = new Index(t);
	index.create(10, START);
	index.create(10, START + DAY_MS);
	assert.equal(index.prune({ since: START + 1 }).records, 10);
	assert.equal(index.prune({ since: START + 1 }).records, 0);
	assert.equal(index.prune({ since: START + 2 * DAY_MS }).records, 10);
	const cursor = await index.ask((reader) => reader.cursor());
	await index.ask((reader) => {
		assert.deepEqual([reader.head, reader.global().event_count, reader.since(cursor).fresh], [20, 0, false]);
		assert.equal(reader.since(cursor.replace(/20$/, '19')).pruned, true);
		assert.deepEqual(reader.rates({ unit: 'day' }, START + DAY_MS).periods, [], 'rates follow');
	});
	await index.restart();
	assert.deepEqual([index.writer.head, index.writer.lastBurstId()], [20, 2]);
	index.create(1, START + 3 * DAY_MS);
	assert.deepEqual([index.writer.head, index.writer.lastBurstId()], [21, 3]);
	checkLogIndexes(index.writer.tables);
});

test('by size: until the index needs no more than it may, but never the newest records', (t) => {
	const index = new Index(t);
	for (let i = 0; i < 6; i++) {
		index.create(ALWAYS_KEPT / 2, START + i);
	}
	const { tables } = index.writer;
	const before = bytesInUse(tables);
	let rounds = 0;
	// A slice stops to look at the size again.
	for (let more = true; more && rounds < 1000; rounds++) {
		let taken = 0;
		more = index.prune({ bytes: before * 0.9 }, () => ++taken > 500).more;
	}
	assert.ok(bytesInUse(tables) <= before * 0.9);
	assert.ok(tables.log.getKeysCount({}) > ALWAYS_KEPT, 'no more went than had to');
	index.prune({ bytes: 1 });
	assert.equal(tables.log.getKeysCount({}), ALWAYS_KEPT, 'the files themselves need the room');
	assert.equal(index.writer.pruningDue({ ...UNLIMITED, bytes: 1 }), 'no', 'and that is the end of it');
});

test('in slices: each ends when it is told to, and says that there is more', (t) => {
	const index = new Index(t);
	index.create(100, START);
	let taken = 0;
	const slice = index.prune({ records: 10 }, () => ++taken > 30);
	assert.deepEqual(slice, { records: 30, damaged: [], more: true });
	assert.deepEqual(index.prune({ records: 10 }), { records: 60, damaged: [], more: false });
});

test('a damaged record goes with the one after it, and is told', (t) => {
	const index = new Index(t);
	index.create(20, START);
	const { tables } = index.writer;
	tables.env.transactionSync(() => {
		tables.log.putSync(1, Buffer.from('whatever this is, it is no record of the log'));
	});
	let pruned: Pruned | undefined;
	index.writer.transact(START, (transaction) => {
		pruned = transaction.prune({ ...UNLIMITED, records: 10 }, () => false);
	});
	assert.deepEqual(pruned, { records: 10, damaged: [1], more: false });
	assert.equal(tables.log.getKeysCount({}), 10);
});

test('a slice that fails leaves everything as it was', async (t) => {
	const index = new Index(t);
	index.create(20, START);
	assert.throws(
		() =>
			index.writer.transact(START, (transaction) => {
				transaction.prune({ ...UNLIMITED, records: 5 }, () => false);
				throw new Error('thrown away');
			}),
		/thrown away/,
	);
	checkLogIndexes(index.writer.tables);
	assert.equal(await index.live(), 20);
});
