/**
 * Counters against a naive recount, on a real LMDB: random creates, updates, removals and changes of coverage, several in a
 * transaction, some transactions thrown away. fast-check prints the seed and the smallest failing sequence.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { EntryKind } from '#shared/model.ts';
import { checkLogIndexes, checkSearches } from '../../../test/support/log-recount.ts';
import * as counts from './counts.ts';
import { readGlobal } from './global-stats.ts';
import { CHANGE_TYPES, type EntryStat, nodeOfIdentity, unpackCounts, unpackLog, unpackPlace } from './records.ts';
import { ROOT_NODE } from './tables.ts';
import type { PlacedNode } from './node-reads.ts';
import type { IndexTransaction } from './transaction.ts';
import { unpackPathCounts } from './path-counts.ts';
import { IndexWriter } from './writer.ts';

const WATCHES = ['a', 'b', 'c'];
const WATCH = { root: '/', name: 'w', coverageKey: '', indexed: true, paused: false, mountPoint: false };
/** fast-check prints the seed of a failure; this replays it. */
const SEED = process.env['FILETIDE_SEED'] === undefined ? {} : { seed: Number(process.env['FILETIDE_SEED']) };
/** When the first transaction is. */
const START = Date.UTC(2026, 0, 1);

/** One step; numbers choose among what exists, modulo. */
type Step =
	| { op: 'create'; at: number; folder: boolean; coverage: number; recording: 'event' | 'coverage' | 'silent' }
	| { op: 'update'; at: number; type: 'modify' | 'metadata' | 'nothing' }
	| { op: 'remove'; at: number; recording: 'event' | 'coverage' }
	| { op: 'recover'; at: number; coverage: number }
	| { op: 'move'; at: number; to: number; coverage: number }
	| { op: 'swap'; at: number; to: number };

/** What a node should be. */
interface ModelNode {
	id: number;
	parent: number;
	name: string;
	kind: EntryKind;
	watches: string[];
	/** Live records by type. */
	own: number[];
}

/** A record of the log: what it counts for, and for which node. */
interface ModelRecord {
	nodeId: number;
	typeIndex: number;
	counts: boolean;
}

/** The index, counted the slow way. */
class Model {
	nodes = new Map<number, ModelNode>();
	/** By sequence number. */
	log = new Map<number, ModelRecord>();
	/** Node → its records up to this one no longer count: it stayed when no watch covered it. */
	givenBack = new Map<number, number>();
	head = 0;
	lifetime = new Map<string, number[]>([...WATCHES, 'global'].map((watch) => [watch, CHANGE_TYPES.map(() => 0)]));

	get records(): number {
		return this.log.size;
	}

	copy(): Model {
		return structuredCloneModel(this);
	}

	record(
		node: ModelNode,
		type: (typeof CHANGE_TYPES)[number],
		recording: 'event' | 'coverage' | 'silent',
		watches: readonly string[] = node.watches,
	): void {
		if (recording === 'silent') {
			return;
		}
		const index = CHANGE_TYPES.indexOf(type);
		const counts = recording === 'event' && type !== 'remove';
		this.log.set(++this.head, { nodeId: node.id, typeIndex: index, counts });
		if (recording === 'coverage') {
			return;
		}
		for (const watch of [...watches, 'global']) {
			this.lifetime.get(watch)![index]! += 1;
		}
		if (type !== 'remove') {
			node.own[index]! += 1;
		}
	}

	/** Takes the oldest records out, until so many are left. */
	prune(left: number): void {
		for (const [seq, { nodeId, typeIndex, counts }] of [...this.log].slice(0, Math.max(0, this.records - left))) {
			this.log.delete(seq);
			const node = this.nodes.get(nodeId);
			if (counts && node !== undefined && seq > (this.givenBack.get(nodeId) ?? 0)) {
				node.own[typeIndex]! -= 1;
			}
		}
	}

	children(id: number): ModelNode[] {
		return [...this.nodes.values()].filter((node) => node.parent === id);
	}

	isInside(folder: ModelNode, id: number): boolean {
		return id === folder.id || this.children(folder.id).some((child) => this.isInside(child, id));
	}

