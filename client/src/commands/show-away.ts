import * as vscode from 'vscode';
import type { Moment } from '../away/absence.ts';
import { type AwayRow, awayRows } from '../away/away-text.ts';
import { agoText, changesText } from '../views/quantities.ts';
import type { CommandDeps } from './deps.ts';
import { serverRuns } from './pick-watch.ts';

type AwayItem = vscode.QuickPickItem & { row?: AwayRow };

/** What is different from when the user left, as a list that opens files. */
export async function showAway(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { session, model, away, wording } = deps;
	const { t, number } = wording;
	if (!(await serverRuns(deps))) {
		return;
	}
	const since = away.since;
	if (since === undefined) {
		void vscode.window.showInformationMessage(
			t('You have not been away from this window since Filetide began to watch.'),
		);
		return;
	}
	const { fresh, pruned, changes } = await session.since(since.cursor);
	if (fresh) {
		void vscode.window.showInformationMessage(
			pruned === true
				? t('You were away for longer than changes are kept.')
				: t('The index was made anew while you were away; what changed before is not known.'),
		);
		return;
	}
	const when = whenText(since, deps);
	if (changes.length === 0) {
		void vscode.window.showInformationMessage(t('Nothing has changed since you left, {0}.', when));
		return;
	}
	const { rows, more } = awayRows(
		changes,
		(model.status?.watches ?? []).map(({ path }) => path),
		wording,
	);
	const items: AwayItem[] = rows.map((row) => ({ label: row.label, description: row.description, row }));
	if (more > 0) {
		items.push({ label: t('and {0} more', number(more)) });
	}
	await open(items, t('{0} since you left, {1}', changesText(changes.length, wording), when), deps);
}

async function open(items: AwayItem[], title: string, { wording: { t } }: CommandDeps): Promise<void> {
	const placeHolder = t('Choose a file to open it');
	const picked = await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true });
	if (picked?.row?.opens !== undefined) {
		await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(picked.row.opens));
	}
}

function whenText({ at }: Moment, { wording }: CommandDeps): string {
	return agoText(Date.now() - at, wording);
}
