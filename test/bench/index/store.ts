/** What is measured: a store that has a tree of files and takes events of them. */
export interface Store {
	readonly name: string;
	/** Records the events of this range, as {@link import('./generated.ts').fileOfEvent} numbers them, in one transaction. */
	commit(from: number, to: number): void;
	/** Bytes in use. */
	readonly bytes: number;
	close(): Promise<void>;
}