	subtree(node: ModelNode): number[] {
		return this.children(node.id).reduce((sum, child) => add(sum, this.subtree(child)), [...node.own]);
	}
}

function structuredCloneModel(model: Model): Model {
	const copy = new Model();
	copy.nodes = new Map(
		[...model.nodes].map(([id, node]) => [id, { ...node, watches: [...node.watches], own: [...node.own] }]),
	);
	copy.lifetime = new Map([...model.lifetime].map(([watch, row]) => [watch, [...row]]));
	copy.log = new Map(model.log);
	copy.givenBack = new Map(model.givenBack);
	copy.head = model.head;
	return copy;
}

function add(a: readonly number[], b: readonly number[]): number[] {
	return a.map((n, i) => n + (b[i] ?? 0));
}

function sum(rows: Iterable<readonly number[]>): number[] {
	let total = [0, 0, 0, 0];
	for (const row of rows) {
		total = add(total, row);
	}
	return total;
}

function coverageOf(bits: number): string[] {
	return WATCHES.filter((_watch, i) => (bits & (1 << i)) !== 0);
}

function statOf(kind: EntryKind, serial: number): EntryStat {
	const n = BigInt(serial);
	return {
		kind,
		dev: 1n,
		ino: n,
		birthtimeNs: n,
		size: n,
		mtimeNs: n,
		ctimeNs: n,
		mode: 0o644,
		uid: 0,
		gid: 0,
		nlink: 1,
		target: '',
	};
}

let serial = 1;

/** Does a step in the index and in the model. */
function apply(transaction: IndexTransaction, model: Model, step: Step): void {
	const all = [...model.nodes.values()];
	if (step.op === 'create') {
		const folders = [ROOT_NODE, ...all.filter((node) => node.kind === 'folder').map((node) => node.id)];
		const parent = folders[step.at % folders.length]!;
		const watches = coverageOf(step.coverage);
		const recording = watches.length === 0 ? 'silent' : step.recording;
		const kind = step.folder ? 'folder' : 'file';
		const name = `n${serial++}`;
		const made = transaction.create(
			parent,
			name,
			statOf(kind, serial),
			transaction.internCoverage(watches),
			recording,
		);
		const node: ModelNode = { id: made.id, parent, name, kind, watches, own: [0, 0, 0, 0] };
		model.nodes.set(node.id, node);
		model.record(node, 'create', recording);
		return;
	}
	const node = all[step.at % Math.max(all.length, 1)];
	if (node === undefined) {
		return;
	}
	if (step.op === 'update') {
		transaction.update(
			stored(transaction, node),
			statOf(node.kind, serial++),
			step.type === 'nothing' ? undefined : step.type,
		);
		if (step.type !== 'nothing') {
			model.record(node, step.type, node.watches.length === 0 ? 'silent' : 'event');
		}
	} else if (step.op === 'move') {
		const folders = [ROOT_NODE, ...all.filter((each) => each.kind === 'folder').map((each) => each.id)];
		const parent = folders[step.to % folders.length]!;
		const watches = coverageOf(step.coverage);
		// What no watch covers, here or there, is no move; a folder cannot come into itself.
		if (watches.length > 0 && node.watches.length > 0 && !model.isInside(node, parent)) {
			const place = { parent, name: `n${serial++}` };
			transaction.move(stored(transaction, node), place, transaction.internCoverage(watches), 'event');
			putInPlace(model, node, place, watches);
		}
	} else if (step.op === 'swap') {
		const other = all[step.to % all.length]!;
		const apart = !model.isInside(node, other.id) && !model.isInside(other, node.id);
		if (apart && node.watches.length > 0 && other.watches.length > 0) {
			const [here, there] = [
				{ parent: node.parent, name: node.name },
				{ parent: other.parent, name: other.name },
			];
			const [mine, its] = [stored(transaction, node), stored(transaction, other)];
			transaction.detach(its);
			transaction.move(mine, there, mine.coverage, 'event');
			transaction.move(its, here, its.coverage, 'event');
			putInPlace(model, node, there, node.watches);
			putInPlace(model, other, here, other.watches);
		}
	} else if (step.op === 'remove') {
		removeTree(transaction, model, node, step.recording);
	} else {
		const watches = coverageOf(step.coverage);
		const before = node.watches;
		transaction.recover(stored(transaction, node), transaction.internCoverage(watches), 'coverage');
		node.watches = watches;
		if ((before.length === 0) !== (watches.length === 0)) {
			model.record(node, before.length === 0 ? 'create' : 'remove', 'coverage');
		}
		if (watches.length === 0) {
			node.own = [0, 0, 0, 0];
			if (before.length > 0) {
				model.givenBack.set(node.id, model.head);
			}
		}
	}
}

