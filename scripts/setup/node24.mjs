import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './paths.mjs';

/** The major version of Node that VS Code ships: developing and testing on another one would prove little. */
const MAJOR = '24';

/** The Node 24 to use: the running one, else the one that npm has installed (it carries binaries for Linux only). */
function ensureNode24() {
	if (process.versions.node.split('.')[0] === MAJOR) {
		return process.execPath;
	}
	const installed = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
	if (existsSync(installed)) {
		return installed;
	}
	throw new Error(
		`Filetide is developed on Node ${MAJOR}, the runtime that VS Code ships, and this is Node ${process.versions.node}. ` +
			`Install Node ${MAJOR} (for example from nodejs.org or with \`nvm install ${MAJOR}\`) and run the command again.`,
	);
}

/**
 * Returns when the calling script runs under Node 24, with Node 24 and the project's tools first on PATH. Otherwise
 * starts the script anew under Node 24 and ends this process with its result.
 * @param {string} scriptUrl `import.meta.url` of the script
 */
export async function underNode24(scriptUrl) {
	const node = ensureNode24();
	if (node === process.execPath) {
		const tools = [dirname(node), join(root, 'node_modules', '.bin')];
		process.env['PATH'] = [...tools, process.env['PATH'] ?? ''].join(delimiter);
		return;
	}
	const parameters = [...process.execArgv, fileURLToPath(scriptUrl), ...process.argv.slice(2)];
	process.exit(await follow(node, parameters));
}

/**
 * Runs a program in the place of this one: same terminal, same signals, and resolves to its exit code.
 * @param {string} program
 * @param {string[]} parameters
 * @returns {Promise<number>}
 */
export function follow(program, parameters) {
	return new Promise((resolve, reject) => {
		const child = spawn(program, parameters, { stdio: 'inherit' });
		// A terminal sends Ctrl+C to the child as well; passing it on too would make it two.
		process.on('SIGINT', () => {
			if (!process.stdin.isTTY) {
				child.kill('SIGINT');
			}
		});
		process.on('SIGTERM', () => child.kill('SIGTERM'));
		process.on('SIGHUP', () => child.kill('SIGHUP'));
		child.once('error', reject);
		child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
	});
}
