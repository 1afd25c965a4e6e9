/** Filetide's index, filled and asked as the writer and the main thread do. */
import assert from 'node:assert/strict';
import { IndexReader } from '../../../server/src/index/reader.ts';
import { bytesInUse, ROOT_NODE, type Tables } from '../../../server/src/index/tables.ts';
import { IndexWriter } from '../../../server/src/index/writer.ts';
import { FILES_PER_FOLDER, fileName, fileOfEvent, folderName, statOf, topFolderOf } from './generated.ts';
import type { Store } from './store.ts';

const BATCH = 10_000;
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

	#fill(): void {
		let ino = 0n;
		const parts = new Map<string, number>();
		for (let first = 0; first < this.#files; first += BATCH) {
			this.writer.transact(Date.now(), (transaction) => {
				const coverage = transaction.internCoverage(['inner', 'outer']);
				const folderIn = (parent: number, name: string) =>
					transaction.create(parent, name, statOf('folder', ++ino), coverage, 'silent').id;
				if (first === 0) {
					parts.set('', folderIn(ROOT_NODE, 'project'));
				}
				for (let file = first; file < Math.min(first + BATCH, this.#files); file++) {
					const folder = Math.floor(file / FILES_PER_FOLDER);
					if (this.#folders[folder] === undefined) {
						const part = topFolderOf(folder);
						const id = parts.get(part) ?? folderIn(parts.get('') ?? ROOT_NODE, part);
						parts.set(part, id);
						this.#folders[folder] = folderIn(id, folderName(folder));
					}
					const stat = statOf('file', ++ino);
					transaction.create(this.#folders[folder] ?? ROOT_NODE, fileName(file), stat, coverage, 'silent');
				}
			});
		}
	}
}
