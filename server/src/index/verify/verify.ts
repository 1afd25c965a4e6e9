/**
 * Verification: every table of the index against every other (DESIGN.md §5, "Invariants"). Goes once over each table, in its
 * order, with some 70 bytes of memory a node; reads one snapshot and writes nothing. What it finds carries what mends it.
 *
 * The truth is, in this order: the nodes, the log, and for a node's row that is lost the tables that repeat it and the disk.
 * Counters are recounted from these. No difference: a file that its first indexing left without `node_by_id` and
 * `node_by_identity` (`IndexTransaction.place`), a lifetime that is larger than what the log still has, and what a burst had
 * before its first records were pruned.
 */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { IndexDifference } from '#shared/model.ts';
import { joinNames } from '../../platform/paths.ts';
import { nodeAtPath, pathOfNode } from '../lookup.ts';
import {
	DamagedRecordError,
	identityKey,
	identityOfNode,
	NODE_HEADER,
	packNode,
	unpackNode,
	unpackText,
} from '../records.ts';
import { ROOT_NODE, type Tables } from '../tables.ts';
import { checkCounters } from './counter-check.ts';
import { type About, DAMAGED, Findings } from './findings.ts';
import { NO_SLOT } from './id-slots.ts';
import { checkLog, firstSeqOf, type LogRecount } from './log-check.ts';
import { LostNodes, type StatOf } from './lost-nodes.ts';
import { checkPlaces } from './place-check.ts';
import { Flags, Tree } from './tree.ts';
import { checkWatches, KnownWatches } from './watch-check.ts';
import { concerns, markAsked, type Part } from './part.ts';

/** Rows between two calls of {@link VerifyOptions.onProgress}. */
const PROGRESS_ROWS = 20_000;

export interface VerifyOptions {
	/** What is asked about; all else is read too, but not told and not mended. */
	part: Part;
	/** Looks at the disk, for nodes that are lost. */
	statOf: StatOf;
	onProgress?: (done: number, total: number) => void;
}

export interface Verification {
	/** Rows that were read and compared, of all tables. */
	checked: number;
	/** At most 10,000 of them. */
	differences: IndexDifference[];
	/** How many there are. */
	found: number;
	/** Folders to be compared with the disk after {@link mend}. */
	rescan: string[];
	/** Brings the rows into line. Only in the write transaction in which they were read, and only of {@link verifyToMend}. */
	mend(): void;
}

/**
 * Verifies the index.
 *
 * @throws FiletideError `WATCH_UNKNOWN` or `NOT_COVERED` when the index has no such watch or path
 */
export function verify(tables: Tables, options: VerifyOptions): Verification {
	return run(tables, options, false);
}

/** {@link verify}, within a write transaction, to mend what is found. */
export function verifyToMend(tables: Tables, options: VerifyOptions): Verification {
	return run(tables, options, true);
}

function run(tables: Tables, { part, statOf, onProgress }: VerifyOptions, keepsMends: boolean): Verification {
	const findings = new Findings(keepsMends);
	const total = rowsOf(tables);
	const each = () => {
		if (++findings.checked % PROGRESS_ROWS === 0) {
			onProgress?.(Math.min(findings.checked, total), total);
		}
	};
	const known = KnownWatches.read(tables, each);
	const tree = Tree.read(tables, entriesOf(tables.nodes), each);
	const hints = checkPlaces(tables, tree, findings, each);
	new LostNodes(tables, tree, hints, known, findings, statOf).resolve();
	tree.link();
	removeOrphans(tables, tree, known, findings);
	checkWatches(tables, tree, known, findings);
	const log = checkLog(tables, tree, known, findings, each);
	checkLastSeqs(tables, tree, findings);
	checkCounters(tables, tree, known, log, findings, (slot) => nameOf(tables, tree, slot), each);
	checkIgnoreRules(tables, tree, findings, each);
	checkMeta(tables, tree, log, findings);
	const asked = markAsked(part, tree, known, () => nodeIdAt(tables, part.path));
	const selected = findings.select((about: About) => concerns(asked, tree, about));
	const { differences, found } = selected;
	if (part.path !== undefined && asked.isEmpty && found === 0) {
		throw new FiletideError(ErrorCodes.notCovered, `The index has nothing at ${part.path}.`);
	}
	return { checked: findings.checked, differences, found, rescan: [...findings.rescan], mend: () => selected.mend() };
}

/** What hangs from no folder that exists. Its scan finds it again. */
function removeOrphans(tables: Tables, tree: Tree, known: KnownWatches, findings: Findings): void {
	let orphans = 0;
	for (let slot = 1; slot < tree.size; slot++) {
		orphans += tree.is(slot, Flags.reachable) ? 0 : 1;
	}
	if (orphans === 0) {
		return;
	}
	for (const root of known.roots) {
		findings.rescan.add(root);
	}
	const { nodes, nodeById, nodeByIdentity, ignoreRules } = tables;
	for (const { key, value } of nodes.getRange({})) {
		const id = value.length < NODE_HEADER ? 0 : value.readUInt32LE(6);
		const slot = tree.slots.find(id);
		if (slot === NO_SLOT || tree.is(slot, Flags.reachable)) {
			continue;
		}
		const own = Buffer.from(key);
		const identity = identityKey(identityOfNode(value).half, id);
		const shown = `${own.readUInt32BE(0)}/${own.toString('utf8', 4)}`;
		findings.add({ table: 'nodes', key: shown, was: { id }, is: null }, { slot }, () => {
			nodes.removeSync(own);
			nodeById.removeSync(id);
			nodeByIdentity.removeSync(identity);
			ignoreRules.removeSync(id);
		});
	}
}

