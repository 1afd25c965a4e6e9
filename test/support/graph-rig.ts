/** The pipeline of the graph over real files and a real table, with a log that a test writes and readers that it holds. */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { encodeEntry } from '../../server/src/graph/codec.ts';
import { packageOf } from '../../server/src/graph/packages.ts';
import { ProgressTracker } from '../../server/src/graph/progress-tracker.ts';
import { readEntry } from '../../server/src/graph/read-entry.ts';
import { type Order, type Reading, readFile } from '../../server/src/graph/reading.ts';
import type { UpdateFeed } from '../../server/src/graph/scheduler.ts';
import { keysOf } from '../../server/src/graph/store.ts';
import { StoredGraph } from '../../server/src/graph/stored-graph.ts';
import { type Readers, Updater } from '../../server/src/graph/updater.ts';
import { type FileView, viewOf } from '../../server/src/graph/view.ts';
import { GraphTable, openGraph } from '../../server/src/index/graph-table.ts';
import type { FeedRecord } from '../../server/src/index/log-feed.ts';
import { typeScript } from '../../server/src/languages/typescript/language.ts';
import { TypeScriptResolver } from '../../server/src/languages/typescript/resolver.ts';
import { countedTables, type Operations } from './counted-tables.ts';
import type { Sandbox } from './sandbox.ts';

const TYPES = { create: 0, modify: 1, remove: 4 } as const;

/** Call of the readers that waits for {@link GraphRig.answer}. */
interface Call {
	orders: readonly Order[];
	urgent: boolean;
	alone: boolean;
	answer: () => void;
}

export class GraphRig {
	readonly root: string;
	readonly #folder: string;
	readonly #records: FeedRecord[] = [];
	#table: GraphTable | undefined;
	#updater: Updater | undefined;
	/** Somebody who reads it all the time, and sees what is committed since by and by. */
	#reader: { table: GraphTable; graph: StoredGraph } | undefined;
	/** What is asked of the readers and not answered. */
	readonly calls: Call[] = [];
	readonly cancelled: string[] = [];
	/** Files that have been read, in order. */
	readonly read: string[] = [];
	/** What a reader makes of a file in place of reading it. */
	failing = (_path: string): string | undefined => undefined;
	/** Whether calls are answered as soon as they are made. */
	answersAtOnce = true;
	operations: Operations = { reads: 0, writes: 0 };
	/** What was invalidated, in order. */
	readonly invalidated: string[][] = [];
	#wakers: (() => void)[] = [];

	constructor(box: Sandbox, files: Record<string, string>) {
		this.root = box.tree('sources', files);
		this.#folder = box.at('index');
	}

	/** Writes a file, and a record of it. */
	write(name: string, text: string): void {
		const path = join(this.root, name);
		const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
		this.#log(isNew ? 'create' : 'modify', path);
	}

	/** Writes a file that no record is of yet. */
	writeUnseen(name: string, text: string): void {
		writeFileSync(join(this.root, name), text);
	}

	/** A record of what was written unseen. */
	see(name: string): void {
		this.#log('modify', join(this.root, name));
	}

	remove(name: string): void {
		rmSync(join(this.root, name));
		this.#log('remove', join(this.root, name));
	}

	get head(): number {
		return this.#records.length;
	}

	get updater(): Updater {
		return this.#updater!;
	}

	get table(): GraphTable {
		return this.#table!;
	}

