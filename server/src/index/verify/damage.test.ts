/**
 * Damage of every table, on a real LMDB: found by verify, told with what was and what is, mended by repair, and nothing else
 * changed. The index is damaged behind the writer's back; afterwards it must equal, byte by byte, what it was before wherever
 * the other tables or the disk still know it.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import type { Database } from 'lmdb';
import type { IndexDifference } from '#shared/model.ts';
import { change, type Change, World } from '../../../../test/support/index-world.ts';
import { unpackBurst } from '../bursts.ts';
import { LogReader } from '../log-reader.ts';
import { nodeAtPath } from '../lookup.ts';
import { endOf, putRemoval } from '../node-history.ts';
import { type EntryStat, unpackLog, unpackNode, unpackPlace } from '../records.ts';
import { survey } from '../survey.ts';
import { dataFile, ROOT_NODE, type Tables } from '../tables.ts';
import { IndexWriter } from '../writer.ts';
import type { Part } from './part.ts';

/** Memory where there is some to be had: what is committed need not survive the machine. */
const QUICK = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const SEED = process.env['FILETIDE_SEED'];

/** An index of some size: three nested watches, folders, files with and without records, moves, a folder that went. */
const STORY: Change[] = [
	{ op: 'watch', at: 0, id: 0, pattern: 0 },
	...Array.from({ length: 8 }, (_, at): Change => ({ op: 'create', at: at * 7, folder: true })),
	{ op: 'watch', at: 2, id: 1, pattern: 0 },
	{ op: 'watch', at: 5, id: 2, pattern: 1 },
	...Array.from({ length: 30 }, (_, at): Change => ({ op: 'create', at: at * 3, folder: false })),
	...Array.from({ length: 6 }, (_, at): Change => ({ op: 'index', at, files: 3 })),
	...Array.from({ length: 25 }, (_, at): Change => ({ op: 'update', at: at * 5, type: 'modify' })),
	{ op: 'update', at: 9, type: 'metadata' },
	{ op: 'move', at: 12, to: 3 },
	{ op: 'move', at: 4, to: 6 },
	{ op: 'remove', at: 20 },
];

const DIRECTORY: EntryStat = {
	kind: 'folder',
	dev: 1n,
	ino: 1n,
	birthtimeNs: 1n,
	size: 1n,
	mtimeNs: 1n,
	ctimeNs: 1n,
	mode: 0o755,
	uid: 0,
	gid: 0,
	nlink: 1,
	target: '',
};

interface Made {
	writer: IndexWriter;
	world: World;
	/** What the disk has: the nodes as they were recorded. */
	statOf: (path: string) => EntryStat | undefined;
	folder: string;
}

function make(story: readonly Change[], perTransaction = 5): Made {
	const folder = mkdtempSync(join(QUICK, 'damage-'));
	const claim = IndexWriter.claim(folder, '');
	assert.ok('writer' in claim);
	const { writer } = claim;
	const world = new World();
	let burst = 0;
	for (let at = 0; at < story.length; at += perTransaction) {
		burst++;
		writer.transact(
			1000 + at,
			(transaction) => {
				for (const each of story.slice(at, at + perTransaction)) {
					world.apply(transaction, each);
				}
			},
			{ burstOf: () => ({ id: burst, origin: 'editor', root: '/' }) },
		);
	}
	const stats = new Map<string, EntryStat>();
	for (const path of world.paths()) {
		const { kind, dev, ino, birthtimeNs, size, mtimeNs, ctimeNs, mode, uid, gid, nlink, target } = nodeAtPath(
			writer.tables,
			path,
		)!;
		stats.set(path, { kind, dev, ino, birthtimeNs, size, mtimeNs, ctimeNs, mode, uid, gid, nlink, target });
	}
	return { writer, world, statOf: (path) => stats.get(path), folder };
}

async function discard({ writer, folder }: Made): Promise<void> {
	await writer.close();
	rmSync(folder, { recursive: true, force: true });
}

