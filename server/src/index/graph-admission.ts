/**
 * What happens before LMDB opens the file of a graph: as with the index (admission.ts), because a damaged one ends the process that
 * opens it, and a link that is missing in it is an affected file that is never told. Only that nothing is put aside: the graph is
 * made again from the files.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { closed, isAsLeft, look, MOST_OPENINGS } from './admission.ts';
import { isHeld, markOpen, readMark, stateOf } from './mark.ts';
import { surveySealed } from './survey.ts';
import { dataFile } from './tables.ts';

/** The folder of the graph within that of the index. */
export function graphFolder(indexFolder: string): string {
	return join(indexFolder, 'graph');
}

/** Removes the graph of an index. Nobody writes it meanwhile. */
export function dropGraph(indexFolder: string): void {
	rmSync(graphFolder(indexFolder), { recursive: true, force: true });
}

/**
 * Makes sure that the graph of an index can be opened for writing, and marks its folder. {@link graphOpened} must follow.
 *
 * @throws FiletideError `INDEX_DAMAGED` when it must be dropped; the file system's errors
 */
export function admitGraph(indexFolder: string): void {
	const folder = graphFolder(indexFolder);
	const mark = readMark(folder);
	const openings = (mark?.owner === undefined ? 0 : mark.openings) + 1;
	const damage =
		damageOf(folder, isAsLeft) ?? (openings > MOST_OPENINGS ? 'ended each process that opened it' : undefined);
	if (damage !== undefined) {
		throw damaged(folder, damage);
	}
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	markOpen(folder, { openings });
}

/** The graph is open and has been read. @throws the file system's errors */
export function graphOpened(indexFolder: string): void {
	markOpen(graphFolder(indexFolder), { openings: 0 });
}

/** The graph was closed in order: the next start need not read all of it. */
export function graphClosed(indexFolder: string): void {
	closed(graphFolder(indexFolder));
}

/**
 * The same as {@link admitGraph} for who only reads: nothing is marked.
 *
 * @throws FiletideError `INDEX_DAMAGED`; the file system's errors
 */
export function admitGraphReader(indexFolder: string): void {
	const folder = graphFolder(indexFolder);
	const damage = damageOf(folder, (mark, file) => isHeld(mark) || isAsLeft(mark, file));
	if (damage !== undefined) {
		throw damaged(folder, damage);
	}
}

/** What is wrong with the file; undefined for nothing, and for no file. @param isKnown whether a look at its meta pages will do */
function damageOf(folder: string, isKnown: typeof isAsLeft): string | undefined {
	const path = dataFile(folder);
	const file = stateOf(path);
	if (file === undefined) {
		return undefined;
	}
	const found = look(path, isKnown(readMark(folder), file) ? 'meta pages' : 'all', surveySealed);
	return 'damage' in found ? found.damage : undefined;
}

function damaged(folder: string, damage: string): FiletideError {
	return new FiletideError(
		ErrorCodes.indexDamaged,
		`The dependency graph cannot be read: ${dataFile(folder)} ${damage}. A server that keeps it makes it again from the files.`,
	);
}
