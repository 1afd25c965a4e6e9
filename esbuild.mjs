// Bundles every process and worker, one CommonJS file each, all JavaScript included (LMDB's too), and puts this
// machine's native LMDB binary where the bundled lmdb looks for it: beside dist/, in prebuilds/<platform>-<arch>/.
//   node esbuild.mjs [--watch]       development: dist/, with source maps
//   node esbuild.mjs --production    what a VSIX ships: artifacts/production/dist/, minified, apart from the former so
//                                    that neither leaves anything in the other
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const production = process.argv.includes('--production');
/** The metafile (what went into each bundle) goes here; scripts/notices.mjs reads the production one. */
const artifacts = join(root, 'artifacts', ...(production ? ['production'] : []));
const outdir = join(production ? artifacts : root, 'dist');

/** Bundle name in dist/ → entry point. server/src/platform/entries.ts finds the workers by these names. */
const ENTRIES = {
	extension: 'client/src/extension.ts',
	server: 'server/src/rpc/main.ts',
	filetide: 'server/src/cli/main.ts',
	writer: 'server/src/engine/writer-main.ts',
	drain: 'server/src/watching/drain-main.ts',
	crawl: 'server/src/engine/crawl-main.ts',
	graph: 'server/src/engine/graph-main.ts',
	'graph-reader': 'server/src/engine/reader-main.ts',
	verify: 'server/src/engine/verify-main.ts',
};

const OWN_REQUIRE = ['const require = createRequire(import.meta.url);', ''];

/**
 * What a bundle needs otherwise, of two files of the parser: first what it loads late by a require of its own, which a bundle
 * cannot follow, and what is bundled instead, also late.
 * @type {Readonly<Record<string, readonly string[][]>>}
 */
const CHANGES = {
	'index.js': [
		OWN_REQUIRE,
		// Nobody reads a tree lazily, or asks for ranges or parents.
		['require("./raw-transfer/lazy.js")', '{}'],
	],
	'eager.js': [
		OWN_REQUIRE,
		[
			'require(\n      `../generated/deserialize/${deserializerNames[deserializerIndex]}.js`,\n    )',
			'(isJs ? require("../generated/deserialize/js.js") : require("../generated/deserialize/ts.js"))',
		],
		// Behind an object with getters no collection of what is young frees any tree. Without them a quarter of the memory becomes
		// old, and there is a third of the collections of that.
		[`return {\n${['program', 'module', 'comments', 'errors'].map(getterOf).join('')}  };`, 'return data;'],
	],
};

/** @param {string} name */
function getterOf(name) {
	return `    get ${name}() {\n      return data.${name};\n    },\n`;
}

/**
 * The parser's tree as it lies in memory, which takes a third of the time that it takes as JSON.
 * @type {import('esbuild').Plugin}
 */
const parserForBundles = {
	name: 'parser-for-bundles',
	setup(build) {
		build.onLoad({ filter: /oxc-parser[\\/]src-js[\\/](?:index|raw-transfer[\\/]eager)\.js$/ }, ({ path }) => {
			let contents = readFileSync(path, 'utf8');
			for (const [found = '', put = ''] of CHANGES[basename(path)] ?? []) {
				if (!contents.includes(found)) {
					// Another version of the parser would be slow, and nobody would notice.
					return { errors: [{ text: `${path} is not what it was: it has no "${found}".` }] };
				}
				contents = contents.replace(found, () => put);
			}
			return { contents };
		});
	},
};

/** @satisfies {import('esbuild').BuildOptions} */
const options = {
	absWorkingDir: root,
	entryPoints: ENTRIES,
	outdir,
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
	// The parser and the resolver take their binary from beside the bundle, and each has a fallback that is not shipped.
	external: ['vscode', 'msgpackr-extract', '@oxc-parser/*', '@oxc-resolver/*', '*.node', 'oxc-resolver/package.json'],
	minify: production,
	// lmdb's ES modules load their native part through createRequire, which a CommonJS bundle cannot follow.
	alias: { lmdb: join(root, 'node_modules', 'lmdb', 'dist', 'index.cjs') },
	plugins: [parserForBundles],
	sourcemap: production ? false : 'linked',
	legalComments: 'none',
	metafile: true,
	logLevel: 'warning',
};

function placeNativeBinary() {
	const name = `${process.platform}-${process.arch}`;
	const from = join(root, 'node_modules', '@lmdb', `lmdb-${name}`);
	const to = join(root, 'prebuilds', name);
	mkdirSync(to, { recursive: true });
	for (const file of readdirSync(from).filter((entry) => /^node\.napi.*\.node$/.test(entry))) {
		place(join(from, file), to);
	}
	for (const scope of ['@oxc-parser', '@oxc-resolver']) {
		const folder = join(root, 'node_modules', scope);
		for (const binding of readdirSync(folder)) {
			for (const file of readdirSync(join(folder, binding)).filter((entry) => entry.endsWith('.node'))) {
				place(join(folder, binding, file), outdir);
			}
		}
	}
}

/**
 * Renamed into place: overwriting a library that a running server has loaded would crash that server.
 * @param {string} file
 * @param {string} folder
 */
function place(file, folder) {
	mkdirSync(folder, { recursive: true });
	const name = basename(file);
	cpSync(file, join(folder, `${name}.new`));
	renameSync(join(folder, `${name}.new`), join(folder, name));
}

if (production) {
	rmSync(artifacts, { recursive: true, force: true });
} else {
	placeNativeBinary();
}
if (process.argv.includes('--watch')) {
	const context = await esbuild.context(options);
	await context.watch();
	console.log('watching for changes…');
} else {
	// esbuild prints errors and warnings itself. A warning fails the build too: it is nothing to get used to.
	const result = await esbuild.build(options).catch(() => undefined);
	if (result !== undefined) {
		mkdirSync(artifacts, { recursive: true });
		writeFileSync(join(artifacts, 'meta.json'), JSON.stringify(result.metafile));
	}
	process.exitCode = result?.warnings.length === 0 ? 0 : 1;
}