function story(t: TestContext): Made {
	const made = make(STORY);
	t.after(() => discard(made));
	return made;
}

type Table = { getKeys(range: object): Iterable<number>; get(key: number): unknown };

/** Every row of every table but the claim, as text. */
function dump(tables: Tables): Map<string, string> {
	const rows = new Map<string, string>();
	const { env: _env, storing: _storing, ...all } = tables;
	for (const [name, table] of Object.entries(all) as [string, Table][]) {
		for (const key of Array.from(table.getKeys({})) as (number | string | Buffer)[]) {
			const value = table.get(key as number);
			const shown = Buffer.isBuffer(value) ? value.toString('hex') : JSON.stringify(value);
			rows.set(`${name} ${Buffer.isBuffer(key) ? key.toString('hex') : String(key)}`, shown);
		}
	}
	rows.delete('meta owner');
	return rows;
}

function damage({ writer: { tables } }: Pick<Made, 'writer'>, work: (tables: Tables) => void): void {
	tables.env.transactionSync(() => work(tables));
}

/** Puts a row, as it is stored, under another key. */
function rename<K extends Buffer | number>(rows: Database<Buffer, K>, from: K, to: K): void {
	rows.putSync(to, rows.get(from)!);
	rows.removeSync(from);
}

function flip(value: Buffer, at: number): Buffer {
	const out = Buffer.from(value);
	out[at % out.length]! ^= 0x5a;
	return out;
}

const tablesOf = (differences: readonly IndexDifference[]) =>
	[...new Set(differences.map(({ table }) => table))].sort();

/** Finds, mends, finds nothing more; the index is as it was, but for what `unlike` names. */
function checkMended(made: Made, before: Map<string, string>, unlike: (row: string) => boolean = () => false): void {
	const { writer, statOf } = made;
	const found = writer.verify({ part: {}, statOf });
	assert.ok(found.found > 0, 'the damage is found');
	const repaired = writer.repair({ part: {}, statOf });
	assert.deepEqual(repaired.differences, found.differences, 'repair tells what verify tells');
	assert.deepEqual(writer.verify({ part: {}, statOf }).differences, [], 'nothing is left');
	const after = dump(writer.tables);
	const names = [...new Set([...before.keys(), ...after.keys()])].filter((row) => !unlike(row));
	for (const row of names) {
		assert.equal(after.get(row), before.get(row), row);
	}
}

suite('damaged counters', () => {
	const DAMAGES: [name: string, damage: (value: Buffer) => Buffer | undefined][] = [
		['a flipped byte', (value) => flip(value, 9)],
		['a truncated row', (value) => value.subarray(0, value.length - 3)],
		['an empty row', () => Buffer.alloc(0)],
		['a missing row', () => undefined],
	];
	for (const [name, harm] of DAMAGES) {
		for (const table of ['pathStats', 'watchStats', 'stats'] as const) {
			test(`${name} of ${table} is counted anew`, (t) => {
				const made = story(t);
				const before = dump(made.writer.tables);
				const rows = [...made.writer.tables[table].getRange({})].filter(({ value }) =>
					value.subarray(4).some((byte) => byte !== 0),
				);
				damage(made, (tables) => {
					for (const { key, value } of rows.slice(0, 3)) {
						const harmed = harm(value);
						const target = tables[table] as Tables['stats'];
						if (harmed === undefined) {
							target.removeSync(key as string);
						} else {
							target.putSync(key as string, harmed);
						}
					}
				});
				checkMended(made, before);
			});
		}
	}

	test('a number that is wrong, in a row that is whole, is told with what it was and what it is', (t) => {
		const made = story(t);
		const { writer, statOf } = made;
		damage(made, ({ stats }) => stats.putSync('event_type:create', stats.get('event_type:modify')!));
		const { differences, found } = writer.verify({ part: {}, statOf });
		assert.equal(found, 1);
		const { table, key, was, is } = differences[0]!;
		assert.deepEqual([table, key, typeof was, typeof is], ['stats', 'event_type:create', 'number', 'number']);
		assert.notEqual(was, is);
		assert.equal(writer.repair({ part: {}, statOf }).found, 1);
		made.world.check(writer.tables);
	});
});

