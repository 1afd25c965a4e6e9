/**
 * Where version control keeps what tells that it is at work: which folder to watch for a work tree, and which names in it
 * are marks. Git's folder may lie elsewhere (worktrees and submodules have a file `.git` that names it). Locks and
 * rebases belong to one work tree, so the folder that worktrees have in common (`commondir`) tells nothing here.
 */
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { BurstOrigin } from '#shared/model.ts';
import { toFileSystem } from '../platform/names.ts';
import { childPath } from '../platform/paths.ts';

interface Kind {
	/** In the control folder. */
	folder: string;
	/** In the control folder as soon as it is one. */
	proof?: string;
	/** Names of locks and of folders that last as long as an operation. */
	marks: readonly string[];
	origin: BurstOrigin;
}

/** By the name in a work tree's top folder. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
	// Git itself takes no folder without it for a repository.
	['.git', { folder: '', proof: 'HEAD', marks: ['index.lock', 'rebase-merge', 'rebase-apply'], origin: 'git' }],
	['.hg', { folder: '', marks: ['wlock'], origin: 'unknown' }],
	['.jj', { folder: 'working_copy', marks: ['working_copy.lock'], origin: 'unknown' }],
	['.svn', { folder: '', marks: ['wc.db-journal'], origin: 'unknown' }],
]);

/** A `.git` file holds one line. */
const MOST_POINTER_BYTES = 8192;

/** A work tree, and the folder whose entries tell what happens to it. */
export interface Repository {
	/** Absolute path of the top folder. */
	workTree: string;
	/** Absolute path of the folder with the marks. */
	control: string;
	marks: readonly string[];
	origin: BurstOrigin;
}

/** Whether an entry of this name makes a folder the top of a work tree. */
export function isControlName(name: string): boolean {
	// Most names are told apart by their first letter, which is cheaper than a look-up.
	return name.startsWith('.') && KINDS.has(name);
}

/** The repositories whose work tree begins at a folder: jj and git may share one. */
export function repositoriesAt(folder: string): Repository[] {
	return candidatesAt(folder).filter(({ isComplete }) => isComplete);
}

/** Whether a repository is being made at a folder. */
export function isBeingMadeAt(folder: string): boolean {
	return candidatesAt(folder).some(({ isComplete }) => !isComplete);
}

function candidatesAt(folder: string): (Repository & { isComplete: boolean })[] {
	return [...KINDS].flatMap(([name, { folder: beneath, proof, marks, origin }]) => {
		const found = controlFolder(childPath(folder, name), name === '.git');
		const control = found === undefined ? undefined : join(found, beneath);
		if (control === undefined || inodeOf(control) === undefined) {
			return [];
		}
		const isComplete = proof === undefined || existsSync(toFileSystem(join(control, proof)));
		return [{ workTree: folder, control, marks, origin, isComplete }];
	});
}

/** The nearest folder, this one or above it, that is the top of a work tree. */
export function enclosingWorkTree(folder: string): string | undefined {
	for (let at = folder; ; at = dirname(at)) {
		if (repositoriesAt(at).length > 0) {
			return at;
		}
		if (dirname(at) === at) {
			return undefined;
		}
	}
}

/** Marks that are there now, each with what changes when it does. */
export function marksOf({ control, marks }: Repository): Set<string> {
	const found = new Set<string>();
	for (const name of marks) {
		try {
			const { ino, mtimeMs } = lstatSync(toFileSystem(join(control, name)));
			found.add(`${name} ${ino} ${mtimeMs}`);
		} catch {
			// Not there, which is what is asked.
		}
	}
	return found;
}

/** Which folder stands at a path; undefined when none does, or none that can be seen. */
export function inodeOf(folder: string): number | undefined {
	try {
		const stats = statSync(toFileSystem(folder));
		return stats.isDirectory() ? stats.ino : undefined;
	} catch {
		return undefined;
	}
}

function controlFolder(path: string, mayPoint: boolean): string | undefined {
	try {
		const stats = statSync(toFileSystem(path));
		if (stats.isDirectory()) {
			return path;
		}
		if (!mayPoint || !stats.isFile() || stats.size > MOST_POINTER_BYTES) {
			return undefined;
		}
		const target = /^gitdir: (.+?)\r?\n?$/.exec(readFileSync(toFileSystem(path), 'utf8'))?.[1];
		return target === undefined ? undefined : resolve(dirname(path), target);
	} catch {
		// None, or not for this user: then nothing is known of its work.
		return undefined;
	}
}
