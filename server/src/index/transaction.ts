/** One write transaction: changes of nodes become records of the log, and counters (counter-batch.ts). */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { ChangeReason, ChangeType } from '#shared/model.ts';
import { MAX_PATHS_PER_NOTIFICATION } from '#shared/protocol.ts';
import { childPath, joinNames } from '../platform/paths.ts';
import { BurstRows, type BurstPolicy, NO_BURST } from './bursts.ts';
import { pathOfNode } from './lookup.ts';
import { CounterBatch } from './counter-batch.ts';
import { LogIndexes } from './log-indexes.ts';
import { endOf, putEnd } from './node-history.ts';
import { dropWatchPeriods } from './periods.ts';
import { type Pruned, Pruner, type RetentionLimits } from './prune.ts';
import { readRuntimeCounts, type RuntimeCounts, writeRuntimeCounts } from './runtime-counts.ts';
import {
	CHANGE_TYPES,
	DamagedRecordError,
	type EntryStat,
	identityKey,
	lowerHalf,
	KINDS,
	type LogRecord,
	NO_HASH,
	nodeKey,
	packLog,
	packNode,
	packPlace,
	packText,
	setStat,
	unpackLog,
	unpackText,
	WATCH_ADDED,
	WATCH_REMOVED,
} from './records.ts';
import { NOTHING, type PackedEntry } from './packed-nodes.ts';
import { Scratch } from './scratch.ts';
import { ROOT_NODE, type Tables } from './tables.ts';
import type { StoredWatch } from './watch-table.ts';
import type { IndexCaches } from './writer.ts';
import { NodeReads, type PlacedNode } from './node-reads.ts';
import { KnownWatches } from './verify/watch-check.ts';

/** What LMDB keeps without overflow pages that Electron's memory rules could trouble (DESIGN.md §5, "Hosts differ"). */
const MAX_VALUE_BYTES = 32 * 1024;

const APPEND = { append: true };

const KEY = new Scratch(1024);
const VALUE = new Scratch(1024);

/** How a change of a node enters the log. `silent`: not at all (first indexing, folders that only lead to covered ones). */
export type Recording = 'event' | 'coverage' | 'silent';

export class IndexTransaction extends NodeReads {
	readonly #tables: Tables;
	readonly #caches: IndexCaches;
	readonly #now: number;
	readonly #firstNodeId: number;
	readonly #counters: CounterBatch;
	/** Nodes without a place: where they were, and the live counters that go with them. */
	readonly #detached = new Map<number, { from: string; carried: number[] }>();
	readonly #bursts: BurstRows;
	readonly #logIndexes: LogIndexes;
	readonly #burstPolicy: BurstPolicy | undefined;
	/** Paths whose counters change, for clients; what is beyond the limit only counts. */
	readonly touched: string[] = [];
	/** Log records written. */
	events = 0;
	/** Files whose content is new, so that their hash is not known. */
	readonly unhashed: number[] = [];
	/** Nodes that have another identity now, or are gone. */
	readonly reidentified: number[] = [];
	/** What it says of {@link IndexCaches.baselined}. */
	#baselined: boolean | undefined;
	/** Nodes that got another place: what was read of them, or of their places, before is out of date. */
	moves = 0;

	/** @param bursts says which burst a record belongs to; without it none does */
	constructor(tables: Tables, caches: IndexCaches, now: number, bursts?: BurstPolicy) {
		super(tables);
		this.#tables = tables;
		this.#caches = caches;
		this.#now = now;
		this.#firstNodeId = caches.nextNodeId;
		this.#counters = new CounterBatch(tables, caches);
		this.#bursts = new BurstRows(tables);
		this.#logIndexes = new LogIndexes(tables, (coverage) => this.watchesOf(coverage), now);
		this.#burstPolicy = bursts;
	}

	/** The absolute path of a node. */
	pathOf(node: { parent: number; name: string }): string {
		return this.#pathOf(node);
	}

	watchesOf(coverage: number): readonly string[] {
		return this.#caches.coverages.get(coverage) ?? [];
	}

