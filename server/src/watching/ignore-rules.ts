/** `.gitignore` files: what they say of a path, and which of them hold in a folder. */
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import ignore, { type Ignore, type TestResult } from 'ignore';
import { foldersAbove } from '../platform/paths.ts';
import type { Coverage } from './watch.ts';

/** File with rules that hold for its folder and everything beneath (git-scm.com/docs/gitignore). */
export const GITIGNORE = '.gitignore';

/** Larger ones are no ignore files that a person wrote; git's own limit is 100 MB. */
const MAX_IGNORE_FILE_BYTES = 1_048_576;

/** Reads the `.gitignore` of a folder: its text, undefined when it has none. */
export type ReadIgnoreFile = (folder: string) => string | undefined;

/** The rules of one `.gitignore`, and the path of its folder. */
export interface IgnoreRules {
	folder: string;
	text: string;
	rules: Ignore;
}

/** The rule of the innermost `.gitignore` that says anything decides. */
export function ignoredByGit(ignores: readonly IgnoreRules[], path: string, isFolder: boolean): boolean {
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
export function entered(ignores: readonly IgnoreRules[], path: string): readonly IgnoreRules[] {
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

export function withRules(
	watch: Coverage,
	ignores: readonly IgnoreRules[],
	own: IgnoreRules | undefined,
): readonly IgnoreRules[] {
	return own === undefined || !watch.filters.gitignore ? ignores : [...ignores, own];
}

/** Rules of the folders above a watch's root, up to the repository's: they hold in the root too. */
export function rulesAbove(watch: Coverage, readIgnoreFile: ReadIgnoreFile): IgnoreRules[] {
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

/** A worktree's or submodule's `.git` is a file. */
function isRepository(folder: string): boolean {
	try {
		return statSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined;
	} catch {
		// A link to itself, or one that may not be followed: git sees no repository either.
		return false;
	}
}

export function rulesIn(folder: string, readIgnoreFile: ReadIgnoreFile): IgnoreRules | undefined {
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
