/** What VS Code's own `Disposable` looks like from here: these files are unit-tested where `vscode` does not exist. */
export interface Disposable {
	dispose(): unknown;
}

/**
 * A scope of things that end together, newest first. The client has two kinds: the extension's life, and one run of
 * the server. What is added after the end is disposed at once: asynchronous work may finish late.
 */
export class Disposables implements Disposable {
	readonly #items: Disposable[] = [];
	#disposed = false;

	add<T extends Disposable>(item: T): T {
		if (this.#disposed) {
			item.dispose();
		} else {
			this.#items.push(item);
		}
		return item;
	}

	get disposed(): boolean {
		return this.#disposed;
	}

	dispose(): void {
		this.#disposed = true;
		for (let item = this.#items.pop(); item; item = this.#items.pop()) {
			item.dispose();
		}
	}
}
