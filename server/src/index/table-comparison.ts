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
	subjectOfLog,
} from './records.ts';
import { END_BYTES } from './node-history.ts';
import { ROOT_NODE } from './tables.ts';

const COMPARED = ['nodes', 'node_by_id', 'node_by_identity', 'path_stats', 'log'] as const;
/** Schema. */
const IDENTITIES_SINCE = 2;
/** Records of the log up to this many are remembered for being compared: as much again. */
const MOST_RECORDS = 2 ** 24;
/** Node ids up to this are remembered for being compared: 128 MB at most, while the survey runs. */
const MOST_IDS = 2 ** 24;

/**
 * Keys have no checksum. A node's is told again by `node_by_id`, its identity by `node_by_identity`: both must say the same.
 * Without these a damaged name would be taken for a file that went and another one that came.
 */
export class Comparison {
	/** By node id: the checksum of the node's key, 0 where there is no node, and what it is found by as an object. */
	#places = new Uint32Array(1024);
	#identities = new Uint32Array(1024);
	readonly #hasOurIdentities: boolean;
	/** By place in the log: what a record is about, and the checksum of its path. */
	#nodeOf = new Uint32Array(1024);
	#pathOf = new Uint32Array(1024);
	#firstSeq = 0;
	#lastId = 0;
	#lastSeq = 0;
	#placed = 0;
	#identified = 0;
	#problem: string | undefined;

	/** @param schema the first one has other identities, which its migration forgets */
	constructor(schema: number) {
		this.#hasOurIdentities = schema >= IDENTITIES_SINCE;
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
					this.#listed(key, this.#nodeOf, 'a node');
				};
			case 'node_ends':
				return (key, value) => {
					this.#end(key.readUInt32LE(0), value);
				};
			case 'removals':
				return (key) => {
					this.#listed(key, this.#pathOf, 'a path');
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
		if (this.#hasOurIdentities && numbers.get('baselined') === 1) {
			expect(this.#placed === this.#identified, 'has nodes whose identity cannot be found');
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
		}
		const { nodeId, path, previous } = subjectOfLog(value);
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
		this.#isAbout(value.readUInt32LE(4), this.#nodeOf, id, 'a node');
	}

	#listed(key: Buffer, known: Uint32Array, what: string): void {
		if (key.length !== 8) {
			this.#problem ??= `has a record that is listed under ${what} by a wrong length`;
			return;
		}
		this.#isAbout(key.readUInt32BE(4), known, key.readUInt32BE(0), what);
	}

	/** @param known of each record, by its place in the log */
	#isAbout(seq: number, known: Uint32Array, subject: number, what: string): void {
		const at = seq - this.#firstSeq;
		if (at < MOST_RECORDS && (seq > this.#lastSeq || known[at] !== subject)) {
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
	const larger = new Uint32Array(Math.max(index + 1, values.length * 2));
	larger.set(values);
	return larger;
}