	/**
	 * What the index remembers of each watch.
	 *
	 * @throws DamagedRecordError rather than taking one for new, whose files would be no events
	 */
	storedWatches(): Map<string, StoredWatch> {
		const { watches, unreadable } = KnownWatches.read(this.#tables);
		if (unreadable.watches.size > 0) {
			throw new DamagedRecordError('watches');
		}
		return watches;
	}

	/** The text of a folder's `.gitignore` when the folder was last compared with the disk. */
	ignoreText(folderId: number): string | undefined {
		const value = this.#tables.ignoreRules.get(folderId);
		return value === undefined ? undefined : unpackText(value);
	}

	// --- nodes -------------------------------------------------------------------------------------------------------

	/** The id of a coverage set, interned. `watches` must be sorted. */
	internCoverage(watches: readonly string[]): number {
		if (watches.length === 0) {
			return 0;
		}
		const text = watches.join('\n');
		let id = this.#caches.coverageIds.get(text);
		if (id === undefined) {
			id = this.#caches.nextCoverage++;
			this.#caches.coverageIds.set(text, id);
			this.#caches.coverages.set(id, [...watches]);
			this.#tables.coverages.putSync(id, [...watches]);
		}
		return id;
	}

	/**
	 * The folders that lead to a watch's root, made as nodes that no watch covers where they are missing; the last one is
	 * returned.
	 */
	anchor(names: readonly string[], statOf: (names: readonly string[]) => EntryStat): PlacedNode {
		let parent = ROOT_NODE;
		let node: PlacedNode | undefined;
		for (let depth = 1; depth <= names.length; depth++) {
			const name = names[depth - 1] ?? '';
			node = this.child(parent, name) ?? this.create(parent, name, statOf(names.slice(0, depth)), 0, 'silent');
			parent = node.id;
		}
		if (node === undefined) {
			throw new FiletideError(
				ErrorCodes.rootNotAFolder,
				'The root of the file system cannot be watched. Watch a folder in it.',
			);
		}
		return node;
	}

	create(parent: number, name: string, stat: EntryStat, coverage: number, recording: Recording): PlacedNode {
		const id = this.#caches.nextNodeId++;
		const node: PlacedNode = { ...stat, id, coverage, lastSeq: 0, hash: NO_HASH, parent, name };
		this.#tables.nodeById.putSync(id, packPlace({ parent, name }));
		this.#tables.nodeByIdentity.putSync(identityKey(lowerHalf(stat.ino), id), NOTHING);
		if (node.kind === 'folder') {
			this.#caches.parents.set(node.id, parent);
		}
		this.#counters.countEntry(node.kind, coverage, 1);
		this.#record(node, 'create', recording);
		this.#put(node);
		return node;
	}

	/**
	 * The id of a folder's child, when everything recorded of it is as in the entry; else `ABSENT` or `DIFFERENT`
	 * (packed-nodes.ts).
	 */
	compareEntry(parent: number, entry: PackedEntry, coverage: number): number {
		return this.#caches.packed.compare(parent, entry, coverage);
	}

	/** Tells of a node that was created silently. */
	announce(node: PlacedNode, recording: Recording): PlacedNode {
		const told = { ...node };
		this.#makeFindable(node);
		this.#record(told, 'create', node.coverage === 0 ? 'silent' : recording);
		this.#put(told);
		return told;
	}

	/**
	 * {@link create} for a first indexing: no record, and no object. Not for links. It is found by its identity after
	 * {@link identify}, and what is no folder by its id after {@link place}: that halves what a first indexing writes.
	 */
	createSilently(parent: number, entry: PackedEntry, coverage: number): number {
		const id = this.#caches.nextNodeId++;
		this.#baselined = false;
		const kind = KINDS[entry.kind] ?? 'other';
		const isFolder = kind === 'folder';
		this.#caches.packed.put(id, parent, entry, coverage, isFolder);
		if (isFolder) {
			this.#caches.parents.set(id, parent);
		}
		this.#counters.countEntry(kind, coverage, 1);
		return id;
	}

	/** Makes a node findable by its id, unless it is. */
	place({ id, parent, name }: PlacedNode): void {
		if (!this.#tables.nodeById.doesExist(id)) {
			this.#tables.nodeById.putSync(id, packPlace({ parent, name }));
		}
	}

	/** What has a record must be found by its id and by its identity: it is from its first one on. */
	#makeFindable(node: PlacedNode): void {
		if (node.lastSeq === 0) {
			this.place(node);
			this.identify(lowerHalf(node.ino), node.id);
		}
	}

