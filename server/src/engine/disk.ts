/** The file system as reconcile sees it. */
import { accessSync, type BigIntStats, constants, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EntryKind } from '#shared/model.ts';
import type { EntryStat } from '../index/records.ts';
import { childPath } from '../platform/paths.ts';
import { readLink } from '../platform/links.ts';
import { toFileSystem } from '../platform/names.ts';
import type { FolderScope, Verdict } from '../watching/scope.ts';

/** What stands at a path: its stat, or why there is none. */
export type Found = { stat: EntryStat } | { absent: true } | { failed: NodeJS.ErrnoException };

/** `lstat` of a folder's entry. */
export function statEntry(
	folder: string,
	name: string,
): { stats: BigIntStats } | { absent: true } | { failed: NodeJS.ErrnoException } {
	try {
		const stats = lstatSync(toFileSystem(childPath(folder, name)), { bigint: true, throwIfNoEntry: false });
		return stats === undefined ? { absent: true } : { stats };
	} catch (error) {
		return isAbsent(error) ? { absent: true } : { failed: error as NodeJS.ErrnoException };
	}
}

/** `lstat`, and `readlink` for a link. */
export function look(path: string): Found {
	try {
		const stats = lstatSync(toFileSystem(path), { bigint: true, throwIfNoEntry: false });
		if (stats === undefined) {
			return { absent: true };
		}
		return { stat: toEntryStat(stats, stats.isSymbolicLink() ? readLink(path) : '') };
	} catch (error) {
		return isAbsent(error) ? { absent: true } : { failed: error as NodeJS.ErrnoException };
	}
}

/** {@link look} at a folder's entry as the watches see it: a link that one of them follows is what it leads to. */
export function lookIn(scope: FolderScope, name: string): Found {
	const found = look(childPath(scope.path, name));
	const stats = 'stat' in found && found.stat.kind === 'link' ? scope.followed(name) : undefined;
	return stats === undefined || !('stat' in found) ? found : { stat: toEntryStat(stats, found.stat.target) };
}

/** Whether it is a link that is followed: all else that is recorded of it, its identity too, is its target's. */
export function isFollowedLink({ kind, target }: EntryStat): boolean {
	return target !== '' && kind !== 'link';
}

/** What the watches make of what was found: another file system, mounted in theirs, is not looked into. */
export function verdictOf(scope: FolderScope, name: string, stat: EntryStat): Verdict {
	const verdict = scope.verdict(name, stat.kind === 'folder');
	return verdict.descend && scope.crosses(name, stat.dev) ? { ...verdict, descend: false } : verdict;
}

/** `stat` of a watch's root, which may be a link to a folder. */
export function lookAtRoot(path: string): Found {
	try {
		const stats = statSync(toFileSystem(path), { bigint: true, throwIfNoEntry: false });
		return stats === undefined ? { absent: true } : { stat: toEntryStat(stats, '') };
	} catch (error) {
		return isAbsent(error) ? { absent: true } : { failed: error as NodeJS.ErrnoException };
	}
}

/** Whether a file system is mounted at a folder. */
export function isMountPoint(path: string): boolean {
	const here = lookAtRoot(path);
	const above = lookAtRoot(dirname(path));
	return 'stat' in here && 'stat' in above && here.stat.dev !== above.stat.dev;
}

/** Whether this user may list a folder and go into it. */
export function isReadable(path: string): boolean {
	try {
		accessSync(toFileSystem(path), constants.R_OK | constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Whether an error means that nothing is there (any more). */
export function isAbsent(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Whether two looks at one path found the same object, rather than one that took its place. */
export function isSameObject(a: EntryStat, b: EntryStat): boolean {
	return a.dev === b.dev && a.ino === b.ino;
}

/** Whether anything recorded differs at all, so that the node must be written. */
export function differs(before: EntryStat, now: EntryStat): boolean {
	return (
		before.ctimeNs !== now.ctimeNs ||
		before.mtimeNs !== now.mtimeNs ||
		before.size !== now.size ||
		!isSameObject(before, now) ||
		before.nlink !== now.nlink ||
		before.mode !== now.mode ||
		before.uid !== now.uid ||
		before.gid !== now.gid ||
		before.target !== now.target
	);
}

/** 64 bits of nanoseconds end in 2262; later times wrap, here, so that what is compared is what is stored. */
function toEntryStat(stats: BigIntStats, target: string): EntryStat {
	return {
		kind: kindOf(stats),
		dev: stats.dev,
		ino: stats.ino,
		birthtimeNs: BigInt.asIntN(64, stats.birthtimeNs),
		size: BigInt.asIntN(64, stats.size),
		mtimeNs: BigInt.asIntN(64, stats.mtimeNs),
		ctimeNs: BigInt.asIntN(64, stats.ctimeNs),
		mode: Number(stats.mode) & 0o7777,
		uid: Number(stats.uid),
		gid: Number(stats.gid),
		nlink: Number(stats.nlink),
		target,
	};
}

/** What an entry is. */
export function kindOf(stats: BigIntStats): EntryKind {
	return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
}
