import { spawn } from 'node:child_process';
import { endProcess } from '../setup/end.mjs';
import { root } from '../setup/paths.mjs';

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** How long a tool may take to clean up (Playwright closes browser and VS Code) before it is killed. */
const CLEANUP_MS = 15_000;

/**
 * Runs a tool of the project to its end, its output going straight to the terminal, and resolves to its exit code.
 * Tool and offspring are a process group, which is ended when its time is over or this process is to end.
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ limitMinutes: number, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export async function runTool(command, parameters, { limitMinutes, env = process.env }) {
	const grouped = process.platform !== 'win32';
	const child = spawn(command, parameters, { cwd: root, env, stdio: 'inherit', detached: grouped });
	const signalAll = (/** @type {NodeJS.Signals} */ signal) => {
		if (child.pid !== undefined) {
			endProcess(grouped ? -child.pid : child.pid, signal);
		}
	};
	/** @type {string | undefined} */
	let stopped;
	/** @type {NodeJS.Timeout | undefined} */
	let lastResort;
	const stop = (/** @type {string} */ reason) => {
		if (stopped === undefined) {
			stopped = reason;
			signalAll('SIGINT');
			lastResort = setTimeout(() => signalAll('SIGKILL'), CLEANUP_MS);
		}
	};
	const interrupted = (/** @type {NodeJS.Signals} */ signal) => stop(signal);
	for (const signal of SIGNALS) {
		process.on(signal, interrupted);
	}
	const limit = setTimeout(() => stop(`its limit of ${limitMinutes} minutes`), limitMinutes * 60_000);
	const exitCode = await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', resolve);
	}).finally(() => {
		clearTimeout(limit);
		clearTimeout(lastResort);
		for (const signal of SIGNALS) {
			process.off(signal, interrupted);
		}
	});
	if (stopped === undefined) {
		// Without an exit code it was ended by a signal, and that is no success.
		return exitCode ?? 1;
	}
	signalAll('SIGKILL');
	console.error(`\n${command} was ended by ${stopped}.`);
	if (SIGNALS.some((signal) => signal === stopped)) {
		process.exit(1);
	}
	return 1;
}
