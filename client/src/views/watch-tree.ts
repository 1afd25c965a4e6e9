import * as vscode from 'vscode';
import type { WatchSummary } from '#shared/model.ts';
import { Coalescer } from '../lifecycle/coalescer.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Wording } from '../l10n.ts';
import type { Session } from '../session/session.ts';
import type { Model } from '../state/model.ts';
import { ChangePages, logVersion } from './change-pages.ts';
import { openable } from './change-text.ts';
import type { EndNode, TreeNode, WatchNode } from './nodes.ts';
import { rootProblems, TreeMemory } from './tree-diff.ts';
import { changeItem, endItem, problemItem, watchItem, watchTooltip } from './tree-items.ts';

/** VS Code redraws on every event: three a second look live and cost little. */
const REFRESH_INTERVAL_MS = 300;
/** "12 s ago" grows old by itself. */
const AGE_INTERVAL_MS = 15_000;

/** Watches with their newest changes, for one view. Asks for nothing while the view is hidden. */
export class WatchTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
	readonly #model: Model;
	readonly #session: Session;
	readonly #wording: Wording;
	readonly #scope = new Disposables();
	readonly #emitter = new vscode.EventEmitter<TreeNode | undefined>();
	readonly #refreshes = new Coalescer<WatchNode | undefined>(REFRESH_INTERVAL_MS, (nodes) => this.#deliver(nodes));
	readonly #memory = new TreeMemory();
	readonly #nodes = new Map<string, WatchNode>();
	readonly #pages = new Map<string, ChangePages>();
	#visible = false;
	/** Something changed while nobody looked. */
	#stale = false;

	readonly onDidChangeTreeData = this.#emitter.event;

	constructor(model: Model, session: Session, wording: Wording) {
		this.#model = model;
		this.#session = session;
		this.#wording = wording;
		this.#scope.add(this.#emitter);
		this.#scope.add(this.#refreshes);
		this.#scope.add(model.changed.on(() => this.#update()));
		const ages = setInterval(() => this.#showAges(), AGE_INTERVAL_MS);
		this.#scope.add({ dispose: () => clearInterval(ages) });
		this.#memory.update(model.status, wording);
	}

	dispose(): void {
		this.#scope.dispose();
	}

	setVisible(visible: boolean): void {
		this.#visible = visible;
		if (!visible) {
			this.#stale ||= this.#refreshes.clear();
		} else if (this.#stale) {
			this.#stale = false;
			this.#refreshes.add(undefined);
		}
	}

	loadMore(node: EndNode): void {
		const pages = this.#pages.get(node.watchId);
		if (pages) {
			pages.more();
			this.#refreshes.add(this.#node(node.watchId));
		}
	}

	getTreeItem(node: TreeNode): vscode.TreeItem {
		if (node.kind === 'watch') {
			const watch = this.#watch(node.watchId);
			const only = this.#model.status?.watches.length === 1;
			return watch ? watchItem(watch, only, this.#wording) : new vscode.TreeItem(node.watchId);
		}
		if (node.kind === 'change') {
			return changeItem(node, this.#watch(node.watchId)?.path ?? '', this.#wording);
		}
		return node.kind === 'problem' ? problemItem(node.problem) : endItem(node, this.#wording);
	}

	resolveTreeItem(item: vscode.TreeItem, node: TreeNode): vscode.TreeItem {
		const watch = node.kind === 'watch' ? this.#watch(node.watchId) : undefined;
		if (watch) {
			item.tooltip = watchTooltip(watch, this.#wording);
		}
		return item;
	}

	getParent(node: TreeNode): TreeNode | undefined {
		return node.kind === 'watch' || node.kind === 'problem' ? undefined : this.#node(node.watchId);
	}

	async getChildren(node?: TreeNode): Promise<TreeNode[]> {
		if (node === undefined) {
			return this.#roots();
		}
		return node.kind === 'watch' ? this.#changes(node.watchId) : [];
	}

	#roots(): TreeNode[] {
		const status = this.#model.status;
		const problems = rootProblems(status).map((problem): TreeNode => ({ kind: 'problem', problem }));
		const watches = (status?.watches ?? []).map(({ id }) => this.#node(id));
		return [...problems, ...watches];
	}

	async #changes(watchId: string): Promise<TreeNode[]> {
		const watch = this.#watch(watchId);
		if (watch === undefined) {
			return [];
		}
		const pages = this.#pages.get(watchId) ?? this.#newPages(watchId);
		const { changes, beyond } = await pages.load(logVersion(watch));
		const opens = openable(changes);
		const rows = changes.map((change): TreeNode => ({
			kind: 'change',
			watchId,
			change,
			opens: opens.has(change.seq),
		}));
		if (rows.length === 0) {
			return [{ kind: 'none', watchId }];
		}
		const end: TreeNode[] = beyond === 'nothing' ? [] : [{ kind: beyond === 'page' ? 'more' : 'limit', watchId }];
		return [...rows, ...end];
	}

	#newPages(watchId: string): ChangePages {
		const pages = new ChangePages((limit) => this.#session.recentChanges({ watchId, limit }));
		this.#pages.set(watchId, pages);
		return pages;
	}

	#watch(id: string): WatchSummary | undefined {
		return this.#model.status?.watches.find((watch) => watch.id === id);
	}

	#node(watchId: string): WatchNode {
		let node = this.#nodes.get(watchId);
		if (node === undefined) {
			node = { kind: 'watch', watchId };
			this.#nodes.set(watchId, node);
		}
		return node;
	}

	#update(): void {
		const diff = this.#memory.update(this.#model.status, this.#wording);
		if (diff.root) {
			const ids = new Set(this.#model.status?.watches.map(({ id }) => id));
			for (const id of [...this.#nodes.keys()].filter((id) => !ids.has(id))) {
				this.#nodes.delete(id);
				this.#pages.delete(id);
			}
		}
		if (!this.#visible) {
			this.#stale ||= diff.root || diff.watches.length > 0;
		} else if (diff.root) {
			// It covers the rows beneath: VS Code stumbles over a row that is asked for while the root is drawn anew.
			this.#refreshes.add(undefined);
		} else {
			for (const id of diff.watches) {
				this.#refreshes.add(this.#node(id));
			}
		}
	}

	#deliver(nodes: ReadonlySet<WatchNode | undefined>): void {
		// The root's refresh covers the rest.
		for (const node of nodes.has(undefined) ? [undefined] : nodes) {
			this.#emitter.fire(node);
		}
	}

	#showAges(): void {
		if (this.#visible) {
			for (const [id, pages] of this.#pages) {
				if (pages.latest.changes.length > 0) {
					this.#refreshes.add(this.#node(id));
				}
			}
		}
	}
}
