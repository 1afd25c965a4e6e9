/**
 * `node damage-cycles.ts <folder> <seed> <rounds> <part> <parts>`: makes an index, then harms it in one way after the other,
 * every `parts`th beginning with `part`, and starts an engine each time in this process, which must survive. Prints a line of
 * JSON before each kind, and one after it. `FILETIDE_DAMAGE` leaves only the kinds with that in their names.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { ErrorCodes } from '#shared/errors.ts';
import { LocalEngine } from '../../server/src/engine/local-engine.ts';
import { planWatches } from '../../server/src/engine/watch-plan.ts';
import { survey } from '../../server/src/index/survey.ts';
import { openTables } from '../../server/src/index/tables.ts';
import { type Damage, damages, writeInPlace } from './damage.ts';
import { mergedRecords } from './log-pages.ts';
import { checkIndex, netLines } from './oracle.ts';
import { random, RandomChanges } from './random-changes.ts';

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
const dataFile = join(folder, 'data.mdb');
const markFile = join(folder, 'mark.json');
const NOTICES: readonly string[] = [ErrorCodes.indexDamaged, ErrorCodes.indexReplaced];

/** The index before it is harmed, and what is known of it. */
interface Whole {
	bytes: Buffer;
	older: Buffer;
	closedMark: string;
	/** As a server leaves it that is killed. */
	openMark: string;
	cursor: string;
	/** Net changes since the cursor that a start after the end of the engine finds. */
	changes: string[];
	/** JSON → sequence number. */
	records: Map<string, number>;
}

const whole = await makeIndex();
for (const [i, damage] of damages(seed, rounds, whole.older).entries()) {
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
	const engine = await LocalEngine.start({
		folder,
		socket: '',
		version: 'test',
		listener: { statusChanged: () => undefined, pathsChanged: () => undefined },
		logger: { log: () => undefined },
		onCrash: (error) => {
			throw error;
		},
	});
	assert.ok(engine instanceof LocalEngine);
	engine.configure(
		planWatches([{ place: 'test', entries: [{ path: root, id: 'w' }], base, excludes: [] }], {
			folders: [],
			trusted: true,
			graph: false,
		}),
	);
	await engine.whenSettled();
	return engine;
}

async function makeIndex(): Promise<Whole> {
	for (let i = 0; i < 400; i++) {
		mkdirSync(join(root, `folder-${i % 30}`), { recursive: true });
		writeFileSync(join(root, `folder-${i % 30}`, `a file with some name ${i}`), `${i}`);
	}
	const changes = new RandomChanges(root, random(seed));
	const engine = await startEngine();
	await disturb(engine, changes);
	await engine.stop();
	const older = readFileSync(dataFile);
	const again = await startEngine();
	const cursor = again.cursor();
	await disturb(again, changes);
	const openMark = readFileSync(markFile, 'utf8');
	// What changes while nobody looks is found by each start.
	const late = join(root, 'late');
	const known = netLines((await again.since(cursor)).changes, root);
	const records = await recordsOf(again);
	await again.stop();
	await compact();
	writeFileSync(late, '');
	return {
		bytes: readFileSync(dataFile),
		older,
		closedMark: readFileSync(markFile, 'utf8'),
		// No process has this id.
		openMark: openMark.replace(/"pid":\d+/, '"pid":4194305'),
		cursor,
		changes: [...known, 'create file late'].sort(),
		records,
	};
}

/** Makes the file anew without free pages: whatever is harmed in it matters. */
async function compact(): Promise<void> {
	const tables = openTables(folder, false);
	const copy = join(base, 'copy');
	mkdirSync(copy);
	await tables.env.backup(copy, true);
	await tables.env.close();
	renameSync(join(copy, 'data.mdb'), dataFile);
	// The copy is another file, with a transaction number of its own: without a mark it is taken as it is.
	rmSync(markFile);
	await (await startEngine()).stop();
}

async function disturb(engine: LocalEngine, changes: RandomChanges): Promise<void> {
	for (let i = 0; i < 150; i++) {
		changes.change();
		if (i % 50 === 0) {
			// Not in a folder that may be gone by now.
			writeFileSync(join(root, 'grows'), `${i}`);
			renameSync(join(root, 'grows'), join(root, `grown-${i}`));
			await engine.sync({ full: false, timeoutMs: 60_000 });
		}
	}
	await engine.sync({ full: false, timeoutMs: 60_000 });
}

async function recordsOf(engine: LocalEngine): Promise<Map<string, number>> {
	return new Map((await mergedRecords(engine, ['w'])).map((record) => [JSON.stringify(record), record.seq]));
}

/** Harms the index, starts an engine with it and checks everything that it says. */
async function suffer(damage: Damage, i: number): Promise<'aside' | 'kept'> {
	restore(i);
	await damage.apply(folder, whole.bytes);
	const harmed = readIfFile(dataFile);
	const engine = await startEngine();
	await engine.sync({ full: false, timeoutMs: 60_000 });
	const { problems } = await engine.status();
	const notices = problems.filter(({ code }) => NOTICES.includes(code));
	const since = await engine.since(whole.cursor);
	let lost = 0;
	const aside = readdirSync(folder).filter((name) => name.startsWith('data.mdb.damaged-'));
	if (notices.length > 0) {
		assert.equal(notices.length, 1, 'it is told once');
		assert.ok(since.fresh, 'cursors of before start afresh');
		assert.equal(aside.length, 1, 'the file is put aside');
		assert.ok(notices[0]?.message.includes(aside[0]!), 'the notice says where it is');
		assert.ok(
			harmed === undefined || readFileSync(join(folder, aside[0]!)).equals(harmed),
			'what is put aside is as it was found',
		);
	} else {
		assert.deepEqual(aside, []);
		assert.ok(since.fresh || isSame(netLines(since.changes, root), whole.changes), 'net changes are right');
		const kept = await recordsOf(engine);
		const missing = [...whole.records].filter(([record]) => !kept.has(record));
		lost = missing.length;
		// What was damaged is repaired, or removed: then no cursor of before can be followed past it.
		const followed = Number(whole.cursor.split('.').at(-1));
		assert.ok(missing.every(([, seq]) => seq <= followed) || since.fresh, `${lost} records are missing`);
	}
	const outcome = notices.length > 0 ? 'aside' : 'kept';
	assert.equal(outcome, damage.expected ?? outcome);
	// A recount of a log with a gap says nothing; that all tables agree is still to be seen.
	await checkIndex(engine, { recount: lost === 0 ? 'all' : 'nothing' });
	const { cursor } = await engine.status();
	await engine.stop();
	assert.ok(!('damage' in Object(survey(dataFile))), 'a repair leaves nothing to be found');
	if (i % 5 === 0) {
		const again = await startEngine();
		const after = await again.status();
		assert.deepEqual(after.problems, [], 'the next start has nothing to tell');
		assert.equal(after.cursor, cursor, 'the next start finds the same index');
		await again.stop();
	}
	return outcome;
}

/** The index as it was, in the same file. */
function restore(i: number): void {
	mkdirSync(folder, { recursive: true });
	for (const name of readdirSync(folder)) {
		if (name !== 'data.mdb' || readIfFile(dataFile) === undefined) {
			rmSync(join(folder, name), { recursive: true });
		}
	}
	if (!existsSync(dataFile)) {
		writeFileSync(dataFile, '');
	}
	writeInPlace(dataFile, whole.bytes);
	writeFileSync(markFile, i % 2 === 0 ? whole.closedMark : whole.openMark);
}

function readIfFile(path: string): Buffer | undefined {
	try {
		return readFileSync(path);
	} catch {
		return undefined;
	}
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
