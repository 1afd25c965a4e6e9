/**
 * chokidar as a source. Its `raw` event fires synchronously with the kernel's, so hints are as early as they can be and
 * do not depend on what chokidar concludes; its own events add what it finds when it scans a new folder after watching it.
 */
import { lstatSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';
import { mayBeLossy } from '../platform/names.ts';
import { isInside, realPath } from '../platform/paths.ts';
import type { Scopes } from './scope.ts';
import type { NewFolder, Source, SourceListener } from './source.ts';

/** Longest wait for chokidar to finish what it has begun. */
const SETTLE_MS = 5000;

export class ChokidarSource implements Source {
	readonly ready: Promise<void>;
	readonly #watcher: FSWatcher;
	readonly #listener: SourceListener;
	readonly #root: string;
	readonly #stuck = new WeakSet<Promise<unknown>>();
	/** Told not to follow links, chokidar would watch a link instead of the folder that it leads to. */
	readonly #realRoot: string;

	/** @param onCallback called for each event of the kernel, before it is served */
	constructor(root: string, scopes: Scopes, listener: SourceListener, onCallback: () => void) {
		this.#listener = listener;
		this.#root = root;
		this.#realRoot = realPath(root);
		this.#watcher = watch(this.#realRoot, {
			ignoreInitial: true,
			followSymlinks: false,
			ignorePermissionErrors: true,
			// Debounce, atomic saves and settling are ours.
			atomic: false,
			awaitWriteFinish: false,
			ignored: (path: string, stats?: Stats) =>
				path !== this.#realRoot && isIgnored(scopes, this.#asGiven(path), stats),
		});
		this.#watcher.on('raw', (_event, name, details) => {
			onCallback();
			const watched = this.#asGiven((details as { watchedPath?: string }).watchedPath ?? this.#realRoot);
			if (name === null || name === undefined) {
				listener.tree(watched);
				return;
			}
			if (mayBeLossy(name)) {
				// Not valid UTF-8: which entry it is only the folder tells.
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
			const given = this.#asGiven(path);
			if (mayBeLossy(given)) {
				listener.tree(dirname(given));
			} else {
				listener.entry(given);
			}
		});
		this.#watcher.on('error', (error) => {
			listener.failed(error instanceof Error ? error : new Error(String(error)));
		});
		this.ready = new Promise((resolve) => {
			this.#watcher.once('ready', resolve);
		});
	}

	get handles(): number {
		return this.#internals.closers?.size ?? 0;
	}

	async settle(): Promise<boolean> {
		const { tasks } = this.#internals;
		if (!(tasks instanceof Set)) {
			return false;
		}
		// Whoever keeps making folders keeps it working: then the caller looks for itself.
		const late = new AbortController();
		const limit = delay(SETTLE_MS, undefined, { signal: late.signal }).catch(() => undefined);
		const until = performance.now() + SETTLE_MS;
		const open = () => [...tasks].filter((task) => !this.#stuck.has(task));
		for (let waiting = open(); waiting.length > 0 && performance.now() < until; waiting = open()) {
			await Promise.race([Promise.allSettled(waiting), limit]);
		}
		late.abort();
		// Some never end, after many changes at once: seen 65 of them. Nobody waits for those twice.
		for (const task of tasks) {
			this.#stuck.add(task);
		}
		return tasks.size === 0;
	}

	async ensure(folders: readonly NewFolder[]): Promise<void> {
		await this.settle();
		const { closers } = this.#internals;
		// Where a folder took a file's or a link's place chokidar 6 may list it once and never subscribe to it, and its
		// subscription to the link may look like one to the folder.
		const missed = folders
			.map(({ path, replaced }) => ({ path: this.#asReal(path), replaced }))
			.filter(({ path, replaced }) => (replaced || closers?.has(path) === false) && isFolder(path));
		for (const { path } of missed) {
			this.#watcher.unwatch(path);
			this.#watcher.add(path);
		}
		if (missed.length > 0) {
			await this.settle();
		}
		// chokidar's own word on what it found in them does not do: it holds back empty files for a while.
		const all = new Set(folders.map(({ path }) => path));
		for (const path of all) {
			if (!all.has(dirname(path))) {
				this.#listener.tree(path);
			}
		}
	}

	/** What it missed, the scan that follows finds, and tells it of new folders. */
	recover(): Promise<void> {
		return Promise.resolve();
	}

	async close(): Promise<void> {
		await this.#watcher.close();
	}

	#asReal(path: string): string {
		return this.#realRoot + path.slice(this.#root.length);
	}

	/** A path that chokidar names, in the user's spelling of the root. */
	#asGiven(path: string): string {
		return isInside(this.#realRoot, path) ? this.#root + path.slice(this.#realRoot.length) : path;
	}

	/**
	 * chokidar's own list of running work (subscribing to and scanning new folders is in it) and its subscriptions by path.
	 * No public promise of chokidar's, so their absence means "cannot tell".
	 */
	get #internals(): Partial<{ tasks: Set<Promise<unknown>>; closers: Map<string, unknown> }> {
		return (this.#watcher as unknown as { lifecycle?: object }).lifecycle ?? {};
	}
}

function isFolder(path: string): boolean {
	try {
		return lstatSync(path).isDirectory();
	} catch {
		// Gone, or in what is no folder any more.
		return false;
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
