import * as vscode from 'vscode';
import { isImpactNode } from '../impact/nodes.ts';
import { openAffected } from '../impact/open-affected.ts';
import type { CommandDeps } from './deps.ts';
import { serverRuns } from './pick-watch.ts';

/** Copies what the Impact view has to say: beneath the row that it is called for, or all of it. */
export async function copyImpact([row]: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { impact, wording } = deps;
	if (!(await serverRuns(deps))) {
		return;
	}
	const text = await impact.asText(isImpactNode(row) ? row : undefined);
	if (text === '') {
		void vscode.window.showInformationMessage(wording.t('There is nothing to copy yet.'));
		return;
	}
	await vscode.env.clipboard.writeText(text);
	vscode.window.setStatusBarMessage(wording.t('Impact copied'), 3000);
}

export async function openAffectedFile([row]: readonly unknown[]): Promise<void> {
	if (isImpactNode(row) && row.kind === 'file') {
		await openAffected(row.file);
	}
}

export function loadMoreImpact([row]: readonly unknown[], { impact }: CommandDeps): void {
	if (isImpactNode(row) && row.kind === 'more') {
		impact.more(row);
	}
}
