/** Which links are followed: those that lead to a file or folder in an allowed root and close no circle. */
import { type BigIntStats, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { wayOf } from '../platform/links.ts';
import { toFileSystem } from '../platform/names.ts';
import { isInside } from '../platform/paths.ts';

/**
 * A link beneath so many followed ones stays a link. No circle is needed for a tree without end: ten folders with a link
 * to each other one are 10! ways.
 */
export const MOST_FOLLOWED = 8;

export interface Bounds {
	/** Real paths of the folders that no followed link leads out of. */
	into: readonly string[];
	/** The folder where the way down begins. */
	from: string;
	/** Real path of a folder that no followed link leads into. */
	except: string;
}

/** `stat` of what a link leads to; undefined when it is not to be followed. */
export function targetOf(link: string, { into, from, except }: Bounds): BigIntStats | undefined {
	const { end } = wayOf(link);
	if (end === undefined || isInside(except, end) || !into.some((root) => isInside(root, end))) {
		return undefined;
	}
	// Not `stat` of the link, which may be another one by now.
	const stats = statOf(lstatSync, end);
	if (stats?.isFile() === true) {
		return stats;
	}
	return stats?.isDirectory() === true && !isOnTheWay(stats, dirname(link), from) ? stats : undefined;
}

/** Whether a folder is one of those from `below` up to `from`. */
function isOnTheWay({ dev, ino }: BigIntStats, below: string, from: string): boolean {
	for (let folder = below; isInside(from, folder); folder = dirname(folder)) {
		const stats = statOf(statSync, folder);
		if (stats?.dev === dev && stats.ino === ino) {
			return true;
		}
		if (folder === from) {
			break;
		}
	}
	return false;
}

function statOf(stat: typeof statSync, path: string): BigIntStats | undefined {
	try {
		return stat(toFileSystem(path), { bigint: true, throwIfNoEntry: false });
	} catch {
		// Gone in this moment, or not to be seen.
		return undefined;
	}
}
