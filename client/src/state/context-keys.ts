import * as vscode from 'vscode';
import { ContextKeys } from '#shared/contributions.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Model } from './model.ts';

type ContextKey = (typeof ContextKeys)[keyof typeof ContextKeys];

/** Mirrors the model into the few context keys that when-clauses use. Equal values are not sent again. */
export class ContextKeyMirror implements Disposable {
	readonly #values = new Map<ContextKey, unknown>();
	readonly #scope = new Disposables();
	readonly #model: Model;

	constructor(model: Model) {
		this.#model = model;
		this.#scope.add(model.changed.on(() => this.#update()));
		this.#update();
	}

	/** Takes the keys back: an extension that is off must not leave its menus enabled. */
	async dispose(): Promise<void> {
		this.#scope.dispose();
		// A window that is closing has no context keys left to take back.
		await Promise.allSettled(Object.values(ContextKeys).map((key) => this.set(key, undefined)));
	}

	/** For the keys that the model knows nothing of. */
	async set(key: ContextKey, value: unknown): Promise<void> {
		if (!this.#values.has(key) || this.#values.get(key) !== value) {
			this.#values.set(key, value);
			await vscode.commands.executeCommand('setContext', key, value);
		}
	}

	#update(): void {
		void this.set(ContextKeys.state, this.#model.state);
		void this.set(ContextKeys.hasWatches, this.#model.hasWatches);
	}
}