	start(): Updater {
		const { tables, operations } = countedTables(openGraph(this.#folder, false));
		this.operations = operations;
		this.#table = new GraphTable(this.#folder, false, tables);
		this.#updater = new Updater({
			feed: this.#feed(),
			table: this.#table,
			language: typeScript,
			readers: this.#readers(),
			affected: { isCalledFromOutside: () => false, packageOf },
			progress: new ProgressTracker(() => performance.now()),
			invalidated: ({ files }) => {
				this.invalidated.push(files.map(({ file }) => file));
			},
			changed: () => {
				const wakers = this.#wakers;
				this.#wakers = [];
				wakers.forEach((wake) => {
					wake();
				});
			},
		});
		const readable = new GraphTable(this.#folder, true);
		this.#reader = { table: readable, graph: new StoredGraph(readable) };
		this.#updater.wake();
		return this.#updater;
	}

	/** Resolves after the updater has done something. */
	async stepped(): Promise<void> {
		await new Promise<void>((resolve) => {
			this.#wakers.push(resolve);
		});
	}

	/** As when the process is killed: what is being read is lost. */
	async kill(): Promise<void> {
		this.#updater?.stop();
		this.calls.length = 0;
		await this.#reader?.table.close();
		await this.#table?.close();
	}

	/** Resolves when the graph knows all records. */
	async sync(): Promise<void> {
		await this.updater.whenAt(this.head);
	}

	/** What is stored otherwise than a fresh graph would have it. */
	differences(): string[] {
		const resolver = new TypeScriptResolver();
		const stored = this.#reader!.graph;
		stored.refresh();
		const paths = this.#paths();
		const told: string[] = [];
		const known = new Map<string, Set<string>>();
		// All files have some keys in common.
		const usersOf = (key: string): Set<string> => {
			const users = known.get(key) ?? new Set(stored.users(key));
			known.set(key, users);
			return users;
		};
		const files = [...stored.paths()].sort();
		if (files.join('\n') !== paths.join('\n')) {
			told.push(`files: ${files.join(' ')}, not ${paths.join(' ')}`);
		}
		for (const path of paths) {
			const fresh = readEntry(path, typeScript, resolver);
			if (fresh.facts.broken) {
				continue;
			}
			if (this.table.file(path) !== encodeEntry(fresh)) {
				told.push(`${path}: ${this.table.file(path)}, not ${encodeEntry(fresh)}`);
			}
			const [seen, is] = [stored.view(path), viewOf(fresh)].map((view) => view && summaryOf(view));
			if (!isDeepStrictEqual(seen, is)) {
				told.push(`${path}: a reader sees ${JSON.stringify(seen)}, not ${JSON.stringify(is)}`);
			}
			const missing = [...keysOf(fresh)].filter((key) => !usersOf(key).has(path));
			told.push(...missing.map((key) => `${path} is not found under ${key}`));
		}
		return told;
	}

	#log(type: keyof typeof TYPES, path: string): void {
		const facts = {
			reason: undefined,
			nodeId: 1,
			coverage: 1,
			burst: 0,
			previous: 0,
			kind: 'file',
			from: '',
		} as const;
		this.#records.push({ seq: this.#records.length + 1, type: TYPES[type], time: Date.now(), path, ...facts });
		this.#updater?.wake();
	}

	#paths(): string[] {
		return readdirSync(this.root, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.filter((path) => typeScript.reads(path))
			.sort();
	}

	#feed(): UpdateFeed {
		const records = this.#records;
		const paths = () => this.#paths();
		return {
			indexId: 'rig',
			refresh: () => undefined,
			get head() {
				return records.length;
			},
			prunedTo: 0,
			after: (seq, limit) => records.slice(seq, seq + limit),
			files: (position, most, isWanted) => {
				const begin = Number(position.toString() || 0);
				const page = paths()
					.filter(isWanted)
					.slice(begin, begin + most);
				return { paths: page, next: page.length < most ? undefined : Buffer.from(String(begin + most)) };
			},
			fileCount: (isWanted) => paths().filter(isWanted).length,
			sizeOf: (path) => statSync(path, { throwIfNoEntry: false })?.size,
			filesBeneath: function* filesBeneath(folder) {
				yield* paths().filter((path) => path.startsWith(`${folder}/`));
			},
		};
	}

	#readers(): Readers {
		const resolver = new TypeScriptResolver();
		const one = (order: Order): Reading => {
			this.read.push(order.path);
			const why = this.failing(order.path);
			resolver.forget();
			return why === undefined ? readFile(order, typeScript, resolver) : { state: 'failed', why, ms: 1 };
		};
		const call = async (orders: readonly Order[], urgent: boolean, alone: boolean): Promise<Reading[]> => {
			// What is on the disk is seen when it is asked for, and stored when it is answered.
			const readings = orders.map(one);
			await new Promise<void>((answer) => {
				if (this.answersAtOnce) {
					setImmediate(answer);
				} else {
					this.calls.push({ orders, urgent, alone, answer });
				}
			});
			return readings;
		};
		return {
			capacity: 2,
			read: async (orders, { urgent }) => await call(orders, urgent, false),
			readAlone: async (order) => (await call([order], true, true))[0]!,
			cancel: (path) => {
				this.cancelled.push(path);
			},
		};
	}
}

/** Enough of a file to tell its versions apart. */
function summaryOf(view: FileView): unknown {
	const { exports, stars, globals } = view;
	return {
		exports,
		stars,
		globals,
		parts: Array.from({ length: view.parts }, (_, i) => [view.key(i), view.start(i)]),
	};
}
