/** Filetide's index, filled and asked as the writer and the main thread do. */
import assert from 'node:assert/strict';
import { IndexReader } from '../../../server/src/index/reader.ts';
import { IdentityLoad } from '../../../server/src/index/identity-load.ts';
import type { PackedEntry } from '../../../server/src/index/packed-nodes.ts';
import { type EntryStat, KINDS, NO_HASH, NODE_STAT, packNode, STAT_BYTES } from '../../../server/src/index/records.ts';
import { bytesInUse, ROOT_NODE, type Tables } from '../../../server/src/index/tables.ts';
import { IndexWriter } from '../../../server/src/index/writer.ts';
import { FILES_PER_FOLDER, fileName, fileOfEvent, folderName, statOf, TOP_FOLDERS, topFolderOf } from './generated.ts';
import type { Store } from './store.ts';

const BATCH = 10_000;
const WATCH = { root: '/project', name: 'bench', coverageKey: '', indexed: true, paused: false, mountPoint: false };
const BURST = { burstOf: () => ({ id: 1, origin: 'unknown', root: '/project' }) as const };

export class OwnIndex implements Store {
	readonly name = 'filetide (LMDB)';
	readonly writer: IndexWriter;
	readonly #folder: string;
	readonly #files: number;
	readonly #folders: number[] = [];

	/** @param folder where it lies */
	constructor(folder: string, files: number) {
		const claim = IndexWriter.claim(folder, '');
		assert.ok('writer' in claim);
		this.#folder = folder;
		this.#files = files;
		this.writer = claim.writer;
		this.#fill();
	}

	get tables(): Tables {
		return this.writer.tables;
	}

	get bytes(): number {
		return bytesInUse(this.tables);
	}

	/** Bytes of these tables. */
	bytesOf(...names: (keyof Tables)[]): number {
		return bytesInUse(Object.fromEntries(names.map((name) => [name, this.tables[name]])) as unknown as Tables);
	}

	commit(from: number, to: number): void {
		this.writer.transact(
			Date.now(),
			(transaction) => {
				for (let event = from; event < to; event++) {
					const file = fileOfEvent(event, this.#files);
					const folder = this.#folders[Math.floor(file / FILES_PER_FOLDER)] ?? ROOT_NODE;
					const node = transaction.child(folder, fileName(file));
					assert.ok(node !== undefined);
					transaction.update(node, statOf('file', node.ino), 'modify');
				}
			},
			BURST,
		);
	}

	reader(): IndexReader {
		return new IndexReader(this.#folder, (error) => {
			throw error;
		});
	}

	async close(): Promise<void> {
		await this.writer.close();
	}

	/** As a first indexing does: folder by folder, names in the order of `readdir`; then identities; then places and hashes. */
	#fill(): void {
		let ino = 0n;
		this.writer.transact(Date.now(), (transaction) => {
			const coverage = transaction.internCoverage(['inner', 'outer']);
			const enter = (parent: number, name: string, kind: 'file' | 'folder') =>
				transaction.createSilently(parent, entryOf(name, statOf(kind, ++ino)), coverage);
			const project = enter(ROOT_NODE, 'project', 'folder');
			const folders = Math.ceil(this.#files / FILES_PER_FOLDER);
			const parts = sorted(Math.min(TOP_FOLDERS, folders), topFolderOf);
			const ids = parts.map((part) => enter(project, topFolderOf(part), 'folder'));
			for (const [i, part] of parts.entries()) {
				const id = ids[i] ?? project;
				for (const at of sorted(Math.ceil((folders - part) / TOP_FOLDERS), (i) =>
					folderName(part + i * TOP_FOLDERS),
				)) {
					const folder = part + at * TOP_FOLDERS;
					this.#folders[folder] = enter(id, folderName(folder), 'folder');
				}
			}
		});
		const coverage = this.writer.transact(Date.now(), (transaction) =>
			transaction.internCoverage(['inner', 'outer']),
		);
		const inOrder = [...this.#folders.keys()].sort((a, b) => (this.#folders[a] ?? 0) - (this.#folders[b] ?? 0));
		for (let first = 0; first < inOrder.length; first += BATCH / FILES_PER_FOLDER) {
			this.writer.transact(Date.now(), (transaction) => {
				for (const folder of inOrder.slice(first, first + BATCH / FILES_PER_FOLDER)) {
					const count = Math.min(FILES_PER_FOLDER, this.#files - folder * FILES_PER_FOLDER);
					for (const file of sorted(count, fileName)) {
						const entry = entryOf(fileName(file), statOf('file', ++ino));
						transaction.createSilently(this.#folders[folder] ?? ROOT_NODE, entry, coverage);
					}
				}
			});
		}
		this.#baseline();
		this.writer.transact(Date.now(), (transaction) => {
			for (const id of ['inner', 'outer']) {
				transaction.recordWatchAdded(id, WATCH);
			}
		});
	}

	#baseline(): void {
		const identities = new IdentityLoad();
		const step = () =>
			this.writer.transact(Date.now(), (transaction) => {
				const { complete, done } = identities.slice(transaction, () => false);
				done();
				return complete;
			});
		while (!step()) {
			// What was gathered is written in the next one.
		}
		const hashFrom = (position: Buffer) =>
			this.writer.transact(Date.now(), (transaction) => {
				const { nodes, next } = transaction.nodesAfter(position, BATCH);
				for (const node of nodes) {
					transaction.place(node);
					transaction.putHash(node, BigInt(node.id));
				}
				return next;
			});
		let position: Buffer | undefined = Buffer.alloc(0);
		do {
			position = hashFrom(position);
		} while (position !== undefined);
		this.writer.transact(Date.now(), (transaction) => {
			transaction.noteBaselined();
		});
	}
}

/** The numbers below `count` in the order of their names. */
function sorted(count: number, nameOf: (i: number) => string): number[] {
	const names = Array.from({ length: count }, (_, i) => ({ i, name: nameOf(i) }));
	return names.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ i }) => i);
}

/** As a listing hands it over. */
function entryOf(name: string, stat: EntryStat): PackedEntry {
	const packed = packNode({ ...stat, id: 0, coverage: 0, lastSeq: 0, hash: NO_HASH });
	const bytes = Buffer.concat([packed.subarray(NODE_STAT, NODE_STAT + STAT_BYTES), Buffer.from(name)]);
	const kind = KINDS.indexOf(stat.kind);
	return { bytes, statAt: 0, nameAt: STAT_BYTES, nameLength: bytes.length - STAT_BYTES, kind };
}
