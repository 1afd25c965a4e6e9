/** Whether two stored graphs say the same: by names, without what files were earlier. */
import { isDeepStrictEqual } from 'node:util';
import { keysOf } from '../../../server/src/graph/store.ts';
import { StoredGraph } from '../../../server/src/graph/stored-graph.ts';
import { GraphTable } from '../../../server/src/index/graph-table.ts';

/** After so many differences the rest would say nothing new. */
const MOST_TOLD = 20;

/**
 * What a graph that was kept says otherwise than one that was made from the files as they are. Files that cannot be parsed now
 * are left out: of those the kept one has what they were before.
 *
 * @param kept folder of its index
 * @param fresh folder of its index
 * @param keys everything that anybody has ever looked up in the kept graph: grows by what is looked up now, so that a use that
 *   was not taken out when its file stopped looking is found
 */
export async function graphDifferences(kept: string, fresh: string, keys: Set<string>): Promise<string[]> {
	const tables = [new GraphTable(kept, true), new GraphTable(fresh, true)] as const;
	try {
		const [mine, theirs] = [new StoredGraph(tables[0]), new StoredGraph(tables[1])];
		const told: string[] = [];
		const compare = (what: string, of: unknown, other: unknown) => {
			if (told.length < MOST_TOLD && !isDeepStrictEqual(of, other)) {
				told.push(`${what}: ${show(of)}, not ${show(other)}`);
			}
		};
		const paths = [...tables[1].paths()].sort();
		const compareLists = (what: string, of: readonly string[], other: readonly string[]) => {
			const [only, missing] = [
				of.filter((each) => !other.includes(each)),
				other.filter((each) => !of.includes(each)),
			];
			if (told.length < MOST_TOLD && only.length + missing.length > 0) {
				told.push(`${what}: ${show(only)} too many, ${show(missing)} missing`);
			}
		};
		compareLists('files', [...tables[0].paths()], paths);
		const unread = new Set(paths.filter((path) => theirs.entry(path)?.facts.broken === true));
		const readable = (users: Iterable<string>) => [...new Set(users)].filter((path) => !unread.has(path));
		for (const path of readable(paths)) {
			const [entry, other] = [mine.entry(path), theirs.entry(path)];
			compare(`resolved in ${path}`, entry?.resolved, other?.resolved);
			compare(`facts of ${path}`, entry?.facts, other?.facts);
			compareLists(`who asks for ${path}`, readable(mine.askingFor(path)), readable(theirs.askingFor(path)));
			for (const each of [entry, other]) {
				for (const key of each === undefined ? [] : keysOf(each)) {
					keys.add(key);
				}
			}
		}
		for (const key of keys) {
			compareLists(`users of ${JSON.stringify(key)}`, readable(mine.users(key)), readable(theirs.users(key)));
		}
		compareLists('files that widen', readable(mine.widened()), readable(theirs.widened()));
		return told;
	} finally {
		await Promise.all(tables.map((table) => table.close()));
	}
}

/** As much of a value as tells where it differs. */
function show(value: unknown): string {
	const text = JSON.stringify(value, (_name, each: unknown) => (each instanceof Set ? [...each] : each)) ?? 'nothing';
	return text.length <= 600 ? text : `${text.slice(0, 600)}…`;
}
