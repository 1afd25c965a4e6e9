/**
 * Scopes: for a folder, which watches look into it, and which `.gitignore` rules hold there. A crawl hands scopes down
 * from folder to folder; a single hint looks its folder's scope up.
 */
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import ignore, { type Ignore, type TestResult } from 'ignore';
import { childPath, isInside, realPath } from '../platform/paths.ts';
import { WatchPatterns } from './patterns.ts';
import type { Coverage } from './watch.ts';

/** File with rules that hold for its folder and everything beneath (git-scm.com/docs/gitignore). */
export const GITIGNORE = '.gitignore';

/** Larger ones are no ignore files that a person wrote; git's own limit is 100 MB. */
const MAX_IGNORE_FILE_BYTES = 1_048_576;

/** Reads the `.gitignore` of a folder: its text, undefined when it has none. */
export type ReadIgnoreFile = (folder: string) => string | undefined;

/** The rules of one `.gitignore`, and the path of its folder. */
interface IgnoreRules {
	folder: string;
	text: string;
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

/** What all scopes of one set of watches share. */
interface ScopeContext {
	/** Root → patterns of the watches that begin there. */
	roots: Map<string, WatchPatterns[]>;
	/** Folders above roots: looked into whatever a watch leaves out, because another one begins further down. */
	aboveRoots: Set<string>;
	/** Our own index folder, under every name by which a watch comes to it. */
	storage: Set<string>;
	readIgnoreFile: ReadIgnoreFile;
}

/** A folder as the watches see it. */
export class FolderScope {
	readonly path: string;
	/** Text of the folder's own `.gitignore`; undefined when it has none or no watch looks into the folder. */
	readonly ignoreText: string | undefined;
	readonly #entries: readonly ScopeEntry[];
	readonly #context: ScopeContext;

	constructor(path: string, entries: readonly ScopeEntry[], ignoreText: string | undefined, context: ScopeContext) {
		this.path = path;
		this.ignoreText = ignoreText;
		this.#entries = entries;
		this.#context = context;
	}

	/** Whether any watch looks into this folder. */
	get watched(): boolean {
		return this.#entries.length > 0;
	}

	/** What the watches make of an entry of this folder. */
	verdict(name: string, isFolder: boolean): Verdict {
		const path = childPath(this.path, name);
		if (this.#context.storage.has(path)) {
			return NOTHING;
		}
		const covering: string[] = [];
		let descend = isFolder && (this.#context.roots.has(path) || this.#context.aboveRoots.has(path));
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
		const { roots, readIgnoreFile } = this.#context;
		const isWatched = this.watched || roots.has(path);
		const own = hasIgnoreFile && isWatched ? rulesIn(path, readIgnoreFile) : undefined;
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
					ignores: withRules(entry.patterns.watch, entered(entry.ignores, path), own),
				});
			}
		}
		for (const patterns of roots.get(path) ?? []) {
			const above = rulesAbove(patterns.watch, readIgnoreFile);
			entries.push({ patterns, prefix: '', depth: 0, ignores: withRules(patterns.watch, above, own) });
		}
		return new FolderScope(path, entries, own?.text, this.#context);
	}
}

/** All watches together: finds the scope of any folder. Looked-up scopes are kept until {@link forget}. */
export class Scopes {
	readonly #context: ScopeContext;
	readonly #known = new Map<string, FolderScope>();

	/**
	 * @param storage our own index folder, never covered
	 * @throws FiletideError `PATTERN_INVALID`
	 */
	constructor(watches: Iterable<Coverage>, storage: string, readIgnoreFile: ReadIgnoreFile = readIgnoreFileOnDisk) {
		const roots = new Map<string, WatchPatterns[]>();
		for (const watch of watches) {
			const patterns = new WatchPatterns(watch);
			roots.set(watch.root, [...(roots.get(watch.root) ?? []), patterns]);
		}
		const aboveRoots = new Set([...roots.keys()].flatMap((root) => [...foldersAbove(root)]));
		this.#context = { roots, aboveRoots, storage: namesOf(storage, roots.keys()), readIgnoreFile };
	}

