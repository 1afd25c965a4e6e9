/**
 * Absolute paths as lists of names. The index's tree hangs from one virtual root: `/` on POSIX, the list of drives on
 * Windows.
 */
import { realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

const WINDOWS = process.platform === 'win32';

/** `/a/b` → `['a', 'b']`; `C:\a` → `['C:', 'a']`. The path must be absolute and normalised. */
export function splitPath(path: string): string[] {
	return path.split(sep).filter((name) => name !== '');
}

/** The opposite of {@link splitPath}. */
export function joinNames(names: readonly string[]): string {
	if (WINDOWS) {
		return names.length === 1 ? `${names[0]}\\` : names.join('\\');
	}
	return `/${names.join('/')}`;
}

/** A child's path. */
export function childPath(folder: string, name: string): string {
	return folder.endsWith(sep) ? folder + name : folder + sep + name;
}

/** Whether `path` is `folder` or lies in it. */
export function isInside(folder: string, path: string): boolean {
	return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The real path of the longest existing part of a path, with the rest appended: works for what is missing. */
export function realPath(path: string): string {
	const absolute = resolve(path);
	try {
		return realpathSync.native(absolute);
	} catch {
		const parent = dirname(absolute);
		return parent === absolute ? absolute : join(realPath(parent), absolute.slice(parent.length));
	}
}

/** The folders above a path, innermost first. */
export function* foldersAbove(path: string): Generator<string> {
	for (let folder = dirname(path), below = path; folder !== below; below = folder, folder = dirname(folder)) {
		yield folder;
	}
}
