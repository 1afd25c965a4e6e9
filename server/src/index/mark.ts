/**
 * The mark: a small file beside the data file that says who has the index open for writing, or how the last one left it. It is
 * read before LMDB opens anything, because opening a damaged file ends the process.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from '../platform/process-identity.ts';

const MARK_FILE = 'mark.json';

/** What tells a file from another one, and from itself after a write. */
export interface FileState {
	ino: string;
	size: number;
	mtimeNs: string;
	ctimeNs: string;
}

/** A data file, and the last transaction that was committed to it. */
export interface LeftFile extends FileState {
	transaction: number;
}

/** Has the index open, or ended without closing it. */
interface OpenMark {
	owner: ProcessIdentity;
	/** Starts in a row, this one included, of which none has got the index open. 0 once it is open and has been read. */
	openings: number;
	/** The data file; undefined when there was none. */
	file?: LeftFile | undefined;
}

/** It was closed in order and left like that. */
interface ClosedMark {
	owner?: undefined;
	file: LeftFile;
}

export type Mark = OpenMark | ClosedMark;

/** The mark in an index folder; undefined when there is none, or none that can be read. */
export function readMark(folder: string): Mark | undefined {
	try {
		const mark = JSON.parse(readFileSync(join(folder, MARK_FILE), 'utf8')) as Partial<Mark> | null;
		return mark !== null && (mark.owner !== undefined || mark.file !== undefined) ? (mark as Mark) : undefined;
	} catch {
		// Whatever is wrong with it, nothing is known then, and the data file is surveyed.
		return undefined;
	}
}

/** @throws the file system's errors */
export function markOpen(folder: string, mark: Omit<OpenMark, 'owner'>): void {
	write(folder, { owner: ownIdentity(), ...mark });
}

/** Says how the data file was left, unless somebody else has it by now. @throws the file system's errors */
export function markClosed(folder: string, file: LeftFile): void {
	if (isOwn(readMark(folder))) {
		write(folder, { file });
	}
}

/** Takes an own mark back. @throws the file system's errors */
export function removeMark(folder: string): void {
	if (isOwn(readMark(folder))) {
		rmSync(join(folder, MARK_FILE), { force: true });
	}
}

/** Whether a process that runs has the index open. */
export function isHeld(mark: Mark | undefined): boolean {
	return mark?.owner !== undefined && isRunning(mark.owner);
}

/** The same, and it is not this one: its own mark is of workers that have ended. */
export function isHeldByAnother(mark: Mark | undefined): boolean {
	return isHeld(mark) && !isOwn(mark);
}

function isOwn(mark: Mark | undefined): boolean {
	return mark?.owner?.pid === process.pid && mark.owner.startTime === ownIdentity().startTime;
}

/** Follows links. Undefined when there is no such file. @throws the file system's other errors */
export function stateOf(path: string): FileState | undefined {
	const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
	return stats === undefined
		? undefined
		: {
				ino: String(stats.ino),
				size: Number(stats.size),
				mtimeNs: String(stats.mtimeNs),
				ctimeNs: String(stats.ctimeNs),
			};
}

/** Whether nothing at all has happened to a file. */
export function isUntouched(was: FileState, is: FileState): boolean {
	return is.ino === was.ino && is.size === was.size && is.mtimeNs === was.mtimeNs && is.ctimeNs === was.ctimeNs;
}

/** Renamed into place: a mark is there as a whole or not at all. */
function write(folder: string, mark: Mark): void {
	const path = join(folder, MARK_FILE);
	const next = `${path}.${process.pid}`;
	try {
		writeFileSync(next, JSON.stringify(mark), { mode: 0o600 });
		renameSync(next, path);
	} catch (error) {
		rmSync(next, { force: true });
		throw error;
	}
}
