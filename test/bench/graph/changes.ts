/** What changes cost: from the end of a write to the affected set, committed and told. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { child, readSource } from '../../oracle/syntax.ts';
import { LATENCY_MS, LATENCY_PAUSE_MS, LATENCY_SAMPLES, SEEN_MS } from '../limits.ts';
import { median, type Percentiles, percentiles } from '../statistics.ts';
import type { GraphEngine } from './engine.ts';
import type { SourceTree } from './tree.ts';

const MANY = 1000;
/** Files all over the tree, none twice: it is prime. */
const STRIDE = 7919;

export interface Changes {
	edit: {
		samples: number;
		/** Whose effect was not told of in time. */
		lost: number;
		/** From the write to the log. */
		toLog: Percentiles;
		/** From the write to the affected set, committed and told. */
		toAffected: Percentiles;
		/** Files that an edit affects. */
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

async function measureEdits(engine: GraphEngine, tree: SourceTree): Promise<Changes['edit']> {
	const [toLog, toAffected, affected, query]: [number[], number[], number[], number[]] = [[], [], [], []];
	let lost = 0;
	let cursor = await engine.sync();
	for (const { path, name } of someFunctions(tree)) {
		await delay(LATENCY_PAUSE_MS);
		const text = edited(path, name);
		const told = Promise.all([engine.next('logged'), engine.next('invalidated')]);
		writeFileSync(path, text);
		const written = performance.now();
		const times = await Promise.race([told, delay(SEEN_MS, undefined, { ref: false })]);
		if (times === undefined) {
			lost++;
			continue;
		}
		toLog.push(times[0] - written);
		toAffected.push(times[1] - written);
		const began = performance.now();
		const answer = await engine.affected({ since: cursor, paths: [] });
		query.push(performance.now() - began);
		affected.push(answer.affected.length);
		cursor = await engine.sync();
	}
	return {
		samples: toLog.length + lost,
		lost,
		toLog: percentiles(toLog),
		toAffected: percentiles(toAffected),
		affected: median(affected),
		query: percentiles(query),
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
