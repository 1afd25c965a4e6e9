/**
 * Brings an index of an older schema up to this program's: ordered steps, all of them within the one transaction that claims the
 * index, so that one which fails leaves the older index as it was.
 */
import { LogIndexes } from './log-indexes.ts';
import { isLandmark, putEnd, putLandmark } from './node-history.ts';
import { periodOf } from './periods.ts';
import { NOTHING } from './packed-nodes.ts';
import { packPathCounts, unpackPathCounts } from './path-counts.ts';
import { identityKey, identityOfNode, NODE_HEADER, packLog, readLog, REMOVE, unlessDamaged } from './records.ts';
import { SEALED_SINCE } from './sealed-table.ts';
import { SCHEMA_VERSION, type Tables } from './tables.ts';
import { KnownWatches } from './verify/watch-check.ts';
import { isCoverage, isStoredWatch } from './watch-table.ts';

interface Migration {
	/** The schema that it makes of the one before. */
	to: number;
	migrate(tables: Tables): void;
}

/** In order, one for each schema but the first. */
const MIGRATIONS: readonly Migration[] = [
	{
		to: 2,
		migrate: (tables) => {
			indexLog(tables);
			indexIdentities(tables);
		},
	},
	{
		to: 3,
		migrate: (tables) => {
			linkHistories(tables);
			narrowCounts(tables);
		},
	},
	{
		to: SEALED_SINCE,
		migrate: sealRows,
	},
];

const APPEND = { append: true };

/** Runs the steps from a schema to {@link SCHEMA_VERSION}, within the caller's transaction. */
export function migrate(tables: Tables, from: number): void {
	for (const step of MIGRATIONS.filter(({ to }) => to > from && to <= SCHEMA_VERSION)) {
		step.migrate(tables);
	}
}

/** To 2: `removals`, `log_blocks`, `rates`, `hot_nodes` and `lastWatchSeq` follow from the log. */
function indexLog(tables: Tables): void {
	const { coverages } = KnownWatches.read(tables);
	const indexesAt = (time: number) => new LogIndexes(tables, (coverage) => coverages.get(coverage) ?? [], time);
	let minute = Number.NaN;
	let indexes = indexesAt(0);
	let watchSeq = 0;
	for (const { key, value } of tables.log.getRange({})) {
		const record = readLog(value);
		if (record === undefined) {
			// A repair removes it.
			continue;
		}
		if (periodOf(record.time, 'minute') !== minute) {
			indexes.flush();
			minute = periodOf(record.time, 'minute');
			indexes = indexesAt(record.time);
		}
		indexes.add(key, record);
		if (record.nodeId === 0) {
			watchSeq = key;
		}
	}
	indexes.flush();
	tables.meta.putSync('lastWatchSeq', watchSeq);
}

/** To 2: `node_by_identity` has shorter keys. */
function indexIdentities({ nodes, nodeById, nodeByIdentity }: Tables): void {
	nodeByIdentity.clearSync();
	for (const { value } of nodes.getRange({})) {
		if (value.length < NODE_HEADER) {
			continue;
		}
		const { half, id } = identityOfNode(value);
		// What no baseline pass has placed yet is found by neither.
		if (nodeById.doesExist(id)) {
			nodeByIdentity.putSync(identityKey(half, id), NOTHING);
		}
	}
}

/** To 3: a record names the one before about its node, and `log_by_node` has landmarks alone. */
function linkHistories(tables: Tables): void {
	const { log, logByNode, env } = tables;
	logByNode.clearSync();
	// Written anew from the beginning to the end: longer records in the place of others would leave each page half empty.
	const linked = env.openDB<Buffer, number>({ name: 'log_linked', keyEncoding: 'uint32', encoding: 'binary' });
	/** Node → its latest record, of which a damaged one is none. */
	const latest = new Map<number, number>();
	for (const { key: seq, value } of log.getRange({})) {
		const record = readLog(value);
		if (record === undefined || record.nodeId === 0) {
			linked.putSync(seq, record === undefined ? value : packLog(record), APPEND);
			continue;
		}
		const { nodeId, type } = record;
		linked.putSync(seq, packLog({ ...record, previous: latest.get(nodeId) ?? 0 }), APPEND);
		latest.set(nodeId, seq);
		if (isLandmark(seq)) {
			putLandmark(tables, nodeId, seq);
		}
		if (type === REMOVE) {
			putEnd(tables, nodeId, record, seq);
		}
	}
	log.clearSync();
	for (const { key: seq, value } of linked.getRange({})) {
		log.putSync(seq, value, APPEND);
	}
	linked.dropSync();
	endGoneNodes(tables, latest);
}

/** What went without a record ended with its latest one. */
function endGoneNodes(tables: Tables, latest: Map<number, number>): void {
	// Not by `node_by_id`: where that has lost one, a repair puts it back.
	for (const { value } of tables.nodes.getRange({})) {
		if (value.length >= NODE_HEADER) {
			latest.delete(identityOfNode(value).id);
		}
	}
	for (const [nodeId, seq] of latest) {
		const value = tables.log.get(seq);
		const record = value === undefined ? undefined : readLog(value);
		if (record !== undefined) {
			putEnd(tables, nodeId, record, seq);
		}
	}
}

/** To 3: `path_stats` has shorter rows. */
function narrowCounts({ pathStats }: Tables): void {
	for (const id of Array.from(pathStats.getKeys({}))) {
		const value = pathStats.get(id);
		// What is damaged is left to be repaired.
		const row = value === undefined ? undefined : unlessDamaged(() => unpackPathCounts(value));
		if (row !== undefined) {
			pathStats.putSync(id, packPathCounts(row));
		}
	}
}

/** To 4: checksums cover the keys, and small tables have them, too. */
function sealRows(tables: Tables): void {
	const writes = [
		tables.meta.readOlder(),
		tables.watches.readOlder((watch) => isStoredWatch(watch) && isJson(watch.coverageKey)),
		tables.coverages.readOlder(isCoverage),
	];
	tables.storing.isBare = false;
	const sealed = [
		tables.nodes,
		tables.nodeById,
		tables.bursts,
		tables.ignoreRules,
		tables.pathStats,
		tables.watchStats,
		tables.stats,
		tables.nodeEnds,
		tables.logBlocks,
		tables.rates,
		tables.hotNodes,
		tables.watchRuntime,
	];
	for (const table of sealed) {
		table.sealKeys();
	}
	for (const write of writes) {
		write();
	}
}

/** What had no checksum may have been damaged in a way that leaves it readable. */
function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}
