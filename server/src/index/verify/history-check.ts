/** The histories of nodes (node-history.ts) against the log: which record each one names, landmarks, and where nodes ended. */
import {
	endOf,
	forgetLandmark,
	hasLandmark,
	hasRemoval,
	isLandmark,
	isRemovalOf,
	putEnd,
	putLandmark,
	putRemoval,
} from '../node-history.ts';
import { type LogFacts, packLog, readLog, REMOVE, unlessDamaged, unpackLog } from '../records.ts';
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
	/** By place: the node's latest record, and the one with which it ended last; 0 for none. */
	#latest: Uint32Array;
	#ends: Uint32Array;

	/** @param firstSeq that was not pruned: what was is still named */
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
		if (isLandmark(seq) && !hasLandmark(this.#tables, nodeId, seq)) {
			const difference = { table: 'log_by_node', key: `${nodeId}/${seq}`, was: null, is: 'record' };
			this.#findings.add(difference, this.#about(at, undefined), () => {
				putLandmark(this.#tables, nodeId, seq);
			});
		}
		if (type === REMOVE) {
			this.#ends[at] = seq;
			this.#checkRemoval(seq, unpackLog(value).path);
		}
	}

	/** After the last record. @param each called once per row */
	end(each: () => void): void {
		this.#endSilently();
		this.#checkEnds(each);
		this.#checkLandmarks(each);
		this.#checkRemovals(each);
	}

	/**
	 * A node that is gone without a record for that (its watch was removed) ended with its latest one. So did one that is there, but
	 * which no watch covers, and that has no record of its own any more: the one that said so was damaged.
	 */
	#endSilently(): void {
		for (const [place, seq] of this.#latest.entries()) {
			if (seq === this.#ends[place] || !(this.#isGone(place) || this.#hasGivenBack(place))) {
				continue;
			}
			this.#ends[place] = seq;
			const value = this.#tables.log.get(seq);
			if (value !== undefined) {
				this.#checkRemoval(seq, unpackLog(value).path);
			}
		}
	}

	#checkEnds(each: () => void): void {
		const told = new Uint8Array(this.#ends.length);
		for (const id of this.#tables.nodeEnds.getKeys({})) {
			each();
			const place = this.#known(id);
			const is = place === NO_SLOT ? 0 : (this.#ends[place] ?? 0);
			const was = unlessDamaged(() => endOf(this.#tables, id)) ?? DAMAGED;
			if (place !== NO_SLOT) {
				told[place] = 1;
			}
			if (was !== is) {
				this.#addEnd(id, place, was, is);
			}
		}
		for (const [place, is] of this.#ends.entries()) {
			if (is !== 0 && told[place] === 0) {
				this.#addEnd(this.#idOf(place), place, null, is);
			}
		}
	}

	#addEnd(id: number, place: number, was: number | string | null, is: number): void {
		const value = is === 0 ? undefined : this.#tables.log.get(is);
		const record = value === undefined ? undefined : unpackLog(value);
		const difference = { table: 'node_ends', key: id, was, is: is === 0 ? null : is };
		this.#findings.add(difference, this.#about(place, record?.path), () => {
			if (record === undefined) {
				this.#tables.nodeEnds.removeSync(id);
			} else {
				putEnd(this.#tables, id, record, is);
			}
		});
	}

	/** What leads to no landmark of the node. */
	#checkLandmarks(each: () => void): void {
		for (const key of this.#tables.logByNode.getKeys({})) {
			each();
			const [id, seq] = [key.readUInt32BE(0), key.readUInt32BE(4)];
			if (this.#recordAt(seq)?.nodeId !== id || !isLandmark(seq)) {
				const difference = { table: 'log_by_node', key: `${id}/${seq}`, was: 'record', is: null };
				this.#findings.add(difference, {}, () => {
					forgetLandmark(this.#tables, id, seq);
				});
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

	/** What leads to no record with which a node ended there. */
	#checkRemovals(each: () => void): void {
		const { removals } = this.#tables;
		for (const key of removals.getKeys({})) {
			each();
			const seq = key.readUInt32BE(4);
			const record = this.#recordAt(seq);
			const isRight =
				record !== undefined &&
				isRemovalOf(key, record.path) &&
				(record.type === REMOVE || this.#ends[this.#known(record.nodeId)] === seq);
			if (!isRight) {
				const own = Buffer.from(key);
				this.#findings.add({ table: 'removals', key: seq, was: 'record', is: null }, {}, () =>
					removals.removeSync(own),
				);
			}
		}
	}

	/** Undefined when it is gone, or damaged: then it goes. */
	#recordAt(seq: number): ReturnType<typeof readLog> {
		const value = this.#tables.log.get(seq);
		return value === undefined ? undefined : readLog(value);
	}

	#about(place: number, path: string | undefined): About {
		return place !== NO_SLOT && place < this.#tree.size ? { slot: place } : { path };
	}

	/** Whether the node will not be there when what was found is mended. */
	#isGone(place: number): boolean {
		return place >= this.#tree.size || !this.#tree.is(place, Flags.reachable);
	}

	#hasGivenBack(place: number): boolean {
		return this.#tree.coverages[place] === 0 && this.#tree.lastSeqs[place] === 0;
	}

	#idOf(place: number): number {
		const { size, ids } = this.#tree;
		return (place < size ? ids[place] : this.#goneIds[place - size]) ?? 0;
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
		const place = this.#tree.size + this.#gone.add(id);
		if (place >= this.#latest.length) {
			this.#latest = grown(this.#latest);
			this.#ends = grown(this.#ends);
		}
		return place;
	}
}

function grown(values: Uint32Array): Uint32Array {
	const larger = new Uint32Array(values.length * 2 + 64);
	larger.set(values);
	return larger;
}