suite('damaged records', () => {
	test('nodes: a file with records, one without, a folder with contents', (t) => {
		const made = story(t);
		const before = dump(made.writer.tables);
		const rows = [...made.writer.tables.nodes.getRange({})];
		const chosen = [
			rows.find(({ value }) => unpackNode(value).kind === 'folder'),
			rows.find(({ value }) => unpackNode(value).kind === 'file' && unpackNode(value).lastSeq !== 0),
		];
		damage(made, ({ nodes }) => {
			for (const row of chosen) {
				nodes.putSync(row!.key, flip(row!.value, 40));
			}
		});
		checkMended(made, before);
		made.world.check(made.writer.tables);
	});

	test('a node that no other table knows yet gets a new id, and no record', (t) => {
		const made = story(t);
		const { writer, statOf } = made;
		const { tables } = writer;
		const [row] = [...tables.nodes.getRange({})].filter(
			({ value }) => !tables.nodeById.doesExist(unpackNode(value).id),
		);
		const records = [...tables.log.getKeys({})].length;
		damage(made, ({ nodes }) => nodes.putSync(row!.key, flip(row!.value, 40)));
		const { rescan } = writer.repair({ part: {}, statOf });
		assert.equal(rescan.length, 1, 'its folder is to be compared with the disk');
		assert.deepEqual(writer.verify({ part: {}, statOf }).differences, []);
		const [was, is] = [unpackNode(row!.value), unpackNode(tables.nodes.get(row!.key)!)];
		assert.deepEqual({ ...is, id: 0 }, { ...was, id: 0 });
		assert.notEqual(is.id, was.id);
		assert.equal([...tables.log.getKeys({})].length, records);
		writer.transact(9000, (transaction) => {
			const made = transaction.create(1, 'next', { ...was, kind: 'file' }, 0, 'silent');
			assert.ok(made.id > is.id, 'its id is not given again');
		});
	});

	test('nodes that are gone, a folder with all its rows among them', (t) => {
		const made = story(t);
		const before = dump(made.writer.tables);
		const { tables } = made.writer;
		const folders = [...tables.nodes.getRange({})].filter(({ value }) => unpackNode(value).kind === 'folder');
		damage(made, ({ nodes }) => {
			for (const { key } of folders.slice(2, 5)) {
				nodes.removeSync(key);
			}
		});
		checkMended(made, before);
	});

	test('a node that is not on the disk any more is kept until the scan that follows', (t) => {
		const made = story(t);
		const { writer } = made;
		const [row] = [...writer.tables.nodes.getRange({})].filter(({ value }) => unpackNode(value).lastSeq !== 0);
		const was = unpackNode(row!.value);
		damage(made, ({ nodes }) => nodes.putSync(row!.key, flip(row!.value, 60)));
		const nothing = { part: {}, statOf: () => undefined };
		assert.equal(writer.repair(nothing).rescan.length, 1);
		assert.deepEqual(writer.verify(nothing).differences, []);
		const is = unpackNode(writer.tables.nodes.get(row!.key)!);
		assert.deepEqual([is.id, is.ino, is.lastSeq], [was.id, was.ino, was.lastSeq]);
		made.world.check(writer.tables);
	});

	test('places and identities, damaged, gone, too many', (t) => {
		const made = story(t);
		const before = dump(made.writer.tables);
		const { tables } = made.writer;
		const places = [...tables.nodeById.getRange({})];
		const identities = [...tables.nodeByIdentity.getKeys({})];
		damage(made, ({ nodeById, nodeByIdentity }) => {
			nodeById.putSync(places[0]!.key, flip(places[0]!.value, 5));
			nodeById.putSync(places[1]!.key, places[2]!.value);
			nodeById.removeSync(places[3]!.key);
			nodeById.putSync(4_000_000, places[4]!.value);
			nodeByIdentity.removeSync(identities[5]!);
			nodeByIdentity.putSync(flip(identities[6]!, 3), Buffer.alloc(0));
			nodeByIdentity.putSync(flip(identities[7]!, 6), Buffer.alloc(0));
		});
		checkMended(made, before);
	});

	test('a node and its place at once: the disk says which it is', (t) => {
		const made = story(t);
		const before = dump(made.writer.tables);
		const { tables } = made.writer;
		const [row] = [...tables.nodes.getRange({})].filter(({ value }) => unpackNode(value).lastSeq !== 0);
		const { id } = unpackNode(row!.value);
		damage(made, ({ nodes, nodeById }) => {
			nodes.putSync(row!.key, flip(row!.value, 60));
			nodeById.putSync(id, flip(nodeById.get(id)!, 6));
		});
		checkMended(made, before);
	});

	test('records of the log are removed with what they counted, and their numbers not given again', (t) => {
		const made = story(t);
		const { writer, statOf } = made;
		const { tables } = writer;
		const seqs = [...tables.log.getKeys({})];
		const chosen = [seqs[10]!, seqs[25]!, seqs.at(-1)!];
		const { head } = writer;
		damage(made, ({ log }) => {
			for (const seq of chosen) {
				log.putSync(seq, flip(log.get(seq)!, 20));
			}
		});
		const { differences } = writer.repair({ part: {}, statOf });
		assert.deepEqual(
			differences.filter(({ table }) => table === 'log'),
			chosen.map((key) => ({ table: 'log', key, was: 'damaged', is: null })),
		);
		assert.ok(tablesOf(differences).includes('path_stats') && tablesOf(differences).includes('bursts'));
		assert.deepEqual(writer.verify({ part: {}, statOf }).differences, []);
		assert.deepEqual(
			[...tables.log.getKeys({})],
			seqs.filter((seq) => !chosen.includes(seq)),
		);
		assert.equal(writer.head, head);
	});

	test('a damaged record hides none of those before it, and after a repair is no longer named', (t) => {
		const made = make([
			...STORY,
			...Array.from({ length: 4 }, () => ({ op: 'update', at: 9, type: 'modify' }) as const),
		]);
		t.after(() => discard(made));
		const { tables } = made.writer;
		const records = Array.from(tables.log.getRange({}), ({ key: seq, value }) => ({ seq, ...unpackLog(value) }));
		const [path = '', own = []] =
			Array.from(Map.groupBy(records, (record) => record.path)).find(([, same]) => same.length >= 5) ?? [];
		const expected = own.map(({ seq }) => seq).toReversed();
		const [, last, before] = expected;
		const damages: unknown[] = [];
		const reader = new LogReader(tables, { path }, (error) => damages.push(error));
		const found = () => reader.before(Number.POSITIVE_INFINITY, 100).changes.map(({ seq }) => seq);
		assert.deepEqual(found(), expected);
		damage(made, ({ log }) => {
			log.putSync(before!, flip(log.get(before!)!, 40));
		});
		const left = expected.filter((seq) => seq !== before);
		assert.deepEqual(found(), left);
		assert.equal(damages.length, 1);
		const { differences } = made.writer.repair({ part: {}, statOf: made.statOf });
		assert.deepEqual(
			differences.filter(({ table }) => table === 'log'),
			[
				{ table: 'log', key: before, was: 'damaged', is: null },
				{ table: 'log', key: last, was: { previous: before }, is: { previous: expected[3] } },
			],
		);
		assert.deepEqual(found(), left);
		assert.equal(damages.length, 1);
	});

	for (const [name, harm] of [
		['damaged', ({ nodeEnds }, id) => nodeEnds.putSync(id, flip(nodeEnds.get(id)!, 5))],
		['gone', ({ nodeEnds }, id) => nodeEnds.removeSync(id)],
		[
			'made up',
			({ nodeEnds, nodeById }, id) => {
				const [other = 0] = nodeById.getKeys({ reverse: true, limit: 1 });
				nodeEnds.putSync(other, nodeEnds.get(id)!);
			},
		],
		[
			'by another path',
			({ removals }) => removals.putSync(Buffer.from('abcd\0\0\0\x05', 'latin1'), Buffer.alloc(0)),
		],
		[
			'by its path, though it is there',
			({ removals, log }) => {
				const [{ key: seq, value }] = [...log.getRange({ start: 5, limit: 1 })] as [
					{ key: number; value: Buffer },
				];
				putRemoval({ removals }, unpackLog(value).path, seq);
			},
		],
		['without a landmark', ({ logByNode }) => logByNode.clearSync()],
		['with a made-up landmark', ({ logByNode }) => logByNode.putSync(Buffer.alloc(8, 3), Buffer.alloc(0))],
	] satisfies [string, (tables: Tables, id: number) => void][]) {
		test(`where a node ended, or can be begun with, ${name}`, (t) => {
			const made = story(t);
			const before = dump(made.writer.tables);
			const [gone = 0] = made.writer.tables.nodeEnds.getKeys({ limit: 1 });
			damage(made, (tables) => harm(tables, gone));
			checkMended(made, before);
		});
	}

	test('where the record with which a node gave its counters back is damaged, it ended with the one before', async (t) => {
		const folder = mkdtempSync(join(QUICK, 'damage-'));
		const claim = IndexWriter.claim(folder, '');
		assert.ok('writer' in claim);
		const { writer } = claim;
		t.after(() => discard({ writer, folder, world: new World(), statOf: () => undefined }));
		const { tables } = writer;
		const stat = { ...DIRECTORY, ino: 5n };
		writer.transact(1, (transaction) => {
			const coverage = transaction.internCoverage(['w']);
			const node = transaction.create(ROOT_NODE, 'd', stat, coverage, 'event');
			transaction.recover(transaction.update(node, stat, 'metadata'), 0, 'event');
		});
		damage({ writer }, ({ log }) => log.putSync(3, flip(log.get(3)!, 20)));
		const options = { part: {}, statOf: () => undefined };
		assert.ok(writer.repair(options).found > 0);
		assert.deepEqual(writer.verify(options).differences, []);
		writer.transact(2, (transaction) => {
			transaction.remove(transaction.lookup(['d'])!, 'silent');
		});
		assert.deepEqual(writer.verify(options).differences, []);
		assert.equal(endOf(tables, 2), 2);
	});

	test('bursts, damaged, gone and made up', (t) => {
		const made = story(t);
		const { tables } = made.writer;
		const before = dump(tables);
		const rows = [...tables.bursts.getRange({})];
		damage(made, ({ bursts }) => {
			bursts.putSync(rows[1]!.key, flip(rows[1]!.value, 12));
			bursts.removeSync(rows[2]!.key);
			bursts.putSync(rows[3]!.key, rows[4]!.value);
			bursts.putSync(5_000_000, rows[4]!.value);
		});
		// What the log does not know: who made it, and where.
		const isLost = (row: string) => row === `bursts ${rows[1]!.key}` || row === `bursts ${rows[2]!.key}`;
		checkMended(made, before, isLost);
		for (const { key, value } of [rows[1]!, rows[2]!]) {
			const { counts, firstSeq, lastSeq, start, end } = unpackBurst(key, tables.bursts.get(key)!);
			const was = unpackBurst(key, value);
			assert.deepEqual([counts, firstSeq, lastSeq], [was.counts, was.firstSeq, was.lastSeq]);
			assert.deepEqual([start, end], [was.start, was.end]);
		}
	});

	test('ignore rules, coverages, and the numbers that are given once', (t) => {
		const made = story(t);
		const { writer } = made;
		const folder = [...writer.tables.nodes.getRange({})].find(({ value }) => unpackNode(value).kind === 'folder')!;
		const { id } = unpackNode(folder.value);
		const before = dump(writer.tables);
		damage(made, ({ ignoreRules, meta }) => {
			ignoreRules.putSync(id, Buffer.from('nonsense'));
			ignoreRules.putSync(6_000_000, Buffer.from('nonsense'));
			meta.putSync('lastNodeId', 3);
			meta.putSync('head', -1);
		});
		checkMended(made, before);
	});

	test('rows under keys that nothing has are removed, and leave nothing for a survey', (t) => {
		const made = story(t);
		const { writer, folder } = made;
		const before = dump(writer.tables);
		damage(made, ({ env }) => {
			for (const [name, from, to] of [
				['stats', 'lifetime:create', 'lifetime:creaue'],
				['watch_stats', 'w0', 'w8'],
			] as const) {
				rename(
					env.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' }),
					Buffer.from(from),
					Buffer.from(to),
				);
			}
			rename(env.openDB<Buffer, number>({ name: 'log_blocks', keyEncoding: 'uint32', encoding: 'binary' }), 0, 7);
		});
		checkMended(made, before, (row) => row.startsWith('watch_stats w0') || row.startsWith('stats lifetime'));
		assert.ok(!('damage' in Object(survey(dataFile(folder)))));
	});

	test('a coverage that is lost is put back from where its nodes are; a watch without its row waits for the settings', (t) => {
		const made = story(t);
		const { writer, statOf } = made;
		const [first] = [...writer.tables.coverages.getKeys({})];
		damage(made, ({ coverages, watches }) => {
			coverages.putSync(first!, { not: 'a list' } as unknown as string[]);
			watches.removeSync('w1');
		});
		const { differences, rescan } = writer.repair({ part: {}, statOf });
		assert.ok(tablesOf(differences).includes('coverages') && tablesOf(differences).includes('watches'));
		assert.ok(rescan.length > 0);
		assert.deepEqual(writer.verify({ part: {}, statOf }).differences, []);
	});
});

