/** The histories of nodes (node-history.ts) against the log: which record each one names, and where they ended. */
import { endOf, hasRemoval, putEnd, putRemoval } from '../node-history.ts';
import { isSealed, type LogFacts, packLog, REMOVE, unlessDamaged, unpackLog } from '../records.ts';
import type { Tables } from '../tables.ts';
import { type About, DAMAGED, type Findings } from './findings.ts';
import { IdSlots, NO_SLOT } from './id-slots.ts';
import { Flags, type Tree } from './tree.ts';

export class HistoryCheck {
	readonly #tables: Tables;
	readonly #tree: Tree;
	readonly #findings: Findings;
	readonly #firstSeq: number;
	/** Nodes of records that are gone: they have the places behind those of the tree. */
	readonly #gone = new IdSlots(64);
	readonly #goneIds: number[] = [];
	/** By place: the node's latest record, and the latest with which it went, or gave its counters back; 0 for none. */
	#latest: Uint32Array;
	#ends: Uint32Array;

	/** @param firstSeq of the log: what was pruned is still named */
	constructor(tables: Tables, tree: Tree, findings: Findings, firstSeq: number) {
		this.#tables = tables;
		this.#tree = tree;
		this.#findings = findings;
		this.#firstSeq = firstSeq;
		this.#latest = new Uint32Array(tree.size);
		this.#ends = new Uint32Array(tree.size);
	}

	/** Takes the records of nodes in their order. */
	count(seq: number, { nodeId, type, previous }: LogFacts, value: Buffer): void {
		const at = this.#placeOf(nodeId);
		const latest = this.#latest[at] ?? 0;
		if (previous !== latest && (latest !== 0 || previous >= this.#firstSeq)) {
			const difference = { table: 'log', key: seq, was: { previous }, is: { previous: latest } };
			const record = unpackLog(value);
			this.#findings.add(difference, this.#about(at, record.path), () => {
				this.#tables.log.putSync(seq, packLog({ ...record, previous: latest }));
			});
		}
		this.#latest[at] = seq;
		if (type === REMOVE) {
			this.#ends[at] = seq;
			this.#checkRemoval(seq, unpackLog(value).path);
		}
	}

	/** After the last record. @param each called once per row */
	end(each: () => void): void {
		this.#endSilently();
		const { nodeEnds } = this.#tables;
		for (const id of nodeEnds.getKeys({})) {
			each();
			const slot = this.#known(id);
			const is = slot === NO_SLOT ? 0 : (this.#ends[slot] ?? 0);
			const was = unlessDamaged(() => endOf(this.#tables, id)) ?? DAMAGED;
			if (slot !== NO_SLOT) {
				this.#ends[slot] = 0;
			}
			if (was !== is) {
				this.#add(id, slot, was, is);
			}
		}
		for (const [slot, is] of this.#ends.entries()) {
			if (is !== 0) {
				this.#add(this.#idOf(slot), slot, null, is);
			}
		}
		this.#checkRemovals(each);
	}

	/** A node that is gone without a record for that (its watch was removed) ended with its latest one. */
	#endSilently(): void {
		for (const [slot, seq] of this.#latest.entries()) {
			if (seq === this.#ends[slot] || this.#isThere(slot)) {
				continue;
			}
			this.#ends[slot] = seq;
			const value = this.#tables.log.get(seq);
			if (value !== undefined) {
				this.#checkRemoval(seq, unpackLog(value).path);
			}
		}
	}

	#checkRemoval(seq: number, path: string): void {
		if (!hasRemoval(this.#tables, path, seq)) {
			this.#findings.add({ table: 'removals', key: seq, was: null, is: path }, { path }, () => {
				putRemoval(this.#tables, path, seq);
			});
		}
	}

	/** What leads to no record. */
	#checkRemovals(each: () => void): void {
		const { removals, log } = this.#tables;
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

	#add(id: number, slot: number, was: number | string | null, is: number): void {
		const value = is === 0 ? undefined : this.#tables.log.get(is);
		const record = value === undefined ? undefined : unpackLog(value);
		const difference = { table: 'node_ends', key: id, was, is: is === 0 ? null : is };
		this.#findings.add(difference, this.#about(slot, record?.path), () => {
			if (record === undefined) {
				this.#tables.nodeEnds.removeSync(id);
			} else {
				putEnd(this.#tables, id, record, is);
			}
		});
	}

	#about(slot: number, path: string | undefined): About {
		return slot !== NO_SLOT && slot < this.#tree.size ? { slot } : { path };
	}

	/** Whether the node will be there when what was found is mended. */
	#isThere(slot: number): boolean {
		return slot < this.#tree.size && this.#tree.is(slot, Flags.reachable);
	}

	#idOf(slot: number): number {
		const { size, ids } = this.#tree;
		return (slot < size ? ids[slot] : this.#goneIds[slot - size]) ?? 0;
	}

	#known(id: number): number {
		const slot = this.#tree.slots.find(id);
		if (slot !== NO_SLOT) {
			return slot;
		}
		const gone = this.#gone.find(id);
		return gone === NO_SLOT ? NO_SLOT : this.#tree.size + gone;
	}

	#placeOf(id: number): number {
		const known = this.#known(id);
		if (known !== NO_SLOT) {
			return known;
		}
		this.#goneIds.push(id);
		const slot = this.#tree.size + this.#gone.add(id);
		if (slot >= this.#latest.length) {
			this.#latest = grown(this.#latest);
			this.#ends = grown(this.#ends);
		}
		return slot;
	}
}

function grown(values: Uint32Array): Uint32Array {
	const larger = new Uint32Array(values.length * 2 + 64);
	larger.set(values);
	return larger;
}
