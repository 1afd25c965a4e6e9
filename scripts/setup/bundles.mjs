import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, root } from './paths.mjs';
import { run } from './run.mjs';
import { step } from './step.mjs';

const dist = join(root, 'dist');
const stampFile = join(cache, 'build.json');
/** Everything that decides what a bundle contains. */
const INPUTS = ['esbuild.mjs', 'package-lock.json', 'tsconfig.base.json', 'shared', 'server/src', 'client/src'];

/** Makes the development bundles in dist/, unless they are there and no source has changed since. */
export async function ensureBuild() {
	const sources = hashSources();
	const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
	if (stamp === describeBuild(sources)) {
		return;
	}
	await step('Building', () => run(process.execPath, [join(root, 'esbuild.mjs')]));
	mkdirSync(cache, { recursive: true });
	writeFileSync(stampFile, describeBuild(sources));
}

/**
 * The sources' hash together with what was built: a bundle that something else has replaced since does not count.
 * @param {string} sources
 */
function describeBuild(sources) {
	const bundles = existsSync(dist) ? readdirSync(dist).sort() : [];
	const built = bundles.map((name) => {
		const { size, mtimeMs } = statSync(join(dist, name));
		return [name, size, mtimeMs];
	});
	return JSON.stringify({ sources, built });
}

function hashSources() {
	const hash = createHash('sha256');
	for (const file of INPUTS.flatMap((input) => sourceFiles(input))) {
		hash.update(file)
			.update('\0')
			.update(readFileSync(join(root, file)))
			.update('\0');
	}
	return hash.digest('hex');
}

/**
 * @param {string} path relative to the repository
 * @returns {string[]}
 */
function sourceFiles(path) {
	const absolute = join(root, path);
	if (!existsSync(absolute)) {
		return [];
	}
	if (!statSync(absolute).isDirectory()) {
		return [path];
	}
	return readdirSync(absolute)
		.sort()
		.filter((name) => !name.endsWith('.test.ts'))
		.flatMap((name) => sourceFiles(`${path}/${name}`));
}
