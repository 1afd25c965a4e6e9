// `npm run soak -- [--only <stage>] [--minutes N] [--edits N] [--seed S]`: the long-running twin of the tests, in stages. The
// first stage that fails ends it. Each prints its seed, by which it can be run again.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuild } from './setup/bundles.mjs';
import { follow } from './setup/node24.mjs';
import { runMain, setUp } from './setup.mjs';

const LIFE = fileURLToPath(new URL('../test/soak/main.ts', import.meta.url));
const ORACLE = fileURLToPath(new URL('../test/soak/oracle.ts', import.meta.url));
const TESTS = new URL('../test/integration/', import.meta.url);

/** @param {string} path */
const test = (path) => ['--test', '--test-force-exit', fileURLToPath(new URL(path, TESTS))];

/** How long the stages are that are tests too, and how long they wait for anything; a value that is set already is meant. */
const LONG = {
	FILETIDE_SOAK: '1',
	FILETIDE_UNTIL_MS: '600000',
	FILETIDE_KILLS: '1000',
	FILETIDE_CYCLES: '1000',
	FILETIDE_GRAPH_ROUNDS: '200',
};

/**
 * In their order.
 * @type {Record<string, { what: string, parameters: (given: Given) => string[] }>}
 */
const STAGES = {
	scenarios: {
		what: 'every row of the table of scenarios in every way',
		parameters: () => test('scenarios/scenarios.test.ts'),
	},
	kills: {
		what: 'the server killed 1,000 times under load (FILETIDE_KILLS)',
		parameters: () => test('crash.test.ts'),
	},
	cycles: {
		what: 'a watch paused and resumed, an engine started and stopped, 1,000 times each (FILETIDE_CYCLES)',
		parameters: () => test('lifecycle.test.ts'),
	},
	graph: {
		what: 'the server and the graph process killed while a repository changes, 200 rounds (FILETIDE_GRAPH_ROUNDS)',
		parameters: () => test('graph-crash.test.ts'),
	},
	life: {
		what: 'rounds of changes, kills, restarts and bursts for --minutes (default: 10)',
		parameters: ({ minutes, seed }) => [LIFE, ...named({ minutes, seed })],
	},
	oracle: {
		what: 'the compiler judges --edits (default: 10000), for --minutes at most; goes on where it stopped the last time',
		parameters: ({ minutes, edits, seed }) => [ORACLE, ...named({ minutes, edits, seed })],
	},
};

/** @typedef {{ minutes?: string | undefined, edits?: string | undefined, seed?: string | undefined }} Given */

await runMain(async () => {
	const given = read();
	if (given === undefined) {
		process.exitCode = 2;
		return;
	}
	await setUp(import.meta.url);
	await ensureBuild();
	for (const [name, value] of Object.entries({ ...LONG, ...(given.seed && { FILETIDE_SEED: given.seed }) })) {
		process.env[name] ??= value;
	}
	for (const [name, { what, parameters }] of Object.entries(STAGES)) {
		if (!process.exitCode && (given.only?.includes(name) ?? true)) {
			console.log(`\n── ${name}: ${what} ──`);
			process.exitCode = await follow(process.execPath, parameters(given));
		}
	}
});

/** @returns {(Given & { only?: string[] | undefined }) | undefined} undefined when it makes no sense, which has been said */
function read() {
	try {
		const text = /** @type {const} */ ({ type: 'string' });
		const { values } = parseArgs({
			options: { only: { ...text, multiple: true }, minutes: text, edits: text, seed: text },
		});
		const unknown = values.only?.find((name) => !Object.hasOwn(STAGES, name));
		if (unknown !== undefined) {
			const stages = Object.entries(STAGES).map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`);
			throw new Error([`There is no stage "${unknown}". The stages are:`, ...stages].join('\n'));
		}
		return values;
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		return undefined;
	}
}

/**
 * @param {Given} given
 * @returns {string[]} as they are given on a command line
 */
function named(given) {
	return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}