suite('a part of the index', () => {
	/** Own counters of one file, of another one elsewhere, and a watch's. */
	function harm(made: Made): { file: string; other: string } {
		const { tables } = made.writer;
		const counted = [...tables.nodeById.getRange({})].filter(
			({ key, value }) => tables.pathStats.doesExist(key) && unpackPlace(value).parent !== 1,
		);
		const files = counted.filter(({ key, value }) => {
			const { parent, name } = unpackPlace(value);
			return made.world.entries.get(key)?.kind === 'file' && parent !== 1 && name !== '';
		});
		const [a, b] = [
			files[0]!,
			files.find(({ value }) => unpackPlace(value).parent !== unpackPlace(files[0]!.value).parent)!,
		];
		damage(made, ({ pathStats, watchStats }) => {
			pathStats.putSync(a.key, flip(pathStats.get(a.key)!, 6));
			pathStats.putSync(b.key, flip(pathStats.get(b.key)!, 6));
			watchStats.putSync('w0', flip(watchStats.get('w0')!, 6));
		});
		const names = made.writer.verify({ part: {}, statOf: made.statOf }).differences.map(({ key }) => String(key));
		return { file: names[0]!, other: names[1]! };
	}

	function found({ writer, statOf }: Made, part: Part): string[] {
		return writer.verify({ part, statOf }).differences.map(({ key }) => String(key));
	}

	test('one path, one watch: only that is told and mended', (t) => {
		const made = story(t);
		const { file, other } = harm(made);
		const { writer, statOf } = made;
		assert.deepEqual(found(made, {}), [file, other, 'w0']);
		assert.deepEqual(found(made, { path: file }), [file]);
		assert.equal(writer.repair({ part: { path: file }, statOf }).found, 1);
		assert.deepEqual(found(made, {}), [other, 'w0']);
		assert.ok(found(made, { watch: 'w0' }).includes('w0'));
		writer.repair({ part: { watch: 'w0' }, statOf });
		assert.deepEqual(found(made, { watch: 'w0' }), []);
		writer.repair({ part: {}, statOf });
		assert.deepEqual(found(made, {}), []);
	});

	test('what the index does not have is an error that says so', (t) => {
		const { writer, statOf } = story(t);
		assert.throws(
			() => writer.verify({ part: { watch: 'nonsense' }, statOf }),
			/No watch has the id or name "nonsense"/,
		);
		assert.throws(() => writer.verify({ part: { path: '/nonsense' }, statOf }), /nothing at \/nonsense/);
	});
});

