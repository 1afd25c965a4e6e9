import * as vscode from 'vscode';
import { Commands } from '#shared/contributions.ts';
import type { WatchSummary } from '#shared/model.ts';
import { tell } from '../problems/tell.ts';
import { watchRow } from '../views/watch-text.ts';
import { watchIds } from './arguments.ts';
import type { CommandDeps } from './deps.ts';

/** How long a command waits for a server that is starting. */
const START_LIMIT_MS = 20_000;

/**
 * The watches a command is about: those it was called for, the only one there is, or what the user picks among those
 * that `fits` it. Empty when there is nothing to do; the user has been told why.
 */
export async function pickWatches(
	args: readonly unknown[],
	deps: CommandDeps,
	options: { placeholder: string; none: string; fits(watch: WatchSummary): boolean },
): Promise<WatchSummary[]> {
	if (!(await serverRuns(deps))) {
		return [];
	}
	const watches = deps.model.status?.watches ?? [];
	const ids = watchIds(args);
	if (ids.length > 0) {
		return watches.filter(({ id }) => ids.includes(id));
	}
	const fitting = watches.filter((watch) => options.fits(watch));
	if (fitting.length === 0) {
		void vscode.window.showInformationMessage(options.none);
		return [];
	}
	if (fitting.length === 1 && watches.length === 1) {
		return fitting;
	}
	const items = fitting.map((watch) => {
		const { label, description } = watchRow(watch, deps.wording);
		return { label, description, detail: watch.path, watch };
	});
	const picked = await vscode.window.showQuickPick(items, {
		placeHolder: options.placeholder,
		matchOnDetail: true,
		canPickMany: false,
	});
	return picked ? [picked.watch] : [];
}

/** Starts the server where that is still to do, and waits for it in sight. Explains when there is none. */
export async function serverRuns({ model, session, wording }: CommandDeps): Promise<boolean> {
	if (model.state === 'running') {
		return true;
	}
	session.start();
	const title = wording.t('Waiting for the Filetide server…');
	const decided = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
		model.reaches(['running', 'stopped'], START_LIMIT_MS),
	);
	if (decided && model.state !== 'stopped') {
		return true;
	}
	const message = decided
		? wording.t('The Filetide server is stopped.')
		: wording.t('The Filetide server is still starting; try again in a moment.');
	const repair = { title: wording.t('Restart Server'), command: Commands.restartServer };
	void tell('error', message, wording, decided ? repair : undefined);
	return false;
}
