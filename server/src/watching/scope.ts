/**
 * Scopes: for a folder, which watches look into it, and which `.gitignore` rules hold there. A crawl hands scopes down
 * from folder to folder; a single hint looks its folder's scope up.
 */
import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { type Step, wayOf } from '../platform/links.ts';
import { toFileSystem } from '../platform/names.ts';
import { childPath, foldersAbove, isInside, realPath } from '../platform/paths.ts';
import { MOST_FOLLOWED, targetOf } from './followed.ts';
import {
	entered,
	ignoredByGit,
	type IgnoreRules,
	type ReadIgnoreFile,
	readIgnoreFileOnDisk,
	rulesAbove,
	rulesIn,
	withRules,
} from './ignore-rules.ts';
import { WatchPatterns } from './patterns.ts';
import type { Coverage } from './watch.ts';

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
	realStorage: string;
	readIgnoreFile: ReadIgnoreFile;
	/** Root → its device, looked up when first asked for. */
	devices: Map<string, bigint>;
	/** Whether any watch follows links. */
	follows: boolean;
	/** Whether folders may be links, which costs a look at each. */
	looksForLinks: boolean;
}

/** A folder as the watches see it. */
export class FolderScope {
	readonly path: string;
	/** Text of the folder's own `.gitignore`; undefined when it has none or no watch looks into the folder. */
	readonly ignoreText: string | undefined;
	/** Whether a watch follows links in this folder. */
	readonly follows: boolean;
	/** How many followed links lead to it, itself included. */
	readonly #linksAbove: number;
	readonly #entries: readonly ScopeEntry[];
	readonly #context: ScopeContext;
	/** The innermost watch's root that it lies in, or is. */
	readonly #root: string | undefined;

	constructor(
		path: string,
		entries: readonly ScopeEntry[],
		ignoreText: string | undefined,
		context: ScopeContext,
		linksAbove = 0,
		root?: string,
	) {
		this.path = path;
		this.ignoreText = ignoreText;
		this.follows = context.follows && linksAbove < MOST_FOLLOWED && entries.some(follows);
		this.#linksAbove = linksAbove;
		this.#entries = entries;
		this.#context = context;
		this.#root = root;
	}

	/** Whether any watch looks into this folder. */
	get watched(): boolean {
		return this.#entries.length > 0;
	}

