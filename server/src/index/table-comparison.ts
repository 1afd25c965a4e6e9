/** What the tables of an index say of one another, looked at in a data file that no LMDB has opened. */
import { crc32 } from 'node:zlib';
import { expect } from './data-pages.ts';
import type { Visit } from './tree-walk.ts';
import {
	halfOfIdentity,
	IDENTITY_BYTES,
	identityOfNode,
	NODE_HEADER,
	nodeOfIdentity,
	REMOVE,
	subjectOfLog,
} from './records.ts';
import { END_BYTES, isLandmark } from './node-history.ts';
import { ROOT_NODE } from './tables.ts';

const COMPARED = ['nodes', 'node_by_id', 'node_by_identity', 'path_stats', 'log'] as const;
/** Schemas. */
const IDENTITIES_SINCE = 2;
const HISTORIES_SINCE = 3;
/** Records of the log up to this many are remembered for being compared: 144 MB at most. */
const MOST_RECORDS = 2 ** 24;
/** What must be known of a record: that its node ended with it. What is known: that `removals` lists it. */
const ENDED = 1;
const LISTED = 2;
/** Node ids up to this are remembered for being compared: 128 MB at most, while the survey runs. */
const MOST_IDS = 2 ** 24;

/**
 * The keys of the log and of the tables without values have no checksum, so they are compared with what they are about; and nodes
 * with the tables that repeat them.
 */
export class Comparison {
	/** By node id: the checksum of the node's key, 0 where there is no node, and what it is found by as an object. */
	#places = new Uint32Array(1024);
	#identities = new Uint32Array(1024);
	readonly #hasOurIdentities: boolean;
	readonly #hasOurHistories: boolean;
	/** By place in the log: what a record is about, and the checksum of its path. */
	#nodeOf = new Uint32Array(1024);
	#pathOf = new Uint32Array(1024);
	/** {@link ENDED} and {@link LISTED}. */
	#ends = new Uint8Array(1024);
	#landmarks = { due: 0, found: 0 };
	#firstSeq = 0;
	#lastId = 0;
	#lastSeq = 0;
	#placed = 0;
	#identified = 0;
	#problem: string | undefined;

	/** @param schema older ones have other identities and histories, which their migrations make anew */
	constructor(schema: number) {
		this.#hasOurIdentities = schema >= IDENTITIES_SINCE;
		this.#hasOurHistories = schema >= HISTORIES_SINCE;
	}

	/** A program of another schema may have other tables. */
	static isPossible(tables: ReadonlyMap<string, unknown>): boolean {
		return COMPARED.every((name) => tables.has(name));
	}

	/** Looks at the entries of a table; undefined for those that nothing is compared with. `nodes` comes first. */
	visitorFor(table: string): Visit | undefined {
		switch (table) {
			case 'nodes':
				return (key, value) => {
					this.#node(key, value);
				};
			case 'node_by_id':
				return (key, value) => {
					this.#place(key.readUInt32LE(0), value);
				};
			case 'node_by_identity':
				return this.#hasOurIdentities
					? (key) => {
							this.#identity(key);
						}
					: undefined;
			case 'log':
				return (key, value) => {
					this.#record(key.readUInt32LE(0), value);
				};
			case 'log_by_node':
				return (key) => {
					const seq = this.#listed(key, this.#nodeOf, 'a node');
					this.#landmarks.found += isLandmark(seq) ? 1 : 0;
				};
			case 'node_ends':
				return (key, value) => {
					this.#end(key.readUInt32LE(0), value);
				};
			case 'removals':
				return (key) => {
					this.#markEnd(this.#listed(key, this.#pathOf, 'a path'), LISTED);
				};
			case 'path_stats':
				return (key) => {
					this.#exists(key.readUInt32LE(0), 'path_stats');
				};
			default:
				return undefined;
		}
	}