	/**
	 * Makes a node findable by its identity, as soon as it is by its id.
	 *
	 * @param half see `lowerHalf`
	 */
	identify(half: number, id: number): void {
		this.#tables.nodeByIdentity.putSync(identityKey(half, id), NOTHING);
	}

	/**
	 * Stores a new stat; `type` undefined means that nothing of it is a change (a new ctime, a folder's mtime).
	 *
	 * @param hash of the content that belongs to the stat
	 */
	update(node: PlacedNode, stat: EntryStat, type: 'modify' | 'metadata' | undefined, hash = NO_HASH): PlacedNode {
		const updated: PlacedNode = { ...node };
		setStat(updated, stat);
		updated.hash = hash;
		this.#makeFindable(node);
		if (node.ino !== stat.ino) {
			this.reidentified.push(node.id);
			this.#tables.nodeByIdentity.removeSync(identityKey(lowerHalf(node.ino), node.id));
			this.#tables.nodeByIdentity.putSync(identityKey(lowerHalf(stat.ino), node.id), NOTHING);
		}
		if (type !== undefined) {
			this.#record(updated, type, node.coverage === 0 ? 'silent' : 'event');
		}
		this.#put(updated);
		return updated;
	}

	/** Every node can be found by its id and identity, and every file has the hash that it can have. */
	noteBaselined(): void {
		this.#baselined ??= true;
	}

	/** Stores the hash of the content that a node's stat belongs to. */
	putHash(node: PlacedNode, hash: bigint): void {
		this.#tables.nodes.putSync(nodeKey(node.parent, node.name, KEY), packNode({ ...node, hash }, VALUE));
	}

	/**
	 * Gives a node another place, with everything beneath it and all its records. What is beneath keeps its coverage; the
	 * scan that must follow works that out.
	 *
	 * @param to the new place, which must be free, or belong to a node that has been {@link detach}ed
	 * @param recording `silent` for nodes that no watch covers
	 */
	move(node: PlacedNode, to: { parent: number; name: string }, coverage: number, recording: Recording): PlacedNode {
		this.detach(node);
		const { from, carried } = this.#detached.get(node.id)!;
		this.#detached.delete(node.id);
		this.#counters.addBeneath(to.parent, carried, 1);
		const isFolder = node.kind === 'folder';
		const moved: PlacedNode = { ...node, ...to };
		this.#tables.nodeById.putSync(node.id, packPlace(to));
		if (isFolder) {
			this.#caches.parents.set(node.id, to.parent);
			this.#caches.folderPaths.clear();
		}
		this.moves++;
		const union = [...new Set([...this.watchesOf(node.coverage), ...this.watchesOf(coverage)])].sort();
		const covered = this.#counters.recover(moved, coverage);
		this.#record(covered, 'move', recording, { path: from, coverage: this.internCoverage(union) });
		this.#put(covered);
		return covered;
	}

	/** Frees a node's place for another one, or for being removed. It must be {@link move}d in the same transaction. */
	detach(node: PlacedNode): void {
		if (this.#detached.has(node.id)) {
			return;
		}
		this.#makeFindable(node);
		const carried = this.#counters.carried(node);
		this.#counters.addBeneath(node.parent, carried, -1);
		this.#detached.set(node.id, { from: this.#pathOf(node), carried });
		this.#tables.nodes.removeSync(nodeKey(node.parent, node.name));
	}

