// Makes one VSIX per target, each with its own native binaries, on any one machine.
//   npm run package [target…]        default: all targets (scripts/package/targets.mjs)
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VSIX_BUDGET, kilobytes } from './package/budgets.mjs';
import { nativePackage } from './package/native-package.mjs';
import { stageVsix } from './package/stage.mjs';
import { TARGETS, isTarget, nativeFiles, vsixFile } from './package/targets.mjs';
import { artifacts, root, vsixFolder } from './setup/paths.mjs';
import { run } from './setup/run.mjs';
import { step } from './setup/step.mjs';
import { isMain, runMain, setUp } from './setup.mjs';

const production = join(artifacts, 'production');

/**
 * Bundles for production and packages. Needs Node 24: vsce does not start on Node 20.
 * @param {import('./package/targets.mjs').Target[]} targets
 */
export async function packageTargets(targets) {
	await step('Building for production', () => run(process.execPath, [join(root, 'esbuild.mjs'), '--production']));
	/** @type {Map<string, string>} */
	const unpacked = new Map();
	const packages = new Set(targets.flatMap((target) => nativeFiles(target).map(({ from }) => from)));
	await step('Fetching native packages', async () => {
		for (const name of packages) {
			unpacked.set(name, await nativePackage(name));
		}
	});
	mkdirSync(vsixFolder, { recursive: true });
	const sizes = [];
	for (const target of targets) {
		const stage = join(production, 'stage');
		stageVsix(stage, { target, bundles: join(production, 'dist'), unpacked });
		const packagePath = vsixFile(target);
		await makeVsix(stage, packagePath, target);
		sizes.push({ packagePath, bytes: statSync(packagePath).size });
	}
	rmSync(join(production, 'stage'), { recursive: true });
	for (const { packagePath, bytes } of sizes) {
		console.log(`${basename(packagePath).padEnd(40)}${kilobytes(bytes).padStart(10)}`);
	}
	const tooBig = sizes.filter(({ bytes }) => bytes > VSIX_BUDGET).map(({ packagePath }) => basename(packagePath));
	if (tooBig.length > 0) {
		throw new Error(`Over the budget of ${kilobytes(VSIX_BUDGET)}: ${tooBig.join(', ')}.`);
	}
}

/**
 * @param {string} stage
 * @param {string} packagePath
 * @param {import('./package/targets.mjs').Target} target
 */
async function makeVsix(stage, packagePath, target) {
	const vsce = fileURLToPath(import.meta.resolve('@vscode/vsce/vsce'));
	// Everything is in the bundles. Links of the README stay as they are: they lead to files beside it.
	const options = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
	const destination = ['--target', target, '--out', packagePath];
	await run(process.execPath, [vsce, 'package', ...options, ...destination], { cwd: stage });
}

if (isMain(import.meta.url)) {
	await runMain(async () => {
		const named = process.argv.slice(2);
		const unknown = named.filter((name) => !isTarget(name));
		if (unknown.length > 0) {
			console.error(`Unknown: ${unknown.join(', ')}. The targets are ${Object.keys(TARGETS).join(', ')}.`);
			process.exitCode = 2;
			return;
		}
		await setUp(import.meta.url);
		if (named.length === 0) {
			// Nothing of an earlier version shall lie beside a complete set.
			rmSync(vsixFolder, { recursive: true, force: true });
		}
		await packageTargets((named.length === 0 ? Object.keys(TARGETS) : named).filter(isTarget));
	});
}
