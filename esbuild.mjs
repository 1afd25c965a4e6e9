// Bundles every process and worker into dist/, one CommonJS file each, all JavaScript included (LMDB's too), and puts
// this machine's native LMDB binary where the bundled lmdb looks for it: <root>/prebuilds/<platform>-<arch>/.
//   node esbuild.mjs [--watch] [--production]
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const production = process.argv.includes('--production');

/** Bundle name in dist/ → entry point. server/src/platform/entries.ts finds the workers by these names. */
const ENTRIES = {
	extension: 'client/src/extension.ts',
	server: 'server/src/rpc/main.ts',
	filetide: 'server/src/cli/main.ts',
	writer: 'server/src/engine/writer-main.ts',
	drain: 'server/src/watching/drain-main.ts',
};

/** @type {import('esbuild').BuildOptions} */
const options = {
	absWorkingDir: root,
	entryPoints: ENTRIES,
	outdir: 'dist',
	outExtension: { '.js': '.cjs' },
	bundle: true,
	platform: 'node',
	target: 'node22',
	format: 'cjs',
	// Dependencies that ship ES modules first choose those, and read import.meta.url, which CommonJS lacks.
	mainFields: ['module', 'main'],
	define: { 'import.meta.url': '__importMetaUrl' },
	banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
	// msgpackr-extract is an optional accelerator with its own binaries; msgpackr falls back to JavaScript.
	external: ['vscode', 'msgpackr-extract'],
	minify: production,
	keepNames: true,
	sourcemap: production ? false : 'linked',
	legalComments: 'none',
	metafile: true,
	logLevel: 'warning',
};

function placeNativeBinary() {
	// lmdb names its 32-bit ARM package after `arm`, as process.arch does.
	const name = `${process.platform}-${process.arch}`;
	const from = join(root, 'node_modules', '@lmdb', `lmdb-${name}`);
	const to = join(root, 'prebuilds', name);
	mkdirSync(to, { recursive: true });
	for (const file of readdirSync(from)) {
		if (/^node\.napi.*\.node$/.test(file)) {
			cpSync(join(from, file), join(to, file));
		}
	}
}

if (process.argv.includes('--watch')) {
	placeNativeBinary();
	const context = await esbuild.context(options);
	await context.watch();
	console.log('watching for changes…');
} else {
	placeNativeBinary();
	const { metafile } = await esbuild.build(options);
	mkdirSync(join(root, 'artifacts'), { recursive: true });
	writeFileSync(join(root, 'artifacts', 'meta.json'), JSON.stringify(metafile));
}