	/** Removes one node; its children must be gone. */
	remove(node: PlacedNode, recording: Recording): void {
		this.#counters.takeAway(node);
		this.#counters.countEntry(node.kind, node.coverage, -1);
		this.#record(node, 'remove', recording);
		if (recording === 'silent' && node.lastSeq !== 0) {
			this.#rememberEnd(node.id, node.lastSeq);
		}
		this.#counters.forget(node);
		this.#caches.parents.delete(node.id);
		this.#caches.folderPaths.delete(node.id);
		this.#tables.pathStats.removeSync(node.id);
		if (node.kind === 'folder') {
			this.#tables.ignoreRules.removeSync(node.id);
		}
		this.reidentified.push(node.id);
		this.#tables.nodeById.removeSync(node.id);
		this.#tables.nodeByIdentity.removeSync(identityKey(lowerHalf(node.ino), node.id));
		this.#tables.nodes.removeSync(nodeKey(node.parent, node.name));
	}

	/** Remembers the text of a folder's `.gitignore`; undefined when it has none. */
	putIgnoreText(folderId: number, text: string | undefined): void {
		const value = text === undefined ? undefined : packText(text);
		// One that is larger is not remembered: what it leaves out and later does not counts as created.
		if (value === undefined || value.length > MAX_VALUE_BYTES) {
			this.#tables.ignoreRules.removeSync(folderId);
		} else {
			this.#tables.ignoreRules.putSync(folderId, value);
		}
	}

	/** Moves a node's records between watches. `recording` says whether the log tells. */
	recover(node: PlacedNode, coverage: number, recording: Recording): PlacedNode {
		const before = this.watchesOf(node.coverage);
		const after = this.watchesOf(coverage);
		const updated = this.#counters.recover(node, coverage);
		if (before.length > 0 !== after.length > 0) {
			this.#makeFindable(node);
		}
		if (before.length === 0 && after.length > 0) {
			this.#record(updated, 'create', recording);
		} else if (before.length > 0 && after.length === 0) {
			// Without it a recount of the log would not know that the records before no longer count.
			this.#record(node, 'remove', node.lastSeq === 0 ? recording : 'coverage');
			updated.lastSeq = 0;
			this.#counters.drop(node);
		}
		this.#put(updated);
		return updated;
	}

	// --- watches -----------------------------------------------------------------------------------------------------

	putWatch(id: string, watch: StoredWatch): void {
		this.#tables.watches.putSync(id, watch);
	}

	/** Writes the one record that stands for a watch's first indexing. */
	recordWatchAdded(id: string, watch: StoredWatch): void {
		this.#appendWatchRecord(WATCH_ADDED, id);
		this.putWatch(id, { ...watch, indexed: true });
	}