	/**
	 * @param numbers of `meta`, where true is 1
	 * @throws DamagedFileError when something did not fit
	 */
	check(numbers: ReadonlyMap<string, number>): void {
		expect(this.#problem === undefined, this.#problem ?? '');
		expect((numbers.get('lastNodeId') ?? 0) >= this.#lastId, 'has nodes with ids that were not given yet');
		expect((numbers.get('head') ?? 0) >= this.#lastSeq, 'has records behind the head of its log');
		const isPruned = this.#firstSeq !== 0 && this.#firstSeq <= (numbers.get('prunedTo') ?? 0);
		expect(!isPruned, 'has records that were pruned');
		if (this.#hasOurIdentities && numbers.get('baselined') === 1) {
			expect(this.#placed === this.#identified, 'has nodes whose identity cannot be found');
		}
		if (this.#hasOurHistories) {
			const { due, found } = this.#landmarks;
			expect(due === found || this.#hasMore, 'has nodes whose records cannot be found by time');
			expect(!this.#ends.includes(ENDED), 'has nodes whose end cannot be found by its path');
		}
	}

	#node(key: Buffer, value: Buffer): void {
		if (key.length < 5 || value.length < NODE_HEADER) {
			this.#problem ??= 'has a node of a wrong length';
			return;
		}
		const id = value.readUInt32LE(6);
		this.#lastId = Math.max(this.#lastId, id);
		if (id >= MOST_IDS) {
			return;
		}
		if (id >= this.#places.length) {
			this.#places = grown(this.#places, id);
			this.#identities = grown(this.#identities, id);
		}
		if (this.#places[id] !== 0) {
			this.#problem ??= `has two nodes with the id ${id}`;
		}
		this.#places[id] = atLeastOne(crc32(key));
		this.#identities[id] = identityOfNode(value).half;
	}

	#place(id: number, value: Buffer): void {
		this.#placed++;
		this.#lastId = Math.max(this.#lastId, id);
		if (id >= MOST_IDS || id === ROOT_NODE) {
			return;
		}
		const key = Buffer.from(value.subarray(4));
		key.writeUInt32BE(value.readUInt32LE(4), 0);
		if (this.#places[id] !== atLeastOne(crc32(key))) {
			this.#problem ??= `has a node (${id}) that is not where its id says`;
		}
	}

	#identity(key: Buffer): void {
		this.#identified++;
		if (key.length !== IDENTITY_BYTES) {
			this.#problem ??= 'has an identity of a wrong length';
			return;
		}
		const id = nodeOfIdentity(key);
		this.#lastId = Math.max(this.#lastId, id);
		if (id < MOST_IDS && ((this.#places[id] ?? 0) === 0 || this.#identities[id] !== halfOfIdentity(key))) {
			this.#problem ??= `has a node (${id}) with another identity than the one that it is found by`;
		}
	}

	#record(seq: number, value: Buffer): void {
		this.#firstSeq ||= seq;
		this.#lastSeq = seq;
		const at = seq - this.#firstSeq;
		if (at >= MOST_RECORDS) {
			return;
		}
		if (at >= this.#nodeOf.length) {
			this.#nodeOf = grown(this.#nodeOf, at);
			this.#pathOf = grown(this.#pathOf, at);
			this.#ends = larger(this.#ends, new Uint8Array(this.#nodeOf.length));
		}
		const { nodeId, type, path, previous } = subjectOfLog(value);
		if (nodeId !== 0) {
			this.#landmarks.due += isLandmark(seq) ? 1 : 0;
			if (type === REMOVE) {
				this.#markEnd(seq, ENDED);
			}
		}
		this.#nodeOf[at] = nodeId;
		this.#pathOf[at] = crc32(path);
		// What was pruned is still named.
		if (previous >= this.#firstSeq && (previous >= seq || this.#nodeOf[previous - this.#firstSeq] !== nodeId)) {
			this.#problem ??= `has a record (${seq}) that names one of another node as the one before`;
		}
	}

	/** `log` comes before these tables. */
	#end(id: number, value: Buffer): void {
		if (value.length !== END_BYTES) {
			this.#problem ??= 'has the end of a node of a wrong length';
			return;
		}
		const seq = value.readUInt32LE(4);
		this.#isAbout(seq, this.#nodeOf, id, 'a node');
		this.#markEnd(seq, ENDED);
	}

	/** @returns the record */
	#listed(key: Buffer, known: Uint32Array, what: string): number {
		if (key.length !== 8) {
			this.#problem ??= `has a record that is listed under ${what} by a wrong length`;
			return 0;
		}
		const seq = key.readUInt32BE(4);
		this.#isAbout(seq, known, key.readUInt32BE(0), what);
		return seq;
	}

	#markEnd(seq: number, mark: typeof ENDED | typeof LISTED): void {
		const at = seq - this.#firstSeq;
		if (at >= 0 && at < this.#ends.length) {
			this.#ends[at]! |= mark;
		}
	}

	/** Whether the log is too long for all of it to be remembered. */
	get #hasMore(): boolean {
		return this.#lastSeq - this.#firstSeq >= MOST_RECORDS;
	}

	/** @param known of each record, by its place in the log */
	#isAbout(seq: number, known: Uint32Array, subject: number, what: string): void {
		const at = seq - this.#firstSeq;
		if (seq > this.#lastSeq || (at < MOST_RECORDS && known[at] !== subject)) {
			this.#problem ??= `has a record (${seq}) that is listed under ${what} that it is not about`;
		}
	}

	#exists(id: number, table: string): void {
		if (id < MOST_IDS && id !== ROOT_NODE && (this.#places[id] ?? 0) === 0) {
			this.#problem ??= `has a row in ${table} for a node (${id}) that does not exist`;
		}
	}
}

function atLeastOne(sum: number): number {
	return sum === 0 ? 1 : sum;
}

function grown(values: Uint32Array<ArrayBuffer>, index: number): Uint32Array<ArrayBuffer> {
	return larger(values, new Uint32Array(Math.max(index + 1, values.length * 2)));
}

function larger<T extends Uint8Array | Uint32Array>(values: T, room: T): T {
	room.set(values);
	return room;
}
