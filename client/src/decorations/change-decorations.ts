import * as vscode from 'vscode';
import { type ClientState, DECORATION_COLOR, Settings } from '#shared/contributions.ts';
import type { PathStats } from '#shared/model.ts';
import { MAX_PATHS_PER_REQUEST, type PathsChanged } from '#shared/protocol.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Wording } from '../l10n.ts';
import type { Session } from '../session/session.ts';
import type { Model } from '../state/model.ts';
import { decorationText } from './badge.ts';
import { PathCache } from './path-cache.ts';
import { WatchRoots } from './watch-roots.ts';

/** VS Code trims a longer list of changed decorations; "all" is cheap, because it asks again for what is on screen. */
const MAX_CHANGED_URIS = 250;
const GATHER_MS = 15;
const MAX_CACHED = 20_000;

/** Badges with the number of changes on files and folders, wherever VS Code shows them. */
export class ChangeDecorations implements vscode.FileDecorationProvider, Disposable {
	readonly #scope = new Disposables();
	readonly #emitter = this.#scope.add(new vscode.EventEmitter<vscode.Uri[] | undefined>());
	readonly #model: Model;
	readonly #wording: Wording;
	readonly #cache: PathCache<PathStats>;
	#roots = new WatchRoots([]);
	#settings = readSettings();
	#state: ClientState = 'idle';

	readonly onDidChangeFileDecorations = this.#emitter.event;

	constructor(model: Model, session: Session, wording: Wording) {
		this.#model = model;
		this.#wording = wording;
		this.#cache = this.#scope.add(
			new PathCache({
				fetch: async (paths) => (await session.pathStats(paths)).stats,
				delayMs: GATHER_MS,
				maxPaths: MAX_PATHS_PER_REQUEST,
				maxEntries: MAX_CACHED,
			}),
		);
		this.#scope.add(model.changed.on(() => this.#followRoots()));
		this.#scope.add(model.pathsChanged.on(({ paths }) => this.#invalidate(paths)));
		this.#scope.add(
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (event.affectsConfiguration(`${Settings.section}.decorations`)) {
					this.#settings = readSettings();
					this.#emitter.fire(undefined);
				}
			}),
		);
		this.#scope.add(vscode.window.registerFileDecorationProvider(this));
	}

	dispose(): void {
		this.#scope.dispose();
	}

	async provideFileDecoration(uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
		if (!this.#settings.enabled || uri.scheme !== 'file' || !this.#roots.contains(uri.fsPath)) {
			return undefined;
		}
		const stats = await this.#cache.get(this.#roots.key(uri.fsPath), uri.fsPath);
		const text = stats && decorationText(stats, this.#wording);
		if (text === undefined) {
			return undefined;
		}
		const color = this.#settings.color && text.badge ? new vscode.ThemeColor(DECORATION_COLOR) : undefined;
		const decoration = new vscode.FileDecoration(text.badge, text.tooltip, color);
		// A folder has its own count; git's colours keep the folders above.
		decoration.propagate = false;
		return decoration;
	}

	/** While the server is being started again, what is shown stays; what it finds when it runs may differ. */
	#followRoots(): void {
		const { state, status } = this.#model;
		const roots = new WatchRoots((status?.watches ?? []).map(({ path }) => path));
		const started = state === 'running' && this.#state !== 'running';
		this.#state = state;
		if (started || !roots.equals(this.#roots)) {
			this.#roots = roots;
			this.#cache.clear();
			this.#emitter.fire(undefined);
		}
	}

	#invalidate(paths: PathsChanged['paths']): void {
		if (paths === null) {
			this.#cache.clear();
			this.#emitter.fire(undefined);
			return;
		}
		const changed = new Map<string, string>();
		for (const path of paths) {
			for (const above of this.#roots.withFoldersAbove(path)) {
				changed.set(this.#roots.key(above), above);
			}
		}
		const shown = [...changed]
			.filter(([key]) => this.#cache.invalidate(key))
			.map(([, path]) => vscode.Uri.file(path));
		if (shown.length > 0) {
			this.#emitter.fire(shown.length > MAX_CHANGED_URIS ? undefined : shown);
		}
	}
}

function readSettings(): { enabled: boolean; color: boolean } {
	const section = vscode.workspace.getConfiguration(Settings.section);
	return {
		enabled: section.get<boolean>(Settings.decorationsEnabled, true),
		color: section.get<boolean>(Settings.decorationsColor, false),
	};
}
