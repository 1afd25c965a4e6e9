import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { run } from './run.mjs';
import { step } from './step.mjs';

const lockFile = join(root, 'package-lock.json');
/** `npm ci` deletes node_modules first, so an interrupted installation leaves no stamp. */
const stampFile = join(root, 'node_modules', '.filetide-stamp');
/** What npm itself says it has installed. */
const installedFile = join(root, 'node_modules', '.package-lock.json');

/** @typedef {{ packages: Record<string, { version?: string, integrity?: string, optional?: boolean }> }} Lock */

/** Installs what package-lock.json names, unless that is installed already (then it takes milliseconds). */
export async function ensureDependencies() {
	const lock = readFileSync(lockFile, 'utf8');
	const stamp = createHash('sha256').update(lock).update(process.platform).update(process.arch).digest('hex');
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
		return;
	}
	if (!isInstalled(JSON.parse(lock))) {
		await step('Installing dependencies (npm ci)', () =>
			// No dependency needs its install script, and some would want a compiler.
			run('npm', [
				'ci',
				'--ignore-scripts',
				'--no-audit',
				'--no-fund',
				'--no-update-notifier',
				'--loglevel=error',
			]),
		);
	}
	writeFileSync(stampFile, stamp);
}

/**
 * Whether somebody's own `npm install` has brought everything already. Optional packages may be missing: those are
 * for other platforms.
 * @param {Lock} lock
 */
function isInstalled(lock) {
	if (!existsSync(installedFile)) {
		return false;
	}
	/** @type {Lock} */
	const installed = JSON.parse(readFileSync(installedFile, 'utf8'));
	return Object.entries(lock.packages).every(([path, wanted]) => {
		const found = installed.packages[path];
		return found
			? found.version === wanted.version && found.integrity === wanted.integrity && existsSync(join(root, path))
			: path === '' || wanted.optional === true;
	});
}
