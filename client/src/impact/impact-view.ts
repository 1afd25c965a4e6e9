import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ContextKeys, Settings, Views } from '#shared/contributions.ts';
import { ErrorCodes } from '#shared/errors.ts';
import { Coalescer } from '../lifecycle/coalescer.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Wording } from '../l10n.ts';
import { RequestFailure } from '../session/request-failure.ts';
import type { Session } from '../session/session.ts';
import type { ContextKeyMirror } from '../state/context-keys.ts';
import { graphPhase, logMark } from '../state/graph.ts';
import type { Model } from '../state/model.ts';
import { indexingText } from '../views/graph-text.ts';
import { impactAsText } from './copy-text.ts';
import { impactItem, impactTooltip } from './impact-items.ts';
import { ImpactRows } from './impact-rows.ts';
import {
	type ImpactEnd,
	type ImpactGroup,
	type ImpactNode,
	type ImpactNote,
	type ImpactRoot,
	parentOf,
	rootOf,
} from './nodes.ts';
import { impactRowText, type Surroundings } from './row-text.ts';
import { shortPath } from './short-path.ts';

/** Who goes through files quickly wants to know only of the last one. */
const FOLLOW_MS = 250;
/** A longer wait is a row of its own. */
const PATIENCE_MS = 300;
/** Answers are asked for anew at most so often while files change. */
const REFRESH_MS = 1000;

/** The Impact view: what depends on the active file, and what the last burst affects. Asks for nothing while it is hidden. */
export class ImpactView implements vscode.TreeDataProvider<ImpactNode>, Disposable {
	readonly #scope = new Disposables();
	readonly #model: Model;
	readonly #wording: Wording;
	readonly #contextKeys: ContextKeyMirror;
	readonly #rows: ImpactRows;
	readonly #view: vscode.TreeView<ImpactNode>;
	readonly #emitter = this.#scope.add(new vscode.EventEmitter<ImpactNode | undefined>());
	readonly #refreshes = this.#scope.add(new Coalescer<true>(REFRESH_MS, () => this.#rows.refresh()));
	#following: NodeJS.Timeout | undefined;
	#pinned = false;
	/** What the log was like when the answers were asked for. */
	#mark = '';

	readonly onDidChangeTreeData = this.#emitter.event;

