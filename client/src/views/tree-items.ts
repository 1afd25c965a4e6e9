import * as vscode from 'vscode';
import { Commands } from '#shared/contributions.ts';
import type { Problem, WatchSummary } from '#shared/model.ts';
import type { GraphStatus } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { burstRow } from './burst-text.ts';
import { changeRow } from './change-text.ts';
import { graphRow } from './graph-text.ts';
import type { BurstNode, ChangeNode, EndNode } from './nodes.ts';
import { MAX_PAGES, PAGE_SIZE } from './row-pages.ts';
import { oneLine, shorten } from './safe-text.ts';
import { stateText, watchFacts, watchRow } from './watch-text.ts';

const PROBLEM_LABEL = 100;

export function watchItem(watch: WatchSummary, expanded: boolean, w: Wording): vscode.TreeItem {
	const row = watchRow(watch, w);
	// Never a leaf, even without changes: VS Code does not expand a row that becomes expandable later.
	const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
	const item = new vscode.TreeItem(row.label, expanded ? Expanded : Collapsed);
	item.id = `watch:${watch.id}`;
	item.description = row.description;
	item.iconPath = themeIcon(row.icon);
	item.contextValue = row.contextValue;
	item.accessibilityInformation = { label: row.accessibleLabel };
	return item;
}

/** Filled in when the pointer rests on the row. */
export function watchTooltip(watch: WatchSummary, w: Wording): vscode.MarkdownString {
	const text = new vscode.MarkdownString(undefined, true);
	text.isTrusted = { enabledCommands: [Commands.rescanWatch, Commands.pauseWatch, Commands.resumeWatch] };
	text.appendMarkdown('**').appendText(oneLine(watch.name)).appendMarkdown('** — ');
	text.appendText(stateText(watch.state, w)).appendMarkdown('\n\n').appendText(oneLine(watch.path));
	if (watch.message !== undefined) {
		text.appendMarkdown('\n\n').appendText(watch.message);
	}
	for (const fact of watchFacts(watch, Date.now(), w)) {
		text.appendMarkdown('\n\n').appendText(fact);
	}
	const paused = watch.state === 'paused';
	const links = [
		commandLink(w.t('Rescan'), Commands.rescanWatch, watch.id),
		paused
			? commandLink(w.t('Resume'), Commands.resumeWatch, watch.id)
			: commandLink(w.t('Pause'), Commands.pauseWatch, watch.id),
	];
	return text.appendMarkdown(`\n\n${links.join(' · ')}`);
}

export function burstItem({ watchId, burst }: BurstNode, w: Wording): vscode.TreeItem {
	const row = burstRow(burst, Date.now(), w);
	const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.Collapsed);
	item.id = `burst:${watchId}:${burst.id}`;
	item.description = row.description;
	item.iconPath = themeIcon(row.icon);
	item.tooltip = row.tooltip;
	item.contextValue = `burst+${burst.origin}`;
	item.accessibilityInformation = { label: row.accessibleLabel };
	return item;
}

export function changeItem(node: ChangeNode, root: string, w: Wording): vscode.TreeItem {
	const { change } = node;
	const row = changeRow(change, root, Date.now(), w);
	const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.None);
	// The watch is part of it: overlapping watches show one change twice.
	item.id = `change:${node.watchId}:${change.seq}`;
	item.resourceUri = vscode.Uri.file(change.path);
	item.description = row.description;
	item.iconPath = themeIcon(row.icon);
	item.tooltip = row.tooltip;
	item.contextValue = `change+${change.type}`;
	item.accessibilityInformation = { label: row.accessibleLabel };
	if (node.opens) {
		item.command = { command: 'vscode.open', title: w.t('Open'), arguments: [item.resourceUri] };
	}
	return item;
}

export function problemItem(problem: Problem): vscode.TreeItem {
	const item = new vscode.TreeItem(shorten(problem.message, PROBLEM_LABEL));
	item.id = `problem:${problem.key}`;
	item.iconPath = themeIcon(
		problem.severity === 'error'
			? { id: 'error', color: 'list.errorForeground' }
			: { id: 'warning', color: 'list.warningForeground' },
	);
	item.tooltip = oneLine(problem.message);
	item.contextValue = 'problem';
	item.accessibilityInformation = { label: oneLine(problem.message) };
	return item;
}

export function graphItem(graph: GraphStatus, w: Wording): vscode.TreeItem {
	const row = graphRow(graph, w);
	const item = new vscode.TreeItem(row.label);
	item.id = 'graph';
	item.description = row.description;
	item.iconPath = themeIcon(row.icon);
	item.tooltip = new vscode.MarkdownString().appendText(row.tooltip.join('\n'));
	item.contextValue = row.contextValue;
	item.accessibilityInformation = { label: row.accessibleLabel };
	return item;
}

export function endItem(node: EndNode, w: Wording): vscode.TreeItem {
	const item = new vscode.TreeItem('');
	item.id = `${node.kind}:${node.watchId}${node.within === undefined ? '' : `:${node.within.burst.id}`}`;
	if (node.kind === 'none') {
		item.label = w.t('No changes yet');
	} else if (node.kind === 'limit') {
		const listed = w.number(PAGE_SIZE * MAX_PAGES);
		item.label =
			node.within === undefined
				? w.t('The newest {0} rows are listed', listed)
				: w.t('The newest {0} changes are listed', listed);
	} else {
		item.label = w.t('Load More…');
		item.iconPath = new vscode.ThemeIcon('ellipsis');
		item.command = { command: Commands.loadMoreChanges, title: item.label, arguments: [node] };
	}
	return item;
}

export function commandLink(text: string, command: string, ...args: string[]): string {
	const query = args.length === 0 ? '' : `?${encodeURIComponent(JSON.stringify(args))}`;
	return `[${text}](command:${command}${query})`;
}

function themeIcon({ id, color }: { id: string; color?: string }): vscode.ThemeIcon {
	return color === undefined ? new vscode.ThemeIcon(id) : new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
}
