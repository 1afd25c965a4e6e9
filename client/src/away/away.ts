import * as vscode from 'vscode';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Model } from '../state/model.ts';
import { type AbsenceState, comeBack, leave, type Moment, readAbsence } from './absence.ts';

const KEY = 'filetide.absence';

/** Remembers, per workspace, where the log was when the window lost its focus or was closed. */
export class Away implements Disposable {
	readonly #scope = new Disposables();
	readonly #model: Model;
	readonly #memory: vscode.Memento;
	#state: AbsenceState;

	constructor(model: Model, memory: vscode.Memento) {
		this.#model = model;
		this.#memory = memory;
		this.#state = readAbsence(memory.get(KEY));
		this.#scope.add(
			vscode.window.onDidChangeWindowState(({ focused }) => {
				void (focused ? this.#comeBack() : this.leave());
			}),
		);
		if (vscode.window.state.focused) {
			void this.#comeBack();
		}
	}

	/** When the last absence began; while the window has no focus, the present one. */
	get since(): Moment | undefined {
		return comeBack(this.#state, Date.now()).away;
	}

	/** The window loses its focus or closes. Resolves when that is stored. */
	async leave(): Promise<void> {
		const cursor = this.#model.status?.cursor;
		if (cursor !== undefined) {
			await this.#store(leave(this.#state, { cursor, at: Date.now() }));
		}
	}

	dispose(): void {
		this.#scope.dispose();
	}

	async #comeBack(): Promise<void> {
		await this.#store(comeBack(this.#state, Date.now()));
	}

	async #store(state: AbsenceState): Promise<void> {
		this.#state = state;
		await this.#memory.update(KEY, state);
	}
}
