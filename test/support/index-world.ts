/**
 * A tree, watches over it and their counters, kept the naive way beside a real index: what the property tests of the index
 * compare it with. Coverage is worked out anew from paths and patterns each time; nothing is rolled up.
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { EntryKind } from '#shared/model.ts';
import { joinNames } from '../../server/src/platform/paths.ts';
import * as counts from '../../server/src/index/counts.ts';
import { readGlobal } from '../../server/src/index/global-stats.ts';
import type { PlacedNode } from '../../server/src/index/node-reads.ts';
import { unpackPathCounts } from '../../server/src/index/path-counts.ts';
import {
	CHANGE_TYPES,
	type EntryStat,
	KINDS,
	NO_HASH,
	NODE_STAT,
	packNode,
	unpackCounts,
} from '../../server/src/index/records.ts';
import { ROOT_NODE, type Tables } from '../../server/src/index/tables.ts';
import type { IndexTransaction } from '../../server/src/index/transaction.ts';
import type { StoredWatch } from '../../server/src/index/watch-table.ts';

const WATCH_IDS = ['w0', 'w1', 'w2', 'w3', 'w4'];

/** Which names a watch admits; folders are entered all the same. */
const PATTERNS = ['all', 'even', 'files'] as const;
type Pattern = (typeof PATTERNS)[number];

/** One change; numbers choose among what exists, modulo. */
export type Change =
	| { op: 'create'; at: number; folder: boolean }
	| { op: 'index'; at: number; files: number }
	| { op: 'place'; at: number }
	| { op: 'update'; at: number; type: 'modify' | 'metadata' | 'nothing' }
	| { op: 'remove'; at: number }
	| { op: 'move'; at: number; to: number }
	| { op: 'swap'; at: number; to: number }
	| { op: 'watch'; at: number; id: number; pattern: number }
	| { op: 'unwatch'; id: number };

interface Entry {
	id: number;
	parent: number;
	name: string;
	kind: EntryKind;
	/** Ids of the watches that cover it, sorted. */
	watches: string[];
	/** Live records by type. */
	own: number[];
}

interface WatchOf {
	root: string;
	pattern: Pattern;
}

export class World {
	entries = new Map<number, Entry>();
	watches = new Map<string, WatchOf>();
	/** Watch id, or `global`, → by type. */
	lifetime = new Map<string, number[]>([['global', zeros(CHANGE_TYPES.length)]]);
	#serial = 1;

	/** So that what a failed transaction did to this one can be thrown away. */
	copy(): World {
		const copy = new World();
		copy.entries = structuredClone(this.entries);
		copy.watches = structuredClone(this.watches);
		copy.lifetime = structuredClone(this.lifetime);
		copy.#serial = this.#serial;
		return copy;
	}

