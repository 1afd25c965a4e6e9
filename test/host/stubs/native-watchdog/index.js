// Stand-in for the native @vscode/native-watchdog: ends the extension host when the process that started it is gone.
'use strict';

/** The native module's exit code. */
const PARENT_GONE = 87;
const INTERVAL_MS = 3000;

exports.start = (pid) => {
	setInterval(() => {
		try {
			process.kill(pid, 0);
		} catch {
			process.exit(PARENT_GONE);
		}
	}, INTERVAL_MS).unref();
};
exports.exit = (code) => process.exit(code || 0);
