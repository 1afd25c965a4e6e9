// Installs the watchers that Filetide is compared with, into this folder's node_modules: the benchmarks alone need them.
// No install script runs, so nothing is compiled.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../../scripts/setup/run.mjs';
import { step } from '../../../scripts/setup/step.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const stampFile = join(here, 'node_modules', '.peers-stamp');

/** Does nothing when what package-lock.json names is there already. */
export async function ensurePeers() {
	const lock = readFileSync(join(here, 'package-lock.json'));
	const stamp = createHash('sha256').update(lock).update(process.platform).update(process.arch).digest('hex');
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
		return;
	}
	await step('Installing the watchers to compare with (npm ci)', () =>
		run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
			cwd: here,
		}),
	);
	writeFileSync(stampFile, stamp);
}
