/** What the exit code says (DESIGN.md §8). */
export const ExitCodes = {
	done: 0,
	/** A negative answer: not clean, not found. */
	negative: 1,
	usage: 2,
	/** A server is needed and there is none, or it did not answer. */
	noServer: 3,
} as const;

/** Ends the command with a sentence and an exit code. */
export class ExitError extends Error {
	readonly exitCode: number;
	constructor(exitCode: number, message: string, options?: ErrorOptions) {
		super(message, options);
		this.exitCode = exitCode;
	}
}
