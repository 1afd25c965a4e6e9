/**
 * `node graph-damage-cycles.ts <folder> <seed> <rounds> <part> <parts>`: makes an index with a graph, then harms the graph's file in one
 * way after the other, every `parts`th beginning with `part`, and starts an engine each time in this process, which must survive
 * and answer as before. Prints a line of JSON before each kind, and one after it. `FILETIDE_DAMAGE` leaves only the kinds with that in
 * their names.
 */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { LocalEngine } from '../../server/src/engine/local-engine.ts';
import { planWatches } from '../../server/src/engine/watch-plan.ts';
import { surveySealed } from '../../server/src/index/survey.ts';
import { type Damage, damages } from './damage.ts';

const [base = '', seedText, roundsText, partText, partsText] = argv.slice(2);
const [seed, rounds, part, parts] = [seedText, roundsText, partText, partsText].map(Number) as [
	number,
	number,
	number,
	number,
];
const only = process.env['FILETIDE_DAMAGE'];
const root = join(base, 'w');
const folder = join(base, 'index');
const graph = join(folder, 'graph');
const dataFile = join(graph, 'data.mdb');
const whole = join(base, 'whole');
const TABLES = ['meta', 'files', 'users', 'history', 'last_change', 'parked', 'pending', 'pending_by_path'];
const FILES = 40;
/** Of the graph. */
const SYNC_MS = 60_000;

let said = '';

const { older, expected } = await makeGraph();
for (const [i, damage] of damages(seed, rounds, older, TABLES).entries()) {
	if (i % parts === part && (only === undefined || damage.name.includes(only))) {
		say({ begins: damage.name, number: i });
		const began = performance.now();
		const outcome = await suffer(damage, i);
		say({ survived: damage.name, number: i, outcome, ms: Math.round(performance.now() - began) });
	}
}

function say(line: object): void {
	stdout.write(`${JSON.stringify(line)}\n`);
}

async function startEngine(): Promise<LocalEngine> {
	said = '';
	const engine = await LocalEngine.start({
		folder,
		socket: '',
		version: 'test',
		listener: { statusChanged: () => undefined, pathsChanged: () => undefined },
		logger: {
			log: (_level, message) => {
				said += `${message}\n`;
			},
		},
		onCrash: (error) => {
			throw error;
		},
	});
	assert.ok(engine instanceof LocalEngine);
	engine.configure(
		planWatches([{ place: 'test', entries: [{ path: root, id: 'w' }], base, excludes: [] }], {
			folders: [],
			trusted: true,
			graph: true,
		}),
	);
	await engine.whenSettled();
	await engine.sync({ full: false, graph: true, timeoutMs: SYNC_MS });
	return engine;
}

function pathOf(i: number): string {
	return join(root, `f${i}.ts`);
}

/** Each file uses two before it. */
async function makeGraph(): Promise<{ older: Buffer; expected: unknown }> {
	mkdirSync(root, { recursive: true });
	for (let i = 0; i < FILES; i++) {
		const used = [i - 1, i - 3].filter((each) => each >= 0);
		const imports = used.map((each) => `import { v${each} } from './f${each}.ts';\n`).join('');
		writeFileSync(
			pathOf(i),
			`${imports}export const v${i} = () => [${used.map((each) => `v${each}()`).join()}];\n`,
		);
	}
	const first = await startEngine();
	await first.stop();
	const before = readFileSync(dataFile);
	const engine = await startEngine();
	for (let i = 0; i < FILES; i += 7) {
		appendFileSync(pathOf(i), `export const more${i} = v${i};\n`);
	}
	rmSync(pathOf(FILES - 1));
	await engine.sync({ full: false, graph: true, timeoutMs: SYNC_MS });
	const answers = await answersOf(engine);
	await engine.stop();
	cpSync(folder, whole, { recursive: true, preserveTimestamps: true });
	return { older: before, expected: answers };
}

/** What is asked of the graph, without times. */
async function answersOf(engine: LocalEngine): Promise<unknown> {
	const answers: unknown[] = [];
	for (let i = 0; i < FILES - 1; i += 5) {
		const { changed, affected, widened } = await engine.affected({ paths: [pathOf(i)] });
		answers.push({
			changed,
			widened,
			affected: affected.map(({ file, kinds, certainty }) => `${file} ${kinds.join()} ${certainty}`).sort(),
		});
	}
	return answers;
}

/** Harms the graph, starts an engine with it and checks what it says. */
async function suffer(damage: Damage, i: number): Promise<'made again' | 'kept'> {
	rmSync(folder, { recursive: true });
	cpSync(whole, folder, { recursive: true, preserveTimestamps: true });
	await damage.apply(graph, readFileSync(dataFile));
	if (i % 3 === 0) {
		// As a process leaves it that is killed.
		rmSync(join(graph, 'mark.json'));
	}
	const engine = await startEngine();
	// Whether what it is asked about is new to it or not.
	appendFileSync(pathOf(i % (FILES - 1)), `// ${i}\n`);
	await engine.sync({ full: false, graph: true, timeoutMs: SYNC_MS });
	assert.deepEqual(await answersOf(engine), expected);
	await engine.stop();
	assert.ok(!('damage' in Object(surveySealed(dataFile))), 'nothing is left to be found');
	const outcome = said.includes('it is made again from the files') ? 'made again' : 'kept';
	assert.equal(outcome, damage.expected === 'aside' ? 'made again' : (damage.expected ?? outcome), said);
	return outcome;
}