	/** Makes a change here and in the index. */
	apply(transaction: IndexTransaction, change: Change): void {
		const all = [...this.entries.values()];
		const entry = 'at' in change ? all[change.at % Math.max(all.length, 1)] : undefined;
		switch (change.op) {
			case 'create':
				this.#create(transaction, this.#folder(change.at), change.folder ? 'folder' : 'file');
				break;
			case 'index':
				this.#index(transaction, this.#folder(change.at), change.files);
				break;
			case 'place':
				if (entry !== undefined) {
					transaction.place(stored(transaction, entry));
				}
				break;
			case 'update':
				if (entry !== undefined) {
					const type = change.type === 'nothing' ? undefined : change.type;
					transaction.update(stored(transaction, entry), this.#stat(entry.kind), type);
					if (type !== undefined && entry.watches.length > 0) {
						this.#record(entry, type, entry.watches);
					}
				}
				break;
			case 'remove':
				if (entry !== undefined) {
					this.#removeTree(transaction, entry, 'event');
				}
				break;
			case 'move':
				if (entry !== undefined) {
					this.#move(transaction, entry, { parent: this.#folder(change.to), name: this.#name() });
				}
				break;
			case 'swap':
				if (entry !== undefined) {
					this.#swap(transaction, entry, all[change.to % all.length]!);
				}
				break;
			case 'watch':
				this.#watch(transaction, WATCH_IDS[change.id % WATCH_IDS.length]!, {
					root: this.#pathOf(this.#folder(change.at)),
					pattern: PATTERNS[change.pattern % PATTERNS.length]!,
				});
				break;
			case 'unwatch':
				this.#unwatch(transaction, WATCH_IDS[change.id % WATCH_IDS.length]!);
				break;
		}
	}

	/** Every counter of the index is what a recount comes to. */
	check(tables: Tables): void {
		const all = [...this.entries.values()];
		for (const entry of all) {
			const value = tables.pathStats.get(entry.id);
			const row = value === undefined ? zeros(counts.PATH_COUNTS) : unpackPathCounts(value);
			assert.deepEqual(row.slice(0, counts.LIVE), entry.own, `own counters of ${entry.name}`);
			assert.deepEqual(row.slice(counts.LIVE), this.#subtree(entry), `subtree of ${entry.name}`);
		}
		for (const id of this.watches.keys()) {
			const covered = all.filter(({ watches }) => watches.includes(id));
			const row = rowOf(tables.watchStats.get(id), counts.WATCH_COUNTS);
			assert.deepEqual(row.slice(0, counts.LIVE), sum(covered), `live counters of ${id}`);
			const lifetime = this.lifetime.get(id) ?? zeros(CHANGE_TYPES.length);
			assert.deepEqual(row.slice(counts.LIVE, counts.WATCH_FILES), lifetime, `lifetime of ${id}`);
			const folders = covered.filter(({ kind }) => kind === 'folder').length;
			const sizes = [row[counts.WATCH_FILES], row[counts.WATCH_FOLDERS]];
			assert.deepEqual(sizes, [covered.length - folders, folders], `files and folders of ${id}`);
		}
		const global = readGlobal(tables);
		assert.deepEqual(global.slice(0, counts.LIVE), sum(all), 'global counters');
		assert.deepEqual(
			global.slice(counts.LIVE, counts.GLOBAL_EVENTS),
			this.lifetime.get('global'),
			'global lifetime',
		);
		assert.equal(global[counts.GLOBAL_EVENTS], [...tables.log.getKeys({})].length, 'log records');
	}

	/** Paths of all entries. */
	paths(): string[] {
		return Array.from(this.entries.keys(), (id) => this.#pathOf(id));
	}

	// --- changes -------------------------------------------------------------------------------------------------------

	#create(transaction: IndexTransaction, parent: number, kind: EntryKind): void {
		const name = this.#name();
		const watches = this.#covering(parent, name, kind);
		const coverage = transaction.internCoverage(watches);
		const isCovered = watches.length > 0;
		const made = transaction.create(parent, name, this.#stat(kind), coverage, isCovered ? 'event' : 'silent');
		const entry: Entry = { id: made.id, parent, name, kind, watches, own: zeros(counts.LIVE) };
		this.entries.set(entry.id, entry);
		if (isCovered) {
			this.#record(entry, 'create', watches);
		}
	}

	/** A first indexing: no records, and nothing that is found by its identity yet. */
	#index(transaction: IndexTransaction, parent: number, files: number): void {
		for (let i = 0; i < files; i++) {
			const name = this.#name();
			const watches = this.#covering(parent, name, 'file');
			if (watches.length === 0) {
				continue;
			}
			const stat = packNode({ ...this.#stat('file'), id: 0, coverage: 0, lastSeq: 0, hash: NO_HASH });
			const bytes = Buffer.concat([Buffer.from(name), stat]);
			const nameLength = Buffer.byteLength(name);
			const packed = {
				bytes,
				nameAt: 0,
				nameLength,
				statAt: nameLength + NODE_STAT,
				kind: KINDS.indexOf('file'),
			};
			const id = transaction.createSilently(parent, packed, transaction.internCoverage(watches));
			this.entries.set(id, { id, parent, name, kind: 'file', watches, own: zeros(counts.LIVE) });
		}
	}

	#move(transaction: IndexTransaction, entry: Entry, to: { parent: number; name: string }): void {
		const watches = this.#covering(to.parent, to.name, entry.kind);
		// What no watch covers, here or there, is no move; a folder cannot come into itself.
		if (watches.length === 0 || entry.watches.length === 0 || this.#isInside(entry.id, to.parent)) {
			return;
		}
		transaction.move(stored(transaction, entry), to, transaction.internCoverage(watches), 'event');
		this.#arrive(entry, to, watches);
		this.#coverAgain(transaction, this.#beneath(entry.id), 'coverage');
	}

	#swap(transaction: IndexTransaction, a: Entry, b: Entry): void {
		const apart = !this.#isInside(a.id, b.id) && !this.#isInside(b.id, a.id);
		const [here, there] = [placeOf(a), placeOf(b)];
		const [mine, its] = [
			this.#covering(there.parent, there.name, a.kind),
			this.#covering(here.parent, here.name, b.kind),
		];
		if (!apart || [a.watches, b.watches, mine, its].some(({ length }) => length === 0)) {
			return;
		}
		const [storedA, storedB] = [stored(transaction, a), stored(transaction, b)];
		transaction.detach(storedB);
		transaction.move(storedA, there, transaction.internCoverage(mine), 'event');
		transaction.move(storedB, here, transaction.internCoverage(its), 'event');
		this.#arrive(a, there, mine);
		this.#arrive(b, here, its);
		this.#coverAgain(transaction, [...this.#beneath(a.id), ...this.#beneath(b.id)], 'coverage');
	}

	#arrive(entry: Entry, to: { parent: number; name: string }, watches: string[]): void {
		const both = [...new Set([...entry.watches, ...watches])];
		Object.assign(entry, to, { watches });
		this.#record(entry, 'move', both);
	}

	#removeTree(transaction: IndexTransaction, entry: Entry, recording: 'event' | 'silent'): void {
		for (const child of this.#children(entry.id)) {
			this.#removeTree(transaction, child, recording);
		}
		transaction.remove(stored(transaction, entry), entry.watches.length === 0 ? 'silent' : recording);
		if (recording === 'event' && entry.watches.length > 0) {
			this.#count('remove', entry.watches);
		}
		this.entries.delete(entry.id);
	}

	/** A new watch, one whose root is another now, or one whose pattern is. */
	#watch(transaction: IndexTransaction, id: string, watch: WatchOf): void {
		const before = this.watches.get(id);
		const isRooted = before?.root === watch.root;
		if (before !== undefined && !isRooted) {
			this.#uncover(transaction, id);
			transaction.recordWatchRemoved(id);
		}
		this.watches.set(id, watch);
		const row: StoredWatch = {
			root: watch.root,
			name: id,
			coverageKey: watch.pattern,
			indexed: isRooted,
			paused: false,
			mountPoint: false,
		};
		transaction.putWatch(id, row);
		this.#coverAgain(transaction, [...this.entries.values()], isRooted ? 'coverage' : 'silent');
		if (!isRooted) {
			transaction.recordWatchAdded(id, row);
		}
	}

	#unwatch(transaction: IndexTransaction, id: string): void {
		if (this.watches.delete(id)) {
			this.#uncover(transaction, id);
			transaction.removeWatch(id);
			this.lifetime.delete(id);
		}
	}

	/** Takes a watch off everything; what is covered by none then, and leads to nothing that is, goes. */
	#uncover(transaction: IndexTransaction, id: string): void {
		const visit = (entry: Entry): boolean => {
			const needed = this.#children(entry.id)
				.map(visit)
				.some((each) => each);
			const left = entry.watches.filter((each) => each !== id);
			if (left.length === 0 && !needed) {
				this.#removeTree(transaction, entry, 'silent');
				return false;
			}
			if (left.length < entry.watches.length) {
				this.#coverBy(transaction, entry, left, 'silent');
			}
			return true;
		};
		this.#children(ROOT_NODE).forEach(visit);
	}

	#coverAgain(transaction: IndexTransaction, entries: readonly Entry[], recording: 'coverage' | 'silent'): void {
		for (const entry of entries) {
			const watches = this.#covering(entry.parent, entry.name, entry.kind);
			if (watches.join() !== entry.watches.join()) {
				this.#coverBy(transaction, entry, watches, recording);
			}
		}
	}

	#coverBy(transaction: IndexTransaction, entry: Entry, watches: string[], recording: 'coverage' | 'silent'): void {
		transaction.recover(stored(transaction, entry), transaction.internCoverage(watches), recording);
		entry.watches = watches;
		if (watches.length === 0) {
			entry.own = zeros(counts.LIVE);
		}
	}

	// --- records and places ----------------------------------------------------------------------------------------------

	#record(entry: Entry, type: (typeof CHANGE_TYPES)[number], watches: readonly string[]): void {
		entry.own[CHANGE_TYPES.indexOf(type)]! += 1;
		this.#count(type, watches);
	}

	#count(type: (typeof CHANGE_TYPES)[number], watches: readonly string[]): void {
		for (const id of [...watches, 'global']) {
			const row = this.lifetime.get(id) ?? zeros(CHANGE_TYPES.length);
			row[CHANGE_TYPES.indexOf(type)]! += 1;
			this.lifetime.set(id, row);
		}
	}

	#covering(parent: number, name: string, kind: EntryKind): string[] {
		const folder = this.#pathOf(parent);
		return [...this.watches]
			.filter(([, { root, pattern }]) => {
				const isBeneath = root === '/' || folder === root || folder.startsWith(`${root}/`);
				const isAdmitted =
					pattern === 'all' || (pattern === 'even' ? Number(name.slice(1)) % 2 === 0 : kind !== 'folder');
				return isBeneath && isAdmitted;
			})
			.map(([id]) => id)
			.sort();
	}

	/** The root, or a folder. */
	#folder(at: number): number {
		const folders = [...this.entries.values()].filter(({ kind }) => kind === 'folder');
		return [ROOT_NODE, ...folders.map(({ id }) => id)][at % (folders.length + 1)]!;
	}

	#pathOf(id: number): string {
		const names: string[] = [];
		for (let entry = this.entries.get(id); entry !== undefined; entry = this.entries.get(entry.parent)) {
			names.unshift(entry.name);
		}
		return joinNames(names);
	}

	#children(id: number): Entry[] {
		return [...this.entries.values()].filter(({ parent }) => parent === id);
	}

	#beneath(id: number): Entry[] {
		return this.#children(id).flatMap((child) => [child, ...this.#beneath(child.id)]);
	}

	#isInside(folder: number, id: number): boolean {
		for (let at: number | undefined = id; at !== undefined; at = this.entries.get(at)?.parent) {
			if (at === folder) {
				return true;
			}
		}
		return false;
	}

	#subtree(entry: Entry): number[] {
		return sum([entry, ...this.#beneath(entry.id)]);
	}

	#name(): string {
		return `n${this.#serial++}`;
	}

	#stat(kind: EntryKind): EntryStat {
		const n = BigInt(this.#serial++);
		const times = { birthtimeNs: n, mtimeNs: n, ctimeNs: n };
		return { kind, dev: 1n, ino: n, size: n, ...times, mode: 0o644, uid: 0, gid: 0, nlink: 1, target: '' };
	}
}

