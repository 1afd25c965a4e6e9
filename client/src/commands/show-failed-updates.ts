import * as vscode from 'vscode';
import type { GraphStatus } from '#shared/protocol.ts';
import { shortPath } from '../impact/short-path.ts';
import { Disposables } from '../lifecycle/disposables.ts';
import type { Wording } from '../l10n.ts';
import { tellFailure } from '../problems/tell.ts';
import { filesText } from '../views/quantities.ts';
import { oneLine } from '../views/safe-text.ts';
import type { CommandDeps } from './deps.ts';
import { serverRuns } from './pick-watch.ts';

/** `path`: opens the file; `all`: reads all of them once more. */
type FailedItem = vscode.QuickPickItem & { path?: string; all?: true };

/** Files whose dependencies could not be read; reads one or all of them once more, or opens one. Follows what becomes of them. */
export async function showFailedUpdates(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { session, model, wording, log } = deps;
	const { t } = wording;
	if (!(await serverRuns(deps))) {
		return;
	}
	if ((model.status?.graph?.parkedCount ?? 0) === 0) {
		void vscode.window.showInformationMessage(t('Every file could be read.'));
		return;
	}
	const scope = new Disposables();
	const list = scope.add(vscode.window.createQuickPick<FailedItem>());
	const retryOne = { iconPath: new vscode.ThemeIcon('refresh'), tooltip: t('Retry') };
	let shown = '';
	const show = (): void => {
		const { parked = [], parkedCount = 0, failed = 0, inFlight = 0, pending = 0 } = model.status?.graph ?? {};
		const text = JSON.stringify([parked, parkedCount]);
		// Those that are tried again are not parked meanwhile.
		list.busy = failed + inFlight + pending > 0;
		if (text !== shown) {
			shown = text;
			list.title = t('{0} whose dependencies could not be read', filesText(parkedCount, wording));
			list.items = failedItems(parked, parkedCount, retryOne, wording);
		}
	};
	const retry = (paths?: string[]): void => {
		list.busy = true;
		session.retryParked(paths).catch((error: unknown) => void tellFailure(error, wording, log));
	};
	list.placeholder = t('Choose a file to open it');
	list.matchOnDescription = true;
	list.keepScrollPosition = true;
	scope.add(model.changed.on(show));
	scope.add(list.onDidTriggerItemButton(({ item: { path } }) => retry(path === undefined ? undefined : [path])));
	scope.add(
		list.onDidAccept(() => {
			const [picked] = list.selectedItems;
			if (picked?.all === true) {
				retry();
			} else if (picked?.path !== undefined) {
				void vscode.window.showTextDocument(vscode.Uri.file(picked.path));
			}
		}),
	);
	scope.add(list.onDidHide(() => scope.dispose()));
	show();
	list.show();
}

function failedItems(
	parked: GraphStatus['parked'],
	count: number,
	retryOne: vscode.QuickInputButton,
	{ t, number }: Wording,
): FailedItem[] {
	if (count === 0) {
		return [{ label: t('Every file could be read.'), alwaysShow: true }];
	}
	const more = count - parked.length;
	return [
		{ label: `$(refresh) ${t('Retry All')}`, alwaysShow: true, all: true },
		...parked.map(({ path, why }) => ({
			label: oneLine(shortPath(path)),
			description: oneLine(why),
			path,
			buttons: [retryOne],
		})),
		...(more > 0 ? [{ label: t('and {0} more', number(more)) }] : []),
	];
}
