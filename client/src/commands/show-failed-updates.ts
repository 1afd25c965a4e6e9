import * as vscode from 'vscode';
import type { CommandDeps } from './deps.ts';
import { serverRuns } from './pick-watch.ts';

type FailedItem = vscode.QuickPickItem & { path?: string };

/** Files whose dependencies could not be read; reads them once more, or opens one. */
export async function showFailedUpdates(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { session, model, wording } = deps;
	const { t, number } = wording;
	if (!(await serverRuns(deps))) {
		return;
	}
	const { parked = [], parkedCount = 0 } = model.status?.graph ?? {};
	if (parkedCount === 0) {
		void vscode.window.showInformationMessage(t('Every file could be read.'));
		return;
	}
	const retry: FailedItem = { label: `$(refresh) ${t('Retry')}`, alwaysShow: true };
	const items: FailedItem[] = [
		retry,
		...parked.map(({ path, why }) => ({ label: vscode.workspace.asRelativePath(path), description: why, path })),
	];
	if (parkedCount > parked.length) {
		items.push({ label: t('and {0} more', number(parkedCount - parked.length)) });
	}
	const picked = await vscode.window.showQuickPick(items, {
		title: t('{0} files whose dependencies could not be read', number(parkedCount)),
		matchOnDescription: true,
	});
	if (picked === retry) {
		await session.retryParked();
	} else if (picked?.path !== undefined) {
		await vscode.window.showTextDocument(vscode.Uri.file(picked.path));
	}
}
