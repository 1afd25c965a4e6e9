import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../setup/paths.mjs';
import { nativeFiles } from './targets.mjs';

/** Apart from bundles and native files, a VSIX has these and nothing else. */
const REQUIRED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'THIRD_PARTY_NOTICES.md', 'media'];

/** Fields of package.json that are about this repository, not about the extension. */
const REPOSITORY_FIELDS = [
	'scripts',
	'dependencies',
	'devDependencies',
	'optionalDependencies',
	'overrides',
	'private',
	'bin',
	'imports',
];

/**
 * Puts together the folder that becomes a VSIX.
 * @param {string} stage
 * @param {{ target: import('./targets.mjs').Target, bundles: string, unpacked: Map<string, string> }} parts `bundles`
 *   is the folder of the production bundles, `unpacked` maps native packages to their folders
 */
export function stageVsix(stage, { target, bundles, unpacked }) {
	rmSync(stage, { recursive: true, force: true });
	mkdirSync(stage, { recursive: true });
	const translations = readdirSync(root).filter((name) => /^package\.nls(\.[\w-]+)?\.json$/.test(name));
	for (const name of [...REQUIRED, ...translations]) {
		if (!existsSync(join(root, name))) {
			throw new Error(`A VSIX needs ${name}, which does not exist.`);
		}
		cpSync(join(root, name), join(stage, name), { recursive: true });
	}
	for (const name of readdirSync(bundles).filter((file) => file.endsWith('.cjs'))) {
		cpSync(join(bundles, name), join(stage, 'dist', name));
	}
	for (const { from, file, to } of nativeFiles(target)) {
		mkdirSync(dirname(join(stage, to)), { recursive: true });
		cpSync(join(unpacked.get(from) ?? '', file), join(stage, to));
	}
	writeFileSync(join(stage, 'package.json'), JSON.stringify(extensionManifest(), null, '\t'));
	// The stage is the allow-list; vsce would want one of its own.
	writeFileSync(join(stage, '.vscodeignore'), '');
}

function extensionManifest() {
	/** @type {Record<string, unknown> & { engines: { vscode: string } }} */
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const kept = Object.entries(manifest).filter(([field]) => !REPOSITORY_FIELDS.includes(field));
	// The repository's Node is not the extension's: VS Code brings that.
	return { ...Object.fromEntries(kept), engines: { vscode: manifest.engines.vscode } };
}