test('what was written last is suspect after a crash: damage there is seen', (t) => {
	const made = story(t);
	const { writer } = made;
	assert.deepEqual(writer.suspects(), []);
	const [seq] = [...writer.tables.log.getKeys({ reverse: true, limit: 1 })];
	const harms: [table: string, work: (tables: Tables) => void][] = [
		['log', ({ log }) => log.putSync(seq!, flip(log.get(seq!)!, 20))],
		['bursts', ({ bursts }) => bursts.removeSync([...bursts.getKeys({ reverse: true, limit: 1 })][0]!)],
		['path_stats', ({ pathStats }) => pathStats.removeSync(1)],
		['watch_stats', ({ watchStats }) => watchStats.putSync('w0', flip(watchStats.get('w0')!, 6))],
		['stats', ({ stats }) => stats.putSync('log_records', stats.get('event_type:move')!)],
		['coverages', ({ coverages }) => coverages.putSync(1, 'nonsense' as unknown as string[])],
		['meta', ({ meta }) => meta.putSync('head', 1)],
	];
	for (const [table, work] of harms) {
		const other = make(STORY);
		try {
			damage(other, work);
			const suspects = other.writer.suspects();
			assert.ok(
				suspects.some((suspect) => suspect.table === table),
				`${table}: ${JSON.stringify(suspects)}`,
			);
		} finally {
			void discard(other);
		}
	}
});