	/** What the source of a watch has brought, as far as it was committed. */
	runtimeCounts(id: string): RuntimeCounts {
		return readRuntimeCounts(this.#tables, id);
	}

	putRuntimeCounts(id: string, counts: RuntimeCounts): void {
		writeRuntimeCounts(this.#tables, id, counts);
	}

	/** A watch no longer covers anything of what it did: it goes, or begins anew at another root. */
	recordWatchRemoved(id: string): void {
		this.#appendWatchRecord(WATCH_REMOVED, id);
	}

	removeWatch(id: string): void {
		this.recordWatchRemoved(id);
		this.#tables.watchRuntime.removeSync(id);
		dropWatchPeriods(this.#tables.rates, id);
		dropWatchPeriods(this.#tables.hotNodes, id);
		this.#tables.watches.removeSync(id);
		this.#counters.forgetWatch(id);
		this.#tables.watchStats.removeSync(id);
	}

	// --- retention ---------------------------------------------------------------------------------------------------

	/** Takes the oldest records out of the log and out of all that counts them, until `isOver`. */
	prune(limits: RetentionLimits, isOver: () => boolean): Pruned {
		return new Pruner(this.#tables, this, this.#counters, this.#bursts).slice(limits, isOver);
	}

	/** Writes the accumulated counters. Called by the writer, once, before the commit. */
	flush(): void {
		this.#logIndexes.flush();
		this.#counters.flush();
		this.#bursts.flush();
		// A transaction that found everything as it was writes nothing.
		if (this.#caches.nextNodeId !== this.#firstNodeId) {
			this.#tables.meta.putSync('lastNodeId', this.#caches.nextNodeId - 1);
		}
		if (this.#baselined !== undefined && this.#baselined !== this.#caches.baselined) {
			this.#caches.baselined = this.#baselined;
			this.#tables.meta.putSync('baselined', this.#baselined);
		}
		if (this.events > 0) {
			this.#tables.meta.putSync('head', this.#caches.nextSeq - 1);
		}
	}

	// --- details -----------------------------------------------------------------------------------------------------

	#put(node: PlacedNode): void {
		if (node.kind === 'file' && node.hash === NO_HASH && node.coverage !== 0) {
			this.unhashed.push(node.id);
			this.#baselined = false;
		}
		this.#tables.nodes.putSync(nodeKey(node.parent, node.name, KEY), packNode(node, VALUE));
	}

	/** @param from for a move: the previous path, and the watches of both places */
	#record(node: PlacedNode, type: ChangeType, recording: Recording, from?: { path: string; coverage: number }): void {
		if (recording === 'silent') {
			return;
		}
		const reason: ChangeReason | undefined = recording === 'coverage' ? 'coverage' : undefined;
		const path = this.#pathOf(node);
		const typeIndex = CHANGE_TYPES.indexOf(type);
		const coverage = from?.coverage ?? node.coverage;
		node.lastSeq = this.#append({
			type: typeIndex,
			kind: node.kind,
			reason,
			time: this.#now,
			nodeId: node.id,
			coverage,
			burst: this.#countInBurst(path, coverage, typeIndex),
			previous: node.lastSeq === 0 ? endOf(this.#tables, node.id) : node.lastSeq,
			path,
			from: from?.path ?? '',
		});
		if (this.touched.length <= MAX_PATHS_PER_NOTIFICATION) {
			this.touched.push(path, ...(from === undefined ? [] : [from.path]));
		}
		if (reason !== undefined) {
			return;
		}
		this.#counters.countRecord(node, typeIndex, coverage, this.#now);
	}

	#countInBurst(path: string, coverage: number, typeIndex: number): number {
		const burst = this.#burstPolicy?.burstOf(path, this.#now);
		if (burst === undefined) {
			return NO_BURST;
		}
		this.#bursts.count(burst, coverage, typeIndex, this.#now, this.#caches.nextSeq);
		return burst.id;
	}

	/** What goes without a record is found where its last one saw it. */
	#rememberEnd(id: number, lastSeq: number): void {
		const value = this.#tables.log.get(lastSeq);
		if (value !== undefined) {
			putEnd(this.#tables, id, unpackLog(value), lastSeq);
		}
	}

	#appendWatchRecord(type: number, id: string): void {
		const coverage = this.internCoverage([id]);
		const nobody = {
			nodeId: 0,
			kind: 'folder',
			reason: undefined,
			burst: NO_BURST,
			previous: 0,
			from: '',
		} as const;
		this.#tables.meta.putSync(
			'lastWatchSeq',
			this.#append({ ...nobody, type, time: this.#now, coverage, path: id }),
		);
	}

	#append(record: LogRecord): number {
		const seq = this.#caches.nextSeq++;
		// Its number is the highest there ever was: LMDB need not look for its place.
		this.#tables.log.putSync(seq, packLog(record, VALUE), APPEND);
		this.#logIndexes.add(seq, record);
		this.#counters.countLogRecord(1);
		this.events++;
		return seq;
	}

	#pathOf(node: { parent: number; name: string }): string {
		if (node.parent === ROOT_NODE) {
			return joinNames([node.name]);
		}
		let folder = this.#caches.folderPaths.get(node.parent);
		if (folder === undefined) {
			folder = pathOfNode(this.#tables, node.parent) ?? '';
			this.#caches.folderPaths.set(node.parent, folder);
		}
		return childPath(folder, node.name);
	}
}
