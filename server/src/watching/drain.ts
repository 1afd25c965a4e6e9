/**
 * Holds the watch handles and nothing else, so that the kernel's queue is drained whatever the rest of the process does.
 * Hints are debounced here and sent in batches.
 */
import { giveBackMemory } from '../platform/memory.ts';
import { isInside } from '../platform/paths.ts';
import { KernelBarrier } from './barrier.ts';
import { KernelQueue, type Loss } from './kernel-queue.ts';
import type { Crawlers } from './crawlers.ts';
import type { FromDrain, SourceGroup, ToDrain } from './messages.ts';
import { Outbox } from './outbox.ts';
import { RunningSource } from './running-source.ts';
import { Scopes } from './scope.ts';
import type { NewFolder } from './source.ts';
import { VcsQuiet } from './vcs-quiet.ts';

/** What belongs to the folder of the index, which comes with the first message. */
interface Kernel {
	queue: KernelQueue;
	barrier: KernelBarrier;
	quiet: VcsQuiet;
}

export class Drain {
	readonly #post: (message: FromDrain) => void;
	readonly #crawlers: Crawlers;
	readonly #outbox: Outbox;
	readonly #running = new Map<string, RunningSource>();
	#kernel: Kernel | undefined;
	/** Losses whose sources are still recovering. */
	readonly #recoveries = new Set<Promise<void>>();
	#handles = 0;

	constructor(post: (message: FromDrain) => void, crawlers: Crawlers) {
		this.#post = post;
		this.#crawlers = crawlers;
		this.#outbox = new Outbox((message) => {
			this.#tellHandles();
			post(message);
		});
	}

	async receive(message: ToDrain): Promise<void> {
		switch (message.type) {
			case 'scopes':
				this.#crawlers.tellAll(message);
				break;
			case 'crawl':
				this.#watch(message.folders);
				this.#crawlers.list(message.request, message.folders);
				break;
			case 'endCrawl':
				this.#crawlers.end();
				for (const running of this.#running.values()) {
					running.forgetScopes();
				}
				giveBackMemory();
				break;
			case 'sources':
				await this.#run(message);
				break;
			case 'workTrees':
				for (const folder of message.folders) {
					this.#kernel?.quiet.discover(folder);
				}
				break;
			case 'ensure':
				await this.#ensure(message.folders);
				break;
			case 'barrier':
				await (message.endsWindows ? this.#endWindows(message.id) : this.#pass(message.id));
				break;
			case 'stop':
				await this.#stop();
				break;
		}
	}

	async #run({ groups, watches, storage, named }: Extract<ToDrain, { type: 'sources' }>): Promise<void> {
		const scopes = new Scopes(watches, storage);
		const { queue, quiet } = (this.#kernel ??= this.#openKernel(storage));
		const wanted = new Set(groups.map((group) => group.key));
		const leaving = [...this.#running.values()].filter((running) => !wanted.has(running.group.key));
		const isForeign = groups.some(
			({ kind, key }) => kind === 'chokidar' || this.#running.get(key)?.isForeign === true,
		);
		queue.setExclusive(!isForeign && leaving.every((running) => !running.isForeign));
		// Before the sources: whatever is going on already is held from the first hint on.
		quiet.useRoots(groups.filter(({ kind }) => kind !== 'polling').map(({ root }) => root));
		for (const group of groups) {
			if (!this.#running.has(group.key)) {
				this.#start(group, scopes, { queue, quiet }, named);
			}
		}
		// The old source of a changed group ends only now: no moment without one.
		await Promise.all(leaving.map((running) => this.#end(running)));
		queue.setExclusive(!isForeign);
		this.#tellHandles();
	}

	#openKernel(storage: string): Kernel {
		const queue = new KernelQueue(storage, (how) => {
			this.#lost(how);
		});
		const barrier = new KernelBarrier(queue);
		try {
			// Before any source: its overflow is to be seen from the first moment.
			queue.open();
		} catch {
			// Our folder cannot be written or watched. Each barrier tries again.
			queue.close();
		}
		return { queue, barrier, quiet: new VcsQuiet(queue, this.#outbox, this.#post) };
	}

	#start(
		group: SourceGroup,
		scopes: Scopes,
		{ queue, quiet }: Pick<Kernel, 'queue' | 'quiet'>,
		named: boolean,
	): void {
		const tell = (message: FromDrain) => {
			// Whoever hears that it is ready may ask.
			this.#tellHandles();
			this.#post(message);
		};
		const running = new RunningSource(group, scopes, queue, this.#outbox, quiet, tell, named);
		this.#running.set(group.key, running);
	}

	async #end(running: RunningSource): Promise<void> {
		this.#running.delete(running.group.key);
		await running.end();
	}

	/** Sources recover first: what the scans find afterwards is watched then. */
	#lost(how: Loss): void {
		this.#kernel?.barrier.resend();
		const concerned = [...this.#running.values()].filter(({ group }) => group.kind !== 'polling');
		const roots = concerned.map(({ group }) => group.root);
		const recovery = Promise.all(concerned.map(({ source }) => source.recover())).then(() => {
			this.#recoveries.delete(recovery);
			// What version control does in between is one burst all the same.
			const later = roots.filter((root) => this.#kernel?.quiet.takeTree(root));
			this.#post({ type: 'overflow', how, roots, later });
		});
		this.#recoveries.add(recovery);
	}

	#tellHandles(): void {
		let used = this.#kernel?.quiet.handles ?? 0;
		for (const { source } of this.#running.values()) {
			used += source.handles;
		}
		if (used !== this.#handles) {
			this.#handles = used;
			this.#post({ type: 'handles', used });
		}
	}

	/** What is about to be listed is watched first: whatever comes into it afterwards is reported. */
	#watch(folders: readonly string[]): void {
		for (const { group, source } of this.#running.values()) {
			source.watch?.(folders.filter((folder) => isInside(group.root, folder)));
		}
		this.#tellHandles();
	}

	async #ensure(folders: readonly NewFolder[]): Promise<void> {
		// The source hears of new folders from the kernel first.
		await this.#kernel?.barrier.pass();
		for (const { group, source } of this.#running.values()) {
			const mine = folders.filter((folder) => isInside(group.root, folder.path));
			if (mine.length > 0) {
				await source.ensure(mine);
			}
		}
	}

	/** Everything that the kernel has reported so far has become hints, but for what debounce holds back. */
	async #pass(id: number): Promise<void> {
		if ([...this.#running.values()].some(({ group }) => group.kind !== 'polling')) {
			await this.#kernel?.barrier.pass();
		}
		this.#outbox.flush();
		this.#post({ type: 'barrier', id, unsettled: [] });
	}

	async #endWindows(id: number): Promise<void> {
		const all = await this.#kernel?.barrier.pass();
		const unsettled: string[] = [];
		for (const running of this.#running.values()) {
			const settled = await running.source.settle();
			if (!settled || all !== true) {
				unsettled.push(running.group.root);
			}
			running.flush();
		}
		// A loss that came to light before the barrier is told before it.
		await Promise.all(this.#recoveries);
		this.#kernel?.quiet.flush();
		this.#outbox.flush();
		this.#tellHandles();
		this.#post({ type: 'barrier', id, unsettled });
	}

	async #stop(): Promise<void> {
		this.#crawlers.end();
		await Promise.all(Array.from(this.#running.values(), (running) => this.#end(running)));
		this.#kernel?.quiet.close();
		this.#outbox.flush();
		this.#kernel?.queue.close();
		this.#post({ type: 'stopped' });
	}
}
