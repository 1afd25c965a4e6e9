/** `watches` and `coverages`, against each other and against the nodes that name them. */
import { isInside } from '../../platform/paths.ts';
import { pathOfNode } from '../lookup.ts';
import { unlessDamaged } from '../records.ts';
import type { Tables } from '../tables.ts';
import { isCoverage, isStoredWatch, type StoredWatch, UNKNOWN_ROOT } from '../watch-table.ts';
import { DAMAGED, type Findings } from './findings.ts';
import { Flags, type Tree } from './tree.ts';

/** What the index knows of its watches, as it should be. */
export class KnownWatches {
	readonly watches = new Map<string, StoredWatch>();
	/** Coverage id → sorted watch ids. */
	readonly coverages = new Map<number, readonly string[]>();
	/** Rows that cannot be read, by key. */
	readonly unreadable = { watches: new Set<string>(), coverages: new Set<number>() };

	/** Reads both tables. @param each called once per row */
	static read(
		{ watches, coverages }: Pick<Tables, 'watches' | 'coverages'>,
		each: () => void = () => undefined,
	): KnownWatches {
		const known = new KnownWatches();
		for (const id of watches.getKeys({})) {
			each();
			const stored = unlessDamaged(() => watches.get(id));
			if (isStoredWatch(stored)) {
				known.watches.set(id, stored);
			} else {
				known.unreadable.watches.add(id);
			}
		}
		for (const id of coverages.getKeys({})) {
			each();
			const set = unlessDamaged(() => coverages.get(id));
			if (isCoverage(set)) {
				known.coverages.set(id, set);
			} else {
				known.unreadable.coverages.add(id);
			}
		}
		return known;
	}

	/** The largest coverage id, 0 when there is none. Ids are never used again, nor are those of rows that are damaged. */
	static lastCoverage({ coverages }: Pick<Tables, 'coverages'>): number {
		const [last = 0] = coverages.getKeys({ reverse: true, limit: 1 });
		return last;
	}

	/** Whether every row could be read. */
	get isWhole(): boolean {
		return this.unreadable.watches.size === 0 && this.unreadable.coverages.size === 0;
	}

	get roots(): string[] {
		return Array.from(this.watches.values(), ({ root }) => root);
	}

	watchesOf(coverage: number): readonly string[] {
		return this.coverages.get(coverage) ?? [];
	}

	/** The id of the watch that is meant by its id or its name. */
	idOf(asked: string): string | undefined {
		return this.watches.has(asked) ? asked : [...this.watches].find(([, { name }]) => name === asked)?.[0];
	}

	/** The watches in whose roots a path lies. */
	over(path: string): string[] {
		return [...this.watches]
			.filter(([, { root }]) => root === UNKNOWN_ROOT || (root !== path && isInside(root, path)))
			.map(([id]) => id)
			.sort();
	}

	/** The largest coverage that the index has of watches in whose roots a path lies; 0 for none. */
	coverageOver(path: string): number {
		const over = new Set(this.over(path));
		let [best, most] = [0, 0];
		for (const [id, set] of this.coverages) {
			if (set.length > most && set.every((watch) => over.has(watch))) {
				[best, most] = [id, set.length];
			}
		}
		return best;
	}
}

/** @param tree linked */
export function checkWatches(
	tables: Pick<Tables, 'watches' | 'coverages' | 'nodeById'>,
	tree: Tree,
	known: KnownWatches,
	findings: Findings,
): void {
	const named = new Set([...known.coverages.values()].flat());
	for (const id of known.unreadable.watches) {
		if (named.has(id)) {
			putBackWatch(tables, known, id, DAMAGED, findings);
		} else {
			// It covers nothing, or is another watch's row under a damaged key.
			findings.add({ table: 'watches', key: id, was: DAMAGED, is: null }, { watches: [id] }, () =>
				tables.watches.removeSync(id),
			);
		}
	}
	const samples = new Map<number, number>();
	for (let slot = 1; slot < tree.size; slot++) {
		const coverage = tree.coverages[slot] ?? 0;
		if (coverage !== 0 && tree.is(slot, Flags.reachable) && !samples.has(coverage)) {
			samples.set(coverage, slot);
		}
	}
	for (const [coverage, slot] of samples) {
		if (!known.coverages.has(coverage)) {
			const path = pathOrNothing(tables, tree.ids[slot] ?? 0);
			putBackCoverage(tables, known, coverage, path, findings);
		}
		for (const id of known.watchesOf(coverage)) {
			if (!known.watches.has(id)) {
				putBackWatch(tables, known, id, null, findings);
			}
		}
	}
	for (const coverage of known.unreadable.coverages) {
		if (!known.coverages.has(coverage)) {
			// No node has it. Old records may: whom they belonged to cannot be known.
			putBackCoverage(tables, known, coverage, undefined, findings);
		}
	}
}

/**
 * What a watch is can only be asked of the settings: until they say it, its root is not known. What it covers was indexed: were
 * that said otherwise, files that come meanwhile would be no events.
 */
function putBackWatch(
	{ watches }: Pick<Tables, 'watches'>,
	known: KnownWatches,
	id: string,
	was: unknown,
	findings: Findings,
): void {
	const is: StoredWatch = {
		root: UNKNOWN_ROOT,
		name: id,
		coverageKey: '',
		indexed: true,
		paused: false,
		mountPoint: false,
	};
	known.watches.set(id, is);
	findings.add({ table: 'watches', key: id, was, is }, { watches: [id] }, () => watches.putSync(id, is));
}

/** @param path of a node that has it */
function putBackCoverage(
	{ coverages }: Pick<Tables, 'coverages'>,
	known: KnownWatches,
	coverage: number,
	path: string | undefined,
	findings: Findings,
): void {
	const is = path === undefined ? [] : known.over(path);
	const was = known.unreadable.coverages.has(coverage) ? DAMAGED : null;
	known.coverages.set(coverage, is);
	findings.add({ table: 'coverages', key: coverage, was, is }, { watches: is, path }, () =>
		coverages.putSync(coverage, is),
	);
	for (const root of known.roots.filter((each) => each !== UNKNOWN_ROOT)) {
		findings.rescan.add(root);
	}
}

function pathOrNothing(tables: Pick<Tables, 'nodeById'>, id: number): string | undefined {
	return unlessDamaged(() => pathOfNode(tables, id));
}
