import { ErrorCodes } from '#shared/errors.ts';
import type { Problem } from '#shared/model.ts';

/** What the window's banner and the welcome view tell already needs no notification. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([ErrorCodes.untrusted]);
const MAX_REMEMBERED = 1000;

/**
 * Finds the problems that have not been told in this window. One that comes and goes (a network drive) is told once;
 * its row comes and goes with it. A problem whose words change is a new one.
 */
export class ProblemMemory {
	readonly #told = new Set<string>();

	/** The problems to log, and those of them to tell. */
	fresh(problems: readonly Problem[]): { log: Problem[]; tell: Problem[] } {
		const log = problems.filter(({ key, message }) => !this.#told.has(`${key}\0${message}`));
		for (const { key, message } of log) {
			this.#told.add(`${key}\0${message}`);
		}
		for (const oldest of this.#told) {
			if (this.#told.size <= MAX_REMEMBERED) {
				break;
			}
			this.#told.delete(oldest);
		}
		return { log, tell: log.filter(({ code }) => !TOLD_ELSEWHERE.has(code)) };
	}
}
