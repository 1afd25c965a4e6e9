/**
 * What opening needs of the disk and of memory, tried where failing is an error: where LMDB cannot get it, the process ends
 * (measured: SIGBUS in the lock file and SIGSEGV on a disk with less than 16 KB left, SIGSEGV under `ulimit -v`).
 */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';

/** More than a new index and its lock file take. */
const ROOM_BYTES = 128 * 1024;
/** What LMDB makes it for 126 readers, and then some. Sparse, it would need room at a time when LMDB cannot do without. */
const LOCK_BYTES = 12 * 1024;

/** Address space for the data file, far more than an index has: where LMDB's map has to grow and cannot, LMDB is of no use. */
const MAP_BYTES = 4 * 2 ** 30;
const LEAST_MAP_BYTES = 64 * 2 ** 20;

/**
 * Makes sure that there is room for an index that is new.
 *
 * @param lock path of the lock file, which is made here when it is missing
 * @throws FiletideError `INDEX_WRITE_FAILED`
 */
export function makeRoom(folder: string, data: string, lock: string): void {
	const isNew = (statSync(data, { throwIfNoEntry: false })?.size ?? 0) === 0;
	const isUnlocked = !existsSync(lock);
	if (!isNew && !isUnlocked) {
		return;
	}
	const trial = join(folder, `room.${process.pid}`);
	try {
		writeFileSync(trial, Buffer.alloc(ROOM_BYTES));
		rmSync(trial);
		if (isUnlocked) {
			writeFileSync(lock, Buffer.alloc(LOCK_BYTES), { flag: 'wx', mode: 0o600 });
		}
	} catch (error) {
		rmSync(trial, { force: true });
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
			// Somebody else opens it at this moment.
			return;
		}
		throw cannotOpen(folder, error);
	}
}

/** What is wrong is said in it, so that it has no cause. */
export function cannotOpen(folder: string, error: unknown): FiletideError {
	const why = error instanceof Error ? error.message : String(error);
	return new FiletideError(
		ErrorCodes.indexWriteFailed,
		`The index in ${folder} cannot be opened (${why}). Free some space or make its folder writable; Filetide tries again by itself.`,
	);
}

/**
 * How much address space LMDB may take for a data file of so many bytes.
 *
 * @throws FiletideError `INDEX_UNUSABLE` when the process is not allowed enough
 */
export function mapBytesFor(fileBytes: number): number {
	const free = freeAddressSpace();
	if (free >= 2 * MAP_BYTES) {
		return MAP_BYTES;
	}
	const most = Math.floor(free / 2 / 2 ** 20) * 2 ** 20;
	if (most < Math.max(LEAST_MAP_BYTES, 2 * fileBytes)) {
		throw new FiletideError(
			ErrorCodes.indexUnusable,
			`The index cannot be opened: this process may take only ${Math.round(free / 2 ** 20)} MB more of address space. Raise the limit (ulimit -v unlimited).`,
		);
	}
	return most;
}

/** Bytes; infinite where there is no limit, or none that can be asked. */
function freeAddressSpace(): number {
	try {
		const limit = /^Max address space\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
		const taken = /^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
		return limit === undefined ? Number.POSITIVE_INFINITY : Math.max(Number(limit) - Number(taken ?? 0) * 1024, 0);
	} catch {
		// Not Linux.
		return Number.POSITIVE_INFINITY;
	}
}
