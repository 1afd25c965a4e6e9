import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * Settings that keep VS Code to itself: no questions, no tours, nothing that asks the network. For every profile of
 * ours, in the browser or on the desktop.
 */
const QUIET_SETTINGS = {
	'workbench.startupEditor': 'none',
	'workbench.tips.enabled': false,
	'workbench.welcomePage.walkthroughs.openOnInstall': false,
	'workbench.secondarySideBar.defaultVisibility': 'hidden',
	'workbench.reduceMotion': 'on',
	'telemetry.telemetryLevel': 'off',
	'update.mode': 'none',
	'extensions.autoUpdate': false,
	'extensions.autoCheckUpdates': false,
	'extensions.ignoreRecommendations': true,
	'chat.disableAIFeatures': true,
	'git.openRepositoryInParentFolders': 'never',
	'window.confirmBeforeClose': 'never',
	'files.simpleDialog.enable': true,
};

/**
 * @typedef {object} Profile
 * @property {string} root everything below is in here, unless it must be short
 * @property {string} data what the server part of VS Code keeps
 * @property {string} user what the user part keeps
 * @property {string} extensions
 * @property {string} home
 * @property {string} run the temporary folder of everything that runs in the host
 * @property {string} settingsFile the user settings; the browser-hosted VS Code reads them when a window opens
 * @property {string} liveSettingsFile its "remote" user settings, which override those and are followed while it runs
 * @property {string} logs one folder per start
 * @property {() => void} remove deletes what need not stay
 */

/**
 * The folders of one VS Code. With `keepIn` they stay there, for a later start; without it they are temporary.
 * @param {{ keepIn?: string | undefined, settings: Record<string, unknown> }} options
 * @returns {Profile}
 */
export function makeProfile({ keepIn, settings }) {
	const root = keepIn === undefined ? mkdtempSync(join(tmpdir(), 'filetide-')) : resolve(keepIn);
	const user = join(root, 'user');
	const profile = {
		root,
		data: join(root, 'data'),
		user,
		extensions: join(root, 'extensions'),
		home: join(root, 'home'),
		// Unix sockets are made here, whose path may have 107 characters at most: short, whatever `keepIn` is.
		run: mkdtempSync(join(tmpdir(), 'ft-')),
		settingsFile: join(user, 'User', 'settings.json'),
		liveSettingsFile: join(user, 'Machine', 'settings.json'),
		logs: join(user, 'logs'),
		remove() {
			for (const folder of keepIn === undefined ? [profile.run, root] : [profile.run]) {
				// Processes that have just ended may still write for a moment.
				rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
			}
		},
	};
	for (const folder of [
		profile.data,
		dirname(profile.settingsFile),
		dirname(profile.liveSettingsFile),
		profile.extensions,
		profile.home,
	]) {
		mkdirSync(folder, { recursive: true });
	}
	writeFileSync(profile.settingsFile, `${JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, '\t')}\n`);
	return profile;
}
