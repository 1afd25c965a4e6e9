import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeProfile } from '../../test/host/profile.mjs';
import { endProcess } from '../setup/end.mjs';
import { root } from '../setup/paths.mjs';

/** @typedef {{ command: string } | { reason: string }} Desktop */

/**
 * The desktop VS Code's command, or why there is none to use.
 * @param {{ env: NodeJS.ProcessEnv, platform: NodeJS.Platform, user: number | undefined, exists: (path: string) => boolean }} machine
 * @returns {Desktop}
 */
export function findDesktop({ env, platform, user, exists }) {
	const name = platform === 'win32' ? 'code.cmd' : 'code';
	const command = (env['PATH'] ?? '')
		.split(delimiter)
		.map((folder) => join(folder, name))
		.find((path) => exists(path));
	if (command === undefined) {
		return { reason: 'the command `code` is not on PATH' };
	}
	// In a VS Code terminal on a remote machine, and in WSL, `code` talks to the VS Code on the near side, which takes
	// neither a profile nor an extension from here.
	if (env['WSL_DISTRO_NAME'] !== undefined || (env['VSCODE_IPC_HOOK_CLI'] ?? '') !== '') {
		return { reason: 'the command `code` belongs to a VS Code on another machine' };
	}
	if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) {
		return { reason: 'there is no display' };
	}
	if (platform === 'linux' && user === 0) {
		return { reason: 'VS Code does not run as root' };
	}
	return { command };
}

/**
 * Opens a folder in the desktop VS Code, with a profile of its own, and resolves when its window has been closed or
 * `stop` was called.
 * @param {string} command
 * @param {{ folder: string, settings: Record<string, unknown> }} options
 */
export function openDesktop(command, { folder, settings }) {
	const profile = makeProfile({ settings: { 'security.workspace.trust.enabled': false, ...settings } });
	const child = spawn(
		command,
		[
			`--user-data-dir=${profile.user}`,
			`--extensions-dir=${profile.extensions}`,
			`--extensionDevelopmentPath=${root}`,
			'--new-window',
			'--wait',
			folder,
		],
		{ stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' },
	);
	const closed = new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', resolve);
	});
	return {
		closed: closed.finally(() => profile.remove()),
		/** `code` only waits; the program itself writes its process id into its profile. */
		stop: () => {
			const lock = join(profile.user, 'code.lock');
			if (existsSync(lock)) {
				endProcess(Number(readFileSync(lock, 'utf8')), 'SIGTERM');
			}
			child.kill('SIGTERM');
		},
	};
}
