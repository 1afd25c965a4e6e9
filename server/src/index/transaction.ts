/**
 * One write transaction. Counters are accumulated in memory and written once per transaction, roll-ups once per folder
 * touched: a batch of 10,000 changes in 100 folders updates about 100 chains of ancestors.
 */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { ChangeReason, ChangeType, EntryKind } from '#shared/model.ts';
import { MAX_PATHS_PER_NOTIFICATION } from '#shared/protocol.ts';
import { childPath, joinNames } from '../platform/paths.ts';
import { BurstRows, type BurstPolicy, NO_BURST } from './bursts.ts';
import { pathOfNode } from './lookup.ts';
import * as counts from './counts.ts';
import {
	CHANGE_TYPES,
	type EntryStat,
	identityKey,
	KINDS,
	type LogRecord,
	nameOfKey,
	NO_HASH,
	nodeKey,
	nodeOfIdentity,
	type NodeRecord,
	packCounts,
	packLog,
	packNode,
	packPlace,
	packText,
	unpackCounts,
	unpackNode,
	unpackPlace,
	unpackText,
	WATCH_ADDED,
	WATCH_REMOVED,
} from './records.ts';
import { NOTHING, type PackedEntry } from './packed-nodes.ts';
import { readGlobal, writeGlobal } from './global-stats.ts';
import { ROOT_NODE, type Tables } from './tables.ts';
import type { StoredWatch } from './watch-table.ts';
import type { IndexCaches } from './writer.ts';

/** What LMDB keeps without overflow pages that Electron's memory rules could trouble (DESIGN.md §5, "Hosts differ"). */
const MAX_VALUE_BYTES = 32 * 1024;

/** How a change of a node enters the log. `silent`: not at all (first indexing, folders that only lead to covered ones). */
export type Recording = 'event' | 'coverage' | 'silent';

/** A node with where it is. */
export interface PlacedNode extends NodeRecord {
	parent: number;
	name: string;
}

export class IndexTransaction {
	readonly #tables: Tables;
	readonly #caches: IndexCaches;
	readonly #now: number;
	readonly #firstNodeId: number;
	/** Live counters to add to a node itself. */
	readonly #own = new Map<number, number[]>();
	/** Live counters to add to a folder and everything above it. */
	readonly #rollUp = new Map<number, number[]>();
	readonly #watch = new Map<string, number[]>();
	/** Nodes without a place: where they were, and the live counters that go with them. */
	readonly #detached = new Map<number, { from: string; carried: number[] }>();
	readonly #global: number[] = Array.from({ length: counts.GLOBAL_COUNTS }, () => 0);
	readonly #bursts: BurstRows;
	readonly #burstPolicy: BurstPolicy | undefined;
	/** Paths whose counters change, for clients; what is beyond the limit only counts. */
	readonly touched: string[] = [];
	/** Log records written. */
	events = 0;
	/** Files whose content is new, so that their hash is not known. */
	readonly unhashed: number[] = [];
	/** Nodes that got another place: what was read of them, or of their places, before is out of date. */
	moves = 0;

	/** @param bursts says which burst a record belongs to; without it none does */
	constructor(tables: Tables, caches: IndexCaches, now: number, bursts?: BurstPolicy) {
		this.#tables = tables;
		this.#caches = caches;
		this.#now = now;
		this.#firstNodeId = caches.nextNodeId;
		this.#bursts = new BurstRows(tables);
		this.#burstPolicy = bursts;
	}

	// --- reading -----------------------------------------------------------------------------------------------------

	child(parent: number, name: string): PlacedNode | undefined {
		const value = this.#tables.nodes.get(nodeKey(parent, name));
		return value === undefined ? undefined : { ...unpackNode(value), parent, name };
	}

