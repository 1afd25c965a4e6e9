import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { Settings } from '#shared/contributions.ts';
import {
	type ConfiguredWatch,
	configuredWatches,
	type Level,
	namesAnyWatch,
	type SettingChange,
	type SettingView,
} from './watch-levels.ts';
import type { FolderOnDisk, PathContext } from './watch-path.ts';

const FULL_KEY = `${Settings.section}.${Settings.watches}`;

const TARGETS: Record<Level, vscode.ConfigurationTarget> = {
	user: vscode.ConfigurationTarget.Global,
	workspace: vscode.ConfigurationTarget.Workspace,
	folder: vscode.ConfigurationTarget.WorkspaceFolder,
};

/** The setting `filetide.watches` as VS Code keeps it. All decisions about it are in watch-levels.ts. */
export const watchSettings = {
	key: FULL_KEY,

	affectedBy: (event: vscode.ConfigurationChangeEvent): boolean => event.affectsConfiguration(FULL_KEY),

	anyConfigured: (): boolean => namesAnyWatch(views()),

	views,

	configured: (): ConfiguredWatch[] => configuredWatches(views(), pathContext()),

	async write(change: SettingChange): Promise<void> {
		const scope = change.folder && vscode.Uri.file(change.folder.path);
		const section = vscode.workspace.getConfiguration(Settings.section, scope);
		await section.update(Settings.watches, change.value, TARGETS[change.level]);
	},
};

/** The workspace folders that lie on a disk which Filetide can reach. */
export function foldersOnDisk(): FolderOnDisk[] {
	const folders = vscode.workspace.workspaceFolders ?? [];
	return folders.filter(({ uri }) => uri.scheme === 'file').map(({ name, uri }) => ({ name, path: uri.fsPath }));
}

export function pathContext(): PathContext {
	return { folders: foldersOnDisk(), home: homedir() };
}

function views(): SettingView[] {
	const folders = foldersOnDisk();
	return folders.length === 0 ? [view(undefined)] : folders.map(view);
}

function view(folder: FolderOnDisk | undefined): SettingView {
	const scope = folder && vscode.Uri.file(folder.path);
	const found = vscode.workspace.getConfiguration(Settings.section, scope).inspect<unknown>(Settings.watches);
	// In a window of one folder, the folder's settings are the workspace's and VS Code reports them as both.
	const ownLevel = vscode.workspace.workspaceFile !== undefined;
	return {
		folder,
		values: {
			user: found?.globalValue,
			workspace: found?.workspaceValue,
			folder: ownLevel ? found?.workspaceFolderValue : undefined,
		},
	};
}
