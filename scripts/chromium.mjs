import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './setup/run.mjs';
import { step } from './setup/step.mjs';

/** Browsers on PATH that Playwright can drive. */
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Where browsers are that do not put themselves on PATH. */
const PLACES = [
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
	'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** @typedef {{ path: string, chromium?: string | undefined, exists: (path: string) => boolean, debianRoot: boolean, install: () => Promise<void> }} Machine */

/** This machine. Tests pass another one. @returns {Machine} */
const thisMachine = () => ({
	path: process.env['PATH'] ?? '',
	chromium: process.env['CHROMIUM'],
	exists: existsSync,
	debianRoot: process.getuid?.() === 0 && isDebian(),
	install: () => step('Installing Chromium (apt-get)', installWithApt),
});

/**
 * The path of a Chromium for the end-to-end tests: the one that CHROMIUM names, else an installed one, else, as root
 * on Debian, one that is installed now.
 */
export async function ensureChromium(machine = thisMachine()) {
	if (machine.chromium) {
		if (machine.exists(machine.chromium)) {
			return machine.chromium;
		}
		throw new Error(`The environment variable CHROMIUM names ${machine.chromium}, which does not exist.`);
	}
	const installed = findChromium(machine);
	if (installed !== undefined) {
		return installed;
	}
	if (machine.debianRoot) {
		await machine.install();
		const now = findChromium(machine);
		if (now !== undefined) {
			return now;
		}
	}
	throw new Error(
		'The end-to-end tests need Chromium or Chrome: install one (on Debian with `sudo apt-get install chromium`, on macOS with ' +
			'`brew install --cask google-chrome`) or set the environment variable CHROMIUM to its executable.',
	);
}

/** @param {Machine} machine */
function findChromium({ path, exists }) {
	const onPath = path.split(delimiter).flatMap((folder) => COMMANDS.map((command) => join(folder, command)));
	return [...onPath, ...PLACES].find((candidate) => exists(candidate));
}

/** Debian itself: on Ubuntu the package `chromium` is an empty one that asks for a snap. */
function isDebian() {
	return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

async function installWithApt() {
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
	await run('apt-get', ['update'], { env });
	await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
}
