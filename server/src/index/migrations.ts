/**
 * Brings an index of an older schema up to this program's: ordered steps, all of them within the one transaction that claims the
 * index, so that one which fails leaves the older index as it was.
 */
import { LIVE } from './counts.ts';
import { forgetNodeRecords, nodeRecords } from './log-by-node.ts';
import { LogIndexes } from './log-indexes.ts';
import { periodOf } from './periods.ts';
import { NOTHING } from './packed-nodes.ts';
import { identityKey, identityOfNode, LIVE_TYPES, unpackCounts, unpackLog } from './records.ts';
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
];

/** Runs the steps from a schema to {@link SCHEMA_VERSION}, within the caller's transaction. */
export function migrate(tables: Tables, from: number): void {
	for (const step of MIGRATIONS.filter(({ to }) => to > from && to <= SCHEMA_VERSION)) {
		step.migrate(tables);
	}
}

/** To 2: `log_by_node`, `removals`, `log_blocks`, `rates`, `hot_nodes` and `lastWatchSeq` follow from the log. */
function indexLog(tables: Tables): void {
	const coverages = new Map<number, readonly string[]>();
	for (const { key, value } of tables.coverages.getRange({})) {
		coverages.set(key, value);
	}
	const indexesAt = (time: number) => new LogIndexes(tables, (coverage) => coverages.get(coverage) ?? [], time);
	let minute = Number.NaN;
	let indexes = indexesAt(0);
	let watchSeq = 0;
	/** Node → its records that counted when they were written. */
	const counted = new Map<number, number>();
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
		if (isCounted(record)) {
			counted.set(record.nodeId, (counted.get(record.nodeId) ?? 0) + 1);
		}
	}
	indexes.flush();
	tables.meta.putSync('lastWatchSeq', watchSeq);
	for (const [node, records] of counted) {
		forgetGivenBack(tables, node, records);
	}
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

function isCounted({ type, reason }: { type: number; reason: unknown }): boolean {
	return type < LIVE_TYPES.length && reason === undefined;
}

/** A node that stayed when no watch covered it any more gave its records back: the newest ones alone are its own. */
function forgetGivenBack(tables: Tables, node: number, records: number): void {
	if (!tables.nodeById.doesExist(node)) {
		return;
	}
	const row = tables.pathStats.get(node);
	const own = row === undefined ? [] : unpackCounts(row, LIVE * 2).slice(0, LIVE);
	let kept = own.reduce((sum, n) => sum + n, 0);
	if (kept === records) {
		return;
	}
	for (const seq of nodeRecords(tables, node, 0xffff_ffff)) {
		const value = tables.log.get(seq);
		if (value !== undefined && isCounted(unpackLog(value)) && kept-- === 0) {
			forgetNodeRecords(tables, node, seq + 1);
			return;
		}
	}
}
