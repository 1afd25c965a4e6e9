import * as vscode from 'vscode';
import { MAX_OPEN_FILES } from '#shared/protocol.ts';
import { Coalescer } from '../lifecycle/coalescer.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Model } from '../state/model.ts';
import type { Session } from './session.ts';

/** Tabs come and go in dozens when a window is restored. */
const TELL_MS = 500;

/** Tells the server which files are open: what it knows of them is brought up to date first. */
export class OpenFileTabs implements Disposable {
	readonly #scope = new Disposables();
	readonly #model: Model;
	readonly #session: Session;
	readonly #log: vscode.LogOutputChannel;
	readonly #tells = this.#scope.add(new Coalescer<true>(TELL_MS, () => void this.#tell()));
	/** What this run of the server was told last. */
	#told: string | undefined;

	constructor(model: Model, session: Session, log: vscode.LogOutputChannel) {
		this.#model = model;
		this.#session = session;
		this.#log = log;
		this.#scope.add(vscode.window.tabGroups.onDidChangeTabs(() => this.#tells.add(true)));
		this.#scope.add(vscode.window.onDidChangeActiveTextEditor(() => this.#tells.add(true)));
		this.#scope.add(model.changed.on(() => this.#followServer()));
	}

	dispose(): void {
		this.#scope.dispose();
	}

	/** A server that has just started knows nothing. */
	#followServer(): void {
		if (this.#model.state !== 'running') {
			this.#told = undefined;
		} else if (this.#told === undefined) {
			this.#tells.add(true);
		}
	}

	async #tell(): Promise<void> {
		const paths = openFiles();
		const text = paths.join('\0');
		if (this.#model.state !== 'running' || text === this.#told) {
			return;
		}
		this.#told = text;
		try {
			await this.#session.openFiles(paths);
		} catch (error) {
			// The server has ended: the next one is told.
			this.#told = undefined;
			this.#log.debug('Telling the server which files are open', String(error));
		}
	}
}

/** The active one, then those that are shown, then the others. */
function openFiles(): string[] {
	const { activeTextEditor, visibleTextEditors, tabGroups } = vscode.window;
	const shown = [activeTextEditor, ...visibleTextEditors].map((editor) => editor?.document.uri);
	const tabs = tabGroups.all.flatMap(({ tabs: each }) => each).map(({ input }) => uriOf(input));
	const paths = [...shown, ...tabs].flatMap((uri) => (uri?.scheme === 'file' ? [uri.fsPath] : []));
	return [...new Set(paths)].slice(0, MAX_OPEN_FILES);
}

function uriOf(input: unknown): vscode.Uri | undefined {
	return input instanceof vscode.TabInputText ? input.uri : undefined;
}
