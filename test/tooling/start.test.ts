import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from '../../scripts/setup/paths.mjs';
import { UsageError, readArguments } from '../../scripts/start/arguments.mjs';
import { findDesktop, openDesktop } from '../../scripts/start/desktop.mjs';

const folder = mkdtempSync(join(tmpdir(), 'start-'));
mkdirSync(join(folder, 'project'));
writeFileSync(join(folder, 'file'), '');
after(() => rmSync(folder, { recursive: true }));

const project = join(folder, 'project');
const defaults = { help: false, headless: false, folder: root, port: 0 };

const ARGUMENTS: [parameters: string[], expected: object | RegExp][] = [
	[[], defaults],
	[['project'], { ...defaults, folder: project }],
	[[project, '--port', '8123'], { ...defaults, folder: project, port: 8123 }],
	[['--headless', 'project'], { ...defaults, folder: project, headless: true }],
	[['--help'], { ...defaults, help: true }],
	[['--headless', '--help'], { ...defaults, headless: true, help: true }],
	[['missing'], /^The folder .*missing does not exist\.$/],
	[['file'], /file is not a folder\.$/],
	[['project', 'file'], /^One folder at most/],
	[['--headless'], /needs the folder/],
	[['--port', 'many'], /^--port takes a number/],
	[['--port', '65536'], /^--port takes a number/],
	[['--bogus'], /^Unknown option '--bogus'; `npm start -- --help`/],
];

for (const [parameters, expected] of ARGUMENTS) {
	test(`npm start -- ${parameters.join(' ')}`, () => {
		if (expected instanceof RegExp) {
			assert.throws(
				() => readArguments(parameters, folder),
				(error) => {
					assert.ok(error instanceof UsageError);
					assert.match(error.message, expected);
					return true;
				},
			);
		} else {
			assert.deepEqual(readArguments(parameters, folder), expected);
		}
	});
}

const DESKTOPS: Record<string, [machine: Partial<Parameters<typeof findDesktop>[0]>, expected: object]> = {
	'VS Code is installed': [{}, { command: '/usr/bin/code' }],
	'on macOS there is always a display': [
		{ platform: 'darwin', env: { PATH: '/usr/bin' } },
		{ command: '/usr/bin/code' },
	],
	'no VS Code': [{ exists: () => false }, { reason: 'the command `code` is not on PATH' }],
	'in the terminal of a remote VS Code': [
		{ env: { PATH: '/usr/bin', DISPLAY: ':0', VSCODE_IPC_HOOK_CLI: '/run/x.sock' } },
		{ reason: 'the command `code` belongs to a VS Code on another machine' },
	],
	'in WSL': [
		{ env: { PATH: '/usr/bin', DISPLAY: ':0', WSL_DISTRO_NAME: 'Debian' } },
		{ reason: 'the command `code` belongs to a VS Code on another machine' },
	],
	'no display': [{ env: { PATH: '/usr/bin' } }, { reason: 'there is no display' }],
	root: [{ user: 0 }, { reason: 'VS Code does not run as root' }],
};

for (const [name, [machine, expected]] of Object.entries(DESKTOPS)) {
	test(`desktop: ${name}`, () => {
		const found = findDesktop({
			env: { PATH: ['/bin', '/usr/bin'].join(delimiter), DISPLAY: ':0' },
			platform: 'linux',
			user: 1000,
			exists: (path) => path === '/usr/bin/code',
			...machine,
		});
		assert.deepEqual(found, expected);
	});
}

test('desktop: opens with a profile of its own, ends with stop, leaves nothing', { timeout: 20_000 }, async () => {
	// As the real one does: the program detaches itself and writes its id, the command waits for it.
	const program = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
	const ended = new Promise((resolve) => program.once('exit', resolve));
	const command = join(folder, 'code');
	const seen = join(folder, 'seen');
	writeFileSync(
		command,
		`#!/bin/sh\nfor a in "$@"; do case "$a" in --user-data-dir=*) profile="\${a#*=}";; esac; done\n` +
			`printf ${program.pid} > "$profile/code.lock"\ncp "$profile/User/settings.json" "${seen}.json"\n` +
			`printf '%s\\n' "$@" > "${seen}"\nwhile kill -0 ${program.pid}; do sleep 0.1; done\n`,
	);
	chmodSync(command, 0o755);
	const watches = [{ path: '${workspaceFolder}' }];

	const window = openDesktop(command, { folder: project, settings: { 'filetide.watches': watches } });
	while (!existsSync(seen)) {
		await delay(20);
	}
	window.stop();
	await Promise.all([window.closed, ended]);
	window.stop();

	const parameters = readFileSync(seen, 'utf8').trim().split('\n');
	assert.deepEqual(parameters.slice(2), [`--extensionDevelopmentPath=${root}`, '--new-window', '--wait', project]);
	const settings: Record<string, unknown> = JSON.parse(readFileSync(`${seen}.json`, 'utf8'));
	assert.deepEqual(settings['filetide.watches'], watches);
	const profile = parameters[0]?.split('=')[1] ?? '';
	assert.ok(profile.startsWith(tmpdir()) && !existsSync(profile), `${profile} is still there`);
});
