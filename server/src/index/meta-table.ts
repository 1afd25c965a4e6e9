/** What is known of the index itself, and the numbers that are given once. */
import type { Database } from 'lmdb';
import type { ProcessIdentity } from '../platform/process-identity.ts';
import { JsonTable, type KeyRange, type Opened } from './sealed-table.ts';

/** Who writes the index, and where it listens. */
export interface Owner extends ProcessIdentity {
	socket: string;
}

/** The rows of `meta` but for `schema`. */
export interface MetaRows {
	/** The schema again, with a checksum (survey.ts). */
	sealedSchema: number;
	/** What cursors name the index by. */
	indexId: string;
	owner: Owner;
	/** The last sequence number that was given. */
	head: number;
	/** The last id that a node was given. */
	lastNodeId: number;
	/** Whether nothing is left of what first indexings and changes leave for later (engine/baseline.ts). */
	baselined: boolean;
	/** The last sequence number that was pruned. */
	prunedTo: number;
	/** Of a burst whose row was pruned (bursts.ts). */
	lastBurstId: number;
	/** The last record about a watch. */
	lastWatchSeq: number;
}

const TYPES: Readonly<Record<keyof MetaRows, 'number' | 'string' | 'boolean' | 'object'>> = {
	sealedSchema: 'number',
	indexId: 'string',
	owner: 'object',
	head: 'number',
	lastNodeId: 'number',
	baselined: 'boolean',
	prunedTo: 'number',
	lastBurstId: 'number',
	lastWatchSeq: 'number',
};

/** The key of the one row that programs of every schema read alike: a number in MessagePack. */
export const SCHEMA = 'schema';
const SCHEMA_KEY = Buffer.from(SCHEMA);

export class MetaTable {
	readonly #numbers: Database<unknown, Buffer>;
	readonly #rows: JsonTable<keyof MetaRows, MetaRows[keyof MetaRows]>;

	/** @param numbers see {@link MetaTable.numbersIn} */
	constructor(opened: Opened, numbers: Database<unknown, Buffer>) {
		this.#numbers = numbers;
		this.#rows = JsonTable.open(opened, 'meta', 'text');
	}

	/** The table as it is in MessagePack; undefined where there is none, in an index that is only read. */
	static numbersIn(env: Opened['env']): Database<unknown, Buffer> | undefined {
		return env.openDB<unknown, Buffer>({ name: 'meta', keyEncoding: 'binary' });
	}

	/** The schema; undefined for an index that is being made, not a number where it cannot be read. */
	static schemaIn(numbers: Database<unknown, Buffer> | undefined): number | undefined {
		try {
			const schema = numbers?.get(SCHEMA_KEY);
			return schema === undefined ? undefined : Number(schema);
		} catch {
			// No MessagePack.
			return Number.NaN;
		}
	}

	/** {@link MetaTable.schemaIn} */
	get schema(): number | undefined {
		return MetaTable.schemaIn(this.#numbers);
	}

	putSchema(schema: number): void {
		this.#numbers.putSync(SCHEMA_KEY, schema);
		this.putSync('sealedSchema', schema);
	}

	/** @throws DamagedRecordError */
	get<K extends keyof MetaRows>(key: K): MetaRows[K] | undefined {
		return this.#rows.get(key) as MetaRows[K] | undefined;
	}

	/** The rows there are. */
	*getKeys(range: KeyRange<keyof MetaRows>): Generator<keyof MetaRows, undefined> {
		for (const key of this.#rows.getKeys(range)) {
			if ((key as string) !== SCHEMA) {
				yield key;
			}
		}
	}

	putSync<K extends keyof MetaRows>(key: K, value: MetaRows[K]): void {
		this.#rows.putSync(key, value);
	}

	removeSync(key: keyof MetaRows): void {
		this.#rows.removeSync(key);
	}

	/** LMDB's statistics of the table. */
	getStats(): object {
		return this.#numbers.getStats();
	}

	/** Brings the rows of an older index to a schema with sealed keys; the schema is put afterwards. */
	sealRows(): void {
		this.#numbers.removeSync(SCHEMA_KEY);
		this.#rows.sealRows((value, key) => typeof value === TYPES[key]);
	}
}
