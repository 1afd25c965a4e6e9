/**
 * What it costs in one process to list a tree with its stats: everything, and what one pattern admits. The yardsticks are
 * fast-glob, which leaves out early what its patterns do, and our own listing, which must also tell what folders there are.
 */
import glob from 'fast-glob';
import { listFolders } from '../../server/src/engine/listing.ts';
import { childPath } from '../../server/src/platform/paths.ts';
import { Scopes } from '../../server/src/watching/scope.ts';

const NO_FILTERS = {
	hidden: false,
	metadataSidecars: false,
	temporary: false,
	gitInternals: false,
	gitignore: false,
	watcherExclude: false,
};

/** Milliseconds. */
export interface CrawlTimes {
	pattern: string;
	own: number;
	fastGlob: number;
}

export function timeCrawls(root: string): CrawlTimes[] {
	return ['**', '**/*0.*'].map((pattern) => ({
		pattern,
		own: timed(() => listTree(root, pattern)),
		fastGlob: timed(() =>
			glob.sync(pattern, { cwd: root, stats: true, dot: true, onlyFiles: false, followSymbolicLinks: false }),
		),
	}));
}

function timed(work: () => unknown): number {
	const began = performance.now();
	work();
	return performance.now() - began;
}

function listTree(root: string, pattern: string): void {
	const watch = {
		id: 'w',
		root,
		include: [pattern],
		ignore: [],
		excludes: [],
		filters: NO_FILTERS,
		maxDepth: Number.POSITIVE_INFINITY,
		followInto: [],
	};
	const scopes = new Scopes([watch], '');
	for (let folders = [root]; folders.length > 0;) {
		const next: string[] = [];
		for (const { sections } of listFolders(folders, scopes)) {
			for (const { folder, entered = [] } of sections) {
				next.push(...entered.map((name) => childPath(folders[folder]!, name)));
			}
		}
		folders = next;
	}
}
