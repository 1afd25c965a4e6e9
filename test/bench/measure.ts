/** What is measured of one contender on one tree. */
import { appendFileSync, closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Contender, Running } from './contender.ts';
import {
	BURST_FILES,
	BURST_FOLDERS,
	BURST_PAUSE_MS,
	BURSTS,
	LATENCY_MS,
	LATENCY_PAUSE_MS,
	LATENCY_SAMPLES,
	SEEN_MS,
	STARTS,
} from './limits.ts';
import { cpuSecondsOf, type Handles, handlesOf, type Memory, memoryOf } from './proc.ts';
import { median, type Percentiles, percentiles } from './statistics.ts';
import type { Tree } from './tree.ts';

interface Times {
	/** From starting the process to being live: the median of `starts`. */
	readyMs: number;
	starts: number;
	/** `find -printf` over the same tree, just before and just after: their mean. */
	findMs: number;
}

interface Latency extends Percentiles {
	samples: number;
	lost: number;
	/** One fdatasync of a small write on the disk of the tree and the index, after each sample. */
	fdatasync: Percentiles;
}

interface Burst {
	/** Of all bursts together. */
	files: number;
	lost: number;
	/** Of the burst with the median {@link perWriting}. */
	writingMs: number;
	/** From the first write until the last file that was seen at all. */
	seenMs: number;
	/** The one by the other. */
	perWriting: number;
}

export interface Measured {
	first: Times;
	/** Undefined where every start is a first one. */
	warm: Times | undefined;
	/** The larger of what the first and the warm start need. */
	memory: Memory | undefined;
	handles: Handles | undefined;
	idleCpuPercent: number | undefined;
	latency: Latency;
	burst: Burst;
}

export interface Pace {
	/** Between being live and measuring memory, in seconds. */
	settleSeconds: number;
	/** Over which idle processor time is measured. */
	idleSeconds: number;
}

/** @param scratch a folder for what the contender stores; removed by the caller */
export async function measure(contender: Contender, tree: Tree, scratch: string, pace: Pace): Promise<Measured> {
	const starts = contender.remembers && tree.files.length <= 100_000 ? STARTS : 1;
	const storageOf = (round: number) => join(scratch, `storage-${round}`);
	const first = await start(contender, tree, starts, storageOf);
	let running = first.running;
	try {
		await delay(pace.settleSeconds * 1000);
		const memory = memoryOf(running.pid);
		const handles = handlesOf(running.pid);
		const idleCpuPercent = await measureIdle(running, pace.idleSeconds);
		const latency = await measureLatency(running, tree, scratch);
		const burst = await measureBursts(running, tree);
		let warm: Times | undefined;
		let warmMemory: Memory | undefined;
		if (contender.remembers) {
			await running.stop();
			const again = await start(contender, tree, starts, () => storageOf(starts));
			warm = again.times;
			running = again.running;
			await delay(pace.settleSeconds * 1000);
			warmMemory = memoryOf(running.pid);
		}
		return {
			first: first.times,
			warm,
			memory: larger(memory, warmMemory),
			handles,
			idleCpuPercent,
			latency,
			burst,
		};
	} finally {
		await running.stop();
		rmSync(burstFolder(tree), { recursive: true, force: true });
	}
}

/** Starts a contender several times, the last of which goes on. */
async function start(
	contender: Contender,
	tree: Tree,
	starts: number,
	storageOf: (round: number) => string,
): Promise<{ running: Running; times: Times }> {
	const ready: number[] = [];
	const find: number[] = [timeFind(tree.root)];
	for (let round = 1; ; round++) {
		const running = await contender.start(tree.root, storageOf(round));
		ready.push(running.readyMs);
		find.push(timeFind(tree.root));
		if (round === starts) {
			const findMs = find.reduce((sum, ms) => sum + ms, 0) / find.length;
			return { running, times: { readyMs: median(ready), starts, findMs } };
		}
		await running.stop();
	}
}

/** What merely listing a tree with its stats costs. */
function timeFind(root: string): number {
	const began = performance.now();
	execFileSync('find', [root, '-printf', '%p %s %T@ %i\\n'], { stdio: 'ignore' });
	return performance.now() - began;
}

async function measureIdle(running: Running, seconds: number): Promise<number | undefined> {
	const before = cpuSecondsOf(running.pid);
	await delay(seconds * 1000);
	const after = cpuSecondsOf(running.pid);
	return before === undefined || after === undefined ? undefined : ((after - before) / seconds) * 100;
}

/** From the end of a write to the moment the change was reported, one file at a time. */
async function measureLatency(running: Running, tree: Tree, scratch: string): Promise<Latency> {
	const times: number[] = [];
	const syncs: number[] = [];
	let lost = 0;
	const until = performance.now() + LATENCY_MS;
	for (let i = 0; i < LATENCY_SAMPLES && performance.now() < until; i++) {
		await delay(LATENCY_PAUSE_MS);
		await running.begin();
		// 7,919 is prime: files all over the tree, none twice.
		const file = tree.files[(i * 7919) % tree.files.length]!;
		appendFileSync(file, '// changed\n');
		const written = performance.now();
		const { at, missing } = await running.sees([file], SEEN_MS);
		if (missing === 0) {
			times.push(at - written);
		} else {
			lost++;
		}
		syncs.push(timeFdatasync(join(scratch, 'fdatasync')));
	}
	return { ...percentiles(times), samples: times.length + lost, lost, fdatasync: percentiles(syncs) };
}

function timeFdatasync(path: string): number {
	const file = openSync(path, 'w');
	try {
		writeSync(file, Buffer.alloc(4096));
		const began = performance.now();
		fdatasyncSync(file);
		return performance.now() - began;
	} finally {
		closeSync(file);
	}
}

function burstFolder(tree: Tree): string {
	return join(tree.root, 'bursts');
}

/** Many files into new folders, several times. They stay: removing them would be work too. */
async function measureBursts(running: Running, tree: Tree): Promise<Burst> {
	const bursts: Burst[] = [];
	for (let i = 0; i < BURSTS; i++) {
		bursts.push(await measureBurst(running, join(burstFolder(tree), `burst-${i}`)));
		await delay(BURST_PAUSE_MS);
	}
	const middle = median(bursts.map(({ perWriting }) => perWriting));
	return {
		...bursts.find(({ perWriting }) => perWriting === middle)!,
		files: bursts.reduce((sum, { files }) => sum + files, 0),
		lost: bursts.reduce((sum, { lost }) => sum + lost, 0),
	};
}

/** As fast as another process can write them. */
async function measureBurst(running: Running, folder: string): Promise<Burst> {
	const script = fileURLToPath(new URL('./burst.mjs', import.meta.url));
	const parameters = [script, folder, String(BURST_FOLDERS), String(BURST_FILES)];
	await running.begin();
	const { stdout } = await promisify(execFile)(process.execPath, parameters, { maxBuffer: 16_777_216 });
	const { files, began, ended } = JSON.parse(stdout) as { files: string[]; began: number; ended: number };
	const { missing, at } = await running.sees(files, SEEN_MS);
	const writingMs = ended - began;
	const seenMs = Math.max(performance.timeOrigin + at, ended) - began;
	return { files: files.length, lost: missing, writingMs, seenMs, perWriting: seenMs / writingMs };
}

function larger(a: Memory | undefined, b: Memory | undefined): Memory | undefined {
	return a === undefined || b === undefined
		? (a ?? b)
		: {
				rssMb: Math.max(a.rssMb, b.rssMb),
				dataFileMb: Math.max(a.dataFileMb, b.dataFileMb),
				anonMb: Math.max(a.anonMb, b.anonMb),
			};
}
