import * as vscode from 'vscode';
import { Views } from '#shared/contributions.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Wording } from '../l10n.ts';
import type { Session } from '../session/session.ts';
import type { Model } from '../state/model.ts';
import type { EndNode, TreeNode } from './nodes.ts';
import { viewBadge, viewMessage } from './view-text.ts';
import { WatchTree } from './watch-tree.ts';

/** The two places that show watches: Filetide's own container, and a small view in the Explorer. */
export class WatchViews implements Disposable {
	readonly #scope = new Disposables();
	readonly #model: Model;
	readonly #wording: Wording;
	readonly #views: vscode.TreeView<TreeNode>[] = [];
	readonly #trees: WatchTree[] = [];

	constructor(model: Model, session: Session, wording: Wording) {
		this.#model = model;
		this.#wording = wording;
		for (const id of [Views.watches, Views.explorer]) {
			const tree = this.#scope.add(new WatchTree(model, session, wording));
			const view = this.#scope.add(
				vscode.window.createTreeView(id, {
					treeDataProvider: tree,
					canSelectMany: true,
					showCollapseAll: true,
				}),
			);
			this.#scope.add(view.onDidChangeVisibility(({ visible }) => tree.setVisible(visible)));
			tree.setVisible(view.visible);
			this.#trees.push(tree);
			this.#views.push(view);
		}
		this.#scope.add(model.changed.on(() => this.#update()));
		this.#scope.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#update()));
		this.#update();
	}

	dispose(): void {
		this.#scope.dispose();
	}

	/** Whether the Explorer's view is on screen. */
	get explorerVisible(): boolean {
		return this.#views[1]?.visible ?? false;
	}

	/** Brings Filetide's own view to the front. */
	reveal(): void {
		void vscode.commands.executeCommand(`${Views.watches}.focus`);
	}

	loadMore(node: EndNode): void {
		for (const tree of this.#trees) {
			tree.loadMore(node);
		}
	}

	#update(): void {
		const message = viewMessage(this.#model, vscode.workspace.isTrusted, this.#wording) ?? '';
		for (const view of this.#views) {
			if ((view.message ?? '') !== message) {
				view.message = message;
			}
		}
		// On the Filetide icon only: the Explorer's is not Filetide's to mark.
		const main = this.#views[0];
		const badge = viewBadge(this.#model, this.#wording);
		if (main && (main.badge?.value !== badge?.value || main.badge?.tooltip !== badge?.tooltip)) {
			main.badge = badge;
		}
	}
}
