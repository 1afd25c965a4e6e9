/**
 * Holds the watch handles and nothing else, so that the kernel's queue is drained whatever the rest of the process does.
 * Hints are debounced here and sent in batches.
 */
import { isInside } from '../platform/paths.ts';
import { KernelBarrier } from './barrier.ts';
import { ChokidarSource } from './chokidar-source.ts';
import { Debouncer } from './debounce.ts';
import type { FromDrain, SourceGroup, ToDrain } from './messages.ts';
import { PollingSource } from './polling-source.ts';
import { Scopes } from './scope.ts';
import type { NewFolder, Source } from './source.ts';

/** What is not about the crawl workers. */
export type DrainOrder = Extract<ToDrain, { type: 'sources' | 'ensure' | 'barrier' | 'stop' }>;

/** More open windows than this under one root become one hint for the whole root. */
const MAX_WINDOWS = 50_000;

/** How long hints are gathered before they are sent: below what a person or the debounce would notice. */
const BATCH_MS = 2;

interface RunningGroup {
	group: SourceGroup;
	source: Source;
	debouncer: Debouncer;
	timer: NodeJS.Timeout | undefined;
}

export class Drain {
	readonly #post: (message: FromDrain) => void;
	readonly #groups = new Map<string, RunningGroup>();
	#barrier: KernelBarrier | undefined;
	#entries = new Set<string>();
	#trees = new Set<string>();
	#batch: NodeJS.Timeout | undefined;

	constructor(post: (message: FromDrain) => void) {
		this.#post = post;
	}

	async receive(message: DrainOrder): Promise<void> {
		switch (message.type) {
			case 'sources':
				await this.#run(message.groups, new Scopes(message.watches, message.storage), message.storage);
				break;
			case 'ensure':
				await this.#ensure(message.folders);
				break;
			case 'barrier':
				await this.#pass(message.id);
				break;
			case 'stop':
				await this.#stop();
				break;
		}
	}

	async #run(groups: readonly SourceGroup[], scopes: Scopes, storage: string): Promise<void> {
		this.#barrier ??= new KernelBarrier(storage);
		const wanted = new Set(groups.map((group) => group.key));
		const leaving = [...this.#groups.values()].filter((running) => !wanted.has(running.group.key));
		for (const group of groups) {
			if (!this.#groups.has(group.key)) {
				this.#start(group, scopes);
			}
		}
		// The old source of a changed group ends only now: no moment without one.
		await Promise.all(leaving.map((running) => this.#end(running)));
	}

	#start(group: SourceGroup, scopes: Scopes): void {
		const debouncer = new Debouncer(group);
		const listener = {
			entry: (path: string) => {
				this.#hint(running, path);
			},
			tree: (path: string) => {
				this.#sendTree(path);
			},
			failed: (error: Error) => {
				this.#post({
					type: 'failed',
					key: group.key,
					message: error.message,
					code: (error as NodeJS.ErrnoException).code,
				});
			},
		};
		const source =
			group.kind === 'polling'
				? new PollingSource(group.root, group.pollIntervalMs, listener)
				: new ChokidarSource(group.root, scopes, listener);
		const running: RunningGroup = { group, source, debouncer, timer: undefined };
		this.#groups.set(group.key, running);
		source.ready.then(
			() => {
				this.#post({ type: 'ready', key: group.key });
			},
			(error: unknown) => {
				listener.failed(error instanceof Error ? error : new Error(String(error)));
			},
		);
	}

	async #end(running: RunningGroup): Promise<void> {
		this.#groups.delete(running.group.key);
		clearTimeout(running.timer);
		for (const path of running.debouncer.flush()) {
			this.#sendEntry(path);
		}
		await running.source.close();
	}

	#hint(running: RunningGroup, path: string): void {
		if (running.debouncer.hint(path, performance.now())) {
			this.#sendEntry(path);
		}
		if (running.debouncer.size > MAX_WINDOWS) {
			running.debouncer.flush();
			this.#sendTree(running.group.root);
		}
		running.timer ??= setTimeout(() => {
			this.#due(running);
		}, running.group.windowMs);
	}

	#due(running: RunningGroup): void {
		const now = performance.now();
		for (const path of running.debouncer.due(now)) {
			this.#sendEntry(path);
		}
		const next = running.debouncer.nextDue();
		running.timer =
			next === undefined
				? undefined
				: setTimeout(
						() => {
							this.#due(running);
						},
						Math.max(next - now, BATCH_MS),
					);
	}

	#sendEntry(path: string): void {
		this.#entries.add(path);
		this.#batch ??= setTimeout(() => {
			this.#send();
		}, BATCH_MS);
	}

	#sendTree(path: string): void {
		this.#trees.add(path);
		this.#batch ??= setTimeout(() => {
			this.#send();
		}, BATCH_MS);
	}

	#send(): void {
		clearTimeout(this.#batch);
		this.#batch = undefined;
		if (this.#entries.size + this.#trees.size > 0) {
			this.#post({ type: 'hints', entries: [...this.#entries], trees: [...this.#trees] });
			this.#entries = new Set();
			this.#trees = new Set();
		}
	}

	async #ensure(folders: readonly NewFolder[]): Promise<void> {
		// The source hears of new folders from the kernel first.
		await this.#barrier?.pass();
		for (const { group, source } of this.#groups.values()) {
			const mine = folders.filter((folder) => isInside(group.root, folder.path));
			if (mine.length > 0) {
				await source.ensure(mine);
			}
		}
	}

	async #pass(id: number): Promise<void> {
		const all = await this.#barrier?.pass();
		const unsettled: string[] = [];
		for (const running of this.#groups.values()) {
			const settled = await running.source.settle();
			if (!settled || all !== true) {
				unsettled.push(running.group.root);
			}
			for (const path of running.debouncer.flush()) {
				this.#sendEntry(path);
			}
		}
		this.#send();
		this.#post({ type: 'barrier', id, unsettled });
	}

	async #stop(): Promise<void> {
		await Promise.all(Array.from(this.#groups.values(), (running) => this.#end(running)));
		this.#send();
		this.#barrier?.close();
		this.#post({ type: 'stopped' });
	}
}
