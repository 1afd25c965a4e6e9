import { spawn } from 'node:child_process';
import { endProcess } from '../../scripts/setup/end.mjs';

/** How long the server may take until it listens; measured: 0.2 s. */
const START_LIMIT_MS = 60_000;
/** How long it may take to end before it is killed. */
const STOP_LIMIT_MS = 5_000;

/**
 * @typedef {object} Server
 * @property {number} port
 * @property {number} pid
 * @property {() => string} log
 * @property {Promise<void>} closed settles when the server has ended, for whatever reason
 * @property {() => Promise<void>} stop
 */

/**
 * Runs VS Code's server in a process group of its own, so that its extension hosts, their language servers and its
 * file watcher can be ended together with it.
 * @param {string} node
 * @param {{ parameters: string[], env: NodeJS.ProcessEnv }} options
 * @returns {Promise<Server>}
 */
export async function startServer(node, { parameters, env }) {
	const grouped = process.platform !== 'win32';
	const child = spawn(node, parameters, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: grouped });
	const { pid } = child;
	if (pid === undefined) {
		throw new Error(`The VS Code server could not be started with ${node}.`);
	}
	const end = (/** @type {NodeJS.Signals} */ signal) => endProcess(grouped ? -pid : pid, signal);
	// However this process ends, short of kill -9, the server ends too.
	const endNow = () => end('SIGKILL');
	process.once('exit', endNow);
	/** @type {Promise<void>} */
	const closed = new Promise((resolve) => child.once('exit', () => resolve()));
	const stop = async () => {
		if (child.exitCode === null && child.signalCode === null) {
			end('SIGTERM');
			const timer = setTimeout(endNow, STOP_LIMIT_MS);
			await closed;
			clearTimeout(timer);
		}
		process.off('exit', endNow);
	};

	let log = '';
	try {
		const port = await new Promise((resolve, reject) => {
			const fail = (/** @type {string} */ how) => {
				clearTimeout(timer);
				reject(new Error(`The VS Code server ${how}.\n${log}`));
			};
			const timer = setTimeout(() => fail(`did not start within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
			const read = (/** @type {Buffer} */ chunk) => {
				log += chunk.toString();
				const listening = /Extension host agent listening on (\d+)/.exec(log);
				if (listening) {
					clearTimeout(timer);
					resolve(Number(listening[1]));
				}
			};
			child.stdout.on('data', read);
			child.stderr.on('data', read);
			child.once('exit', (code, signal) => fail(`ended with ${signal ?? `exit code ${code}`}`));
		});
		return { port, pid, log: () => log, closed, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
