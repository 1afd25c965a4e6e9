/** Levels as VS Code's log channel has them. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Where diagnostics go: LSP `window/logMessage`, or standard error for the CLI. */
export interface Logger {
	log(level: LogLevel, message: string): void;
}

/** One line per message on standard error; `debug` only when FILETIDE_DEBUG is set. */
export const stderrLogger: Logger = {
	log(level, message) {
		if (level !== 'debug' || process.env['FILETIDE_DEBUG'] !== undefined) {
			process.stderr.write(`filetide: ${level === 'info' ? '' : `${level}: `}${message}\n`);
		}
	},
};

/** An error with its chain of causes, for the log. */
export function describeError(error: unknown): string {
	const parts: string[] = [];
	for (let current = error; current !== undefined && parts.length < 5;) {
		if (current instanceof Error) {
			parts.push(current.message);
			current = current.cause;
		} else {
			parts.push(typeof current === 'string' ? current : JSON.stringify(current));
			current = undefined;
		}
	}
	return parts.join(': ');
}
