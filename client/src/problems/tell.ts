import * as vscode from 'vscode';
import { type CommandId, Commands } from '#shared/contributions.ts';
import type { Wording } from '../l10n.ts';
import { RequestFailure } from '../session/request-failure.ts';
import { oneLine } from '../views/safe-text.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A button of a message, and what it runs. */
export interface Repair {
	title: string;
	command: CommandId;
}

const SHOW: Record<Severity, (message: string, ...items: Repair[]) => Thenable<Repair | undefined>> = {
	error: vscode.window.showErrorMessage,
	warning: vscode.window.showWarningMessage,
	info: vscode.window.showInformationMessage,
};

/** A message with "Show Log" and, where there is one, what repairs it. Resolves when the user has answered. */
export async function tell(severity: Severity, message: string, w: Wording, repair?: Repair): Promise<void> {
	const log: Repair = { title: w.t('Show Log'), command: Commands.showLog };
	const choice = await SHOW[severity](oneLine(message), ...(repair ? [repair, log] : [log]));
	if (choice) {
		await vscode.commands.executeCommand(choice.command);
	}
}

/** Tells that what the user asked for did not work, and logs why. */
export async function tellFailure(error: unknown, w: Wording, log: vscode.LogOutputChannel): Promise<void> {
	log.error(error instanceof Error ? error : String(error));
	if (error instanceof RequestFailure && error.serverGone) {
		const message = w.t('The Filetide server ended before it was done.');
		await tell('error', message, w, { title: w.t('Restart Server'), command: Commands.restartServer });
	} else {
		await tell('error', error instanceof Error ? error.message : String(error), w);
	}
}
