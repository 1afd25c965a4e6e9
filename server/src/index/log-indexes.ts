/** Everything by which the log is found and shown: kept up to date with each record, in the transaction that writes it. */
import { addHotNodes, type HotBatch, hotBatch } from './hot-nodes.ts';
import { LogBlocks } from './log-blocks.ts';
import { isLandmark, putEnd, putLandmark } from './node-history.ts';
import { ALL_WATCHES } from './periods.ts';
import { addRates } from './rates.ts';
import { CHANGE_TYPES, type LogRecord, REMOVE } from './records.ts';
import type { Tables } from './tables.ts';

const METADATA = CHANGE_TYPES.indexOf('metadata');

/** What one coverage has in one transaction. */
interface Share {
	byType: number[];
	/** Node → its changes of content and place. */
	byNode: Map<number, number>;
}

export class LogIndexes {
	readonly #tables: Tables;
	readonly #watchesOf: (coverage: number) => readonly string[];
	readonly #time: number;
	readonly #blocks: LogBlocks;
	readonly #shares = new Map<number, Share>();

	/** @param time of all records, Unix milliseconds */
	constructor(tables: Tables, watchesOf: (coverage: number) => readonly string[], time: number) {
		this.#tables = tables;
		this.#watchesOf = watchesOf;
		this.#time = time;
		this.#blocks = new LogBlocks(tables);
	}

	add(seq: number, record: LogRecord): void {
		const { type, nodeId, coverage, reason } = record;
		this.#blocks.add(seq, record);
		if (nodeId === 0) {
			return;
		}
		if (isLandmark(seq)) {
			putLandmark(this.#tables, nodeId, seq);
		}
		if (type === REMOVE) {
			putEnd(this.#tables, nodeId, record, seq);
		}
		if (reason !== undefined) {
			return;
		}
		let share = this.#shares.get(coverage);
		if (share === undefined) {
			share = { byType: CHANGE_TYPES.map(() => 0), byNode: new Map() };
			this.#shares.set(coverage, share);
		}
		share.byType[type]! += 1;
		if (type !== REMOVE && type !== METADATA) {
			share.byNode.set(nodeId, (share.byNode.get(nodeId) ?? 0) + 1);
		}
	}

	flush(): void {
		this.#blocks.flush();
		// Watches that cover the same share it.
		const batches = new Map<Share, HotBatch>();
		for (const [watch, share] of this.#byWatch()) {
			addRates(this.#tables, watch, this.#time, share.byType);
			if (share.byNode.size > 0) {
				const batch = batches.get(share) ?? hotBatch(share.byNode);
				batches.set(share, batch);
				addHotNodes(this.#tables, watch, this.#time, batch);
			}
		}
	}

	#byWatch(): Map<string, Share> {
		const shares = new Map<string, Share>();
		for (const [coverage, share] of this.#shares) {
			for (const watch of [ALL_WATCHES, ...this.#watchesOf(coverage)]) {
				const known = shares.get(watch);
				shares.set(watch, known === undefined ? share : sumOf(known, share));
			}
		}
		return shares;
	}
}

function sumOf(a: Share, b: Share): Share {
	const byNode = new Map(a.byNode);
	for (const [node, count] of b.byNode) {
		byNode.set(node, (byNode.get(node) ?? 0) + count);
	}
	return { byType: a.byType.map((n, i) => n + (b.byType[i] ?? 0)), byNode };
}
