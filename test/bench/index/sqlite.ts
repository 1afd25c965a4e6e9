/**
 * The yardstick: the same log and the same counters in SQLite (node:sqlite), as well as it can be done: WAL, prepared statements,
 * one transaction for a batch, and counters gathered in memory and written once, as ours are.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { FILES_PER_FOLDER, fileName, fileOfEvent, pathOf } from './generated.ts';
import type { Store } from './store.ts';

const SCHEMA = `
	PRAGMA journal_mode = WAL;
	PRAGMA synchronous = NORMAL;
	CREATE TABLE nodes (id INTEGER PRIMARY KEY, parent INTEGER, name TEXT, kind INTEGER, dev INTEGER, ino INTEGER,
		birthtime INTEGER, size INTEGER, mtime INTEGER, ctime INTEGER, mode INTEGER, uid INTEGER, gid INTEGER, nlink INTEGER,
		coverage INTEGER, last_seq INTEGER);
	CREATE UNIQUE INDEX node_by_name ON nodes (parent, name);
	CREATE INDEX node_by_identity ON nodes (dev, ino);
	CREATE TABLE log (seq INTEGER PRIMARY KEY, time INTEGER, type INTEGER, kind INTEGER, node INTEGER, coverage INTEGER,
		burst INTEGER, path TEXT);
	CREATE INDEX log_by_node ON log (node, seq);
	CREATE TABLE path_stats (node INTEGER PRIMARY KEY, own INTEGER, subtree INTEGER);
	CREATE TABLE watch_stats (watch TEXT PRIMARY KEY, live INTEGER, lifetime INTEGER);
	CREATE TABLE rates (watch TEXT, unit INTEGER, period INTEGER, modify INTEGER, PRIMARY KEY (watch, unit, period));
`;

const WATCHES = ['', 'inner', 'outer'];
const UNITS_MS = [60_000, 3_600_000, 86_400_000];

export class SqliteStore implements Store {
	readonly name = 'node:sqlite (WAL)';
	readonly #database: DatabaseSync;
	readonly #file: string;
	readonly #files: number;
	readonly #folders: number;
	#seq = 0;
	readonly #find: StatementSync;
	readonly #update: StatementSync;
	readonly #log: StatementSync;
	readonly #count: StatementSync;
	readonly #watch: StatementSync;
	readonly #rate: StatementSync;

	constructor(folder: string, files: number) {
		this.#file = join(folder, 'events.sqlite');
		this.#files = files;
		this.#folders = Math.ceil(files / FILES_PER_FOLDER);
		this.#database = new DatabaseSync(this.#file);
		this.#database.exec(SCHEMA);
		this.#fill();
		const prepare = (sql: string) => this.#database.prepare(sql);
		this.#find = prepare('SELECT id, size, mtime, ctime, mode FROM nodes WHERE parent = ? AND name = ?');
		this.#update = prepare('UPDATE nodes SET size = ?, mtime = ?, ctime = ?, last_seq = ? WHERE id = ?');
		this.#log = prepare('INSERT INTO log VALUES (?, ?, 1, 0, ?, 1, 1, ?)');
		this.#count = prepare(
			'INSERT INTO path_stats VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET own = own + excluded.own, subtree = subtree + excluded.subtree',
		);
		this.#watch = prepare(
			'INSERT INTO watch_stats VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET live = live + excluded.live, lifetime = lifetime + excluded.lifetime',
		);
		this.#rate = prepare(
			'INSERT INTO rates VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET modify = modify + excluded.modify',
		);
	}

	get bytes(): number {
		this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
		return statSync(this.#file).size;
	}

	commit(from: number, to: number): void {
		const now = Date.now();
		const own = new Map<number, number>();
		const beneath = new Map<number, number>();
		const add = (map: Map<number, number>, id: number) => map.set(id, (map.get(id) ?? 0) + 1);
		this.#database.exec('BEGIN');
		for (let event = from; event < to; event++) {
			const file = fileOfEvent(event, this.#files);
			const parent = this.#folderId(Math.floor(file / FILES_PER_FOLDER));
			const node = this.#find.get(parent, fileName(file)) as { id: number };
			const seq = ++this.#seq;
			this.#update.run(seq, seq, seq, seq, node.id);
			this.#log.run(seq, now, node.id, pathOf(file));
			add(own, node.id);
			for (const folder of [parent, 2 + ((parent - 100) % 30), 1]) {
				add(beneath, folder);
			}
		}
		for (const [id, count] of own) {
			this.#count.run(id, count, count);
		}
		for (const [id, count] of beneath) {
			this.#count.run(id, 0, count);
		}
		for (const watch of WATCHES) {
			this.#watch.run(watch, to - from, to - from);
			for (const [unit, ms] of UNITS_MS.entries()) {
				this.#rate.run(watch, unit, Math.floor(now / ms), to - from);
			}
		}
		this.#database.exec('COMMIT');
	}

	close(): Promise<void> {
		this.#database.close();
		return Promise.resolve();
	}

	/** Ids: 1 the root, 2 to 31 the folders in it, from 100 the others, then the files. */
	#folderId(folder: number): number {
		return 100 + folder;
	}

	#fill(): void {
		const insert = this.#database.prepare(
			'INSERT INTO nodes VALUES (?, ?, ?, ?, 1, ?, 1, 1, 1, 1, 420, 0, 0, 1, 1, 0)',
		);
		this.#database.exec('BEGIN');
		for (let folder = 0; folder < this.#folders; folder++) {
			insert.run(this.#folderId(folder), 2 + (folder % 30), `folder-${folder}`, 1, folder);
		}
		for (let file = 0; file < this.#files; file++) {
			const id = 100 + this.#folders + file;
			insert.run(id, this.#folderId(Math.floor(file / FILES_PER_FOLDER)), fileName(file), 0, id);
		}
		this.#database.exec('COMMIT');
	}
}
