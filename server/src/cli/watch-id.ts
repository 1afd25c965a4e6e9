import { ExitCodes, ExitError } from './exit.ts';

/** The id of the watch that has this id or, where none has, this name. @throws ExitError 1 when there is none */
export function watchIdOf(watches: Iterable<{ id: string; name: string }>, asked: string): string {
	const all = [...watches];
	const found = all.find(({ id }) => id === asked) ?? all.find(({ name }) => name === asked);
	if (found === undefined) {
		throw new ExitError(ExitCodes.negative, `No watch has the id or name "${asked}".`);
	}
	return found.id;
}
