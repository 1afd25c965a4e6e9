/**
 * The files that were there before the graph was, in the order of their nodes. They are read by several at once and stored in
 * order, so that a position says what is done.
 */
import type { UpdateFeed } from './scheduler.ts';

/** Files that are read together. */
const CHUNK = 32;

export interface Chunk<T> {
	paths: readonly string[];
	/** Where the first indexing is behind it; undefined behind the last one. */
	next: Buffer | undefined;
	/** What was read of each of its files; undefined while it is being read. */
	readings: readonly T[] | undefined;
}

export class FirstIndexing<T> {
	readonly #feed: UpdateFeed;
	readonly #isWanted: (name: string) => boolean;
	/** Being read or waiting to be stored, in order. */
	#chunks: Chunk<T>[] = [];
	/** Where the next chunk begins; undefined when there is none. */
	#position: Buffer | undefined;
	#total: number | undefined;
	/** Files that were stored. */
	done = 0;

	/** @param position where it is; undefined when it is complete */
	constructor(feed: UpdateFeed, isWanted: (name: string) => boolean, position: Buffer | undefined) {
		this.#feed = feed;
		this.#isWanted = isWanted;
		this.#position = position;
	}

	get isComplete(): boolean {
		return this.#position === undefined && this.#chunks.length === 0;
	}

	/** Whether nothing is left but to store what was read. */
	get isAllRead(): boolean {
		return this.#position === undefined && this.#chunks.length > 0 && this.ready === this.#chunks.length;
	}

	/** Chunks that are not stored yet. */
	get underWay(): number {
		return this.#chunks.length;
	}

	/** What was read and is not stored yet. */
	get waiting(): T[] {
		return this.#chunks.flatMap(({ readings }) => readings ?? []);
	}

	/** Files that it comes by. Counted once. */
	get total(): number {
		this.#total ??= this.#feed.fileCount(this.#isWanted);
		return this.#total;
	}

	/** Begins again with the first file. What is being read is forgotten. */
	restart(): void {
		this.#chunks = [];
		this.#position = Buffer.alloc(0);
		this.#total = undefined;
		this.done = 0;
	}

	/** The next files to read; undefined when there are no more. */
	next(): Chunk<T> | undefined {
		if (this.#position === undefined) {
			return undefined;
		}
		const { paths, next } = this.#feed.files(this.#position, CHUNK, this.#isWanted);
		this.#position = next;
		const chunk = { paths, next, readings: undefined };
		this.#chunks.push(chunk);
		return chunk;
	}

	/** How many chunks can be stored now: all before them were read, too. */
	get ready(): number {
		const unread = this.#chunks.findIndex(({ readings }) => readings === undefined);
		return unread === -1 ? this.#chunks.length : unread;
	}

	/** Takes the chunks that can be stored. */
	take(): Chunk<T>[] {
		const taken = this.#chunks.splice(0, this.ready);
		this.done += taken.reduce((sum, { paths }) => sum + paths.length, 0);
		return taken;
	}
}
