/** Other tools that find what depends on what, file by file, on the same sources. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOfEnded } from '../proc.ts';

/** The most that one may take. */
const MOST_MS = 900_000;
/** Characters of what one that failed said. */
const MOST_SAID = 300;

export interface PeerRun {
	peer: string;
	/** Undefined when it failed; `problem` says why. */
	seconds: number | undefined;
	cpuSeconds: number | undefined;
	/** How many files it found. */
	files: number | undefined;
	problem: string | undefined;
}

interface Peer {
	name: string;
	script: string;
	parameters: readonly string[];
	count: (output: string) => number;
}

const installed = (path: string) => fileURLToPath(new URL(`../peers/node_modules/${path}`, import.meta.url));

const PEERS: readonly Peer[] = [
	{
		name: 'dependency-cruiser',
		script: installed('dependency-cruiser/bin/dependency-cruiser.mjs'),
		parameters: [
			'--no-config',
			'--ts-config',
			'tsconfig.json',
			'--ts-pre-compilation-deps',
			'--output-type',
			'json',
		],
		count: (output) => (JSON.parse(output) as { modules: unknown[] }).modules.length,
	},
	{
		name: 'madge',
		script: installed('madge/bin/cli.js'),
		parameters: ['--extensions', 'ts', '--ts-config', 'tsconfig.json', '--no-spinner', '--json'],
		count: (output) => Object.keys(JSON.parse(output) as object).length,
	},
];

/**
 * Each looks at everything in `packages` once; one that fails is a result too.
 *
 * @param scratch folder for what they print
 */
export async function measurePeers(root: string, scratch: string, tell: (what: string) => void): Promise<PeerRun[]> {
	const runs: PeerRun[] = [];
	for (const peer of PEERS) {
		tell(`${peer.name}…`);
		runs.push(await run(peer, root, join(scratch, `${peer.name}.json`)));
	}
	return runs;
}

async function run({ name, script, parameters, count }: Peer, root: string, output: string): Promise<PeerRun> {
	const cpuBefore = cpuSecondsOfEnded();
	const began = performance.now();
	const problem = await end([HEAP, script, ...parameters, 'packages'], root, output);
	const seconds = (performance.now() - began) / 1000;
	if (problem !== undefined) {
		return { peer: name, seconds: undefined, cpuSeconds: undefined, files: undefined, problem };
	}
	const cpuAfter = cpuSecondsOfEnded();
	const cpuSeconds = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
	return { peer: name, seconds, cpuSeconds, files: count(readFileSync(output, 'utf8')), problem: undefined };
}

/**
 * Runs a script to its end.
 *
 * @param output the file that it prints to: who ends with `process.exit` loses what it has not yet written into a pipe
 * @returns why it failed; undefined when it did not
 */
async function end(parameters: readonly string[], root: string, output: string): Promise<string | undefined> {
	const file = openSync(output, 'w');
	const child = spawn(process.execPath, parameters, {
		cwd: root,
		timeout: MOST_MS,
		stdio: ['ignore', file, 'pipe'],
	});
	closeSync(file);
	let said = '';
	child.stderr!.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
	return code === 0 ? undefined : `It ended with ${signal ?? code}: ${said.slice(0, MOST_SAID)}`;
}

/** They hold everything in memory. */
const HEAP = '--max-old-space-size=8192';
