/** One source of the drain worker: started, debounced, replaced when it cannot start. */
import { ChokidarSource } from './chokidar-source.ts';
import { createSource } from './create-source.ts';
import { Debouncer } from './debounce.ts';
import type { KernelQueue } from './kernel-queue.ts';
import type { FromDrain, SourceGroup } from './messages.ts';
import type { Outbox } from './outbox.ts';
import type { Scopes } from './scope.ts';
import type { Source, SourceListener } from './source.ts';
import type { VcsQuiet } from './vcs-quiet.ts';

/** More open windows than this under one root become one hint for the whole root. */
const MAX_WINDOWS = 50_000;
/** Windows that end within so long of each other are served together. */
const DUE_MS = 2;

export class RunningSource {
	readonly group: SourceGroup;
	readonly #scopes: Scopes;
	readonly #queue: KernelQueue;
	readonly #outbox: Outbox;
	readonly #quiet: VcsQuiet;
	readonly #post: (message: FromDrain) => void;
	readonly #debouncer: Debouncer;
	readonly #listener: SourceListener;
	#source: Source;
	#timer: NodeJS.Timeout | undefined;

	constructor(
		group: SourceGroup,
		scopes: Scopes,
		queue: KernelQueue,
		outbox: Outbox,
		quiet: VcsQuiet,
		post: (message: FromDrain) => void,
		named: boolean,
	) {
		this.group = group;
		this.#scopes = scopes;
		this.#queue = queue;
		this.#outbox = outbox;
		this.#quiet = quiet;
		this.#post = post;
		this.#debouncer = new Debouncer(group);
		this.#listener = this.#makeListener();
		this.#source = createSource(group.kind, group, scopes, queue, this.#listener, named);
		this.#tellReady();
	}

	get source(): Source {
		return this.#source;
	}

	/** Whether it subscribes past the kernel queue's own {@link KernelQueue.watch}. */
	get isForeign(): boolean {
		return this.#source instanceof ChokidarSource;
	}

	/** Drops what was looked up while everything was found. */
	forgetScopes(): void {
		this.#scopes.forget();
	}

	/** Ends all debounce windows. */
	flush(): void {
		for (const path of this.#debouncer.flush()) {
			this.#report(path);
		}
	}

	async end(): Promise<void> {
		clearTimeout(this.#timer);
		this.flush();
		await this.#source.close();
	}

	#tellReady(): void {
		const { key, kind } = this.group;
		this.#source.ready.then(
			() => {
				this.#post({ type: 'ready', key });
			},
			(error: unknown) => {
				if (kind === 'native' && !this.isForeign) {
					void this.#source.close();
					const instead = this.group.follows ? 'polling' : 'chokidar';
					if (instead === 'chokidar') {
						this.#queue.setExclusive(false);
					}
					this.#source = createSource(instead, this.group, this.#scopes, this.#queue, this.#listener, false);
					this.#tellReady();
				} else {
					this.#listener.failed(error instanceof Error ? error : new Error(String(error)));
				}
			},
		);
	}

	#makeListener(): SourceListener {
		const { key } = this.group;
		return {
			entry: (path) => {
				this.#hint(path);
			},
			tree: (path) => {
				if (!this.#quiet.takeTree(path)) {
					this.#outbox.tree(path);
				}
			},
			poll: (path) => {
				this.#outbox.poll(path);
			},
			workTree: (folder) => {
				this.#quiet.discover(folder);
			},
			failed: (error) => {
				this.#post({
					type: 'failed',
					key,
					message: error.message,
					code: (error as NodeJS.ErrnoException).code,
				});
			},
			limited: (shortfall) => {
				this.#post({ type: 'limited', key, shortfall: shortfall ?? null });
			},
		};
	}

	/** Debounce has let it go. */
	#report(path: string): void {
		if (!this.#quiet.take(path)) {
			this.#outbox.entry(path);
		}
	}

	#hint(path: string): void {
		if (this.#quiet.take(path)) {
			return;
		}
		if (this.#debouncer.hint(path, performance.now())) {
			this.#outbox.entry(path);
		}
		if (this.#debouncer.size > MAX_WINDOWS) {
			this.#debouncer.flush();
			this.#outbox.tree(this.group.root);
		}
		this.#timer ??= setTimeout(() => {
			this.#due();
		}, this.group.windowMs);
	}

	#due(): void {
		const now = performance.now();
		for (const path of this.#debouncer.due(now)) {
			this.#report(path);
		}
		const next = this.#debouncer.nextDue();
		this.#timer =
			next === undefined
				? undefined
				: setTimeout(
						() => {
							this.#due();
						},
						Math.max(next - now, DUE_MS),
					);
	}
}
