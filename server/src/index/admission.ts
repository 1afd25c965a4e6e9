/**
 * What happens before LMDB opens a data file: is it one, is it whole, is it what was left? LMDB maps the file and believes
 * what is in it; damaged ones ended the process in 41 of 73 cases, which no code of ours could catch.
 *
 * Both meta pages are always looked at (about a millisecond). The whole file is read (survey.ts) unless it is, by its inode and times, just
 * as the last one left it who closed it in order. So a start after a crash reads it, and no crash can be the beginning of a loop.
 */
import { mkdirSync, statSync } from 'node:fs';
import { type ErrorCode, ErrorCodes, FiletideError } from '#shared/errors.ts';
import {
	type FileState,
	isHeld,
	isHeldByAnother,
	isUntouched,
	type LeftFile,
	type Mark,
	markClosed,
	markOpen,
	readMark,
	removeMark,
	stateOf,
} from './mark.ts';
import { cannotOpen } from './room.ts';
import { setAside } from './set-aside.ts';
import type { DamagedRecordError } from './records.ts';
import { type Found, inspect, schemaOf, survey } from './survey.ts';
import { dataFile, openTables, SCHEMA_VERSION, schemaTooNew, type Tables } from './tables.ts';

/** After so many starts in a row that ended while LMDB opened it, a file is damaged in a way that the survey does not see. */
export const MOST_OPENINGS = 3;
/** How often somebody who writes meanwhile is made way for. */
const MOST_TRIES = 3;

/** Something that the user has to hear once. */
export interface IndexNotice {
	code: ErrorCode;
	message: string;
}

/** An index folder that may be opened for writing. One of `opened` and `withdraw` must follow. */
export interface Admission {
	/** What was wrong; a new index is made then. */
	notice: IndexNotice | undefined;
	/** What is wrong in it that a repair mends; undefined for nothing. */
	suspicion: string | undefined;
	/** Whether cursors of before may mean something else in this file, so that the index needs another id. */
	needsNewId: boolean;
	/** The index is open and has been read. @throws the file system's errors */
	opened(): void;
	/** Somebody else has it, or it cannot be written. @throws the file system's errors */
	withdraw(): void;
}

/**
 * Looks at what lies in an index folder before it is opened for writing, puts aside what is damaged, and marks the folder.
 *
 * @throws FiletideError `SCHEMA_TOO_NEW` (nothing is touched), `INDEX_DAMAGED` when another process has it,
 *   `INDEX_WRITE_FAILED` when the folder cannot be read or written
 */
export function admit(folder: string): Admission {
	try {
		return admitOrMark(folder);
	} catch (error) {
		throw error instanceof FiletideError ? error : cannotOpen(folder, error);
	}
}

function admitOrMark(folder: string): Admission {
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const mark = readMark(folder);
	if (isHeldByAnother(mark)) {
		return admitBeside(folder, mark);
	}
	const path = dataFile(folder);
	const file = stateOf(path);
	// A start that ended before it had opened anything leaves a mark without a file.
	const wasThere = mark?.file !== undefined;
	if (file === undefined || (file.size === 0 && !wasThere)) {
		const notice = wasThere ? vanished(folder) : undefined;
		markOpen(folder, { openings: 1, file: undefined });
		return admitted(folder, { notice });
	}
	const openings = (mark?.owner === undefined ? 0 : mark.openings) + 1;
	const seen = look(path, isAsLeft(mark, file) ? 'meta pages' : 'all', survey);
	const found = openings > MOST_OPENINGS && !('damage' in seen && !seen.isMendable) ? UNUSABLE : seen;
	if ('damage' in found && !found.isMendable) {
		if (stateOf(path)?.ino !== file.ino) {
			// Another start has put it aside meanwhile; what lies there now is its new index.
			return admitOrMark(folder);
		}
		const aside = setAside(folder, new Date());
		markOpen(folder, { openings: 1, file: undefined });
		return admitted(folder, { notice: damaged(path, found.damage, aside) });
	}
	refuseNewer(folder);
	const left = { ...file, transaction: found.transaction };
	markOpen(folder, { openings, file: left });
	const suspicion = 'damage' in found ? found.damage : undefined;
	return admitted(folder, { needsNewId: isAnother(mark, left), suspicion });
}

/**
 * The same for who only reads: nothing is moved or marked.
 *
 * @throws FiletideError `SCHEMA_TOO_NEW`, `INDEX_DAMAGED`; the file system's errors
 */
function admitReader(folder: string): void {
	const path = dataFile(folder);
	const file = stateOf(path);
	if (file === undefined) {
		// LMDB says that there is none.
		return;
	}
	const mark = readMark(folder);
	const found = look(path, isHeld(mark) || isAsLeft(mark, file) ? 'meta pages' : 'all', survey);
	if ('damage' in found && !found.isMendable) {
		throw new FiletideError(
			ErrorCodes.indexDamaged,
			`The index cannot be read: ${path} ${found.damage}. Start a server for it (filetide serve): it puts the file aside and builds a new index from the disk.`,
		);
	}
	refuseNewer(folder);
}

