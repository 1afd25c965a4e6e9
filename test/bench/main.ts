/**
 * `npm run bench -- [options]`: Filetide beside its peers, in one run, on the same trees, against the budgets of DESIGN.md §10.
 * The trees and the index lie in the folder for temporary files (TMPDIR); put that on a real disk.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Contender } from './contender.ts';
import { timeCrawls } from './crawls.ts';
import { filetide } from './filetide.ts';
import { type GraphMeasured, measureGraph } from './graph/measure.ts';
import { formatGraph } from './graph/report.ts';
import { measureIndex } from './index/measure.ts';
import { formatIndex } from './index/report.ts';
import { measure, type Pace } from './measure.ts';
import { PEERS } from './peer.ts';
import { format, type Row, type SizeResult } from './report.ts';
import { judge } from './targets.ts';
import { generateTree, type Tree } from './tree.ts';
import { timeVerify } from './verify-times.ts';

const HELP = `npm run bench -- [options]

  --size <files>       size of the tree; several times for several (default: 10000)
  --nightly            10,000, 100,000 and 1,000,000 files, memory and idle CPU after and over 60 s, the index and the graph
  --settle <seconds>   between being live and measuring memory (default: 5)
  --idle <seconds>     over which idle CPU is measured (default: 5)
  --index              measure the index alone: events committed, questions, replay, size, beside SQLite and a scan
  --graph              measure the graph alone: first indexing, edits, questions, memory, size, beside dependency-cruiser and
                       madge, with --size source files (default: 1000 and 10000; with --nightly also 100000)
  --only <name>        measure these contenders; several times for several
  --json               print JSON instead of tables
  --out <file>         where the JSON is written as well (default: artifacts/bench.json)

Contenders: `;

const CONTENDERS: readonly Contender[] = [filetide(), filetide('chokidar'), filetide('polling'), ...PEERS];

interface Options extends Pace {
	sizes: number[];
	contenders: readonly Contender[];
	/** Whether the index is measured by itself. */
	index: boolean;
	/** Source files of the repositories at which the graph is measured by itself. */
	graph: number[];
	json: boolean;
	out: string;
}

const options = readOptions();
if (options !== undefined) {
	await main(options);
}

/** Undefined when there is nothing to do but to read what was printed. */
function readOptions(): Options | undefined {
	const names = CONTENDERS.map(({ name }) => name).join('; ');
	try {
		const { values } = parseArgs({
			options: {
				size: { type: 'string', multiple: true },
				nightly: { type: 'boolean', default: false },
				settle: { type: 'string' },
				idle: { type: 'string' },
				index: { type: 'boolean', default: false },
				graph: { type: 'boolean', default: false },
				only: { type: 'string', multiple: true },
				json: { type: 'boolean', default: false },
				out: { type: 'string', default: 'artifacts/bench.json' },
				help: { type: 'boolean', default: false },
			},
		});
		if (values.help) {
			console.log(HELP + names);
			return undefined;
		}
		const seconds = values.nightly ? 60 : 5;
		const given = values.size?.map((size) => positive('--size', size));
		const isPart = values.index || values.graph;
		const usual = values.nightly ? [10_000, 100_000, 1_000_000] : [10_000];
		const graphs = values.nightly ? [1000, 10_000, 100_000] : [1000, 10_000];
		return {
			// Asked for one part, nothing else is measured.
			sizes: isPart ? [] : (given ?? usual),
			settleSeconds: values.settle === undefined ? seconds : positive('--settle', values.settle),
			idleSeconds: values.idle === undefined ? seconds : positive('--idle', values.idle),
			contenders: chosen(values.only, names),
			index: values.index || (values.nightly && !isPart),
			graph: values.graph ? (given ?? graphs) : values.nightly && !isPart ? graphs : [],
			json: values.json,
			out: resolve(values.out),
		};
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 2;
		return undefined;
	}
}

function positive(option: string, text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) {
		throw new Error(`${option} takes a whole number from 1, not "${text}".`);
	}
	return value;
}

function chosen(only: readonly string[] | undefined, names: string): readonly Contender[] {
	const unknown = only?.find((wanted) => CONTENDERS.every(({ name }) => name !== wanted));
	if (unknown !== undefined) {
		throw new Error(`There is no contender "${unknown}". There are: ${names}.`);
	}
	return CONTENDERS.filter(({ name }) => only?.includes(name) ?? true);
}

async function main({ sizes, contenders, index, graph, json, out, ...pace }: Options): Promise<void> {
	const work = mkdtempSync(join(tmpdir(), 'filetide-bench-'));
	process.once('exit', () => {
		// Again and again, because what was measured may still be ending.
		rmSync(work, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	});
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => process.exit(1));
	}
	const results: SizeResult[] = [];
	for (const size of sizes) {
		console.error(`${size} files: writing them…`);
		const tree = generateTree(join(work, `tree-${size}`), size);
		const result = {
			...(await measureAll(contenders, tree, work, pace)),
			crawls: timeCrawls(tree.root),
			verifying: await timeVerify(join(work, 'verified'), size),
		};
		rmSync(tree.root, { recursive: true });
		results.push(result);
		if (!json) {
			console.log(format(result));
		}
	}
	const own = index
		? await measureIndex(work, (what) => {
				console.error(`index: ${what}`);
			})
		: undefined;
	if (own !== undefined && !json) {
		console.log(formatIndex(own));
	}
	const graphs: GraphMeasured[] = [];
	for (const size of graph) {
		graphs.push(
			await measureGraph(work, size, pace, (what) => {
				console.error(`graph, ${size} files: ${what}`);
			}),
		);
		if (!json) {
			console.log(formatGraph(graphs.at(-1)!));
		}
	}
	const machine = { node: process.version, platform: process.platform, cpus: cpus().length, load: loadavg() };
	const text = JSON.stringify({ machine, ...pace, results, index: own, graphs }, null, '\t');
	if (json) {
		console.log(text);
	}
	mkdirSync(dirname(out), { recursive: true });
	writeFileSync(out, `${text}\n`);
	console.error(`Written to ${out}.`);
	if (results.some(({ rows }) => rows.some(({ contender, problem }) => contender === 'filetide' && problem))) {
		process.exitCode = 1;
	}
}

async function measureAll(
	contenders: readonly Contender[],
	tree: Tree,
	work: string,
	pace: Pace,
): Promise<Omit<SizeResult, 'crawls' | 'verifying'>> {
	const [files, folders] = [tree.files.length, tree.folders.length + 1];
	const rows: Row[] = [];
	for (const contender of contenders) {
		console.error(`${files} files: ${contender.name}…`);
		const scratch = mkdtempSync(join(work, 'run-'));
		rows.push(await rowOf(contender, tree, scratch, pace));
		rmSync(scratch, { recursive: true });
	}
	const own = rows.find(({ contender }) => contender === 'filetide')?.measured;
	return { files, folders, rows, verdicts: own === undefined ? [] : judge(own, files, folders) };
}

/** A contender that fails is a result too: the others are measured all the same. */
async function rowOf(contender: Contender, tree: Tree, scratch: string, pace: Pace): Promise<Row> {
	const row = { contender: contender.name, measured: undefined, problem: contender.missing };
	if (contender.missing !== undefined) {
		return row;
	}
	try {
		return { ...row, measured: await measure(contender, tree, scratch, pace) };
	} catch (error) {
		return { ...row, problem: error instanceof Error ? error.message : String(error) };
	}
}
