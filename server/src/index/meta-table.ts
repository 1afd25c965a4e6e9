/** What is known of the index itself, and the numbers that are given once. */
import type { Database } from 'lmdb';
import type { ProcessIdentity } from '../platform/process-identity.ts';
import { JsonTable, type KeyRange, type Storing } from './sealed-table.ts';

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

const TYPES: Readonly<Record<Exclude<keyof MetaRows, 'owner'>, 'number' | 'string' | 'boolean'>> = {
	sealedSchema: 'number',
	indexId: 'string',
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
	constructor(storing: Storing, numbers: Database<unknown, Buffer>) {
		this.#numbers = numbers;
		this.#rows = new JsonTable(storing, 'meta', 'text');
	}

	/** The table as it is in MessagePack; undefined where there is none, in an index that is only read. */
	static numbersIn(env: Storing['env']): Database<unknown, Buffer> | undefined {
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

	/**
	 * Makes sure that every row can be read: what a damaged one said cannot be known from elsewhere, so that no repair helps.
	 *
	 * @throws DamagedRecordError
	 */
	readAll(): void {
		for (const key of this.getKeys({})) {
			this.get(key);
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

	/** As {@link JsonTable.readOlder}, but for the schema, which whoever migrates puts. */
	readOlder(): () => void {
		return this.#rows.readOlder(isWhole);
	}
}

function isWhole(value: unknown, key: keyof MetaRows): boolean {
	if (key === 'owner') {
		const owner = value as Partial<Record<keyof Owner, unknown>> | null;
		return typeof owner?.pid === 'number' && typeof owner.socket === 'string';
	}
	return typeof value === TYPES[key];
}
