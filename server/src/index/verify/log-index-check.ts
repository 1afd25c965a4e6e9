/** The tables by which the log is found and shown, against the log. Of those that only show, a row need be readable. */
import { blockOf, readBlock, writeBlock } from '../log-blocks.ts';
import { DamagedRecordError, isSealed, type LogFacts, REMOVE } from '../records.ts';
import type { SealedTable } from '../sealed-table.ts';
import type { Tables } from '../tables.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { HistoryCheck } from './history-check.ts';
import type { Tree } from './tree.ts';

export class LogIndexCheck {
	readonly #tables: Tables;
	readonly #findings: Findings;
	readonly #histories: HistoryCheck;
	#block = { number: -1, types: new Map<number, number>() };
	/** Blocks that have records. */
	readonly #blocks = new Set<number>();

	/** @param firstSeq of the log */
	constructor(tables: Tables, tree: Tree, findings: Findings, firstSeq: number) {
		this.#tables = tables;
		this.#findings = findings;
		this.#histories = new HistoryCheck(tables, tree, findings, firstSeq);
	}

	/** Takes the records in their order. */
	count(seq: number, record: LogFacts, value: Buffer): void {
		const { nodeId, type, coverage } = record;
		if (nodeId === 0 || type > REMOVE) {
			return;
		}
		this.#countInBlock(blockOf(seq), coverage, type);
		this.#histories.count(seq, record, value);
	}

	/** After the last record. @param each called once per row */
	end(each: () => void): void {
		this.#endBlock();
		this.#histories.end(each);
		const { logBlocks, rates, hotNodes, watchRuntime } = this.#tables;
		this.#checkReadable('log_blocks', logBlocks, each, (block) => !this.#blocks.has(block));
		this.#checkReadable('rates', rates, each);
		this.#checkReadable('hot_nodes', hotNodes, each);
		this.#checkReadable('watch_runtime', watchRuntime, each);
	}

	#countInBlock(number: number, coverage: number, type: number): void {
		if (number !== this.#block.number) {
			this.#endBlock();
			this.#block = { number, types: new Map() };
			this.#blocks.add(number);
		}
		const { types } = this.#block;
		types.set(coverage, (types.get(coverage) ?? 0) | (1 << type));
	}

	/** A block that was pruned in part may say more than it has, but never less. */
	#endBlock(): void {
		const { number, types } = this.#block;
		if (number === -1) {
			return;
		}
		const stored = this.#readBlock(number);
		const says = (coverage: number, bits: number) =>
			stored !== undefined && ((stored.get(coverage) ?? 0) & bits) === bits;
		if (!Array.from(types).every(([coverage, bits]) => says(coverage, bits))) {
			const was = stored === undefined ? DAMAGED : Object.fromEntries(stored);
			this.#findings.add({ table: 'log_blocks', key: number, was, is: Object.fromEntries(types) }, {}, () => {
				writeBlock(this.#tables, number, types);
			});
		}
	}

	#readBlock(number: number): Map<number, number> | undefined {
		try {
			return readBlock(this.#tables, number);
		} catch (error) {
			if (error instanceof DamagedRecordError || error instanceof RangeError) {
				return undefined;
			}
			throw error;
		}
	}

	/** Nothing else says what they say: what is damaged is gone. */
	#checkReadable<K extends Buffer | string | number>(
		name: string,
		table: SealedTable<K>,
		each: () => void,
		isMeant: (key: K) => boolean = () => true,
	): void {
		for (const { key, value } of table.getRange({})) {
			each();
			if (!isSealed(value) && isMeant(key)) {
				const own = (Buffer.isBuffer(key) ? Buffer.from(key) : key) as K;
				const shown = typeof key === 'string' || typeof key === 'number' ? key : key.toString('hex');
				this.#findings.add({ table: name, key: shown, was: DAMAGED, is: null }, {}, () =>
					table.removeSync(own),
				);
			}
		}
	}
}
