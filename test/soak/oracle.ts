/**
 * `npm run soak -- --only oracle [--edits N] [--minutes N] [--seed S]`: the compiler judges many edits (test/oracle), in portions
 * with seeds of their own. What is done is noted after each portion, so that a run that was interrupted, or had no more time, goes on
 * where it was; another seed, or other sources of Filetide, begin anew.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Edits between two notes. Each portion compiles every package once before it begins: 200 edits make that a tenth of the time. */
const PORTION = 200;
const MINUTE_MS = 60_000;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ORACLE = join(ROOT, 'test/oracle/main.ts');
const NOTES = join(ROOT, 'artifacts/soak-oracle.json');

/** How far a run is. */
interface Notes {
	seed: number;
	/** Hash of the sources that were judged. */
	sources: string;
	/** Edits judged so far. */
	done: number;
	/** Seeds of the portions with misses. */
	missed: number[];
}

const options = readOptions();
if (options !== undefined) {
	process.exitCode = await judgeAll(options);
}

interface Options {
	edits: number;
	/** No portion begins after so long. */
	minutes: number;
	seed: number | undefined;
}

function readOptions(): Options | undefined {
	try {
		const text = { type: 'string' } as const;
		const { values } = parseArgs({ options: { edits: text, minutes: text, seed: text } });
		const edits = Number(values.edits ?? 10_000);
		const minutes = Number(values.minutes ?? Infinity);
		const seed = values.seed === undefined ? undefined : Number(values.seed);
		if (!Number.isInteger(edits) || edits < 1 || !(minutes > 0) || !Number.isInteger(seed ?? 0)) {
			throw new Error('--edits and --seed take a whole number, --minutes how long.');
		}
		return { edits, minutes, seed };
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 2;
		return undefined;
	}
}

/** @returns the exit code: 1 when something was missed, or a portion failed */
async function judgeAll({ edits, minutes, seed }: Options): Promise<number> {
	const notes = begin(seed);
	const until = performance.now() + minutes * MINUTE_MS;
	console.log(`${notes.done} of ${edits} edits are judged; seed ${notes.seed}, notes in ${NOTES}.`);
	while (notes.done < edits && performance.now() < until) {
		const portion = Math.min(PORTION, edits - notes.done);
		const portionSeed = notes.seed + notes.done;
		const misses = await judge(portion, portionSeed);
		if (misses === undefined) {
			console.error(
				`The portion with seed ${portionSeed} did not come to its end; next time it is judged again.`,
			);
			return 1;
		}
		if (misses > 0) {
			notes.missed.push(portionSeed);
		}
		notes.done += portion;
		keep(notes);
		console.log(
			`${notes.done} of ${edits} edits are judged; portions with misses: ${notes.missed.join(', ') || 'none'}.`,
		);
	}
	return notes.missed.length === 0 ? 0 : 1;
}

/** Has a portion judged. @returns how many files were missed; undefined when it did not come to its end */
async function judge(edits: number, seed: number): Promise<number | undefined> {
	const parameters = [ORACLE, '--edits', `${edits}`, '--seed', `${seed}`];
	const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
	let said = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		said += text;
		process.stdout.write(text);
	});
	await once(child, 'close');
	const misses = /^(\d+) missed in \d+ edits/m.exec(said)?.[1];
	return misses === undefined ? undefined : Number(misses);
}

function begin(seed: number | undefined): Notes {
	const sources = hashOfSources();
	const kept = existsSync(NOTES) ? (JSON.parse(readFileSync(NOTES, 'utf8')) as Notes) : undefined;
	return kept?.sources === sources && kept.seed === (seed ?? kept.seed)
		? kept
		: { seed: seed ?? Date.now() % 1_000_000, sources, done: 0, missed: [] };
}

/** In one step: an interrupted run leaves the notes of before. */
function keep(notes: Notes): void {
	mkdirSync(dirname(NOTES), { recursive: true });
	writeFileSync(`${NOTES}.new`, JSON.stringify(notes));
	renameSync(`${NOTES}.new`, NOTES);
}

/** What the verdict of a portion hangs from: the graph, its languages and the oracle. */
function hashOfSources(): string {
	const hash = createHash('sha1');
	const patterns = ['server/src/{graph,languages}/**/*.ts', 'test/oracle/*.ts', 'package-lock.json'];
	for (const file of globSync(patterns, { cwd: ROOT }).sort()) {
		hash.update(file).update(readFileSync(join(ROOT, file)));
	}
	return hash.digest('hex');
}
