/** Files that cannot be read: left out until they change, or until somebody asks for another attempt. */
import { statSync } from 'node:fs';
import type { GraphTable } from '../index/graph-table.ts';
import { toFileSystem } from '../platform/names.ts';

/** More parked files than these are counted, but not named. */
const MOST_NAMED = 100;

export class ParkedFiles {
	readonly #table: GraphTable;
	/** What each was known by when it was parked. */
	readonly #marks: Map<string, string>;

	constructor(table: GraphTable) {
		this.#table = table;
		this.#marks = new Map(table.parked().map(({ path, why }) => [path, why.slice(0, why.indexOf('\n'))]));
	}

	get count(): number {
		return this.#marks.size;
	}

	get paths(): string[] {
		return [...this.#marks.keys()];
	}

	/** Some of them, with the reason. */
	get named(): { path: string; why: string }[] {
		return this.count === 0
			? []
			: this.#table
					.parked()
					.slice(0, MOST_NAMED)
					.map(({ path, why }) => ({ path, why: why.slice(why.indexOf('\n') + 1) }));
	}

	/** Whether a file is as it was when it was parked. */
	has(path: string): boolean {
		const mark = this.#marks.get(path);
		return mark !== undefined && mark === markOf(path);
	}

	/** In a transaction of the table, as {@link unpark}. */
	park(path: string, why: string): void {
		const mark = markOf(path);
		this.#marks.set(path, mark);
		this.#table.park(path, `${mark}\n${why}`);
	}

	unpark(path: string): void {
		if (this.#marks.delete(path)) {
			this.#table.unpark(path);
		}
	}
}

/** What a file is known by while it is parked; empty when there is none. */
function markOf(path: string): string {
	const stat = statSync(toFileSystem(path), { throwIfNoEntry: false });
	return stat?.isFile() === true ? `${stat.size} ${stat.mtimeMs}` : '';
}
