// Gets a fresh clone ready: dependencies, Node 24, bundles. Every command calls it first; run by itself it does
// everything that F5 needs. Up to the moment it restarts under Node 24 it runs on Node 20 and without dependencies.
//   node scripts/setup.mjs
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './setup/bundles.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { underNode24 } from './setup/node24.mjs';

/**
 * After this the calling script runs under Node 24 and may import dependencies.
 * @param {string} scriptUrl `import.meta.url` of the calling script
 */
export async function setUp(scriptUrl) {
	await ensureDependencies();
	await underNode24(scriptUrl);
}

/**
 * Whether a module is the script that Node was started with.
 * @param {string} moduleUrl
 */
export function isMain(moduleUrl) {
	return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl);
}

/**
 * Runs a script's main function. A failure is told by its message alone: whoever runs a command wants the sentence,
 * not our call stack (which FILETIDE_DEBUG=1 shows).
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
	try {
		await main();
	} catch (error) {
		const debug = process.env['FILETIDE_DEBUG'] === '1';
		console.error(debug ? error : sentences(error));
		process.exitCode = 1;
	}
}

/**
 * An error's message and those of its causes.
 * @param {unknown} error
 * @returns {string}
 */
export function sentences(error) {
	if (!(error instanceof Error)) {
		return String(error);
	}
	return error.cause === undefined ? error.message : `${error.message}\n${sentences(error.cause)}`;
}

if (isMain(import.meta.url)) {
	await runMain(async () => {
		await setUp(import.meta.url);
		await ensureBuild();
	});
}
