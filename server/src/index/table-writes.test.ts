/** How many rows a change writes: that of a folder must not depend on what is in it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EntryKind } from '#shared/model.ts';
import type { EntryStat } from './records.ts';
import { ROOT_NODE, type Tables } from './tables.ts';
import { IndexWriter } from './writer.ts';

let serial = 1;

function statOf(kind: EntryKind): EntryStat {
	const n = BigInt(serial++);
	const times = { birthtimeNs: n, mtimeNs: n, ctimeNs: n };
	return { kind, dev: 1n, ino: n, size: n, ...times, mode: 0o644, uid: 0, gid: 0, nlink: 1, target: '' };
}

/** Counts, by table, the rows that are put and removed from now on. */
function countWrites(tables: Tables): Record<string, number> {
	const counted: Record<string, number> = {};
	const { env: _env, storing: _storing, ...all } = tables;
	for (const [name, table] of Object.entries(all) as [string, Tables['nodes']][]) {
		for (const method of ['putSync', 'removeSync'] as const) {
			const original = table[method].bind(table) as (...parameters: unknown[]) => boolean;
			Object.assign(table, {
				[method]: (...parameters: unknown[]) => {
					counted[name] = (counted[name] ?? 0) + 1;
					return original(...parameters);
				},
			});
		}
	}
	return counted;
}

/** The writes of moving a folder with so many files, each with a record, from one folder to another. */
function writesOfMove(folder: string, files: number, from: string[], to: string[]): Record<string, number> {
	const claim = IndexWriter.claim(folder, '');
	assert.ok('writer' in claim);
	const { writer } = claim;
	writer.transact(1, (transaction) => {
		const covered = transaction.internCoverage(from);
		transaction.internCoverage(to);
		const left = transaction.create(ROOT_NODE, 'left', statOf('folder'), covered, 'event');
		transaction.create(ROOT_NODE, 'right', statOf('folder'), transaction.internCoverage(to), 'event');
		const big = transaction.create(left.id, 'big', statOf('folder'), covered, 'event');
		for (let i = 0; i < files; i++) {
			transaction.create(big.id, `${i}`, statOf('file'), covered, 'event');
		}
	});
	const writes = countWrites(writer.tables);
	writer.transact(2, (transaction) => {
		const big = transaction.lookup(['left', 'big'])!;
		const right = transaction.lookup(['right'])!;
		const place = { parent: right.id, name: 'big' };
		const coverage = transaction.internCoverage(to);
		transaction.move(big, place, coverage, 'event');
		if (from.join() !== to.join()) {
			for (const child of transaction.children(big.id)) {
				transaction.recover(child, coverage, 'coverage');
			}
		}
	});
	// Closing writes as well.
	const counted = { ...writes };
	void writer.close();
	return counted;
}

test('moving a folder writes as many rows whatever is in it, where its coverage stays; else one more per node', () => {
	const folder = mkdtempSync(join(tmpdir(), 'table-writes-'));
	try {
		const of = (files: number, to: string[]) =>
			writesOfMove(join(folder, `${files}${to.join()}`), files, ['a'], to);
		const few = of(10, ['a']);
		assert.deepEqual(of(10_000, ['a']), few);
		// The entry here and there, its place, one record, the counters of four nodes and the root's, of one watch, of all.
		// And of what shows the log: the block's, minute, hour and day of one watch and of all.
		const counted = { pathStats: 4, watchStats: 1, stats: 10, rates: 6, hotNodes: 6 };
		assert.deepEqual(few, { nodeById: 1, nodes: 2, log: 1, logBlocks: 1, meta: 1, ...counted });
		const between = of(10_000, ['b']);
		assert.deepEqual(between, { ...few, nodes: 10_002, watchStats: 2, coverages: 1, rates: 9, hotNodes: 9 });
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