function putInPlace(model: Model, node: ModelNode, place: { parent: number; name: string }, watches: string[]): void {
	const both = [...new Set([...node.watches, ...watches])];
	Object.assign(node, place, { watches });
	model.record(node, 'move', 'event', both);
}

function removeTree(
	transaction: IndexTransaction,
	model: Model,
	node: ModelNode,
	recording: 'event' | 'coverage',
): void {
	for (const child of model.children(node.id)) {
		removeTree(transaction, model, child, recording);
	}
	const effective = node.watches.length === 0 ? 'silent' : recording;
	transaction.remove(stored(transaction, node), effective);
	model.record(node, 'remove', effective);
	model.nodes.delete(node.id);
}

function stored(transaction: IndexTransaction, node: ModelNode): PlacedNode {
	const found = transaction.child(node.parent, node.name);
	assert.equal(found?.id, node.id, 'the index has the node');
	return found;
}

/** Every counter equals the recount. */
function check(writer: IndexWriter, model: Model): void {
	const { tables } = writer;
	const nodes = [...model.nodes.values()];
	for (const node of nodes) {
		const value = tables.pathStats.get(node.id);
		const row = value === undefined ? [0, 0, 0, 0, 0, 0, 0, 0] : unpackPathCounts(value);
		assert.deepEqual(row.slice(0, counts.LIVE), node.own, `own counters of ${node.name}`);
		assert.deepEqual(row.slice(counts.LIVE), model.subtree(node), `subtree counters of ${node.name}`);
	}
	for (const watch of WATCHES) {
		const covered = nodes.filter((node) => node.watches.includes(watch));
		const value = tables.watchStats.get(watch);
		const row =
			value === undefined
				? Array.from({ length: counts.WATCH_COUNTS }, () => 0)
				: unpackCounts(value, counts.WATCH_COUNTS);
		assert.deepEqual(
			row.slice(0, counts.LIVE),
			sum(covered.map((node) => node.own)),
			`live counters of watch ${watch}`,
		);
		assert.deepEqual(
			row.slice(counts.LIVE, counts.WATCH_FILES),
			model.lifetime.get(watch),
			`lifetime of watch ${watch}`,
		);
		assert.equal(
			row[counts.WATCH_FOLDERS],
			covered.filter((node) => node.kind === 'folder').length,
			`folders of watch ${watch}`,
		);
		assert.equal(
			row[counts.WATCH_FILES],
			covered.filter((node) => node.kind !== 'folder').length,
			`files of watch ${watch}`,
		);
	}
	for (const node of nodes) {
		const value = tables.nodeById.get(node.id);
		assert.deepEqual(value === undefined ? undefined : unpackPlace(value), {
			parent: node.parent,
			name: node.name,
		});
	}
	assert.deepEqual(
		[...tables.nodeByIdentity.getKeys({})].map(nodeOfIdentity).sort((a, b) => a - b),
		nodes.map((node) => node.id).sort((a, b) => a - b),
		'one identity for each node',
	);
	const global = readGlobal(tables);
	assert.deepEqual(global.slice(0, counts.LIVE), sum(nodes.map((node) => node.own)), 'global live counters');
	assert.deepEqual(global.slice(counts.LIVE, counts.GLOBAL_EVENTS), model.lifetime.get('global'), 'global lifetime');
	assert.equal(global[counts.GLOBAL_EVENTS], model.records, 'log records');
	assert.equal([...tables.log.getKeys({})].length, model.records, 'records in the log');
	assert.deepEqual(
		[...tables.pathStats.getKeys({})].filter((id) => id !== ROOT_NODE && !model.nodes.has(id)),
		[],
		'no row of a node that is gone',
	);
}