/** Each node names its last record. */
function checkLastSeqs(tables: Tables, tree: Tree, findings: Findings): void {
	const firstSeq = firstSeqOf(tables);
	for (let slot = 1; slot < tree.size; slot++) {
		const was = tree.lastSeqs[slot] ?? 0;
		const is = tree.newest[slot] ?? 0;
		// A record that was pruned stays the node's last one.
		const isRight = was === is || (is === 0 && was < firstSeq) || tree.coverages[slot] === 0;
		const isPutBack = tree.places[slot] === 0;
		if (isRight || isPutBack || !tree.is(slot, Flags.reachable)) {
			continue;
		}
		const key = nameOf(tables, tree, slot);
		findings.add({ table: 'nodes', key, was: { lastSeq: was }, is: { lastSeq: is } }, { slot }, () => {
			const value = nodeValue(tables, tree.ids[slot] ?? 0);
			if (value !== undefined) {
				tables.nodes.putSync(value.key, packNode({ ...unpackNode(value.node), lastSeq: is }));
			}
		});
	}
}

function checkIgnoreRules({ ignoreRules }: Tables, tree: Tree, findings: Findings, each: () => void): void {
	for (const { key: id, value } of ignoreRules.getRange({})) {
		each();
		const slot = tree.slots.find(id);
		const isFolder = slot !== NO_SLOT && tree.is(slot, Flags.reachable) && tree.isFolder(slot);
		const text = readText(value);
		if (!isFolder || text === undefined) {
			const about = slot === NO_SLOT ? {} : { slot };
			findings.add({ table: 'ignore_rules', key: id, was: text ?? DAMAGED, is: null }, about, () =>
				ignoreRules.removeSync(id),
			);
		}
	}
}

/** Ids and sequence numbers are given once: whatever gives them must know the largest. */
function checkMeta({ meta }: Tables, tree: Tree, log: LogRecount, findings: Findings): void {
	meta.readAll();
	const largest = [
		['head', log.lastSeq],
		['lastNodeId', Math.max(tree.largestId, log.largestId)],
	] as const;
	for (const [key, least] of largest) {
		const was = meta.get(key);
		const isRight = was !== undefined && was >= least;
		const isUnused = was === undefined && (key === 'head' ? least === 0 : least <= ROOT_NODE);
		if (!isRight && !isUnused) {
			findings.add({ table: 'meta', key, was: was ?? null, is: least }, {}, () => meta.putSync(key, least));
		}
	}
}

// --- details ---------------------------------------------------------------------------------------------------------

function nodeValue(tables: Tables, id: number): { key: Buffer; node: Buffer } | undefined {
	const place = tables.nodeById.get(id);
	if (place === undefined) {
		return undefined;
	}
	const key = Buffer.concat([Buffer.alloc(4), place.subarray(8)]);
	key.writeUInt32BE(place.readUInt32LE(4));
	const node = tables.nodes.get(key);
	return node === undefined ? undefined : { key, node };
}

function nodeIdAt(tables: Tables, path: string | undefined): number | undefined {
	if (path === undefined) {
		return undefined;
	}
	try {
		return path === joinNames([]) ? ROOT_NODE : nodeAtPath(tables, path)?.id;
	} catch (error) {
		return isDamage(error, undefined);
	}
}

/** A node's path; its id where that cannot be told. */
function nameOf(tables: Tables, tree: Tree, slot: number): string {
	const id = tree.ids[slot] ?? 0;
	try {
		return pathOfNode(tables, id) ?? `#${id}`;
	} catch (error) {
		return isDamage(error, `#${id}`);
	}
}

function readText(value: Buffer): string | undefined {
	try {
		return unpackText(value);
	} catch (error) {
		return isDamage(error, undefined);
	}
}

/** @throws whatever else it is */
function isDamage<T>(error: unknown, otherwise: T): T {
	if (error instanceof DamagedRecordError) {
		return otherwise;
	}
	throw error;
}

function rowsOf({
	nodes,
	nodeById,
	nodeByIdentity,
	log,
	bursts,
	pathStats,
	watchStats,
	logByNode,
	nodeEnds,
	removals,
}: Tables): number {
	const tables = [nodes, nodeById, nodeByIdentity, log, bursts, pathStats, watchStats, logByNode, nodeEnds, removals];
	return tables.reduce((sum, table) => sum + entriesOf(table), 0);
}

/** An index of an older schema lacks some. */
function entriesOf(table: { getStats(): object } | undefined): number {
	const stats: { entryCount?: number } = table?.getStats() ?? {};
	return stats.entryCount ?? 0;
}
