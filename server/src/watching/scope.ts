/**
 * Scopes: for a folder, which watches look into it, and which `.gitignore` rules hold there. A crawl hands scopes down
 * from folder to folder; a single hint looks its folder's scope up.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { childPath } from '../platform/paths.ts';
import { WatchPatterns } from './patterns.ts';
import type { Watch } from './watch.ts';

/** File with rules that hold for its folder and everything beneath (git-scm.com/docs/gitignore). */
export const GITIGNORE = '.gitignore';

/** The rules of one `.gitignore`, and the path of its folder. */
interface IgnoreRules {
	folder: string;
	rules: Ignore;
}

interface ScopeEntry {
	patterns: WatchPatterns;
	/** Path of the scope's folder relative to the watch's root, `/`-separated, with `/` at its end unless empty. */
	prefix: string;
	/** How many folders lie between the root and the scope's folder. */
	depth: number;
	/** Rules from the outermost folder to this one; empty when the watch does not follow `.gitignore`. */
	ignores: readonly IgnoreRules[];
}

/** What the watches make of one entry. */
export interface Verdict {
	/** Ids of the watches that cover it, sorted. */
	covering: string[];
	/** Whether any watch looks into it, if it is a folder. */
	descend: boolean;
}

const NOTHING: Verdict = { covering: [], descend: false };

/** A folder as the watches see it. */
export class FolderScope {
	readonly path: string;
	readonly #entries: readonly ScopeEntry[];
	readonly #roots: ReadonlyMap<string, readonly WatchPatterns[]>;
	readonly #storage: string;

	constructor(
		path: string,
		entries: readonly ScopeEntry[],
		roots: ReadonlyMap<string, readonly WatchPatterns[]>,
		storage: string,
	) {
		this.path = path;
		this.#entries = entries;
		this.#roots = roots;
		this.#storage = storage;
	}

	/** Whether any watch looks into this folder. */
	get watched(): boolean {
		return this.#entries.length > 0;
	}

	/** Ids of the watches that look into this folder. */
	get watchIds(): string[] {
		return this.#entries.map((entry) => entry.patterns.watch.id);
	}

	/** What the watches make of an entry of this folder. */
	verdict(name: string, isFolder: boolean): Verdict {
		const path = childPath(this.path, name);
		if (path === this.#storage) {
			return NOTHING;
		}
		const covering: string[] = [];
		let descend = isFolder && this.#roots.has(path);
		for (const entry of this.#entries) {
			const relative = entry.prefix + name;
			if (entry.patterns.excludes(relative, name) || ignoredByGit(entry.ignores, path, isFolder)) {
				continue;
			}
			descend ||= isFolder && entry.depth < entry.patterns.watch.maxDepth;
			if (entry.patterns.includes(relative)) {
				covering.push(entry.patterns.watch.id);
			}
		}
		return covering.length === 0 && !descend ? NOTHING : { covering: covering.sort(), descend };
	}

	/** The scope of a folder in this one. `hasIgnoreFile` saves a read where the listing is known. */
	child(name: string, hasIgnoreFile = true): FolderScope {
		const path = childPath(this.path, name);
		const entries: ScopeEntry[] = [];
		const own = hasIgnoreFile ? readRules(path) : undefined;
		for (const entry of this.#entries) {
			const relative = entry.prefix + name;
			if (
				entry.depth < entry.patterns.watch.maxDepth &&
				!entry.patterns.excludes(relative, name) &&
				!ignoredByGit(entry.ignores, path, true)
			) {
				entries.push({
					patterns: entry.patterns,
					prefix: `${relative}/`,
					depth: entry.depth + 1,
					ignores: withRules(entry.patterns.watch, entry.ignores, own),
				});
			}
		}
		for (const patterns of this.#roots.get(path) ?? []) {
			entries.push({
				patterns,
				prefix: '',
				depth: 0,
				ignores: withRules(patterns.watch, rulesAbove(patterns.watch), own),
			});
		}
		return new FolderScope(path, entries, this.#roots, this.#storage);
	}
}

/** All watches together: finds the scope of any folder. Looked-up scopes are kept until {@link forget}. */
export class Scopes {
	readonly #roots = new Map<string, WatchPatterns[]>();
	readonly #storage: string;
	readonly #known = new Map<string, FolderScope>();

	/**
	 * @param storage our own index folder, never covered
	 * @throws FiletideError `PATTERN_INVALID`
	 */
	constructor(watches: Iterable<Watch>, storage: string) {
		this.#storage = storage;
		for (const watch of watches) {
			const patterns = new WatchPatterns(watch);
			this.#roots.set(watch.root, [...(this.#roots.get(watch.root) ?? []), patterns]);
		}
	}

	/** The scope of a folder given by its absolute path. */
	of(path: string): FolderScope {
		let scope = this.#known.get(path);
		if (scope === undefined) {
			const parent = dirname(path);
			scope =
				parent === path
					? new FolderScope(path, [], this.#roots, this.#storage)
					: this.of(parent).child(path.slice(parent.endsWith(sep) ? parent.length : parent.length + 1));
			if (this.#known.size > 10_000) {
				this.#known.clear();
			}
			this.#known.set(path, scope);
		}
		return scope;
	}

	/** Roots that no other watch's crawl passes: a crawl also enters every root that it meets on its way. */
	topRoots(): string[] {
		return [...this.#roots.keys()].filter((root) => !this.of(dirname(root)).watched);
	}

	/** Drops what was looked up, after a `.gitignore` changed. */
	forget(): void {
		this.#known.clear();
	}
}

/** The rule of the innermost `.gitignore` that says anything decides. */
function ignoredByGit(ignores: readonly IgnoreRules[], path: string, isFolder: boolean): boolean {
	for (let i = ignores.length - 1; i >= 0; i--) {
		const { folder, rules } = ignores[i]!;
		const relative = path.slice(folder.length + 1).replaceAll('\\', '/');
		const { ignored, unignored } = rules.test(isFolder ? `${relative}/` : relative);
		if (ignored || unignored) {
			return ignored;
		}
	}
	return false;
}

function withRules(
	watch: Watch,
	ignores: readonly IgnoreRules[],
	own: IgnoreRules | undefined,
): readonly IgnoreRules[] {
	return own === undefined || !watch.filters.gitignore ? ignores : [...ignores, own];
}

/** Rules of the folders above a watch's root, up to the repository's: they hold in the root too. */
function rulesAbove(watch: Watch): IgnoreRules[] {
	if (!watch.filters.gitignore || isRepository(watch.root)) {
		return [];
	}
	const found: IgnoreRules[] = [];
	for (
		let folder = dirname(watch.root), below = watch.root;
		folder !== below;
		below = folder, folder = dirname(folder)
	) {
		const rules = readRules(folder);
		if (rules !== undefined) {
			found.unshift(rules);
		}
		if (isRepository(folder)) {
			return found;
		}
	}
	// Outside a repository only the watch's own folders speak.
	return [];
}

function isRepository(folder: string): boolean {
	try {
		readFileSync(join(folder, '.git', 'HEAD'));
		return true;
	} catch (error) {
		// A worktree's or submodule's `.git` is a file.
		return (error as NodeJS.ErrnoException).code === 'ENOTDIR';
	}
}

function readRules(folder: string): IgnoreRules | undefined {
	try {
		return {
			folder: folder.endsWith(sep) ? folder.slice(0, -1) : folder,
			rules: ignore().add(readFileSync(join(folder, GITIGNORE), 'utf8')),
		};
	} catch {
		// No such file, or none that can be read: git goes on without it, and so do we.
		return undefined;
	}
}
