import type { Disposable } from './disposables.ts';

/** An event with listeners, as `vscode.EventEmitter`, for files that must run without VS Code. */
export class Signal<T> implements Disposable {
	readonly #listeners = new Set<(value: T) => void>();

	on(listener: (value: T) => void): Disposable {
		// A wrapper, so that one function can be registered twice and removed once.
		const own = (value: T): void => listener(value);
		this.#listeners.add(own);
		return { dispose: () => this.#listeners.delete(own) };
	}

	fire(value: T): void {
		for (const listener of this.#listeners) {
			listener(value);
		}
	}

	dispose(): void {
		this.#listeners.clear();
	}
}
