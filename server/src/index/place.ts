/** Where an open data file is: LMDB goes on writing into one that was removed, and reads of one that was cut end the process. */
import { statSync } from 'node:fs';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { dataFile } from './tables.ts';

/** A data file while it is open. */
export interface Place {
	/** Whether it is where it was. */
	isSame(): boolean;
	/** @throws FiletideError `INDEX_REPLACED` */
	check(): void;
}

/** Remembers the data file of an index folder that was just opened. @throws the file system's errors */
export function placeOf(folder: string): Place {
	const path = dataFile(folder);
	const { dev, ino, size: sizeAtFirst } = statSync(path);
	const isThere = (): boolean => {
		try {
			const stats = statSync(path, { throwIfNoEntry: false });
			// It never shrinks.
			return stats !== undefined && stats.ino === ino && stats.dev === dev && stats.size >= sizeAtFirst;
		} catch {
			// A folder that nobody may look into now. What is open can be used.
			return true;
		}
	};
	return {
		isSame: isThere,
		check() {
			if (!isThere()) {
				throw new FiletideError(
					ErrorCodes.indexReplaced,
					`${path} was removed or replaced while it was in use. Filetide goes on with what lies there now; where nothing did, a new index was begun, and what had been recorded is lost.`,
				);
			}
		},
	};
}