	/** What the watches make of an entry of this folder. */
	verdict(name: string, isFolder: boolean): Verdict {
		const path = childPath(this.path, name);
		if (this.#context.storage.has(path) || (this.#linksAbove > 0 && this.#isStorage(name))) {
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

	/**
	 * Whether a folder in this one is another file system than its watch's root, mounted here: that is entered only where a
	 * watch begins in it. What is behind followed links is asked for.
	 *
	 * @param dev the folder's device
	 */
	crosses(name: string, dev: bigint): boolean {
		const path = childPath(this.path, name);
		if (
			this.#root === undefined ||
			this.#linksAbove > 0 ||
			this.#context.roots.has(path) ||
			this.#context.aboveRoots.has(path)
		) {
			return false;
		}
		let own = this.#context.devices.get(this.#root);
		if (own === undefined) {
			own = deviceOf(this.#root) ?? dev;
			this.#context.devices.set(this.#root, own);
		}
		return own !== dev;
	}

	/** The scope of a folder in this one. `hasIgnoreFile` saves a read where the listing is known. */
	child(name: string, hasIgnoreFile = true): FolderScope {
		const path = childPath(this.path, name);
		const entries: ScopeEntry[] = [];
		const { roots, readIgnoreFile } = this.#context;
		const isWatched = this.watched || roots.has(path);
		const isLink = this.#context.looksForLinks && this.watched && isLinkAt(path);
		const isFollowed = isLink && this.followed(name) !== undefined;
		const own = hasIgnoreFile && isWatched ? rulesIn(path, readIgnoreFile) : undefined;
		for (const entry of this.#entries) {
			const relative = entry.prefix + name;
			if (
				(!isLink || (isFollowed && follows(entry))) &&
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
		const links = this.#linksAbove + (isLink ? 1 : 0);
		return new FolderScope(path, entries, own?.text, this.#context, links, roots.has(path) ? path : this.#root);
	}

	/** `stat` of what a link in this folder leads to, when a watch follows it. */
	followed(name: string): BigIntStats | undefined {
		const path = childPath(this.path, name);
		const following = this.#following(name);
		if (following.length === 0) {
			return undefined;
		}
		const roots = following.map(({ patterns }) => patterns.watch.root);
		const stats = targetOf(path, {
			into: this.#into(),
			// All of them lie above; the outermost one has the shortest path.
			from: roots.reduce((one, other) => (other.length < one.length ? other : one)),
			except: this.#context.realStorage,
		});
		const isFolder = stats?.isDirectory() === true;
		return following.some(({ ignores }) => !ignoredByGit(ignores, path, isFolder)) ? stats : undefined;
	}

	/** What it depends on where a link in this folder leads, as far as links may lead; nothing for one that is left out. */
	stepsOf(name: string): Step[] {
		if (this.#following(name).length === 0) {
			return [];
		}
		const into = this.#into();
		return wayOf(childPath(this.path, name)).steps.filter(({ folder }) =>
			into.some((root) => isInside(root, folder)),
		);
	}

	/** Whether the way to this folder leads through a link that leads elsewhere by now, to where none may lead. */
	get isAstray(): boolean {
		return this.#linksAbove > 0 && !this.#into().some((root) => isInside(root, realPath(this.path)));
	}

	#following(name: string): ScopeEntry[] {
		return this.follows
			? this.#entries.filter((entry) => follows(entry) && !entry.patterns.excludes(entry.prefix + name, name))
			: [];
	}

	#into(): string[] {
		return this.#entries.flatMap(({ patterns }) => patterns.watch.followInto);
	}

	/** Behind a link our own folder has names that nobody can list beforehand. */
	#isStorage(name: string): boolean {
		const { realStorage } = this.#context;
		return name === basename(realStorage) && realPath(this.path) === dirname(realStorage);
	}
}

function follows({ patterns }: ScopeEntry): boolean {
	return patterns.watch.followInto.length > 0;
}

function isLinkAt(path: string): boolean {
	try {
		return lstatSync(toFileSystem(path), { throwIfNoEntry: false })?.isSymbolicLink() === true;
	} catch {
		// Nothing that could be seen is there.
		return false;
	}
}

/** All watches together: finds the scope of any folder. Looked-up scopes are kept until {@link forget}. */
export class Scopes {
	readonly #context: ScopeContext;
	readonly #known = new Map<string, FolderScope>();

	/**
	 * @param storage our own index folder, never covered
	 * @param looksForLinks whether folders that are asked for may be links although none of these watches follows them
	 * @throws FiletideError `PATTERN_INVALID`
	 */
	constructor(
		watches: Iterable<Coverage>,
		storage: string,
		readIgnoreFile: ReadIgnoreFile = readIgnoreFileOnDisk,
		looksForLinks = false,
	) {
		const roots = new Map<string, WatchPatterns[]>();
		for (const watch of watches) {
			const patterns = new WatchPatterns(watch);
			roots.set(watch.root, [...(roots.get(watch.root) ?? []), patterns]);
		}
		const aboveRoots = new Set([...roots.keys()].flatMap((root) => [...foldersAbove(root)]));
		const follow = [...roots.values()].flat().some(({ watch }) => watch.followInto.length > 0);
		this.#context = {
			roots,
			aboveRoots,
			storage: namesOf(storage, roots.keys()),
			realStorage: realPath(storage),
			readIgnoreFile,
			devices: new Map(),
			follows: follow,
			looksForLinks: follow || looksForLinks,
		};
	}

	/** Whether any watch follows links. */
	get follow(): boolean {
		return this.#context.follows;
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

	/** Whether any watch heeds `.gitignore` files. */
	get heedIgnoreFiles(): boolean {
		return [...this.#context.roots.values()].some((watches) =>
			watches.some(({ watch }) => watch.filters.gitignore),
		);
	}

	/** Whether a watch begins at or beneath a folder: such folders may be links, which lead there under the user's spelling. */
	isRootOrAbove(path: string): boolean {
		return this.#context.roots.has(path) || this.#context.aboveRoots.has(path);
	}

	/** Drops what was looked up, after a `.gitignore` changed. */
	forget(): void {
		this.#known.clear();
		this.#context.devices.clear();
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

/** The device that a folder lies on; undefined when that cannot be seen. */
function deviceOf(path: string): bigint | undefined {
	try {
		return statSync(path, { bigint: true }).dev;
	} catch {
		return undefined;
	}
}
