/**
 * Measures the longest task of an extension host. NODE_OPTIONS loads it into the host's server, which keeps that variable from
 * its children; so it loads itself into the extension hosts that the server starts.
 *
 * Tasks are told apart by a timer, and measured by the thread's own processor time, which a busy machine does not stretch: what
 * is reported is at least the longest task's. SIGUSR2 writes it to the file FILETIDE_PROBE (milliseconds) and begins anew.
 */
const childProcess = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const TICK_MS = 5;
const TYPE = '--type=extensionHost';

if (process.argv.includes(TYPE)) {
	measure(process.env.FILETIDE_PROBE);
} else {
	const { fork } = childProcess;
	childProcess.fork = (file, parameters, options) => {
		const execArgv = parameters?.includes(TYPE) ? ['--require', __filename] : [];
		return fork(file, parameters, { ...options, execArgv: [...(options?.execArgv ?? []), ...execArgv] });
	};
	syncBuiltinESMExports();
}

/** @param {string} file */
function measure(file) {
	let longestMs = 0;
	let before = process.threadCpuUsage();
	setInterval(() => {
		const { user, system } = process.threadCpuUsage(before);
		before = process.threadCpuUsage();
		longestMs = Math.max(longestMs, (user + system) / 1000);
	}, TICK_MS).unref();
	process.on('SIGUSR2', () => {
		writeFileSync(file, String(longestMs));
		longestMs = 0;
	});
	writeFileSync(`${file}.pid`, String(process.pid));
}
