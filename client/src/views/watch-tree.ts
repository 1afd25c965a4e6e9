import * as vscode from 'vscode';
import type { BurstSummary, LoggedChange, WatchSummary } from '#shared/model.ts';
import { Coalescer } from '../lifecycle/coalescer.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Wording } from '../l10n.ts';
import type { Session } from '../session/session.ts';
import type { Model } from '../state/model.ts';
import { openable } from './change-text.ts';
import type { BurstNode, EndNode, GraphNode, TreeNode, WatchNode } from './nodes.ts';
import { burstVersion, type LoadedRows, logVersion, RowPages } from './row-pages.ts';
import { rootProblems, TreeMemory } from './tree-diff.ts';
import { burstItem, changeItem, endItem, graphItem, problemItem, watchItem, watchTooltip } from './tree-items.ts';

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
	readonly #graph: GraphNode = { kind: 'graph' };
	readonly #refreshes = new Coalescer<WatchNode | GraphNode | undefined>(REFRESH_INTERVAL_MS, (nodes) =>
		this.#deliver(nodes),
	);
	readonly #memory = new TreeMemory();
	readonly #nodes = new Map<string, WatchNode>();
	/** Bursts, by watch. */
	readonly #pages = new Map<string, RowPages<BurstSummary>>();
	/** Changes, by watch, of the bursts that were expanded. */
	readonly #burstPages = new Map<string, Map<number, RowPages<LoggedChange>>>();
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
		const { watchId, within } = node;
		const pages = within ? this.#burstPages.get(watchId)?.get(within.burst.id) : this.#pages.get(watchId);
		if (pages) {
			pages.more();
			this.#refreshes.add(this.#node(watchId));
		}
	}

	getTreeItem(node: TreeNode): vscode.TreeItem {
		if (node.kind === 'watch') {
			const watch = this.#watch(node.watchId);
			const only = this.#model.status?.watches.length === 1;
			return watch ? watchItem(watch, only, this.#wording) : new vscode.TreeItem(node.watchId);
		}
		if (node.kind === 'burst') {
			return burstItem(node, this.#wording);
		}
		if (node.kind === 'change') {
			return changeItem(node, this.#watch(node.watchId)?.path ?? '', this.#wording);
		}
		if (node.kind === 'graph') {
			const { graph } = this.#model.status ?? {};
			return graph ? graphItem(graph, this.#wording) : new vscode.TreeItem('');
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
		if (node.kind === 'watch' || node.kind === 'problem' || node.kind === 'graph') {
			return undefined;
		}
		return (node.kind === 'burst' ? undefined : node.within) ?? this.#node(node.watchId);
	}

	async getChildren(node?: TreeNode): Promise<TreeNode[]> {
		if (node === undefined) {
			return this.#roots();
		}
		if (node.kind === 'burst') {
			return this.#changes(node);
		}
		return node.kind === 'watch' ? this.#bursts(node.watchId) : [];
	}

	#roots(): TreeNode[] {
		const status = this.#model.status;
		const problems = rootProblems(status).map((problem): TreeNode => ({ kind: 'problem', problem }));
		const watches = (status?.watches ?? []).map(({ id }) => this.#node(id));
		// Beneath the watches: it is about them all, and without any there is a welcome instead.
		const graph = status?.graph === undefined || watches.length === 0 ? [] : [this.#graph];
		return [...problems, ...watches, ...graph];
	}

	/** A watch's changes, those that belong together as one row. */
	async #bursts(watchId: string): Promise<TreeNode[]> {
		const watch = this.#watch(watchId);
		if (watch === undefined) {
			return [];
		}
		const pages = this.#pages.get(watchId) ?? this.#newPages(watchId);
		const { rows, beyond } = await pages.load(logVersion(watch));
		const opens = openable(rows.flatMap(({ change }) => change ?? []));
		const nodes = rows.map((burst): TreeNode => {
			const { change } = burst;
			return change === undefined
				? { kind: 'burst', watchId, burst }
				: { kind: 'change', watchId, change, opens: opens.has(change.seq) };
		});
		return nodes.length === 0 ? [{ kind: 'none', watchId }] : [...nodes, ...endOf(beyond, { watchId })];
	}

	async #changes(within: BurstNode): Promise<TreeNode[]> {
		const { watchId, burst } = within;
		const pages = this.#burstPages.get(watchId)?.get(burst.id) ?? this.#newBurstPages(watchId, burst.id);
		const { rows, beyond } = await pages.load(burstVersion(burst));
		const opens = openable(rows);
		const nodes = rows.map((change): TreeNode => {
			return { kind: 'change', watchId, change, opens: opens.has(change.seq), within };
		});
		return [...nodes, ...endOf(beyond, { watchId, within })];
	}

	#newPages(watchId: string): RowPages<BurstSummary> {
		const pages = new RowPages(async (limit) => {
			const { bursts: rows, more } = await this.#session.bursts({ watchId, limit });
			return { rows, more };
		});
		this.#pages.set(watchId, pages);
		return pages;
	}

	#newBurstPages(watchId: string, burst: number): RowPages<LoggedChange> {
		const pages = new RowPages(async (limit) => {
			const { changes: rows, more } = await this.#session.recentChanges({ watchId, limit, burst });
			return { rows, more };
		});
		const ofWatch = this.#burstPages.get(watchId) ?? new Map<number, RowPages<LoggedChange>>();
		this.#burstPages.set(watchId, ofWatch.set(burst, pages));
		// Rows that are no longer listed are never asked for again.
		const oldest = Math.min(...(this.#pages.get(watchId)?.latest.rows ?? []).map(({ id }) => id));
		for (const id of [...ofWatch.keys()].filter((known) => known < oldest)) {
			ofWatch.delete(id);
		}
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
				this.#burstPages.delete(id);
			}
		}
		if (!this.#visible) {
			this.#stale ||= diff.root || diff.graph || diff.watches.length > 0;
		} else if (diff.root) {
			// It covers the rows beneath: VS Code stumbles over a row that is asked for while the root is drawn anew.
			this.#refreshes.add(undefined);
		} else {
			for (const id of diff.watches) {
				this.#refreshes.add(this.#node(id));
			}
			if (diff.graph) {
				this.#refreshes.add(this.#graph);
			}
		}
	}

	#deliver(nodes: ReadonlySet<WatchNode | GraphNode | undefined>): void {
		// The root's refresh covers the rest.
		for (const node of nodes.has(undefined) ? [undefined] : nodes) {
			this.#emitter.fire(node);
		}
	}

	#showAges(): void {
		if (this.#visible) {
			for (const [id, pages] of this.#pages) {
				if (pages.latest.rows.length > 0) {
					this.#refreshes.add(this.#node(id));
				}
			}
		}
	}
}

/** The row at the end of what is listed, if there is more. */
function endOf(beyond: LoadedRows<unknown>['beyond'], where: Omit<EndNode, 'kind'>): EndNode[] {
	return beyond === 'nothing' ? [] : [{ kind: beyond === 'page' ? 'more' : 'limit', ...where }];
}
