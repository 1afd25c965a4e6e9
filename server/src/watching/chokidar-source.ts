/**
 * chokidar as a source. Its `raw` event fires synchronously with the kernel's, so hints are as early as they can be and
 * do not depend on what chokidar concludes; its own events add what it finds when it scans a new folder after watching it.
 */
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Scopes } from './scope.ts';
import type { Source, SourceListener } from './source.ts';

export class ChokidarSource implements Source {
	readonly ready: Promise<void>;
	readonly #watcher: FSWatcher;
	readonly #listener: SourceListener;

	constructor(root: string, scopes: Scopes, listener: SourceListener) {
		this.#listener = listener;
		this.#watcher = watch(root, {
			ignoreInitial: true,
			followSymlinks: false,
			ignorePermissionErrors: true,
			// Debounce, atomic saves and settling are ours.
			atomic: false,
			awaitWriteFinish: false,
			ignored: (path: string, stats?: Stats) => path !== root && isIgnored(scopes, path, stats),
		});
		this.#watcher.on('raw', (_event, name, details) => {
			const watched = (details as { watchedPath?: string }).watchedPath ?? root;
			if (name === null || name === undefined) {
				listener.tree(watched);
				return;
			}
			listener.entry(join(watched, name));
			// A folder that goes away itself is reported under its own name, as if it were in itself.
			if (basename(watched) === name) {
				listener.entry(watched);
			}
		});
		this.#watcher.on('all', (_event, path) => {
			listener.entry(path);
		});
		this.#watcher.on('error', (error) => {
			listener.failed(error instanceof Error ? error : new Error(String(error)));
		});
		this.ready = new Promise((resolve) => {
			this.#watcher.once('ready', resolve);
		});
	}

	async settle(): Promise<boolean> {
		const { tasks } = this.#internals;
		if (!(tasks instanceof Set)) {
			return false;
		}
		while (tasks.size > 0) {
			await Promise.allSettled(tasks);
		}
		return true;
	}

	async ensure(folder: string): Promise<void> {
		await this.settle();
		const { closers } = this.#internals;
		// Where a folder took a file's place chokidar 6 lists it once and never subscribes to it.
		if (closers instanceof Map && !closers.has(folder)) {
			this.#watcher.unwatch(folder);
			this.#watcher.add(folder);
			await this.settle();
			this.#listener.tree(folder);
		}
	}

	async close(): Promise<void> {
		await this.#watcher.close();
	}

	/**
	 * chokidar's own list of running work (subscribing to and scanning new folders is in it) and its subscriptions by path.
	 * No public promise of chokidar's, so their absence means "cannot tell".
	 */
	get #internals(): Partial<{ tasks: Set<Promise<unknown>>; closers: Map<string, unknown> }> {
		return (this.#watcher as unknown as { lifecycle?: object }).lifecycle ?? {};
	}
}

/** chokidar first asks without stats: then only what is left out both as a file and as a folder is ignored. */
function isIgnored(scopes: Scopes, path: string, stats: Stats | undefined): boolean {
	const scope = scopes.of(dirname(path));
	const asFolder = () => scope.verdict(basename(path), true).descend;
	const asFile = () => scope.verdict(basename(path), false).covering.length > 0;
	if (stats === undefined) {
		return !asFolder() && !asFile();
	}
	return stats.isDirectory() ? !asFolder() : !asFile();
}
