import * as vscode from 'vscode';
import { Commands } from '#shared/contributions.ts';
import type { Wording } from '../l10n.ts';
import { type ImpactNode, rootOf } from './nodes.ts';
import { type ImpactRowText, impactRowText, type Surroundings } from './row-text.ts';

export function impactItem(node: ImpactNode, around: Surroundings, w: Wording): vscode.TreeItem {
	const text = impactRowText(node, around, w);
	const item = new vscode.TreeItem(text.label, collapsible(node));
	item.id = idOf(node);
	item.description = text.description;
	item.contextValue = contextOf(node, around);
	item.accessibilityInformation = { label: text.accessibleLabel };
	// The tooltips of files are many, and rarely looked at: they are made when the pointer rests on one.
	if (node.kind !== 'file' && text.tooltip.length > 0) {
		item.tooltip = impactTooltip(text);
	}
	if (node.kind === 'file') {
		item.resourceUri = vscode.Uri.file(node.file.file);
		item.command = { command: Commands.openAffectedFile, title: w.t('Open'), arguments: [node] };
	}
	if (node.kind === 'more') {
		item.command = { command: Commands.loadMoreImpact, title: text.label, arguments: [node] };
	}
	if (text.icon !== undefined) {
		item.iconPath = text.icon === 'file' ? vscode.ThemeIcon.File : new vscode.ThemeIcon(text.icon);
	}
	return item;
}

export function impactTooltip({ tooltip }: ImpactRowText): vscode.MarkdownString {
	const text = new vscode.MarkdownString();
	for (const [index, line] of tooltip.entries()) {
		text.appendMarkdown(index === 0 ? '' : '\n\n').appendText(line);
	}
	return text;
}

function collapsible(node: ImpactNode): vscode.TreeItemCollapsibleState {
	const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
	switch (node.kind) {
		case 'root':
			return Expanded;
		case 'group':
			return node.expanded ? Expanded : Collapsed;
		case 'widenedGroup':
			return Collapsed;
		case 'file':
		case 'widened':
		case 'note':
		case 'more':
		case 'limit':
			return None;
	}
}

/** What was expanded or selected stays so when the answer is another one. */
function idOf(node: ImpactNode): string {
	const root = rootOf(node).of;
	switch (node.kind) {
		case 'root':
			return root;
		case 'group':
			return `${root}:${node.group.distance}`;
		case 'file':
			return `${root}:${node.within.group.distance}:${node.file.file}`;
		case 'widened':
			return `${root}:widened:${node.index}`;
		case 'widenedGroup':
			return `${root}:widened`;
		case 'note':
			return `${root}:note`;
		case 'more':
		case 'limit':
			return `${root}:${node.within.group.distance}:${node.kind}`;
	}
}

/** Tokens for when-clauses. */
function contextOf(node: ImpactNode, { pinned }: Surroundings): string {
	if (node.kind === 'root') {
		return node.of === 'burst' ? 'impact+burst' : `impact+dependents${pinned ? '+pinned' : ''}`;
	}
	return node.kind === 'note' ? `impact+${node.note}` : `impact+${node.kind}`;
}
