/** Where the graph keeps what it knows, and the keys under which uses are found again. */
import type { FileFacts, Target } from './facts.ts';
import { type FileView, viewOf } from './view.ts';

/** What is known of a file. */
export interface FileEntry {
	facts: FileFacts;
	/**
	 * What each request leads to, in their order: the path of a file, or the name of what is no file of the program
	 * (`package:…`, `unresolved:…`, `glob:…`, `default:…`).
	 */
	resolved: readonly string[];
	/**
	 * Names of files that may decide where a request leads though it does not end with them: what a configuration maps it to
	 * (as stems, see lookups.ts), and manifests that say what a package consists of (as paths).
	 */
	awaits: readonly string[];
}

export interface GraphStore {
	/** Undefined for a file that is not known. */
	entry(path: string): FileEntry | undefined;
	/** The same as a change asks for it. */
	view(path: string): FileView | undefined;
	/** The files that look something up, see {@link keysOf}. */
	users(key: string): Iterable<string>;
	/** The files that look up anything of a module. */
	usersOfModule(module: string): Iterable<string>;
	/** The patterns of paths that files ask for, each as it is resolved ({@link GLOB}). */
	globs(): Iterable<string>;
	/** Files whose requests analysis cannot follow. */
	widened(): Iterable<string>;
	/** Everything that is known, in no order: files, and what is named like a module and is none of them. */
	paths(): Iterable<string>;
}

/** One who uses an export of a module. */
export function exportKey(module: string, name: string): string {
	return `m ${module}\n${name}`;
}

/** One who exports all that a module exports. */
export function starKey(module: string): string {
	return `s ${module}`;
}

/** One whose evaluation evaluates a module. */
export function evaluationKey(module: string): string {
	return `i ${module}`;
}

export function globalKey(name: string): string {
	return `g ${name}`;
}

/** One who declares a type with a member of this name. */
export function memberKey(name: string): string {
	return `n ${name}`;
}

export const GLOB = 'glob:';

/** Before the path of what is installed: a package is known by what it exports (`Language.installed`), and not file by file. */
export const PACKAGE = 'package:';

/** The folder of the package in which something installed lies. */
export function packageFolder(path: string): string {
	return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0] ?? path;
}

/** What a file looks up: under each of these keys it is found when that changes. */
export function keysOf({ facts, resolved }: FileEntry): Set<string> {
	const keys = new Set<string>();
	const add = (target: Target) => {
		if (target.to === 'module') {
			keys.add(exportKey(resolved[target.request] ?? '', target.name));
		} else if (target.to === 'global') {
			keys.add(globalKey(target.name));
		}
	};
	for (const part of facts.parts) {
		for (const { target } of part.uses) {
			add(target);
		}
		for (const member of part.declaresMembers) {
			keys.add(memberKey(member));
		}
	}
	for (const { target } of facts.exports) {
		add(target);
	}
	for (const request of facts.stars) {
		keys.add(starKey(resolved[request] ?? ''));
	}
	for (const [index, { evaluates }] of facts.requests.entries()) {
		if (evaluates) {
			keys.add(evaluationKey(resolved[index] ?? ''));
		}
	}
	return keys;
}

/** A store in memory. */
export class MemoryStore implements GraphStore {
	readonly #entries = new Map<string, FileEntry>();
	readonly #users = new Map<string, Set<string>>();

	entry(path: string): FileEntry | undefined {
		return this.#entries.get(path);
	}

	view(path: string): FileView | undefined {
		const entry = this.entry(path);
		return entry && viewOf(entry);
	}

	users(key: string): Iterable<string> {
		return this.#users.get(key) ?? [];
	}

	*usersOfModule(module: string): Iterable<string> {
		for (const [key, users] of this.#users) {
			if (key.startsWith(exportKey(module, ''))) {
				yield* users;
			}
		}
	}

	*globs(): Iterable<string> {
		for (const { resolved } of this.#entries.values()) {
			yield* resolved.filter((module) => module.startsWith(GLOB));
		}
	}

	*widened(): Iterable<string> {
		for (const [path, { facts }] of this.#entries) {
			if (facts.widenings.length > 0) {
				yield path;
			}
		}
	}

	paths(): Iterable<string> {
		return this.#entries.keys();
	}

	/** Takes what a file is now; undefined when it is gone. */
	put(path: string, entry: FileEntry | undefined): void {
		const before = this.#entries.get(path);
		const had = before === undefined ? new Set<string>() : keysOf(before);
		const has = entry === undefined ? new Set<string>() : keysOf(entry);
		for (const key of had) {
			if (!has.has(key)) {
				this.#users.get(key)?.delete(path);
			}
		}
		for (const key of has) {
			const users = this.#users.get(key);
			if (users === undefined) {
				this.#users.set(key, new Set([path]));
			} else {
				users.add(path);
			}
		}
		if (entry === undefined) {
			this.#entries.delete(path);
		} else {
			this.#entries.set(path, entry);
		}
	}
}