	/** The children of a folder, in order of their names' bytes. */
	children(parent: number): PlacedNode[] {
		const found: PlacedNode[] = [];
		for (const { key, value } of this.#tables.nodes.getRange({
			start: nodeKey(parent, ''),
			end: nodeKey(parent + 1, ''),
		})) {
			found.push({ ...unpackNode(value), parent, name: nameOfKey(key) });
		}
		return found;
	}

	/** The node at a path given as names; undefined when any of them is unknown. */
	lookup(names: readonly string[]): PlacedNode | undefined {
		let node: PlacedNode | undefined;
		let parent = ROOT_NODE;
		for (const name of names) {
			node = this.child(parent, name);
			if (node === undefined) {
				return undefined;
			}
			parent = node.id;
		}
		return node;
	}

	hasNode(id: number): boolean {
		return this.#tables.nodeById.doesExist(id);
	}

	/** A node by its id. */
	node(id: number): PlacedNode | undefined {
		const value = this.#tables.nodeById.get(id);
		if (value === undefined) {
			return undefined;
		}
		const { parent, name } = unpackPlace(value);
		const node = this.child(parent, name);
		// The place of one that is being moved may belong to another already.
		return node?.id === id ? node : undefined;
	}

	/** The nodes that are this object on disk: more than one for hard links. */
	nodesOf(stat: Pick<EntryStat, 'dev' | 'ino'>): PlacedNode[] {
		const found: PlacedNode[] = [];
		for (const key of this.#tables.nodeByIdentity.getKeys({
			start: identityKey(stat.dev, stat.ino, 0),
			end: identityKey(stat.dev, stat.ino, 0xffff_ffff),
		})) {
			const node = this.node(nodeOfIdentity(key));
			if (node !== undefined) {
				found.push(node);
			}
		}
		return found;
	}

	/**
	 * A page of all nodes, in the order of their keys.
	 *
	 * @param position where the page before ended; empty for the first one
	 * @returns `next` undefined behind the last page
	 */
	nodesAfter(position: Buffer, limit: number): { nodes: PlacedNode[]; next: Buffer | undefined } {
		const nodes: PlacedNode[] = [];
		for (const { key, value } of this.#tables.nodes.getRange({ start: position, limit })) {
			nodes.push({ ...unpackNode(value), parent: key.readUInt32BE(0), name: nameOfKey(key) });
		}
		const last = nodes.at(-1);
		// The smallest key behind the last one.
		const next = last === undefined ? undefined : Buffer.concat([nodeKey(last.parent, last.name), Buffer.of(0)]);
		return { nodes, next: nodes.length < limit ? undefined : next };
	}

	/** The absolute path of a node. */
	pathOf(node: { parent: number; name: string }): string {
		return this.#pathOf(node);
	}

	watchesOf(coverage: number): readonly string[] {
		return this.#caches.coverages.get(coverage) ?? [];
	}

	storedWatches(): Map<string, StoredWatch> {
		const found = new Map<string, StoredWatch>();
		for (const { key, value } of this.#tables.watches.getRange({})) {
			found.set(key, value as StoredWatch);
		}
		return found;
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
		this.#tables.nodeByIdentity.putSync(identityKey(stat.dev, stat.ino, id), NOTHING);
		if (node.kind === 'folder') {
			this.#caches.parents.set(node.id, parent);
		}
		this.#countEntry(node.kind, coverage, 1);
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
		this.#record(told, 'create', node.coverage === 0 ? 'silent' : recording);
		this.#put(told);
		return told;
	}

	/**
	 * {@link create} for a first indexing: no record, and no object. Not for links. What is no folder can be found by its path
	 * alone until {@link place}: that halves what a first indexing writes.
	 */
	createSilently(parent: number, entry: PackedEntry, coverage: number): number {
		const id = this.#caches.nextNodeId++;
		const kind = KINDS[entry.kind] ?? 'other';
		const isFolder = kind === 'folder';
		this.#caches.packed.put(id, parent, entry, coverage, isFolder);
		if (isFolder) {
			this.#caches.parents.set(id, parent);
		}
		this.#countEntry(kind, coverage, 1);
		return id;
	}

	/** Makes a node findable by its id and its identity, unless it is. */
	place({ id, parent, name, dev, ino }: PlacedNode): void {
		if (!this.#tables.nodeById.doesExist(id)) {
			this.#tables.nodeById.putSync(id, packPlace({ parent, name }));
			this.#tables.nodeByIdentity.putSync(identityKey(dev, ino, id), NOTHING);
		}
	}

	/** How many children a folder has. */
	countChildren(parent: number): number {
		return this.#tables.nodes.getKeysCount({ start: nodeKey(parent, ''), end: nodeKey(parent + 1, '') });
	}

	/** The names of a folder's children. */
	childNames(parent: number): string[] {
		const range = { start: nodeKey(parent, ''), end: nodeKey(parent + 1, '') };
		return Array.from(this.#tables.nodes.getKeys(range), nameOfKey);
	}

	/**
	 * Stores a new stat; `type` undefined means that nothing of it is a change (a new ctime, a folder's mtime).
	 *
	 * @param hash of the content that belongs to the stat
	 */
	update(node: PlacedNode, stat: EntryStat, type: 'modify' | 'metadata' | undefined, hash = NO_HASH): PlacedNode {
		const updated: PlacedNode = { ...node, ...stat, hash };
		this.place(node);
		if (node.dev !== stat.dev || node.ino !== stat.ino) {
			this.#tables.nodeByIdentity.removeSync(identityKey(node.dev, node.ino, node.id));
			this.#tables.nodeByIdentity.putSync(identityKey(stat.dev, stat.ino, node.id), NOTHING);
		}
		if (type !== undefined) {
			this.#record(updated, type, node.coverage === 0 ? 'silent' : 'event');
		}
		this.#put(updated);
		return updated;
	}

	/** Stores the hash of the content that a node's stat belongs to. */
	putHash(node: PlacedNode, hash: bigint): void {
		this.#tables.nodes.putSync(nodeKey(node.parent, node.name), packNode({ ...node, hash }));
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
		this.#rollUp.set(to.parent, addArrays(this.#rollUp.get(to.parent), carried));
		const isFolder = node.kind === 'folder';
		const moved: PlacedNode = { ...node, ...to };
		this.#tables.nodeById.putSync(node.id, packPlace(to));
		if (isFolder) {
			this.#caches.parents.set(node.id, to.parent);
			this.#caches.folderPaths.clear();
		}
		this.moves++;
		const union = [...new Set([...this.watchesOf(node.coverage), ...this.watchesOf(coverage)])].sort();
		const covered = this.#recount(moved, coverage);
		this.#record(covered, 'move', recording, { path: from, coverage: this.internCoverage(union) });
		this.#put(covered);
		return covered;
	}

	/** Frees a node's place for another one, or for being removed. It must be {@link move}d in the same transaction. */
	detach(node: PlacedNode): void {
		if (this.#detached.has(node.id)) {
			return;
		}
		this.place(node);
		const row = this.#readPathRow(node.id);
		// What this transaction counted beneath a folder reaches the folders above at its end, by then the new ones.
		const carried =
			node.kind === 'folder'
				? row.slice(counts.LIVE)
				: addArrays(this.#own.get(node.id), row.slice(0, counts.LIVE));
		this.#rollUp.set(
			node.parent,
			addArrays(
				this.#rollUp.get(node.parent),
				carried.map((n) => -n),
			),
		);
		this.#detached.set(node.id, { from: this.#pathOf(node), carried });
		this.#tables.nodes.removeSync(nodeKey(node.parent, node.name));
	}

	/** Removes one node; its children must be gone. */
	remove(node: PlacedNode, recording: Recording): void {
		const own = this.#takeOwn(node.id);
		if (own !== undefined) {
			this.#addLive(node, own, -1);
		}
		this.#countEntry(node.kind, node.coverage, -1);
		this.#record(node, 'remove', recording);
		// What its children took away in this transaction still has to reach the folders above.
		const pending = this.#rollUp.get(node.id);
		if (pending !== undefined) {
			this.#rollUp.set(node.parent, addArrays(this.#rollUp.get(node.parent), pending));
			this.#rollUp.delete(node.id);
		}
		this.#own.delete(node.id);
		this.#caches.parents.delete(node.id);
		this.#caches.folderPaths.delete(node.id);
		this.#tables.pathStats.removeSync(node.id);
		if (node.kind === 'folder') {
			this.#tables.ignoreRules.removeSync(node.id);
		}
		this.#tables.nodeById.removeSync(node.id);
		this.#tables.nodeByIdentity.removeSync(identityKey(node.dev, node.ino, node.id));
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
		const updated = this.#recount(node, coverage);
		if (before.length === 0 && after.length > 0) {
			this.#record(updated, 'create', recording);
		} else if (before.length > 0 && after.length === 0) {
			this.#record(node, 'remove', recording);
			updated.lastSeq = 0;
			this.#dropOwn(node, this.#readOwn(node.id));
		}
		this.#put(updated);
		return updated;
	}

	/** Takes a node, with its own records, from the watches that no longer cover it to those that do now. */
	#recount(node: PlacedNode, coverage: number): PlacedNode {
		const own = this.#readOwn(node.id);
		const before = this.watchesOf(node.coverage);
		const after = this.watchesOf(coverage);
		for (const [watches, others, sign] of [
			[before, after, -1],
			[after, before, 1],
		] as const) {
			for (const watch of watches) {
				if (others.includes(watch)) {
					continue;
				}
				const row = this.#watchRow(watch);
				row[node.kind === 'folder' ? counts.WATCH_FOLDERS : counts.WATCH_FILES]! += sign;
				counts.addLive(row, 0, own, sign);
			}
		}
		return { ...node, coverage };
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

	removeWatch(id: string): void {
		this.#appendWatchRecord(WATCH_REMOVED, id);
		this.#tables.watches.removeSync(id);
		this.#watch.delete(id);
		this.#tables.watchStats.removeSync(id);
	}

	/** Writes the accumulated counters. Called by the writer, once, before the commit. */
	flush(): void {
		this.#propagate();
		for (const id of new Set([...this.#own.keys(), ...this.#rollUp.keys()])) {
			const row = this.#readPathRow(id);
			counts.addLive(row, 0, this.#own.get(id) ?? [], 1);
			counts.addLive(row, counts.LIVE, this.#rollUp.get(id) ?? this.#own.get(id) ?? [], 1);
			this.#tables.pathStats.putSync(id, packCounts(row));
		}
		for (const [id, delta] of this.#watch) {
			const value = this.#tables.watchStats.get(id);
			const row = value === undefined ? undefined : unpackCounts(value, counts.WATCH_COUNTS);
			const sum = delta.map((n, i) => n + (row?.[i] ?? 0));
			sum[counts.WATCH_LAST_CHANGE] = delta[counts.WATCH_LAST_CHANGE] || (row?.[counts.WATCH_LAST_CHANGE] ?? 0);
			this.#tables.watchStats.putSync(id, packCounts(sum));
		}
		if (this.#global.some((n) => n !== 0)) {
			const row = readGlobal(this.#tables);
			writeGlobal(
				this.#tables,
				this.#global.map((n, i) => n + (row[i] ?? 0)),
			);
		}
		this.#bursts.flush();
		// A transaction that found everything as it was writes nothing.
		if (this.#caches.nextNodeId !== this.#firstNodeId) {
			this.#tables.meta.putSync('lastNodeId', this.#caches.nextNodeId - 1);
		}
		if (this.events > 0) {
			this.#tables.meta.putSync('head', this.#caches.nextSeq - 1);
		}
	}

	// --- details -----------------------------------------------------------------------------------------------------

	#put(node: PlacedNode): void {
		if (node.kind === 'file' && node.hash === NO_HASH && node.coverage !== 0) {
			this.unhashed.push(node.id);
		}
		this.#tables.nodes.putSync(nodeKey(node.parent, node.name), packNode(node));
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
			path,
			from: from?.path ?? '',
		});
		if (this.touched.length <= MAX_PATHS_PER_NOTIFICATION) {
			this.touched.push(path, ...(from === undefined ? [] : [from.path]));
		}
		if (reason !== undefined) {
			return;
		}
		const live = Array.from({ length: counts.LIVE }, (_, i) => (i === typeIndex ? 1 : 0));
		if (type !== 'remove') {
			this.#addLive(node, live, 1);
			this.#own.set(node.id, addArrays(this.#own.get(node.id), live));
		}
		for (const watch of this.watchesOf(coverage)) {
			const row = this.#watchRow(watch);
			row[counts.LIVE + typeIndex]! += 1;
			row[counts.WATCH_LAST_CHANGE] = this.#now;
		}
		this.#global[counts.LIVE + typeIndex]! += 1;
	}

	#countInBurst(path: string, coverage: number, typeIndex: number): number {
		const burst = this.#burstPolicy?.burstOf(path, this.#now);
		if (burst === undefined) {
			return NO_BURST;
		}
		this.#bursts.count(burst, coverage, typeIndex, this.#now, this.#caches.nextSeq);
		return burst.id;
	}

	#appendWatchRecord(type: number, id: string): void {
		const coverage = this.internCoverage([id]);
		const nobody = { nodeId: 0, kind: 'folder', reason: undefined, burst: NO_BURST, from: '' } as const;
		this.#append({ ...nobody, type, time: this.#now, coverage, path: id });
	}

	#append(record: LogRecord): number {
		const seq = this.#caches.nextSeq++;
		this.#tables.log.putSync(seq, packLog(record));
		this.#global[counts.GLOBAL_EVENTS]! += 1;
		this.events++;
		return seq;
	}

	/** Adds live counters of a node to its folder's chain, its watches and the global row. */
	#addLive(node: PlacedNode, live: readonly number[], sign: 1 | -1): void {
		const folder = node.kind === 'folder' && sign > 0 ? node.id : node.parent;
		const chain = this.#rollUp.get(folder) ?? live.map(() => 0);
		counts.addLive(chain, 0, live, sign);
		this.#rollUp.set(folder, chain);
		for (const watch of this.watchesOf(node.coverage)) {
			counts.addLive(this.#watchRow(watch), 0, live, sign);
		}
		counts.addLive(this.#global, 0, live, sign);
	}

	#countEntry(kind: EntryKind, coverage: number, by: 1 | -1): void {
		for (const watch of this.watchesOf(coverage)) {
			this.#watchRow(watch)[kind === 'folder' ? counts.WATCH_FOLDERS : counts.WATCH_FILES]! += by;
		}
	}

	#watchRow(watch: string): number[] {
		let row = this.#watch.get(watch);
		if (row === undefined) {
			row = Array.from({ length: counts.WATCH_COUNTS }, () => 0);
			this.#watch.set(watch, row);
		}
		return row;
	}

	#readPathRow(id: number): number[] {
		const value = this.#tables.pathStats.get(id);
		return value === undefined
			? Array.from({ length: counts.PATH_COUNTS }, () => 0)
			: unpackCounts(value, counts.PATH_COUNTS);
	}

	/** Own counters as they will be after this transaction. */
	#readOwn(id: number): number[] {
		return addArrays(this.#own.get(id), this.#readPathRow(id).slice(0, counts.LIVE));
	}

	/** Own counters of a node that goes, undefined when it has none. */
	#takeOwn(id: number): number[] | undefined {
		const own = this.#readOwn(id);
		return own.some((n) => n !== 0) ? own : undefined;
	}

	/** A node that stays without coverage (a folder on the way to covered ones) gives its records back. */
	#dropOwn(node: PlacedNode, own: readonly number[]): void {
		if (own.some((n) => n !== 0)) {
			counts.addLive(this.#global, 0, own, -1);
			const negative = own.map((n) => -n);
			this.#own.set(node.id, addArrays(this.#own.get(node.id), negative));
			const folder = node.kind === 'folder' ? node.id : node.parent;
			this.#rollUp.set(folder, addArrays(this.#rollUp.get(folder), negative));
		}
	}

	/** Carries each folder's roll-up to all folders above it. */
	#propagate(): void {
		// A copy: the loop adds to the map, and what it adds must not be carried up again.
		for (const [folder, delta] of Array.from(this.#rollUp)) {
			if (delta.every((n) => n === 0)) {
				continue;
			}
			for (let id = this.#parentOf(folder); id !== undefined; id = this.#parentOf(id)) {
				this.#rollUp.set(id, addArrays(this.#rollUp.get(id), delta));
			}
		}
	}

	#parentOf(id: number): number | undefined {
		if (id === ROOT_NODE) {
			return undefined;
		}
		let parent = this.#caches.parents.get(id);
		if (parent === undefined) {
			const value = this.#tables.nodeById.get(id);
			if (value === undefined) {
				return undefined;
			}
			parent = unpackPlace(value).parent;
			this.#caches.parents.set(id, parent);
		}
		return parent;
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

function addArrays(a: readonly number[] | undefined, b: readonly number[]): number[] {
	return a === undefined ? [...b] : a.map((n, i) => n + (b[i] ?? 0));
}
