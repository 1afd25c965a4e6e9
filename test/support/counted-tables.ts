/** Tables that count what is asked of LMDB: each read, each entry of a range, each write. */
export interface Operations {
	reads: number;
	writes: number;
}

const READS = new Set(['get', 'getBinaryFast', 'doesExist', 'getStats', 'getKeysCount']);
const RANGES = new Set(['getRange', 'getKeys']);
const WRITES = new Set(['putSync', 'removeSync']);

export function countedTables<T extends object>(tables: T): { tables: T; operations: Operations } {
	const operations: Operations = { reads: 0, writes: 0 };
	const counted = Object.entries(tables).map(([name, table]) => [name, counting(table as object, operations)]);
	return { tables: Object.fromEntries(counted) as T, operations };
}

function counting(table: object, operations: Operations): object {
	return new Proxy(table, {
		get(target, name) {
			const value: unknown = Reflect.get(target, name);
			if (typeof value !== 'function' || typeof name !== 'string') {
				return value;
			}
			return (...parameters: unknown[]): unknown => {
				operations.reads += READS.has(name) ? 1 : 0;
				operations.writes += WRITES.has(name) ? 1 : 0;
				const result: unknown = Reflect.apply(value, target, parameters);
				return RANGES.has(name) ? entries(result as Iterable<unknown>, operations) : result;
			};
		},
	});
}

function* entries(range: Iterable<unknown>, operations: Operations): Generator<unknown, void> {
	operations.reads++;
	for (const entry of range) {
		operations.reads++;
		yield entry;
	}
}
