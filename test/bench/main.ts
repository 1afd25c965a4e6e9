/**
 * `npm run bench -- [--files 1000,10000] [--out file.json]`: Filetide beside its peers, in one run, on the same trees.
 * Prints a table and writes JSON. `--full` adds 100,000 files.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import glob from 'fast-glob';
import type { Contender, Running } from './contender.ts';
import { chokidar, filetide } from './contenders.ts';
import { cpuSecondsOf, memoryOf } from './process.ts';
import { generateTree, type Tree } from './tree.ts';

/** Single changes timed for the latency percentiles. */
const LATENCY_SAMPLES = 50;
const BURST_FOLDERS = 100;
const BURST_FILES = 5000;
const SEEN_MS = 20_000;
const SETTLE_MS = 3000;
const IDLE_MS = 5000;

interface Row {
	contender: string;
	files: number;
	readyMs: number;
	/** readyMs ÷ the time of `find -printf` on the same tree in the same run. */
	readyPerFind: number;
	rssMb: number;
	anonMb: number;
	latencyP50Ms: number;
	latencyP99Ms: number;
	burstMissing: number;
	/** From the first write to the last file seen ÷ the time that the writing took. */
	burstPerWriting: number;
	idleCpuPercent: number;
}

const { values: options } = parseArgs({
	options: {
		files: { type: 'string', default: '1000,10000' },
		full: { type: 'boolean', default: false },
		out: { type: 'string', default: 'artifacts/bench.json' },
	},
});

await main();

async function main(): Promise<void> {
	const sizes = [...options.files.split(',').map(Number), ...(options.full ? [100_000] : [])];
	if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
		console.error('--files takes whole numbers separated by commas, for example --files 1000,10000.');
		process.exitCode = 2;
		return;
	}
	const work = mkdtempSync(join(tmpdir(), 'filetide-bench-'));
	const rows: Row[] = [];
	/** What merely listing the tree with its stats costs. */
	const listings: { files: number; findMs: number; fastGlobMs: number }[] = [];
	try {
		for (const size of sizes) {
			const tree = generateTree(join(work, `tree-${size}`), size);
			const findMs = timeFind(tree.root);
			listings.push({ files: size, findMs: round(findMs), fastGlobMs: round(timeGlob(tree.root)) });
			const index = join(work, `index-${size}`);
			// The first filetide run fills the index that the warm one starts from.
			for (const contender of [renamed(filetide(index), 'filetide, first start'), filetide(index), chokidar]) {
				console.error(`${size} files: ${contender.name}…`);
				rows.push(await measure(contender, tree, findMs));
			}
			rmSync(tree.root, { recursive: true, force: true });
		}
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
	console.table(listings);
	print(rows);
	const out = resolve(options.out);
	mkdirSync(dirname(out), { recursive: true });
	const machine = { node: process.version, platform: process.platform, cpus: cpus().length };
	writeFileSync(out, `${JSON.stringify({ machine, listings, rows }, null, '\t')}\n`);
	console.error(`written to ${out}`);
}

function renamed(contender: Contender, name: string): Contender {
	return { ...contender, name };
}

async function measure(contender: Contender, tree: Tree, findMs: number): Promise<Row> {
	const running = await contender.start(tree.root);
	try {
		const latencies = await measureLatency(running, tree);
		const burst = await measureBurst(running, tree);
		// The burst's removal is work, not idling.
		await delay(SETTLE_MS);
		const cpuBefore = cpuSecondsOf(running.pid);
		await delay(IDLE_MS);
		const idleCpuPercent = ((cpuSecondsOf(running.pid) - cpuBefore) / (IDLE_MS / 1000)) * 100;
		return {
			contender: contender.name,
			files: tree.files.length,
			readyMs: Math.round(running.readyMs),
			readyPerFind: round(running.readyMs / findMs),
			...memoryOf(running.pid),
			latencyP50Ms: round(percentile(latencies, 50)),
			latencyP99Ms: round(percentile(latencies, 99)),
			...burst,
			idleCpuPercent: round(idleCpuPercent),
		};
	} finally {
		await running.stop();
	}
}

/** From the end of a write to the moment the change was reported, one file at a time. */
async function measureLatency(running: Running, tree: Tree): Promise<number[]> {
	const latencies: number[] = [];
	for (let i = 0; i < LATENCY_SAMPLES; i++) {
		const file = tree.files[(i * 7919) % tree.files.length]!;
		appendFileSync(file, '// changed\n');
		const written = performance.now();
		const { at, missing } = await running.sees([file], SEEN_MS);
		latencies.push(missing === 0 ? at - written : Number.POSITIVE_INFINITY);
	}
	return latencies;
}

/** 5,000 files into 100 new folders, as fast as they can be written. */
async function measureBurst(running: Running, tree: Tree): Promise<Pick<Row, 'burstMissing' | 'burstPerWriting'>> {
	const root = join(tree.root, 'burst');
	const files: string[] = [];
	const began = performance.now();
	for (let folder = 0; folder < BURST_FOLDERS; folder++) {
		const path = join(root, `new-${folder}`);
		mkdirSync(path, { recursive: true });
		for (let i = 0; i < BURST_FILES / BURST_FOLDERS; i++) {
			const file = join(path, `file-${i}`);
			writeFileSync(file, String(i));
			files.push(file);
		}
	}
	const writing = performance.now() - began;
	const { missing, at } = await running.sees(files, SEEN_MS);
	rmSync(root, { recursive: true, force: true });
	return { burstMissing: missing, burstPerWriting: round((at - began) / writing) };
}

function timeFind(root: string): number {
	const times = [1, 2, 3].map(() => {
		const began = performance.now();
		execFileSync('find', [root, '-printf', '%p %s %T@ %i\\n'], { stdio: 'ignore' });
		return performance.now() - began;
	});
	return Math.min(...times);
}

function timeGlob(root: string): number {
	const began = performance.now();
	glob.sync('**', { cwd: root, dot: true, onlyFiles: false, stats: true, followSymbolicLinks: false });
	return performance.now() - began;
}

function percentile(values: readonly number[], p: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))] ?? Number.NaN;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}

function print(rows: readonly Row[]): void {
	console.table(
		rows.map((row) => ({
			files: row.files,
			watcher: row.contender,
			'ready ms': row.readyMs,
			'÷ find': row.readyPerFind,
			'RSS MB': row.rssMb,
			'anon MB': row.anonMb,
			'latency p50 ms': row.latencyP50Ms,
			'p99 ms': row.latencyP99Ms,
			[`lost of ${BURST_FILES}`]: row.burstMissing,
			'burst ÷ writing': row.burstPerWriting,
			'idle CPU %': row.idleCpuPercent,
		})),
	);
}
