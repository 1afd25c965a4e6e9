/** The tables by which the log is found and shown, against the log. Of those that only show, a row need be readable. */
import type { Database } from 'lmdb';
import { blockOf, readBlock, writeBlock } from '../log-blocks.ts';
import { forgetNodeRecords, hasNodeRecord, hasRemoval, putNodeRecord, putRemoval } from '../log-by-node.ts';
import { DamagedRecordError, isSealed, type LogFacts, REMOVE, unpackLog, unpackLogFacts } from '../records.ts';
import type { Tables } from '../tables.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { NO_SLOT } from './id-slots.ts';
import type { Tree } from './tree.ts';

export class LogIndexCheck {
	readonly #tables: Tables;
	readonly #tree: Tree;
	readonly #findings: Findings;
	/** By slot: how many records the node has since it was last covered by none, and how many of them are found by it. */
	readonly #records: Uint32Array;
	readonly #found: Uint32Array;
	#block = { number: -1, types: new Map<number, number>() };

	constructor(tables: Tables, tree: Tree, findings: Findings) {
		this.#tables = tables;
		this.#tree = tree;
		this.#findings = findings;
		this.#records = new Uint32Array(tree.size);
		this.#found = new Uint32Array(tree.size);
	}

	/** Takes the records in their order. */
	count(seq: number, record: LogFacts, value: Buffer): void {
		const { nodeId, type, coverage } = record;
		if (nodeId === 0 || type > REMOVE) {
			return;
		}
		this.#countInBlock(blockOf(seq), coverage, type);
		const slot = this.#tree.slots.find(nodeId);
		if (type === REMOVE) {
			this.#checkRemoval(seq, value);
		}
		if (slot !== NO_SLOT) {
			// One that is there though it was removed has stayed without a watch, and has given its records back.
			this.#records[slot] = type === REMOVE ? 0 : this.#records[slot]! + 1;
			this.#found[slot] =
				type === REMOVE ? 0 : this.#found[slot]! + Number(hasNodeRecord(this.#tables, nodeId, seq));
		}
	}

	/** After the last record. @param each called once per row */
	end(each: () => void): void {
		this.#endBlock();
		this.#checkNodes();
		this.#checkRows(each);
		const { rates, hotNodes, watchRuntime } = this.#tables;
		this.#checkReadable('rates', rates, each);
		this.#checkReadable('hot_nodes', hotNodes, each);
		this.#checkReadable('watch_runtime', watchRuntime, each);
	}

	#checkRemoval(seq: number, value: Buffer): void {
		const { path } = unpackLog(value);
		if (!hasRemoval(this.#tables, { path }, seq)) {
			this.#findings.add({ table: 'removals', key: seq, was: null, is: path }, { path }, () => {
				putRemoval(this.#tables, { path }, seq);
			});
		}
	}

	#countInBlock(number: number, coverage: number, type: number): void {
		if (number !== this.#block.number) {
			this.#endBlock();
			this.#block = { number, types: new Map() };
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

	/** Each existing node finds the records that its counters have. */
	#checkNodes(): void {
		const wrong = new Set<number>();
		for (let slot = 1; slot < this.#tree.size; slot++) {
			if (this.#records[slot] !== this.#found[slot]) {
				wrong.add(this.#tree.ids[slot] ?? 0);
			}
		}
		if (wrong.size === 0) {
			return;
		}
		const records = new Map<number, number[]>(Array.from(wrong, (id) => [id, []]));
		for (const { key: seq, value } of this.#tables.log.getRange({})) {
			const record = isSealed(value) ? unpackLogFacts(value) : undefined;
			const own = record === undefined || record.type > REMOVE ? undefined : records.get(record.nodeId);
			own?.splice(0, record?.type === REMOVE ? own.length : 0);
			if (record?.type !== REMOVE) {
				own?.push(seq);
			}
		}
		for (const [id, seqs] of records) {
			const slot = this.#tree.slots.find(id);
			const was = { records: this.#found[slot] };
			this.#findings.add({ table: 'log_by_node', key: id, was, is: { records: seqs.length } }, { slot }, () => {
				forgetNodeRecords(this.#tables, id, 0xffff_ffff);
				for (const seq of seqs) {
					putNodeRecord(this.#tables, id, seq);
				}
			});
		}
	}

	/** What leads to no record of the node. */
	#checkRows(each: () => void): void {
		const { logByNode, removals, log } = this.#tables;
		for (const key of logByNode.getKeys({})) {
			each();
			const [id, seq] = [key.readUInt32BE(0), key.readUInt32BE(4)];
			const value = log.get(seq);
			// What is damaged goes.
			const isRight = value !== undefined && isSealed(value) && unpackLogFacts(value).nodeId === id;
			if (!isRight) {
				const own = Buffer.from(key);
				this.#findings.add({ table: 'log_by_node', key: `${id}/${seq}`, was: 'record', is: null }, {}, () =>
					logByNode.removeSync(own),
				);
			}
		}
		for (const key of removals.getKeys({})) {
			each();
			const seq = key.readUInt32BE(4);
			const value = log.get(seq);
			if (value === undefined || !isSealed(value)) {
				const own = Buffer.from(key);
				this.#findings.add({ table: 'removals', key: seq, was: 'record', is: null }, {}, () =>
					removals.removeSync(own),
				);
			}
		}
	}

	/** Nothing else says what they say: what is damaged is gone. */
	#checkReadable<K extends Buffer | string>(name: string, table: Database<Buffer, K>, each: () => void): void {
		for (const { key, value } of table.getRange({})) {
			each();
			if (!isSealed(value)) {
				const own = (typeof key === 'string' ? key : Buffer.from(key)) as K;
				const shown = typeof key === 'string' ? key : key.toString('hex');
				this.#findings.add({ table: name, key: shown, was: DAMAGED, is: null }, {}, () =>
					table.removeSync(own),
				);
			}
		}
	}
}
