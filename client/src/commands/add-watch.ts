import nodePath from 'node:path';
import * as vscode from 'vscode';
import { Commands } from '#shared/contributions.ts';
import { tell } from '../problems/tell.ts';
import { innermostView, planAdd } from '../settings/watch-levels.ts';
import { type FolderOnDisk, isBroad, samePath } from '../settings/watch-path.ts';
import { foldersOnDisk, pathContext, watchSettings } from '../settings/watch-settings.ts';
import { oneLine } from '../views/safe-text.ts';
import type { CommandDeps } from './deps.ts';

/** From the palette asks for a folder; from the Explorer gets one, or several that are selected. */
export async function addWatch(args: readonly unknown[], deps: CommandDeps): Promise<void> {
	const [first, selected] = args;
	const given = (Array.isArray(selected) ? selected : [first]).filter((arg) => arg instanceof vscode.Uri);
	const uris = given.length > 0 ? given : await askForFolder(deps);
	let added = false;
	for (const uri of uris) {
		added = (await addFolder(uri, deps)) || added;
	}
	// Whoever added it from the Explorer stays there.
	if (added && given.length === 0) {
		deps.views.reveal();
	}
}

async function addFolder(uri: vscode.Uri, { wording: { t }, wording }: CommandDeps): Promise<boolean> {
	const path = uri.fsPath;
	const name = oneLine(nodePath.basename(path) || path);
	if (uri.scheme !== 'file') {
		void tell('error', t('{0} is not on a disk that Filetide can watch.', name), wording);
		return false;
	}
	if (isWatched(path)) {
		void vscode.window.showInformationMessage(t('{0} is watched already.', name));
		return false;
	}
	if (isBroad(path, pathContext().home) && !(await confirmBroad(path, t))) {
		return false;
	}
	const views = watchSettings.views();
	const inside = innermostView(views, path);
	const view = inside ?? views[0] ?? { values: {} };
	const trusted = vscode.workspace.isTrusted;
	const change = planAdd(path, view, {
		workspaceFile: vscode.workspace.workspaceFile !== undefined,
		inWorkspace: trusted && inside !== undefined,
		trusted,
	});
	if (change === 'not-a-list') {
		const repair = { title: t('Open Settings'), command: Commands.openSettings };
		void tell('error', t('The setting {0} is not a list; correct it first.', watchSettings.key), wording, repair);
		return false;
	}
	await watchSettings.write(change);
	return true;
}

function isWatched(path: string): boolean {
	return watchSettings.configured().some((watch) => watch.path !== undefined && samePath(watch.path, path));
}

async function confirmBroad(path: string, t: CommandDeps['wording']['t']): Promise<boolean> {
	const go = t('Watch It');
	const detail = t('That may be millions of files, most of them caches and other programs’ data.');
	const question = t('Watch everything in {0}?', oneLine(path));
	return (await vscode.window.showWarningMessage(question, { modal: true, detail }, go)) === go;
}

type FolderItem = vscode.QuickPickItem & { folder?: FolderOnDisk };

async function askForFolder({ wording: { t } }: CommandDeps): Promise<vscode.Uri[]> {
	const open = foldersOnDisk().filter(({ path }) => !isWatched(path));
	const browse: FolderItem = {
		label: t('$(folder-opened) Browse…'),
		description: t('a folder anywhere on this machine'),
	};
	const items: FolderItem[] = open.map((folder) => ({
		label: `$(root-folder) ${oneLine(folder.name)}`,
		description: oneLine(folder.path),
		folder,
	}));
	const title = t('Add Watch');
	const picked =
		items.length === 0
			? browse
			: await vscode.window.showQuickPick([...items, browse], {
					title,
					placeHolder: t('Which folder should be watched?'),
				});
	if (picked?.folder) {
		return [vscode.Uri.file(picked.folder.path)];
	}
	const openLabel = t('Watch');
	const dialog = { title, openLabel, canSelectFiles: false, canSelectFolders: true, canSelectMany: false };
	return picked ? ((await vscode.window.showOpenDialog(dialog)) ?? []) : [];
}
