/**
 * The native source for macOS and Windows: one recursive `fs.watch`. New folders need nothing; where the system says that it
 * dropped something (no name), or fails, everything is looked at.
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scopes } from './scope.ts';
import type { NewFolder, Source, SourceListener } from './source.ts';

export class RecursiveSource implements Source {
	readonly ready: Promise<void>;
	readonly #root: string;
	readonly #listener: SourceListener;
	#watcher: FSWatcher | undefined;

	/** @param open `fs.watch`, which tests replace */
	constructor(root: string, scopes: Scopes, listener: SourceListener, open: typeof watch = watch) {
		this.#root = root;
		this.#listener = listener;
		try {
			this.#watcher = open(root, { recursive: true }, (_event, name) => {
				this.#take(name, scopes);
			});
			this.#watcher.on('error', (error) => {
				listener.failed(error instanceof Error ? error : new Error(String(error)));
				listener.tree(root);
			});
			this.ready = Promise.resolve();
		} catch (error) {
			this.ready = Promise.reject(error);
		}
	}

	get handles(): number {
		return this.#watcher === undefined ? 0 : 1;
	}

	/** One queue per handle, and the system may hold back: it cannot be known. */
	settle(): Promise<boolean> {
		return Promise.resolve(false);
	}

	ensure(folders: readonly NewFolder[]): Promise<void> {
		const all = new Set(folders.map(({ path }) => path));
		for (const path of all) {
			if (!all.has(dirname(path))) {
				this.#listener.tree(path);
			}
		}
		return Promise.resolve();
	}

	recover(): Promise<void> {
		return Promise.resolve();
	}

	close(): Promise<void> {
		this.#watcher?.close();
		this.#watcher = undefined;
		return Promise.resolve();
	}

	#take(name: string | null, scopes: Scopes): void {
		// Node has no name to give when the system's buffer was too small ("scan the subtree").
		if (name === null) {
			this.#listener.tree(this.#root);
			return;
		}
		const path = join(this.#root, name);
		if (path === this.#root || scopes.of(dirname(path)).watched) {
			this.#listener.entry(path);
		}
	}
}