const at = fc.nat(1000);
const coverage = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 4,
		arbitrary: fc.record({
			op: fc.constant('create' as const),
			at,
			folder: fc.boolean(),
			coverage,
			recording: fc.constantFrom('event' as const, 'coverage' as const, 'silent' as const),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			op: fc.constant('update' as const),
			at,
			type: fc.constantFrom('modify' as const, 'metadata' as const, 'nothing' as const),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			op: fc.constant('remove' as const),
			at,
			recording: fc.constantFrom('event' as const, 'coverage' as const),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ op: fc.constant('recover' as const), at, coverage }) },
	{ weight: 3, arbitrary: fc.record({ op: fc.constant('move' as const), at, to: at, coverage }) },
	{ weight: 1, arbitrary: fc.record({ op: fc.constant('swap' as const), at, to: at }) },
);
const transactions = fc.array(
	fc.record({
		steps: fc.array(step, { maxLength: 12 }),
		fails: fc.boolean(),
		/** Minutes since the transaction before it. */
		after: fc.oneof(fc.nat(5), fc.nat(3000)),
		/** How many records retention leaves, where it is due. */
		leaves: fc.option(fc.nat(30), { nil: undefined, freq: 3 }),
	}),
	{ maxLength: 12 },
);
const NO_LIMIT = { since: 0, records: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

test('counters equal a naive recount after any sequence of transactions', () => {
	const folder = mkdtempSync(join(tmpdir(), 'transaction-'));
	try {
		let run = 0;
		fc.assert(
			fc.property(transactions, (sequence) => {
				const claim = IndexWriter.claim(join(folder, String(run++)), '');
				assert.ok('writer' in claim);
				const { writer } = claim;
				let model = new Model();
				let now = START;
				writer.transact(now, (transaction) => {
					for (const id of WATCHES) {
						transaction.putWatch(id, WATCH);
					}
				});
				for (const [i, { steps, fails, after, leaves }] of sequence.entries()) {
					const before = model.copy();
					now += after * 60_000;
					const burst = { burstOf: () => ({ id: 1 + (i >> 1), origin: 'unknown' as const, root: '/' }) };
					const attempt = () => {
						const work = (transaction: IndexTransaction) => {
							for (const each of steps) {
								apply(transaction, model, each);
							}
							if (fails) {
								throw new Error('thrown away');
							}
						};
						writer.transact(now, work, burst);
					};
					if (fails) {
						assert.throws(attempt, /thrown away/);
						model = before;
					} else {
						attempt();
					}
					check(writer, model);
					if (leaves !== undefined) {
						writer.transact(now, (transaction) => {
							transaction.prune({ ...NO_LIMIT, records: leaves }, () => false);
						});
						model.prune(leaves);
						check(writer, model);
						checkLogIndexes(writer.tables);
					}
				}
				checkLogIndexes(writer.tables);
				checkSearches(writer.tables);
				void writer.close();
			}),
			{ numRuns: 300, ...SEED },
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

test('F13 a clock that is set back: records keep their order', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'transaction-'));
	const claim = IndexWriter.claim(folder, '');
	assert.ok('writer' in claim);
	const { writer } = claim;
	const times = [5000, 1000, 3000];
	for (const [i, now] of times.entries()) {
		writer.transact(now, (transaction) => {
			transaction.create(ROOT_NODE, `${i}`, statOf('file', i), transaction.internCoverage(['a']), 'event');
		});
	}
	const records = [...writer.tables.log.getRange({})].map(({ key, value }) => [key, unpackLog(value).time]);
	assert.deepEqual(
		records,
		times.map((time, i) => [i + 1, time]),
	);
	assert.equal(writer.head, times.length);
	await writer.close();
	rmSync(folder, { recursive: true });
});