test('whatever single byte of whatever row is changed, or whichever row goes, is found and mended, or was no difference', async () => {
	const stories = fc.array(change, { minLength: 20, maxLength: 40 });
	const harms = fc.record({ row: fc.nat(), byte: fc.nat(), remove: fc.boolean() });
	const NAMES = ['nodes', 'nodeById', 'log', 'bursts', 'pathStats', 'watchStats', 'stats'] as const;
	await fc.assert(
		fc.asyncProperty(stories, fc.array(harms, { minLength: 1, maxLength: 4 }), async (changes, all) => {
			const made = make([{ op: 'watch', at: 0, id: 0, pattern: 0 }, ...changes]);
			const { writer, statOf } = made;
			try {
				damage(made, (tables) => {
					for (const { row, byte, remove } of all) {
						const name = NAMES[row % NAMES.length]!;
						const table = tables[name] as Tables['stats'];
						const rows = [...table.getRange({})];
						const chosen = rows[row % Math.max(rows.length, 1)];
						if (chosen !== undefined && remove) {
							table.removeSync(chosen.key);
						} else if (chosen !== undefined) {
							table.putSync(chosen.key, flip(chosen.value, byte));
						}
					}
				});
				writer.repair({ part: {}, statOf });
				assert.deepEqual(writer.verify({ part: {}, statOf }).differences, []);
				writer.transact(5000, (transaction) => {
					for (const node of transaction.nodesAfter(Buffer.alloc(0), 1000).nodes) {
						transaction.update(node, { ...node, mtimeNs: 1n }, 'modify');
					}
				});
				assert.deepEqual(writer.verify({ part: {}, statOf }).differences, []);
			} finally {
				await discard(made);
			}
		}),
		{ numRuns: Number(process.env['FILETIDE_RUNS'] ?? 150), ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
	);
});
