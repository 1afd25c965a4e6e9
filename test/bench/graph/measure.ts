/** What is measured of the graph at one size. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Methods, type Status } from '#shared/protocol.ts';
import { COMMAND } from '../filetide.ts';
import { GRAPH_REST_S, READY_MS } from '../limits.ts';
import type { Pace } from '../measure.ts';
import { cpuSecondsOfAll, descendantsOf, type Memory, memoryOf } from '../proc.ts';
import { LineProcess } from '../process.ts';
import { Wire } from '../wire.ts';
import { type Changes, measureChanges } from './changes.ts';
import { GraphEngine } from './engine.ts';
import { measurePeers, type PeerRun } from './peers.ts';
import { readTemplates } from './templates.ts';
import { type SourceTree, writeSources } from './tree.ts';

/** Above this the others take minutes, and gigabytes. */
const MOST_FOR_PEERS = 10_000;

export interface GraphMeasured {
	/** Of the repository: source files, and their bytes. */
	files: number;
	packages: number;
	bytes: number;
	/** From a live server to everything in the graph. */
	first: { seconds: number; cpuSeconds: number | undefined };
	/** None above a size that they are not made for. */
	peers: PeerRun[];
	changes: Changes;
	/** Size of the graph's environment after the first indexing. */
	storedBytes: number;
	/** Of the server with everything that it has started, idle: with the graph, and without. */
	memory: { off: Memory; on: Memory } | undefined;
	/** Processes that wait for the processors, on average of the last minute, before and after. */
	load: [number, number];
}

export async function measureGraph(
	work: string,
	size: number,
	pace: Pace,
	tell: (what: string) => void,
): Promise<GraphMeasured> {
	const scratch = mkdtempSync(join(work, 'graph-'));
	tell('writing them…');
	const tree = writeSources(join(scratch, 'repository'), size, await readTemplates());
	const index = join(scratch, 'index');
	const before = loadavg()[0]!;
	tell('without a graph…');
	const off = await serve(tree.root, index, ['--no-graph'], async ({ pid }) => {
		await delay(pace.settleSeconds * 1000);
		return memoryOfAll(pid);
	});
	tell('first indexing…');
	const { first, on } = await serve(tree.root, index, [], async (server) => {
		const times = await timeFirst(server);
		await delay(Math.max(pace.settleSeconds, GRAPH_REST_S) * 1000);
		return { first: times, on: memoryOfAll(server.pid) };
	});
	const storedBytes = statSync(join(index, 'graph', 'data.mdb')).size;
	const peers = size > MOST_FOR_PEERS ? [] : await measurePeers(tree.root, scratch, tell);
	tell('changes…');
	const changes = await changesOf(tree, index);
	rmSync(scratch, { recursive: true });
	const { files, packages, bytes } = tree;
	return {
		files: files.length,
		packages,
		bytes,
		first,
		peers,
		changes,
		storedBytes,
		memory: off === undefined || on === undefined ? undefined : { off, on },
		load: [before, loadavg()[0]!],
	};
}

interface Served {
	pid: number;
	wire: Wire;
}

/** Has a server run while something is asked of it. */
async function serve<T>(
	root: string,
	index: string,
	parameters: readonly string[],
	ask: (server: Served) => Promise<T>,
): Promise<T> {
	const server = new LineProcess(COMMAND, ['serve', root, '--index', index, ...parameters]);
	await server.ready(READY_MS);
	const wire = await Wire.to(index);
	try {
		return await ask({ pid: server.pid, wire });
	} finally {
		wire.close();
		await server.stop('SIGINT');
	}
}

async function timeFirst({ pid, wire }: Served): Promise<GraphMeasured['first']> {
	const cpuBefore = cpuSecondsOfAll(pid);
	const began = performance.now();
	await wire.ask(Methods.sync, { full: false, graph: true, timeoutMs: READY_MS });
	const seconds = (performance.now() - began) / 1000;
	const cpuAfter = cpuSecondsOfAll(pid);
	const { graph } = await wire.ask<Status>(Methods.status, {});
	if (graph === undefined || graph.parkedCount > 0) {
		throw new Error(`The graph is not complete: ${JSON.stringify(graph)}.`);
	}
	return {
		seconds,
		cpuSeconds: cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore,
	};
}

/** Of a process and all that it has started. What they share is counted for each. */
function memoryOfAll(pid: number): Memory | undefined {
	const all = [pid, ...descendantsOf(pid)].map((each) => memoryOf(each)).filter((each) => each !== undefined);
	const sum = (of: (memory: Memory) => number) => all.reduce((total, each) => total + of(each), 0);
	return all.length === 0
		? undefined
		: {
				rssMb: sum(({ rssMb }) => rssMb),
				dataFileMb: sum(({ dataFileMb }) => dataFileMb),
				anonMb: sum(({ anonMb }) => anonMb),
			};
}

async function changesOf(tree: SourceTree, index: string): Promise<Changes> {
	const engine = await GraphEngine.start(tree.root, index);
	try {
		return await measureChanges(engine, tree);
	} finally {
		await engine.stop();
	}
}