/**
 * The tables of an index, to be read only, unless opening them would end this process.
 *
 * @throws as {@link admitReader}, and what LMDB throws
 */
export function openToRead(folder: string): Tables {
	admitReader(folder);
	return openTables(folder, true);
}

/** The index was closed in order: the next start need not read all of it. */
export function closed(folder: string): void {
	const path = dataFile(folder);
	try {
		const file = stateOf(path);
		const found = file === undefined ? undefined : inspect(path);
		if (file !== undefined && found !== undefined && !('damage' in found)) {
			markClosed(folder, { ...file, ...found });
		}
	} catch {
		// No room for the mark: then the next start reads all of it.
	}
}

/** Something in the open index proved to be damaged: the next start puts the file aside whatever it sees. */
export function doubt(folder: string): void {
	try {
		markOpen(folder, { openings: MOST_OPENINGS });
	} catch {
		// No room for it. The next start reads the whole file anyway.
	}
}

/**
 * {@link doubt}, of an index that could not be claimed because a record is damaged.
 *
 * @throws FiletideError `INDEX_DAMAGED` when another process has it
 */
export function doubtUnlessHeld(folder: string, { message }: DamagedRecordError): void {
	const mark = readMark(folder);
	if (isHeldByAnother(mark)) {
		throw held(message.replace(/\.$/, ''), mark);
	}
	doubt(folder);
}

function held(what: string, mark: Mark | undefined): FiletideError {
	return new FiletideError(
		ErrorCodes.indexDamaged,
		`The index cannot be opened: ${what}, and process ${mark?.owner?.pid} still uses it. When that ends, the file is put aside and a new index is built from the disk.`,
	);
}

/** Another process has it: for LMDB to say whether it still does. Only what would end this process is refused. */
function admitBeside(folder: string, mark: Mark | undefined): Admission {
	const path = dataFile(folder);
	const found = stateOf(path) === undefined ? undefined : look(path, 'meta pages', survey);
	if (found !== undefined && 'damage' in found) {
		throw held(`${path} ${found.damage}`, mark);
	}
	return { ...admitted(folder, {}), withdraw: () => undefined };
}

function admitted(
	folder: string,
	{ needsNewId = false, notice, suspicion }: Partial<Pick<Admission, 'needsNewId' | 'notice' | 'suspicion'>>,
): Admission {
	return {
		notice,
		needsNewId,
		suspicion,
		opened() {
			const path = dataFile(folder);
			const [file, found] = [stateOf(path), inspect(path)];
			const isKnown = file !== undefined && !('damage' in found);
			markOpen(folder, { openings: 0, file: isKnown ? { ...file, ...found } : undefined });
		},
		withdraw() {
			removeMark(folder);
		},
	};
}

const UNUSABLE: Found = {
	damage: 'could not be used, though nothing is wrong with it at first sight',
	isMendable: false,
};

/**
 * Looks at a data file, again when somebody writes meanwhile.
 *
 * @param readAll see {@link survey}
 * @throws the file system's errors
 */
export function look(path: string, how: 'meta pages' | 'all', readAll: typeof survey): Found {
	if (!statSync(path).isFile()) {
		return { damage: 'is not a file', isMendable: false };
	}
	for (let tries = how === 'all' ? MOST_TRIES : 0; tries > 0; tries--) {
		const found = readAll(path);
		if (found !== 'busy') {
			return found;
		}
	}
	let found = inspect(path);
	for (let tries = 1; 'damage' in found && tries < MOST_TRIES; tries++) {
		found = inspect(path);
	}
	return found;
}

/** Whether a file is just as the last one left it who closed it in order. */
export function isAsLeft(mark: Mark | undefined, file: FileState): boolean {
	return mark?.owner === undefined && mark !== undefined && isUntouched(mark.file, file);
}

/**
 * Whether what lies there is not what was left, but a copy from before: what was recorded since is missing in it, and its next
 * records get numbers that cursors know as others.
 */
function isAnother(mark: Mark | undefined, file: LeftFile): boolean {
	const left = mark?.file;
	return left !== undefined && (left.ino !== file.ino || file.transaction < left.transaction);
}

/** @throws FiletideError `SCHEMA_TOO_NEW` */
function refuseNewer(folder: string): void {
	const schema = schemaOf(dataFile(folder));
	if (schema > SCHEMA_VERSION) {
		throw schemaTooNew(folder, schema);
	}
}

function damaged(path: string, damage: string, aside: string): IndexNotice {
	return {
		code: ErrorCodes.indexDamaged,
		message: `The index was damaged and begins anew: ${path} ${damage}. It was put aside as ${aside}. What was recorded until now is in that file only; your own files are as they were.`,
	};
}

function vanished(folder: string): IndexNotice {
	return {
		code: ErrorCodes.indexReplaced,
		message: `The index in ${folder} was removed and begins anew. What was recorded until now is lost; your own files are as they were.`,
	};
}