function placeOf({ parent, name }: Entry): { parent: number; name: string } {
	return { parent, name };
}

function stored(transaction: IndexTransaction, { parent, name, id }: Entry): PlacedNode {
	const found = transaction.child(parent, name);
	assert.equal(found?.id, id, 'the index has the node');
	return found;
}

function zeros(length: number): number[] {
	return Array.from({ length }, () => 0);
}

function sum(entries: readonly Entry[]): number[] {
	const total = zeros(counts.LIVE);
	for (const { own } of entries) {
		counts.addLive(total, 0, own, 1);
	}
	return total;
}

function rowOf(value: Buffer | undefined, length: number): number[] {
	return value === undefined ? zeros(length) : unpackCounts(value, length);
}

const at = fc.nat(1000);

/** Changes of all kinds, the frequent ones more often. */
export const change: fc.Arbitrary<Change> = fc.oneof(
	{ weight: 5, arbitrary: fc.record({ op: fc.constant('create' as const), at, folder: fc.boolean() }) },
	{ weight: 2, arbitrary: fc.record({ op: fc.constant('index' as const), at, files: fc.nat(4) }) },
	{ weight: 1, arbitrary: fc.record({ op: fc.constant('place' as const), at }) },
	{
		weight: 4,
		arbitrary: fc.record({
			op: fc.constant('update' as const),
			at,
			type: fc.constantFrom('modify' as const, 'metadata' as const, 'nothing' as const),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ op: fc.constant('remove' as const), at }) },
	{ weight: 3, arbitrary: fc.record({ op: fc.constant('move' as const), at, to: at }) },
	{ weight: 1, arbitrary: fc.record({ op: fc.constant('swap' as const), at, to: at }) },
	{
		weight: 3,
		arbitrary: fc.record({ op: fc.constant('watch' as const), at, id: fc.nat(4), pattern: fc.nat(2) }),
	},
	{ weight: 1, arbitrary: fc.record({ op: fc.constant('unwatch' as const), id: fc.nat(4) }) },
);
