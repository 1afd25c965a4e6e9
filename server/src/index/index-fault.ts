/**
 * Errors after which an open index is of no use: the engine ends, and another one opens the index anew, which surveys the file
 * (admission.ts) and so tells damage from what has passed.
 */
import { type ErrorCode, ErrorCodes, FiletideError } from '#shared/errors.ts';
import { doubt } from './admission.ts';
import type { DamagedRecordError } from './records.ts';

/**
 * LMDB's own codes (lmdb.h) that no full disk brings about: page not found, corrupted, panic, version mismatch, invalid, bad
 * transaction. Without memory for a larger map (`ulimit -v`) LMDB is left without any: it says the same then, and goes on
 * saying so when there is memory again.
 */
const UNUSABLE = new Set([-30_797, -30_796, -30_795, -30_794, -30_793, -30_782]);

const FAULTS: ReadonlySet<unknown> = new Set<ErrorCode>([
	ErrorCodes.indexDamaged,
	ErrorCodes.indexReplaced,
	ErrorCodes.indexUnusable,
]);

/**
 * The fault behind an error; undefined for every other error.
 *
 * @param error of a read or a write of the index in `folder`
 */
export function indexFaultOf(error: unknown, folder: string): FiletideError | undefined {
	if (isIndexFault(error)) {
		return error;
	}
	const code = (error as { code?: unknown } | undefined)?.code;
	return typeof code === 'number' && UNUSABLE.has(code) ? unusable(folder, error) : undefined;
}

/** A damaged record that no repair mends: the next start puts the file aside, whatever it sees. */
export function beyondRepair(error: DamagedRecordError, folder: string): FiletideError {
	doubt(folder);
	return new FiletideError(ErrorCodes.indexDamaged, `The index in ${folder} is damaged: ${error.message}`, {
		cause: error,
	});
}

/** The index can be neither read nor written as it is open now. */
export function unusable(folder: string, cause: unknown): FiletideError {
	const why = cause instanceof Error ? cause.message : String(cause);
	return new FiletideError(
		ErrorCodes.indexUnusable,
		`The index in ${folder} could not be used any more and was opened anew (${why}). If this happens again, allow the process more memory (ulimit -v); nothing that was recorded is lost.`,
		{ cause },
	);
}

/** Whether the index must be opened anew. Errors from another thread have lost their class. */
export function isIndexFault(error: unknown): error is FiletideError {
	return error instanceof Error && FAULTS.has((error as { code?: unknown }).code);
}
