/**
 * `npm run oracle -- [--edits N] [--seed S] [--package name] [--kind "kind"] [--builder] [--store | --replay]`: makes edits in the sources
 * of real packages, and compares what the graph says of each with what the TypeScript compiler makes of the whole program
 * before and after. Every file that differs must be in the answer. Ends with 1 when one is not.
 *
 * `--store` keeps the edits and verdicts as the fixtures that `npm test` replays; `--replay` takes those, and asks no compiler. `--builder` asks the compiler's own builder,
 * too, and takes twice as long.
 */
import { parseArgs } from 'node:util';
import { random } from '../support/random-changes.ts';
import { Bench, JUDGES } from './bench.ts';
import { fixturePackages, hasEffect, type JudgedEdit, readFixtures, writeFixtures } from './fixtures.ts';
import { Generator, isOfExports, KIND_NAMES } from './generate.ts';
import { missesOf } from './misses.ts';
import { PACKAGES, packageNamed } from './packages.ts';
import type { Edit } from './project.ts';
import { Precision } from './table.ts';

/** Edits between two lines of progress. */
const TOLD_EVERY = 50;

const options = readOptions();
if (options !== undefined) {
	process.exitCode = options.replay ? await replay(options) : await runOracle(options);
}

interface Options {
	edits: number;
	seed: number;
	packages: string[];
	kinds: readonly string[];
	builder: boolean;
	store: boolean;
	/** Whether the fixtures are taken instead of edits made now. */
	replay: boolean;
}

function readOptions(): Options | undefined {
	try {
		const { values } = parseArgs({
			options: {
				edits: { type: 'string' },
				seed: { type: 'string' },
				package: { type: 'string', multiple: true },
				kind: { type: 'string', multiple: true },
				builder: { type: 'boolean' },
				store: { type: 'boolean' },
				replay: { type: 'boolean' },
			},
		});
		const edits = Number(values.edits ?? 100);
		const seed = Number(values.seed ?? Date.now() % 1_000_000);
		if (!Number.isInteger(edits) || edits < 1 || !Number.isInteger(seed)) {
			throw new Error('Both --edits and --seed take a whole number.');
		}
		const kinds = values.kind ?? KIND_NAMES;
		const unknown = kinds.find((kind) => !KIND_NAMES.includes(kind));
		if (unknown !== undefined) {
			throw new Error(`There is no kind of edit "${unknown}": the kinds are ${KIND_NAMES.join(', ')}.`);
		}
		const packages = (values.package ?? PACKAGES.map(({ name }) => name)).map((name) => packageNamed(name).name);
		const { builder = false, store = false, replay: isReplay = false } = values;
		if (store && isReplay) {
			throw new Error('What is replayed is stored already.');
		}
		return { edits, seed, packages, kinds, builder, store, replay: isReplay };
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 2;
		return undefined;
	}
}

async function runOracle({ edits, seed, packages, kinds, builder, store }: Options): Promise<number> {
	console.log(`Judging ${edits} edits with seed ${seed}.`);
	const benches = new Map<string, Bench>();
	const judged: JudgedEdit[] = [];
	const precision = new Precision();
	let misses = 0;
	try {
		for (const name of packages) {
			benches.set(name, await Bench.of(name));
		}
		const queue = [...generate(benches, kinds, edits, random(seed))].entries();
		const judgeAll = async (judge: number) => {
			for (const [index, edit] of queue) {
				const bench = benches.get(edit.package)!;
				const { details, ...result } = await bench.judge(edit, judge);
				const one = builder ? { ...result, builder: await bench.built(edit, judge) } : result;
				judged[index] = one;
				if (index % TOLD_EVERY === TOLD_EVERY - 1) {
					console.log(`${index + 1} of ${edits} edits, ${misses} missed`);
				}
				misses += compareWith(bench, one, precision, details);
			}
		};
		await Promise.all(Array.from({ length: JUDGES }, (_, judge) => judgeAll(judge)));
		console.log(precision.toString());
		console.log(`${summary(misses, judged)} (seed ${seed})`);
		if (store) {
			writeFixtures(judged, (name) => benches.get(name)!.project.files);
		}
		return misses === 0 ? 0 : 1;
	} finally {
		for (const bench of benches.values()) {
			bench.dispose();
		}
	}
}

/** Compares what the graph says now with what the compiler said of the stored edits. */
async function replay({ packages, kinds }: Options): Promise<number> {
	const benches = new Map<string, Bench>();
	const precision = new Precision();
	let misses = 0;
	try {
		for (const name of fixturePackages()) {
			benches.set(name, await Bench.of(name));
		}
		const judged = readFixtures((name) => benches.get(name)!.project.files).filter(
			({ edit }) => packages.includes(edit.package) && kinds.includes(edit.kind),
		);
		for (const one of judged) {
			misses += compareWith(benches.get(one.edit.package)!, one, precision, []);
		}
		console.log(precision.toString());
		console.log(summary(misses, judged));
		return misses === 0 ? 0 : 1;
	} finally {
		for (const bench of benches.values()) {
			bench.dispose();
		}
	}
}

/** Returns how many files the graph's answer misses. */
function compareWith(
	{ graph }: Bench,
	{ edit, verdict, builder }: JudgedEdit,
	precision: Precision,
	details: readonly string[],
): number {
	const answer = graph.answer(edit);
	const missed = missesOf(answer.affected, verdict);
	precision.add(edit.kind, verdict, answer, missed.length, builder ?? NaN);
	if (missed.length > 0) {
		console.log(tell(edit, missed, details));
	}
	return missed.length;
}

function summary(misses: number, judged: readonly JudgedEdit[]): string {
	const effective = judged.filter(({ verdict }) => hasEffect(verdict)).length;
	return `${misses} missed in ${judged.length} edits, ${effective} of which make a difference in another file`;
}

/** Kinds take turns; packages have the shares that they are given. */
function* generate(
	benches: ReadonlyMap<string, Bench>,
	kinds: readonly string[],
	edits: number,
	chance: (below: number) => number,
): Iterable<Edit> {
	const generators = Array.from(benches, ([name, { project }]) => ({
		generator: new Generator(project, chance),
		share: packageNamed(name).share,
	}));
	const shares = generators.flatMap(({ generator, share }) => Array.from({ length: share }, () => generator));
	// Those make a difference in another file twice as often as others.
	const turns = kinds.flatMap((kind) => (isOfExports(kind) ? [kind, kind, kind] : [kind]));
	let made = 0;
	// A package may have no place for a kind: then the next one is asked.
	for (let turn = 0; made < edits && turn < edits * 10; turn++) {
		const edit = shares[chance(shares.length)]!.edit(turns[turn % turns.length]!);
		if (edit !== undefined) {
			made++;
			yield edit;
		}
	}
}

function tell(edit: Edit, missed: readonly string[], details: readonly string[]): string {
	const lines = [
		`MISSED after "${edit.kind}" in ${edit.package} ${edit.file}`,
		`  ${JSON.stringify(edit)}`,
		...missed.slice(0, 5).map((miss) => {
			const detail = details.find((one) => one.startsWith(miss.split(':')[0]!));
			return `  ${miss}\n    ${detail ?? ''}`;
		}),
	];
	return lines.join('\n');
}
