// Installs the VS Code server that the end-to-end tests and `npm start` use, into this folder's node_modules, which
// may therefore be cached between runs. No install script runs, nothing is compiled, and only the npm registry is
// contacted (about 170 MB, once).
//   node test/host/install.mjs
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../scripts/setup/run.mjs';
import { step } from '../../scripts/setup/step.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const vscode = join(modules, 'code-server', 'lib', 'vscode');
const stampFile = join(modules, '.host-stamp');

/** What decides how node_modules looks. */
const INPUTS = ['package-lock.json', 'install.mjs', 'stubs/spdlog/index.js', 'stubs/native-watchdog/index.js'];

/**
 * Built-in extensions that are big and useless here. Only extensions without start-up activation in the browser may
 * go: the workbench page carries its own list of the others and logs an error for each that is missing.
 */
const UNUSED_EXTENSIONS = ['copilot', 'mermaid-markdown-features', 'microsoft-authentication'];

/** Packages that carry the binaries of every platform. */
const MANY_PLATFORMS = ['node-pty/prebuilds', '@vscode/ripgrep-universal/bin'];

/** The script to run with Node 24 (or 22.15 and later). */
export const serverMain = join(vscode, 'out', 'server-main.js');

/** Does nothing when the host is there already. Two processes must not call it at the same time. */
export async function ensureHost() {
	const stamp = hashInputs();
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
		return;
	}
	await step('Installing the VS Code host (npm, about 170 MB, once)', async () => {
		await run(
			'npm',
			['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'],
			{ cwd: here },
		);
		linkModules();
		prune();
	});
	writeFileSync(stampFile, stamp);
}

function hashInputs() {
	const hash = createHash('sha256').update(process.platform).update(process.arch);
	for (const file of INPUTS) {
		hash.update(readFileSync(join(here, file)));
	}
	return hash.digest('hex');
}

/**
 * The server looks for its modules in its own folder (and serves some of them to the browser from there). One link
 * per package, because one link to the whole of node_modules would make a cycle.
 */
function linkModules() {
	const own = join(vscode, 'node_modules');
	rmSync(own, { recursive: true, force: true });
	for (const name of installedPackages()) {
		if (name !== 'code-server') {
			link(join(own, name), join(modules, name));
		}
	}
	// The TypeScript extension looks for its compiler here.
	const extensionModules = join(vscode, 'extensions', 'node_modules');
	rmSync(extensionModules, { recursive: true, force: true });
	link(join(extensionModules, 'typescript'), join(modules, 'typescript'));
}

function installedPackages() {
	return readdirSync(modules)
		.filter((name) => !name.startsWith('.'))
		.flatMap((name) =>
			name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
		);
}

/**
 * @param {string} path
 * @param {string} target
 */
function link(path, target) {
	mkdirSync(dirname(path), { recursive: true });
	// Windows lets everyone make junctions, but those are absolute.
	symlinkSync(process.platform === 'win32' ? target : relative(dirname(path), target), path, 'junction');
}

/** Takes off more than half, which counts where CI stores the folder. */
function prune() {
	for (const extension of UNUSED_EXTENSIONS) {
		rmSync(join(vscode, 'extensions', extension), { recursive: true, force: true });
	}
	for (const folder of MANY_PLATFORMS) {
		for (const platform of readdirSync(join(modules, folder))) {
			if (platform !== `${process.platform}-${process.arch}`) {
				rmSync(join(modules, folder, platform), { recursive: true });
			}
		}
	}
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
	await ensureHost();
}
