import { spawn } from 'node:child_process';
import { root } from './paths.mjs';

/** How much of a failing command's output is worth showing: the end says what was wrong. */
const SHOWN_CHARACTERS = 4000;

/**
 * Runs a command quietly to its end and resolves to its output. The output of a failing command becomes part of the
 * error: nobody wants to read a package manager's chatter as long as all is well.
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>}
 */
export function run(command, parameters, { cwd = root, env = process.env } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, parameters, {
			cwd,
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
			// On Windows npm and its kind are batch files, which only a shell starts.
			shell: process.platform === 'win32',
		});
		let output = '';
		const keep = (/** @type {Buffer} */ chunk) => {
			output += chunk.toString();
		};
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		child.once('error', (error) => reject(new Error(`\`${command}\` could not be started.`, { cause: error })));
		child.once('close', (code, signal) => {
			if (code === 0) {
				resolve(output);
			} else {
				const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
				reject(
					new Error(
						`\`${command} ${parameters.join(' ')}\` ${how}.\n${output.slice(-SHOWN_CHARACTERS)}`.trimEnd(),
					),
				);
			}
		});
	});
}
