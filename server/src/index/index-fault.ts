/** Errors after which an open index is of no use: it must be opened anew, which surveys the file (admission.ts). */
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { doubt } from './admission.ts';
import { DamagedRecordError } from './records.ts';
import { survey } from './survey.ts';
import { dataFile } from './tables.ts';

/** LMDB's own codes (lmdb.h) for what only damage brings about: corrupted, panic, version mismatch, invalid. */
const DAMAGE = new Set([-30_796, -30_795, -30_794, -30_793]);
/** A page that is not there. A map that could not grow (`ulimit -v`) says the same, so that alone proves nothing. */
const PAGE_NOT_FOUND = -30_797;

/**
 * The fault behind an error; undefined for every other error. The next start then puts the file aside.
 *
 * @param error of a read or a write of the index in `folder`
 */
export function indexFaultOf(error: unknown, folder: string): FiletideError | undefined {
	if (isIndexFault(error)) {
		return error;
	}
	const code = (error as { code?: unknown } | undefined)?.code;
	const isDamage =
		error instanceof DamagedRecordError ||
		(typeof code === 'number' && DAMAGE.has(code)) ||
		(code === PAGE_NOT_FOUND && isDamaged(folder));
	if (!isDamage) {
		return undefined;
	}
	doubt(folder);
	const why = error instanceof Error ? error.message : String(error);
	return new FiletideError(ErrorCodes.indexDamaged, `The index in ${folder} is damaged: ${why}`, { cause: error });
}

/** Whether the index must be opened anew. Errors from another thread have lost their class. */
export function isIndexFault(error: unknown): error is FiletideError {
	const code = (error as { code?: unknown } | undefined)?.code;
	return error instanceof Error && (code === ErrorCodes.indexDamaged || code === ErrorCodes.indexReplaced);
}

function isDamaged(folder: string): boolean {
	const found = survey(dataFile(folder));
	return found !== 'busy' && 'damage' in found;
}
