/**
 * `npm run oracle -- [--edits N] [--seed S] [--package name] [--kind "kind"] [--builder] [--store]`: makes edits in the sources
 * of real packages, and compares what the graph says of each with what the TypeScript compiler makes of the whole program
 * before and after. Every file that differs must be in the answer. Ends with 1 when one is not.
 *
 * `--store` keeps the edits and verdicts as the fixtures that `npm test` replays. `--builder` asks the compiler's own builder,
 * too, and takes twice as long.
 */
import { parseArgs } from 'node:util';
import { random } from '../support/random-changes.ts';
import { Bench, JUDGES } from './bench.ts';
import { hasEffect, type JudgedEdit, writeFixtures } from './fixtures.ts';
import { Generator, KIND_NAMES } from './generate.ts';
import { missesOf } from './misses.ts';
import { PACKAGES, packageNamed } from './packages.ts';
import type { Edit } from './project.ts';
import { Precision } from './table.ts';

/** Edits between two lines of progress. */
const TOLD_EVERY = 50;

const options = readOptions();
if (options !== undefined) {
	process.exitCode = await runOracle(options);
}

interface Options {
	edits: number;
	seed: number;
	packages: string[];
	kinds: readonly string[];
	builder: boolean;
	store: boolean;
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
		return { edits, seed, packages, kinds, builder: values.builder === true, store: values.store === true };
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
				const works = builder ? await bench.built(edit, judge) : NaN;
				const answer = bench.graph.answer(edit);
				const missed = missesOf(answer.affected, result.verdict);
				judged[index] = result;
				if (index % TOLD_EVERY === TOLD_EVERY - 1) {
					console.log(`${index + 1} of ${edits} edits, ${misses} missed`);
				}
				precision.add(edit.kind, result.verdict, answer, missed.length, works);
				if (missed.length > 0) {
					misses += missed.length;
					console.log(tell(edit, missed, details));
				}
			}
		};
		await Promise.all(Array.from({ length: JUDGES }, (_, judge) => judgeAll(judge)));
		console.log(precision.toString());
		const effective = judged.filter(({ verdict }) => hasEffect(verdict)).length;
		console.log(
			`${misses} missed in ${judged.length} edits, ${effective} of which make a difference in another file (seed ${seed})`,
		);
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
	let made = 0;
	// A package may have no place for a kind: then the next one is asked.
	for (let turn = 0; made < edits && turn < edits * 10; turn++) {
		const edit = shares[chance(shares.length)]!.edit(kinds[turn % kinds.length]!);
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
