/** Other tools that find what depends on what, file by file, on the same sources. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuSecondsOfEnded } from '../proc.ts';

/** The most that one may take. */
const MOST_MS = 900_000;
const MOST_OUTPUT_BYTES = 1 << 30;

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

/** Each looks at everything in `packages` once; one that fails is a result too. */
export async function measurePeers(root: string, tell: (what: string) => void): Promise<PeerRun[]> {
	const runs: PeerRun[] = [];
	for (const peer of PEERS) {
		tell(`${peer.name}…`);
		runs.push(await run(peer, root));
	}
	return runs;
}

async function run({ name, script, parameters, count }: Peer, root: string): Promise<PeerRun> {
	const none = { peer: name, seconds: undefined, cpuSeconds: undefined, files: undefined };
	const cpuBefore = cpuSecondsOfEnded();
	const began = performance.now();
	try {
		const { stdout } = await promisify(execFile)(process.execPath, [HEAP, script, ...parameters, 'packages'], {
			cwd: root,
			timeout: MOST_MS,
			maxBuffer: MOST_OUTPUT_BYTES,
		});
		const seconds = (performance.now() - began) / 1000;
		const cpuAfter = cpuSecondsOfEnded();
		const cpuSeconds = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
		return { peer: name, seconds, cpuSeconds, files: count(stdout), problem: undefined };
	} catch (error) {
		return { ...none, problem: error instanceof Error ? error.message.slice(0, 300) : String(error) };
	}
}

/** They hold everything in memory. */
const HEAP = '--max-old-space-size=8192';