	/** The scope of a folder given by its absolute path. `hasIgnoreFile` saves a read where the listing is known. */
	of(path: string, hasIgnoreFile = true): FolderScope {
		let scope = this.#known.get(path);
		if (scope === undefined) {
			const parent = dirname(path);
			scope =
				parent === path
					? new FolderScope(path, [], undefined, this.#context)
					: this.of(parent).child(
							path.slice(parent.endsWith(sep) ? parent.length : parent.length + 1),
							hasIgnoreFile,
						);
			if (this.#known.size > 10_000) {
				this.#known.clear();
			}
			this.#known.set(path, scope);
		}
		return scope;
	}

	/** Roots that no other watch's crawl passes: a crawl also enters every root that it meets on its way. */
	topRoots(): string[] {
		return [...this.#context.roots.keys()].filter((root) => !this.of(dirname(root)).watched);
	}

	/** Whether a watch begins at or beneath a folder: such folders may be links, which lead there under the user's spelling. */
	isRootOrAbove(path: string): boolean {
		return this.#context.roots.has(path) || this.#context.aboveRoots.has(path);
	}

	/** Drops what was looked up, after a `.gitignore` changed. */
	forget(): void {
		this.#known.clear();
	}
}

/** The rule of the innermost `.gitignore` that says anything decides. */
function ignoredByGit(ignores: readonly IgnoreRules[], path: string, isFolder: boolean): boolean {
	for (let i = ignores.length - 1; i >= 0; i--) {
		const { ignored, unignored } = test(ignores[i]!, path, isFolder);
		if (ignored || unignored) {
			return ignored;
		}
	}
	return false;
}

function test({ folder, rules }: IgnoreRules, path: string, isFolder: boolean): TestResult {
	const relative = relativeTo(folder, path);
	return rules.test(isFolder ? `${relative}/` : relative);
}

function relativeTo(folder: string, path: string): string {
	const relative = path.slice(folder.length + 1);
	return sep === '/' ? relative : relative.replaceAll(sep, '/');
}

/**
 * The rules for what is in a folder that is not left out. Where an outer file does leave it out and an inner one overrules
 * that, the outer file's other rules still hold in the folder; `ignore` alone would take all of it for left out.
 */
function entered(ignores: readonly IgnoreRules[], path: string): readonly IgnoreRules[] {
	return ignores.some((own) => test(own, path, true).ignored) ? ignores.map((own) => admitting(own, path)) : ignores;
}

function admitting(own: IgnoreRules, path: string): IgnoreRules {
	if (!test(own, path, true).ignored) {
		return own;
	}
	const escaped = relativeTo(own.folder, path).replaceAll(/[\\*?[\] ]/g, String.raw`\$&`);
	return {
		...own,
		rules: newRules()
			.add(own.rules)
			.add([`!/${escaped}/`]),
	};
}

/** Like git, whose core.ignoreCase is false where file names may differ by case alone. */
function newRules(): Ignore {
	return ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' });
}

function withRules(
	watch: Coverage,
	ignores: readonly IgnoreRules[],
	own: IgnoreRules | undefined,
): readonly IgnoreRules[] {
	return own === undefined || !watch.filters.gitignore ? ignores : [...ignores, own];
}

/** Rules of the folders above a watch's root, up to the repository's: they hold in the root too. */
function rulesAbove(watch: Coverage, readIgnoreFile: ReadIgnoreFile): IgnoreRules[] {
	if (!watch.filters.gitignore || isRepository(watch.root)) {
		return [];
	}
	const found: IgnoreRules[] = [];
	for (const folder of foldersAbove(watch.root)) {
		const rules = rulesIn(folder, readIgnoreFile);
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

/** The folders above a path, innermost first. */
export function* foldersAbove(path: string): Generator<string> {
	for (let folder = dirname(path), below = path; folder !== below; below = folder, folder = dirname(folder)) {
		yield folder;
	}
}

/** A worktree's or submodule's `.git` is a file. */
function isRepository(folder: string): boolean {
	return statSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined;
}

function rulesIn(folder: string, readIgnoreFile: ReadIgnoreFile): IgnoreRules | undefined {
	const text = readIgnoreFile(folder);
	if (text === undefined) {
		return undefined;
	}
	return { folder: folder.endsWith(sep) ? folder.slice(0, -1) : folder, text, rules: newRules().add(text) };
}

/** The text of a folder's `.gitignore` as it is now. */
export function readIgnoreFileOnDisk(folder: string): string | undefined {
	const path = join(folder, GITIGNORE);
	try {
		// A cloned repository may hold anything under this name: a link to an endless device, a pipe that blocks who opens it.
		const stat = lstatSync(path, { throwIfNoEntry: false });
		return stat?.isFile() === true && stat.size <= MAX_IGNORE_FILE_BYTES ? readFileSync(path, 'utf8') : undefined;
	} catch {
		// No such file, or none that can be read: git goes on without it, and so do we.
		return undefined;
	}
}

/** Our folder's own path, and the path by which each root that is a link, or lies behind one, comes to it. */
function namesOf(storage: string, roots: Iterable<string>): Set<string> {
	const names = new Set([storage]);
	const real = realPath(storage);
	for (const root of roots) {
		const realRoot = realPath(root);
		if (isInside(realRoot, real)) {
			names.add(root + real.slice(realRoot.length));
		}
	}
	return names;
}
