import * as vscode from 'vscode';
import type { Invalidated } from '#shared/protocol.ts';

/** Opens a file where it is affected. */
export async function openAffected({ file, start = 0 }: Pick<Invalidated, 'file' | 'start'>): Promise<void> {
	const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
	const position = document.positionAt(start);
	await vscode.window.showTextDocument(document, { selection: new vscode.Range(position, position) });
}
