/** What changes cost: from the end of a write to the affected set, committed and told. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { child, readSource } from '../../oracle/syntax.ts';
import { LATENCY_MS, LATENCY_PAUSE_MS, LATENCY_SAMPLES, SEEN_MS } from '../limits.ts';
import { cpuSecondsOfAll } from '../proc.ts';
import { median, type Percentiles, percentiles } from '../statistics.ts';
import type { GraphEngine } from './engine.ts';
import type { SourceTree } from './tree.ts';

const MANY = 1000;
/** Files all over the tree, none twice: it is prime. */
const STRIDE = 7919;
/** The most files that edits affect that are told of together. */
const SIZES = [10, 100, Infinity];

export interface Changes {
	edit: {
		samples: number;
		/** Whose effect was not told of in time. */
		lost: number;
		/** From the write to the log. */
		toLog: Percentiles;
		/** From the write to the affected set, committed and told. */
		toAffected: Percentiles;
		/** The same of the edits that affect so many files at most, and more than those before. */
		bySize: { most: number; edits: number; toAffected: Percentiles }[];
		/** Processor time of everything from a write until what it affects was told, on average; undefined where nothing tells. */
		cpuMs: number | undefined;
		/** Files that an edit affects, in the median. */
		affected: number;
		/** The question about the edit, since a cursor. */
		query: Percentiles;
	};
	many: {
		files: number;
		writingMs: number;
		/** From the last write until everything is in. */
		ms: number;
		/** The question what they affect, and the files that are the answer. */
		queryMs: number;
		affected: number;
	};
	/** The question what depends on a file. */
	dependents: Percentiles;
}

export async function measureChanges(engine: GraphEngine, tree: SourceTree): Promise<Changes> {
	return {
		edit: await measureEdits(engine, tree),
		dependents: await measureDependents(engine, tree),
		many: await measureMany(engine, tree),
	};
}

interface Edit {
	toLogMs: number;
	toAffectedMs: number;
	queryMs: number;
	affected: number;
	cpuMs: number | undefined;
}

async function measureEdits(engine: GraphEngine, tree: SourceTree): Promise<Changes['edit']> {
	const edits: Edit[] = [];
	let lost = 0;
	for (const { path, name } of someFunctions(tree)) {
		await delay(LATENCY_PAUSE_MS);
		const one = await measureEdit(engine, path, name);
		if (one === undefined) {
			lost++;
		} else {
			edits.push(one);
		}
	}
	const cpuMs = edits.map((edit) => edit.cpuMs).filter((each) => each !== undefined);
	return {
		samples: edits.length + lost,
		lost,
		toLog: percentiles(edits.map(({ toLogMs }) => toLogMs)),
		toAffected: percentiles(edits.map(({ toAffectedMs }) => toAffectedMs)),
		bySize: SIZES.map((most, i) => {
			const own = edits.filter(({ affected }) => affected <= most && affected > (SIZES[i - 1] ?? -1));
			return { most, edits: own.length, toAffected: percentiles(own.map(({ toAffectedMs }) => toAffectedMs)) };
		}),
		cpuMs: cpuMs.length === 0 ? undefined : cpuMs.reduce((sum, each) => sum + each, 0) / cpuMs.length,
		affected: median(edits.map(({ affected }) => affected)),
		query: percentiles(edits.map(({ queryMs }) => queryMs)),
	};
}

/** @returns undefined when nothing was told of it in time */
async function measureEdit(engine: GraphEngine, path: string, name: string): Promise<Edit | undefined> {
	const cursor = await engine.sync();
	const text = edited(path, name);
	const told = Promise.all([engine.next('logged'), engine.next('invalidated')]);
	const cpuBefore = cpuSecondsOfAll(process.pid);
	writeFileSync(path, text);
	const written = performance.now();
	const times = await Promise.race([told, delay(SEEN_MS, undefined, { ref: false })]);
	const cpuAfter = cpuSecondsOfAll(process.pid);
	if (times === undefined) {
		return undefined;
	}
	const began = performance.now();
	const { affected } = await engine.affected({ since: cursor, paths: [] });
	return {
		toLogMs: times[0] - written,
		toAffectedMs: times[1] - written,
		queryMs: performance.now() - began,
		affected: affected.length,
		cpuMs: cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) * 1000,
	};
}

async function measureDependents(engine: GraphEngine, tree: SourceTree): Promise<Percentiles> {
	const times: number[] = [];
	for (const { path } of someFunctions(tree)) {
		const began = performance.now();
		await engine.affected({ paths: [path] });
		times.push(performance.now() - began);
	}
	return percentiles(times);
}

/** Another statement at the beginning of a function's body. */
function edited(path: string, name: string): string {
	const text = readFileSync(path, 'utf8');
	const { nodes } = readSource(path, text);
	const body = nodes
		.filter((node) => node.type === 'FunctionDeclaration' && child(node, 'id')?.['name'] === name)
		.map((node) => child(node, 'body'))
		.find((each) => each !== undefined);
	if (body === undefined) {
		throw new Error(`${path} has no function ${name}.`);
	}
	return `${text.slice(0, body.start + 1)}\n\tvoid ${body.start};${text.slice(body.start + 1)}`;
}

async function measureMany(engine: GraphEngine, tree: SourceTree): Promise<Changes['many']> {
	const cursor = await engine.sync();
	const count = Math.min(MANY, tree.files.length);
	const files = Array.from({ length: count }, (_, i) => tree.files[Math.floor((i * tree.files.length) / count)]!);
	const began = performance.now();
	for (const [i, file] of files.entries()) {
		appendFileSync(file, `\nexport const edition${i} = ${i};\n`);
	}
	const written = performance.now();
	await engine.sync();
	const ended = performance.now();
	const { affected } = await engine.affected({ since: cursor, paths: [] });
	return {
		files: count,
		writingMs: written - began,
		ms: ended - written,
		queryMs: performance.now() - ended,
		affected: affected.length,
	};
}

/** Functions all over the tree, as many as the pace allows. */
function* someFunctions({ functions }: SourceTree): Generator<SourceTree['functions'][number]> {
	const until = performance.now() + LATENCY_MS;
	for (let i = 0; i < LATENCY_SAMPLES && performance.now() < until; i++) {
		yield functions[(i * STRIDE) % functions.length]!;
	}
}