	constructor(model: Model, session: Session, contextKeys: ContextKeyMirror, wording: Wording) {
		this.#model = model;
		this.#wording = wording;
		this.#contextKeys = contextKeys;
		this.#rows = new ImpactRows({
			ask: (path, page, signal) => session.impact({ ...(path === undefined ? {} : { path }), ...page }, signal),
			patience: () => delay(PATIENCE_MS),
			noteOn,
		});
		this.#scope.add(this.#rows.changed.on((node) => this.#redraw(node)));
		this.#view = this.#scope.add(
			vscode.window.createTreeView<ImpactNode>(Views.impact, { treeDataProvider: this, showCollapseAll: true }),
		);
		this.#scope.add(this.#view.onDidChangeVisibility(() => this.#update()));
		this.#scope.add(vscode.window.onDidChangeActiveTextEditor(() => this.#follow()));
		this.#scope.add({ dispose: () => clearTimeout(this.#following) });
		this.#scope.add(model.changed.on(() => this.#update()));
		this.#scope.add(
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (event.affectsConfiguration(`${Settings.section}.${Settings.graphEnabled}`)) {
					this.#update();
				}
			}),
		);
		this.#rows.path = activeFile(undefined);
		this.#update();
	}

	dispose(): void {
		this.#scope.dispose();
	}

	get visible(): boolean {
		return this.#view.visible;
	}

	/** Asks anew. */
	refresh(): void {
		this.#rows.refresh();
	}

	/** Stays with the file that is shown, or follows the active editor again. */
	pin(pinned: boolean): void {
		this.#pinned = pinned;
		void this.#contextKeys.set(ContextKeys.impactPinned, pinned);
		if (!pinned) {
			this.#rows.path = activeFile(this.#rows.path);
		}
		this.#emitter.fire(this.#rows.file);
	}

	more(end: ImpactEnd): void {
		this.#rows.more(end);
	}

	/** The text of a root's whole answer, of both roots' when none is named; empty when nothing is known. */
	async asText(of?: ImpactNode): Promise<string> {
		const roots = of === undefined ? [this.#rows.file, this.#rows.burst] : [rootOf(of)];
		const texts: string[] = [];
		for (const root of roots) {
			const list = this.#rows.list(root);
			if (list !== undefined) {
				const { label } = impactRowText(root, this.#around(root), this.#wording);
				texts.push(await impactAsText(label, list, shortPath, this.#wording));
			}
		}
		return texts.join('\n\n');
	}

	getTreeItem(node: ImpactNode): vscode.TreeItem {
		return impactItem(node, this.#around(rootOf(node)), this.#wording);
	}

	resolveTreeItem(item: vscode.TreeItem, node: ImpactNode): vscode.TreeItem {
		item.tooltip ??= impactTooltip(impactRowText(node, this.#around(rootOf(node)), this.#wording));
		return item;
	}

	getParent(node: ImpactNode): ImpactNode | undefined {
		return parentOf(node);
	}

	async getChildren(node?: ImpactNode): Promise<ImpactNode[]> {
		if (node === undefined) {
			// What is asked for from now on is of now.
			this.#mark = logMark(this.#model) ?? '';
		}
		if (node?.kind !== 'root') {
			return await this.#rows.children(node);
		}
		const known = this.#rows.known(node);
		const children = await this.#rows.children(node);
		if (this.#rows.known(node) !== known) {
			// Its row says how many there are.
			setImmediate(() => this.#emitter.fire(node));
		}
		return children;
	}

	#around(root: ImpactRoot): Surroundings {
		return {
			path: this.#rows.path,
			pinned: this.#pinned,
			known: this.#rows.known(root),
			now: Date.now(),
			shorten: shortPath,
		};
	}

	#follow(): void {
		clearTimeout(this.#following);
		this.#following = setTimeout(() => {
			if (!this.#pinned) {
				this.#rows.path = activeFile(this.#rows.path);
			}
		}, FOLLOW_MS);
	}

	#redraw(node: ImpactRoot | ImpactGroup | undefined): void {
		// VS Code asks for nothing that is not on screen, and for all of it when it is shown again.
		this.#emitter.fire(node);
	}

	#update(): void {
		const enabled = vscode.workspace.getConfiguration(Settings.section).get<boolean>(Settings.graphEnabled, true);
		this.#rows.readiness = enabled ? graphPhase(this.#model) : 'none';
		const mark = logMark(this.#model);
		if (mark !== undefined && mark !== this.#mark && this.#view.visible) {
			this.#mark = mark;
			this.#refreshes.add(true);
		}
		const indexing = this.#model.status?.graph?.indexing;
		const message =
			this.#rows.readiness === 'waits' && indexing !== undefined ? indexingText(indexing, this.#wording) : '';
		if ((this.#view.message ?? '') !== message) {
			this.#view.message = message;
		}
	}
}

function noteOn(error: unknown): Pick<ImpactNote, 'note' | 'why'> {
	if (error instanceof RequestFailure) {
		if (error.serverGone) {
			// It is soon here again, and asked once more.
			return { note: 'waits' };
		}
		if (error.code === ErrorCodes.notCovered) {
			return { note: 'notCovered' };
		}
	}
	return { note: 'failed', why: error instanceof Error ? error.message : String(error) };
}

/** The file in the active editor; what was before while something else has the focus. */
function activeFile(before: string | undefined): string | undefined {
	const uri = vscode.window.activeTextEditor?.document.uri;
	if (uri?.scheme === 'file') {
		return uri.fsPath;
	}
	return vscode.window.visibleTextEditors.length === 0 ? undefined : before;
}
