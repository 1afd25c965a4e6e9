/** Puts a damaged data file out of the way, in the same folder: history cannot be rebuilt, so nothing of it is thrown away. */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataFile, lockFile } from './tables.ts';

/** A disk that fails again and again must not fill up: the oldest beyond so many go. */
const MOST_KEPT = 3;

/**
 * Renames the data file of an index to `data.mdb.damaged-<time>`. Its lock file goes: LMDB makes a new one.
 *
 * @returns where it is now
 * @throws the file system's errors
 */
export function setAside(folder: string, now: Date): string {
	const path = dataFile(folder);
	const time = now.toISOString().replaceAll(':', '-').replace('Z', '');
	let aside = `${path}.damaged-${time}`;
	for (let i = 2; existsSync(aside); i++) {
		aside = `${path}.damaged-${time}-${i}`;
	}
	renameSync(path, aside);
	rmSync(lockFile(folder), { force: true, recursive: true });
	removeOldest(folder);
	return aside;
}

function removeOldest(folder: string): void {
	const kept = readdirSync(folder).filter((name) => name.startsWith('data.mdb.damaged-'));
	// Names are in the order of their times.
	for (const name of kept.sort().slice(0, -MOST_KEPT)) {
		rmSync(join(folder, name), { force: true, recursive: true });
	}
}
