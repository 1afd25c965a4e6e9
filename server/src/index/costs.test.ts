/** What questions cost, counted in reads of LMDB: the same in an index of ten times the size. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { countedTables, type Operations } from '../../../test/support/counted-tables.ts';
import { IndexReader } from './reader.ts';
import type { EntryStat } from './records.ts';
import { openTables, ROOT_NODE } from './tables.ts';
import { IndexWriter } from './writer.ts';

const START = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const PER_FOLDER = 100;
/** In which the files were made, whatever the size. */
const MINUTES = 100;
/** Changes of the one file that is asked about. */
const OWN_CHANGES = 20;

function statOf(kind: 'file' | 'folder', serial: number): EntryStat {
	const n = BigInt(serial);
	const times = { birthtimeNs: n, mtimeNs: n, ctimeNs: n };
	return { kind, dev: 1n, ino: n, ...times, size: n, mode: 0o644, uid: 0, gid: 0, nlink: 1, target: '' };
}

/** An index of so many files, each with a record; those of the watch `small` are 50 of them. */
class Sized {
	readonly folder = mkdtempSync(join(tmpdir(), 'costs-'));
	readonly operations: Operations;
	readonly reader: IndexReader;
	now = START;

	constructor(files: number) {
		const claim = IndexWriter.claim(this.folder, '');
		assert.ok('writer' in claim);
		const { writer } = claim;
		let serial = 0;
		const folders: number[] = [];
		writer.transact(this.now, (transaction) => {
			const coverage = transaction.internCoverage(['large']);
			for (let i = 0; i < files / PER_FOLDER; i++) {
				const made = transaction.create(ROOT_NODE, `d${i}`, statOf('folder', ++serial), coverage, 'silent');
				folders.push(made.id);
			}
		});
		const small = () =>
			writer.transact(this.now, (transaction) => {
				const coverage = transaction.internCoverage(['large', 'small']);
				for (let i = 0; i < 50; i++) {
					transaction.create(ROOT_NODE, `s${i}`, statOf('file', ++serial), coverage, 'event');
				}
			});
		const large = () => {
			for (let i = 0; i < MINUTES; i++) {
				this.now = START + i * MINUTE_MS;
				writer.transact(this.now, (transaction) => {
					const coverage = transaction.internCoverage(['large']);
					for (let j = i; j < files; j += MINUTES) {
						const folder = folders[Math.floor(j / PER_FOLDER)]!;
						transaction.create(folder, `f${j % PER_FOLDER}`, statOf('file', ++serial), coverage, 'event');
					}
				});
			}
		};
		const one = () => {
			for (let i = 0; i < OWN_CHANGES; i++) {
				writer.transact(this.now, (transaction) => {
					const node = transaction.lookup(['d0', 'f7']);
					assert.ok(node !== undefined);
					transaction.update(node, statOf('file', ++serial), 'modify');
				});
			}
		};
		small();
		large();
		one();
		void writer.close();
		const { tables, operations } = countedTables(openTables(this.folder, true));
		this.operations = operations;
		this.reader = new IndexReader(this.folder, assert.fail, tables);
	}

	cost(ask: (reader: IndexReader, now: number) => unknown): number {
		this.operations.reads = 0;
		ask(this.reader, this.now);
		return this.operations.reads;
	}

	async close(): Promise<void> {
		await this.reader.close();
		rmSync(this.folder, { recursive: true });
	}
}

suite('what questions cost', () => {
	const sizes = [new Sized(1000), new Sized(20_000)] as const;
	after(async () => {
		await Promise.all(sizes.map((each) => each.close()));
	});

	/** @param most reads, in an index of either size */
	const check = (name: string, most: number, ask: (reader: IndexReader, now: number) => unknown) => {
		test(`${name}: at most ${most} reads`, () => {
			const [small, large] = sizes.map((each) => each.cost(ask));
			assert.ok(small !== undefined && large !== undefined);
			assert.ok(large <= most, `${large} reads in the large index`);
			assert.ok(large <= small, `${small} reads in the small index, ${large} in the large one`);
		});
	};
	check('the whole', 10, (reader) => reader.global());
	check('a watch', 1, (reader) => reader.watchCounts('large'));
	check('a file', 3, (reader) => reader.pathStats('/d0/f7'));
	check('a folder', 2, (reader) => reader.pathStats('/d0'));
	check('what changed most in an hour', 61 * 3 + 40, (reader, now) => {
		assert.equal(reader.hotPaths({ windowMs: 60 * MINUTE_MS, limit: 10 }, now).paths[0]?.path, '/d0/f7');
	});
	check('what changed most in a day', 300, (reader, now) =>
		reader.hotPaths({ watchId: 'large', windowMs: 1440 * MINUTE_MS, limit: 10 }, now),
	);
	check('events by the minute', 102, (reader, now) => {
		assert.equal(reader.rates({ unit: 'minute', watchId: 'large' }, now).periods.length, MINUTES);
	});
	check('the changes of a file', 3 * (OWN_CHANGES + 1) + 20, (reader) => {
		assert.equal(reader.recentChanges({ path: '/d0/f7', limit: 50 }).changes.length, OWN_CHANGES + 1);
	});
	check('a page of everything', 120, (reader) => {
		assert.equal(reader.recentChanges({ limit: 50 }).changes.length, 50);
	});

	test('a page of what was at a path before, whatever it is that is there now: past few of its records', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'costs-'));
		const claim = IndexWriter.claim(folder, '');
		assert.ok('writer' in claim);
		let serial = 0;
		const changes = (count: number, isLast: boolean) =>
			claim.writer.transact(START, (transaction) => {
				const coverage = transaction.internCoverage(['w']);
				const other = transaction.create(ROOT_NODE, `x${serial}`, statOf('file', ++serial), coverage, 'event');
				let node = transaction.create(ROOT_NODE, 'f', statOf('file', ++serial), coverage, 'event');
				for (let i = 1; i < count; i++) {
					node = transaction.update(node, statOf('file', ++serial), 'modify');
				}
				if (!isLast) {
					transaction.remove(node, 'event');
				}
				transaction.update(other, statOf('file', ++serial), 'modify');
			});
		changes(200, false);
		changes(20_000, true);
		await claim.writer.close();
		const { tables, operations } = countedTables(openTables(folder, true));
		const reader = new IndexReader(folder, assert.fail, tables);
		const found: number[] = [];
		let worst = 0;
		// From the other file's record in the middle on.
		for (let before: number | undefined = 10_000; before !== undefined;) {
			operations.reads = 0;
			const page = reader.recentChanges({ path: '/f', limit: 50, before });
			found.push(...page.changes.map(({ seq }) => seq));
			worst = Math.max(worst, operations.reads);
			before = page.next;
		}
		assert.deepEqual(
			found,
			Array.from({ length: 9999 }, (_, i) => 9999 - i).filter((seq) => ![1, 203, 204].includes(seq)),
		);
		assert.ok(worst < 800, `${worst} reads for a page`);
		await reader.close();
		rmSync(folder, { recursive: true });
	});

	test('a page of a type or a watch: one read for each 1,024 records without any', () => {
		for (const [i, blocks] of [
			[0, 2],
			[1, 20],
		] as const) {
			const ask = (reader: IndexReader) => {
				assert.equal(reader.recentChanges({ watchId: 'small', limit: 500 }).changes.length, 50);
			};
			// The block that has the 50 is read, and each record told with its watches.
			const reads = sizes[i].cost(ask);
			assert.ok(reads <= blocks + 1024 + 2 * 1024 + 20, `${reads} reads`);
		}
	});
});
