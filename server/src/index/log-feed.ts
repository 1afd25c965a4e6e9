/** What consumers of the log read: its records in order, and the files that exist. A read-only view of its own. */
import { childPath } from '../platform/paths.ts';
import { type Burst, unpackBurst } from './bursts.ts';
import { nodeAtPath, pathOfNode } from './lookup.ts';
import { type LogRecord, nameOfKey, nodeKey, unpackLog, unpackNode } from './records.ts';
import { refreshTables, ROOT_NODE, type Tables } from './tables.ts';

/** More bursts than these do not go on at the same time: each has a root, or a work tree, of its own. */
const CONCURRENT_BURSTS = 32;

export interface FeedRecord extends LogRecord {
	seq: number;
}

/** Nodes of one page: a page of a repository with few files that are wanted takes no longer than one of many. */
const MOST_LOOKED_AT = 1000;

export class LogFeed {
	readonly #tables: Tables;
	/** Tells one index from another: cursors of another one mean nothing. */
	readonly indexId: string;

	/** @param tables of an index that may be opened (admission.ts); closed with the feed */
	constructor(tables: Tables) {
		this.#tables = tables;
		this.indexId = this.#tables.meta.get('indexId') ?? '';
	}

	/** Sees what has been committed since. */
	refresh(): void {
		refreshTables(this.#tables);
	}

	/** Last sequence number; 0 when the log is empty. */
	get head(): number {
		return this.#tables.meta.get('head') ?? 0;
	}

	/** The last record that retention has taken out of the log; 0 for none. */
	get prunedTo(): number {
		return this.#tables.meta.get('prunedTo') ?? 0;
	}

	/** The burst that got an event last; undefined when the log has none. */
	get lastBurst(): Burst | undefined {
		let last: Burst | undefined;
		// One that began later may have ended earlier.
		for (const { key, value } of this.#tables.bursts.getRange({ reverse: true, limit: CONCURRENT_BURSTS })) {
			const burst = unpackBurst(key, value);
			if (last === undefined || burst.lastSeq > last.lastSeq) {
				last = burst;
			}
		}
		return last;
	}

	/** Records behind a sequence number, in order. */
	after(seq: number, limit: number): FeedRecord[] {
		const records: FeedRecord[] = [];
		for (const { key, value } of this.#tables.log.getRange({ start: seq + 1, limit })) {
			records.push({ seq: key, ...unpackLog(value) });
		}
		return records;
	}

	/**
	 * A page of the files that watches cover, in the order of their keys.
	 *
	 * @param position where the page before ended; empty for the first one
	 * @param most files in it; it also ends behind a bounded number of others
	 * @param isWanted by its name
	 * @returns `next` undefined behind the last page
	 */
	files(
		position: Buffer,
		most: number,
		isWanted: (name: string) => boolean,
	): { paths: string[]; next: Buffer | undefined } {
		const paths: string[] = [];
		let last: Buffer | undefined;
		let count = 0;
		let folder: { id: number; path: string | undefined } | undefined;
		for (const { key, value } of this.#tables.nodes.getRange({ start: position, limit: MOST_LOOKED_AT })) {
			count++;
			last = key;
			const name = nameOfKey(key);
			const node = isWanted(name) ? unpackNode(value) : undefined;
			if (node?.kind === 'file' && node.coverage !== 0) {
				const id = key.readUInt32BE(0);
				// Files of one folder are neighbours.
				folder =
					folder?.id === id ? folder : { id, path: id === ROOT_NODE ? '/' : pathOfNode(this.#tables, id) };
				if (folder.path !== undefined && paths.push(childPath(folder.path, name)) === most) {
					break;
				}
			}
		}
		const isLast = count < MOST_LOOKED_AT && paths.length < most;
		return { paths, next: isLast || last === undefined ? undefined : Buffer.concat([last, Buffer.of(0)]) };
	}

	/** How many files watches cover whose names are wanted. Counts them. */
	fileCount(isWanted: (name: string) => boolean): number {
		let count = 0;
		for (const { key, value } of this.#tables.nodes.getRange({})) {
			if (isWanted(nameOfKey(key))) {
				const node = unpackNode(value);
				count += node.kind === 'file' && node.coverage !== 0 ? 1 : 0;
			}
		}
		return count;
	}

	/** Whether a watch covers a file at this path. */
	isFile(path: string): boolean {
		return this.sizeOf(path) !== undefined;
	}

	/** Size of a file at this path in bytes; undefined when no watch covers one. */
	sizeOf(path: string): number | undefined {
		const node = nodeAtPath(this.#tables, path);
		return node?.kind === 'file' && node.coverage !== 0 ? Number(node.size) : undefined;
	}

	/** The files beneath a folder, as the index knows them. */
	*filesBeneath(path: string): Generator<string> {
		const folder = nodeAtPath(this.#tables, path);
		if (folder?.kind === 'folder') {
			yield* this.#filesIn(folder.id, path);
		}
	}

	async close(): Promise<void> {
		await this.#tables.env.close();
	}

	*#filesIn(id: number, path: string): Generator<string> {
		const folders: { id: number; path: string }[] = [];
		for (const { key, value } of this.#tables.nodes.getRange({
			start: nodeKey(id, ''),
			end: nodeKey(id + 1, ''),
		})) {
			const node = unpackNode(value);
			const child = childPath(path, nameOfKey(key));
			if (node.kind === 'folder') {
				folders.push({ id: node.id, path: child });
			} else if (node.kind === 'file' && node.coverage !== 0) {
				yield child;
			}
		}
		for (const folder of folders) {
			yield* this.#filesIn(folder.id, folder.path);
		}
	}
}
