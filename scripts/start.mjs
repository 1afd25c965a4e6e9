// Filetide's main job, from a fresh clone: opens a folder in VS Code with Filetide running in it (`--help` says more).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from './setup/bundles.mjs';
import { follow } from './setup/node24.mjs';
import { root } from './setup/paths.mjs';
import { runMain, setUp } from './setup.mjs';
import { USAGE, UsageError, readArguments } from './start/arguments.mjs';
import { findDesktop, openDesktop } from './start/desktop.mjs';

/** Filetide watches nothing unasked, so the throw-away profile asks. */
const SETTINGS = { 'filetide.watches': [{ path: '${workspaceFolder}' }] };

await runMain(async () => {
	const options = readOptions();
	if (options === undefined) {
		return;
	}
	await setUp(import.meta.url);
	await ensureBuild();
	if (options.headless) {
		process.exitCode = await follow(process.execPath, [
			join(root, 'dist', 'filetide.cjs'),
			'watch',
			options.folder,
		]);
	} else {
		await openEditor(options);
	}
});

/** Wrong usage is told before anything is installed. */
function readOptions() {
	try {
		// npm changes to the repository first, and says where it was called.
		const from = process.env['npm_lifecycle_event'] === 'start' ? process.env['INIT_CWD'] : undefined;
		const options = readArguments(process.argv.slice(2), from ?? process.cwd());
		if (options.help) {
			console.log(USAGE);
			return undefined;
		}
		return options;
	} catch (error) {
		if (!(error instanceof UsageError)) {
			throw error;
		}
		console.error(error.message);
		process.exitCode = 2;
		return undefined;
	}
}

/** @param {import('./start/arguments.mjs').StartOptions} options */
async function openEditor({ folder, port }) {
	const { env, platform } = process;
	const desktop = findDesktop({ env, platform, user: process.getuid?.(), exists: existsSync });
	if ('command' in desktop) {
		const window = openDesktop(desktop.command, { folder, settings: SETTINGS });
		stopOnSignal(window.stop);
		console.log(`\n  ${folder} is open in VS Code. Ctrl+C here closes it.\n`);
		await window.closed;
	} else {
		// Imported late: it needs what the set-up has installed.
		const { openBrowser } = await import('./start/browser.mjs');
		const host = await openBrowser({ folder, settings: SETTINGS, port });
		stopOnSignal(host.stop);
		console.log(
			`\n  Using VS Code in the browser, because ${desktop.reason}. Open\n\n  ${host.url}\n\n  Ctrl+C ends it.\n`,
		);
		await host.closed;
		await host.stop();
	}
}

/** @param {() => void | Promise<void>} stop may be called more than once */
function stopOnSignal(stop) {
	for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
		process.on(signal, () => void stop());
	}
}
