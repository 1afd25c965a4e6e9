/**
 * Brings an index of an older schema up to this program's: ordered steps, all of them within the one transaction that claims the
 * index, so that one which fails leaves the older index as it was.
 */
import { LogIndexes } from './log-indexes.ts';
import { putEnd } from './node-history.ts';
import { periodOf } from './periods.ts';
import { NOTHING } from './packed-nodes.ts';
import { packPathCounts, unpackPathCounts } from './path-counts.ts';
import { identityKey, identityOfNode, packLog, REMOVE, unlessDamaged, unpackLog } from './records.ts';
import { SCHEMA_VERSION, type Tables } from './tables.ts';

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
];

/** Records that are read before they are written anew. */
const STRIDE = 1000;

/** Runs the steps from a schema to {@link SCHEMA_VERSION}, within the caller's transaction. */
export function migrate(tables: Tables, from: number): void {
	for (const step of MIGRATIONS.filter(({ to }) => to > from && to <= SCHEMA_VERSION)) {
		step.migrate(tables);
	}
}

/** To 2: `removals`, `log_blocks`, `rates`, `hot_nodes` and `lastWatchSeq` follow from the log. */
function indexLog(tables: Tables): void {
	const coverages = new Map<number, readonly string[]>();
	for (const { key, value } of tables.coverages.getRange({})) {
		coverages.set(key, value);
	}
	const indexesAt = (time: number) => new LogIndexes(tables, (coverage) => coverages.get(coverage) ?? [], time);
	let minute = Number.NaN;
	let indexes = indexesAt(0);
	let watchSeq = 0;
	for (const { key, value } of tables.log.getRange({})) {
		const record = unpackLog(value);
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
		const { half, id } = identityOfNode(value);
		// What no baseline pass has placed yet is found by neither.
		if (nodeById.doesExist(id)) {
			nodeByIdentity.putSync(identityKey(half, id), NOTHING);
		}
	}
}

/** To 3: a record names the one before about its node, which replaces `log_by_node`. */
function linkHistories(tables: Tables): void {
	const { log, nodeById, env } = tables;
	/** Node → its latest record. */
	const latest = new Map<number, number>();
	for (let after = 0, more = true; more;) {
		const records = Array.from(log.getRange({ start: after + 1, limit: STRIDE }));
		for (const { key: seq, value } of records) {
			const record = unpackLog(value);
			const { nodeId, type } = record;
			log.putSync(seq, packLog({ ...record, previous: latest.get(nodeId) ?? 0 }));
			after = seq;
			if (nodeId !== 0) {
				latest.set(nodeId, seq);
			}
			if (type === REMOVE) {
				putEnd(tables, nodeId, record, seq);
			}
		}
		more = records.length === STRIDE;
	}
	for (const [nodeId, seq] of latest) {
		const value = nodeById.doesExist(nodeId) ? undefined : log.get(seq);
		if (value !== undefined) {
			putEnd(tables, nodeId, unpackLog(value), seq);
		}
	}
	env.openDB({ name: 'log_by_node', keyEncoding: 'binary', encoding: 'binary' }).dropSync();
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
