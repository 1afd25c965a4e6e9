import * as vscode from 'vscode';
import type { AffectedParams } from '#shared/protocol.ts';
import { type ImpactEntry, impactGroups } from '../impact/impact-text.ts';
import { openAffected } from '../impact/open-affected.ts';
import { shortPath } from '../impact/short-path.ts';
import type { CommandDeps } from './deps.ts';
import { serverRuns } from './pick-watch.ts';

type ImpactItem = vscode.QuickPickItem & { row?: ImpactEntry };

/** What the changes since the last commit affect, as a list that opens files. */
export async function showAffected(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { t } = deps.wording;
	await show({ paths: [] }, deps, (changed) => t('Affected by what changed in {0} since the last commit', changed));
}

/** What depends on the file in the active editor. */
export async function showDependents(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { t } = deps.wording;
	const uri = vscode.window.activeTextEditor?.document.uri;
	if (uri?.scheme !== 'file') {
		void vscode.window.showInformationMessage(t('Open a file of the watched folder first.'));
		return;
	}
	await show({ paths: [uri.fsPath] }, deps, () => t('What depends on {0}', vscode.workspace.asRelativePath(uri)));
}

async function show(params: AffectedParams, deps: CommandDeps, titleOf: (changed: string) => string): Promise<void> {
	const { session, wording } = deps;
	const { t, number } = wording;
	if (!(await serverRuns(deps))) {
		return;
	}
	const { changed, affected } = await session.affected(params);
	const files = changed.length === 1 ? t('1 file') : t('{0} files', number(changed.length));
	if (affected.length === 0) {
		void vscode.window.showInformationMessage(
			changed.length === 0 ? t('Nothing has changed since the last commit.') : t('No other file is affected.'),
		);
		return;
	}
	const { groups, more } = impactGroups(affected, shortPath, wording);
	const items = groups.flatMap(({ title, rows }): ImpactItem[] => [
		{ label: title, kind: vscode.QuickPickItemKind.Separator },
		...rows.map((row) => ({ label: row.label, description: row.description, detail: row.detail, row })),
	]);
	if (more > 0) {
		items.push({ label: t('and {0} more', number(more)) });
	}
	const picked = await vscode.window.showQuickPick(items, {
		title: titleOf(files),
		placeHolder: t('Choose a file to open it where it is affected'),
		matchOnDescription: true,
		matchOnDetail: true,
	});
	if (picked?.row !== undefined) {
		await openAffected(picked.row.file);
	}
}
