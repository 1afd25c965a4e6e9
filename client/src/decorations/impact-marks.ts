import * as vscode from 'vscode';
import { Settings } from '#shared/contributions.ts';
import { type Invalidated, MAX_PATHS_PER_REQUEST } from '#shared/protocol.ts';
import { Coalescer } from '../lifecycle/coalescer.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import { QueueOne } from '../lifecycle/queue-one.ts';
import type { Wording } from '../l10n.ts';
import type { Session } from '../session/session.ts';
import { graphPhase, logMark } from '../state/graph.ts';
import type { Model } from '../state/model.ts';
import { markText } from './mark-text.ts';
import { PathCache } from './path-cache.ts';
import { SeenImpact, type StoredSeen } from './seen-impact.ts';
import { WatchRoots } from './watch-roots.ts';

/** While files change, the server is asked at most so often. */
const ASK_MS = 1000;
const GATHER_MS = 15;
const MAX_CACHED = 20_000;
const STORED = 'filetide.seenImpact';

/**
 * Marks on the files that the last burst affects, until they are opened, another burst comes, or they are cleared. Asks for
 * what VS Code shows, however much is affected.
 */
export class ImpactMarks implements vscode.FileDecorationProvider, Disposable {
	readonly #scope = new Disposables();
	readonly #emitter = this.#scope.add(new vscode.EventEmitter<vscode.Uri | undefined>());
	readonly #model: Model;
	readonly #session: Session;
	readonly #wording: Wording;
	readonly #log: vscode.LogOutputChannel;
	readonly #seen: SeenImpact;
	readonly #cache: PathCache<Invalidated>;
	readonly #questions = new QueueOne(() => this.#ask());
	readonly #asks = this.#scope.add(new Coalescer<true>(ASK_MS, () => void this.#questions.run()));
	#roots = new WatchRoots([]);
	#enabled = isEnabled();
	#mark: string | undefined;
	/** How many files the last burst affects. */
	#affected = 0;

	readonly onDidChangeFileDecorations = this.#emitter.event;

	constructor(model: Model, session: Session, state: vscode.Memento, wording: Wording, log: vscode.LogOutputChannel) {
		this.#model = model;
		this.#session = session;
		this.#wording = wording;
		this.#log = log;
		this.#seen = new SeenImpact(state.get<StoredSeen>(STORED), (seen) => void state.update(STORED, seen));
		this.#cache = this.#scope.add(
			new PathCache<Invalidated>({
				fetch: async (paths) => (await session.impactOn(paths)).files,
				delayMs: GATHER_MS,
				maxPaths: MAX_PATHS_PER_REQUEST,
				maxEntries: MAX_CACHED,
			}),
		);
		this.#scope.add(model.changed.on(() => this.#follow()));
		this.#scope.add(vscode.window.onDidChangeActiveTextEditor((editor) => this.#see(editor?.document.uri)));
		this.#scope.add(
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (event.affectsConfiguration(Settings.section)) {
					this.#enabled = isEnabled();
					this.#emitter.fire(undefined);
					this.#follow();
				}
			}),
		);
		this.#scope.add(vscode.window.registerFileDecorationProvider(this));
	}

	dispose(): void {
		this.#scope.dispose();
	}

	/** Takes all marks away, until something changes. */
	clear(): void {
		this.#seen.seeAll();
		this.#emitter.fire(undefined);
	}

	async provideFileDecoration(uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
		if (!this.#enabled || this.#affected === 0 || uri.scheme !== 'file' || !this.#roots.contains(uri.fsPath)) {
			return undefined;
		}
		const key = this.#roots.key(uri.fsPath);
		if (this.#seen.has(key)) {
			return undefined;
		}
		const file = await this.#cache.get(key, uri.fsPath);
		if (file === undefined) {
			return undefined;
		}
		const { badge, tooltip } = markText(file, this.#wording);
		// No colour: it is git's. And the folders above have counts of their own.
		return { badge, tooltip, propagate: false };
	}

	/** Asks when there is no more work: the last burst may be another one, or affect more. */
	#follow(): void {
		this.#roots = new WatchRoots((this.#model.status?.watches ?? []).map(({ path }) => path));
		const mark = this.#enabled && graphPhase(this.#model) === 'ready' ? logMark(this.#model) : undefined;
		if (mark !== undefined && mark !== this.#mark) {
			this.#mark = mark;
			this.#asks.add(true);
		}
	}

	async #ask(): Promise<void> {
		try {
			const { burst, affected } = await this.#session.impactOn([]);
			const before = this.#affected;
			this.#affected = affected;
			this.#seen.begin(`${this.#model.status?.indexPath}#${burst}`);
			this.#cache.clear();
			if (before + affected > 0) {
				this.#emitter.fire(undefined);
			}
		} catch (error) {
			// Marks are an extra: what is shown stays until there is an answer.
			this.#mark = undefined;
			this.#log.debug('Asking what the last burst affects', String(error));
		}
	}

	#see(uri: vscode.Uri | undefined): void {
		if (uri?.scheme === 'file' && this.#affected > 0 && this.#roots.contains(uri.fsPath)) {
			const key = this.#roots.key(uri.fsPath);
			if (!this.#seen.has(key)) {
				this.#seen.see(key);
				this.#emitter.fire(uri);
			}
		}
	}
}

function isEnabled(): boolean {
	const section = vscode.workspace.getConfiguration(Settings.section);
	return section.get<boolean>(Settings.decorationsImpact, true) && section.get<boolean>(Settings.graphEnabled, true);
}
