/**
 * The writer's side of the drain worker: which sources run, which are still starting, which folders they must be told of,
 * and the barrier. Knows nothing of the index.
 */
import { isInside } from '../platform/paths.ts';
import type { SourceGroup, ToDrain } from '../watching/messages.ts';
import type { NewFolder } from '../watching/source.ts';
import type { Watch } from '../watching/watch.ts';
import { planSources } from './sources.ts';

export class SourceControl {
	readonly #storage: string;
	readonly #toDrain: (message: ToDrain) => void;
	/** Keys of the sources that run or start. */
	#keys = new Set<string>();
	/** Sources that are not ready yet: key → root. */
	readonly #starting = new Map<string, string>();
	#startWaiters: (() => void)[] = [];
	/** Folders that the drain worker has still to be told of. */
	#newFolders: NewFolder[] = [];
	#ensureSoon: NodeJS.Immediate | undefined;
	readonly #barriers = new Map<number, (unsettled: string[]) => void>();
	#barrierSerial = 0;

	/** @param storage the index's folder, which is never watched */
	constructor(storage: string, toDrain: (message: ToDrain) => void) {
		this.#storage = storage;
		this.#toDrain = toDrain;
	}

	/** Whether no source is starting. */
	get settled(): boolean {
		return this.#starting.size === 0;
	}

	/**
	 * Asks for the sources of these watches and no others; those that did not change go on.
	 *
	 * @param generation of a root: a new number makes its sources start anew
	 * @param named whether the scans that follow name every folder before they list it (crawl workers)
	 * @returns the roots whose source starts
	 */
	run(watches: readonly Watch[], generation: (root: string) => number, named: boolean): string[] {
		const groups = planSources(watches, this.#storage, generation);
		const keys = new Set(groups.map((group) => group.key));
		for (const key of this.#starting.keys()) {
			if (!keys.has(key)) {
				this.#starting.delete(key);
			}
		}
		const fresh = groups.filter((group) => !this.#keys.has(group.key));
		for (const { key, root } of fresh) {
			this.#starting.set(key, root);
		}
		this.#keys = keys;
		this.#toDrain({ type: 'sources', groups, watches: [...watches], storage: this.#storage, named });
		this.#tellSettled();
		return fresh.map((group: SourceGroup) => group.root);
	}

	/** What {@link whenSettled} and {@link barrier} wait for now, in words. */
	backlog(): string[] {
		return [
			...Array.from(this.#starting.values(), (root) => `the start of watching ${root}`),
			...(this.#barriers.size > 0 ? ['what the system has still to report'] : []),
		];
	}

	/** Whether the source that covers a root is starting. */
	isStarting(root: string): boolean {
		return [...this.#starting.values()].some((starting) => isInside(starting, root));
	}

	/** A source is ready: its root, or undefined when nobody waits for it any more. */
	ready(key: string): string | undefined {
		const root = this.#starting.get(key);
		this.#starting.delete(key);
		this.#tellSettled();
		return root;
	}

	/** The root of a source, and whether it is starting. */
	describe(key: string): { root: string; starting: boolean } {
		return { root: (JSON.parse(key) as string[])[1] ?? '', starting: this.#starting.has(key) };
	}

	/** Has new folders watched; those of one group commit are told together. */
	ensure(folders: readonly NewFolder[]): void {
		this.#newFolders.push(...folders);
		this.#ensureSoon ??= setImmediate(() => {
			this.#sendNewFolders();
		});
	}

	/** Resolves when no source is starting. */
	async whenSettled(): Promise<void> {
		if (!this.settled) {
			await new Promise<void>((resolve) => {
				this.#startWaiters.push(resolve);
			});
		}
	}

	/** Resolves when all that was reported before has been hinted, with the roots whose source cannot tell. */
	async barrier(): Promise<string[]> {
		// What came into new folders before they were watched is hinted before the barrier.
		this.#sendNewFolders();
		return await this.#pass(true);
	}

	/** Resolves when all that was reported before has been hinted, except what debounce holds back. */
	async reported(): Promise<void> {
		await this.#pass(false);
	}

	async #pass(endsWindows: boolean): Promise<string[]> {
		const id = ++this.#barrierSerial;
		return await new Promise<string[]>((resolve) => {
			this.#barriers.set(id, resolve);
			this.#toDrain({ type: 'barrier', id, endsWindows });
		});
	}

	/** The drain worker's answer to {@link barrier}. */
	barrierPassed(id: number, unsettled: string[]): void {
		this.#barriers.get(id)?.(unsettled);
		this.#barriers.delete(id);
	}

	stop(): void {
		clearImmediate(this.#ensureSoon);
	}

	#sendNewFolders(): void {
		clearImmediate(this.#ensureSoon);
		this.#ensureSoon = undefined;
		if (this.#newFolders.length > 0) {
			this.#toDrain({ type: 'ensure', folders: this.#newFolders });
			this.#newFolders = [];
		}
	}

	#tellSettled(): void {
		if (this.settled) {
			for (const done of this.#startWaiters.splice(0)) {
				done();
			}
		}
	}
}
