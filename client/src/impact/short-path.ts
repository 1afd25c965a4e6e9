import * as vscode from 'vscode';

/** A path from its workspace folder on; empty for the folder itself, whole where there is no such folder. */
export function shortPath(path: string): string {
	const uri = vscode.Uri.file(path);
	return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath === uri.fsPath
		? ''
		: vscode.workspace.asRelativePath(uri);
}
