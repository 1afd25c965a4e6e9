import * as vscode from 'vscode';
import type { WatchSummary } from '#shared/model.ts';
import { rescanWithProgress } from '../progress/rescan-progress.ts';
import type { CommandDeps } from './deps.ts';
import { pickWatches, serverRuns } from './pick-watch.ts';

export async function rescanWatch(args: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { t } = deps.wording;
	const watches = await pickWatches(args, deps, {
		placeholder: t('Which watch should be compared with the disk?'),
		none: t('No watch is running.'),
		fits: ({ state }) => state !== 'stopped' && state !== 'error',
	});
	await rescanWithProgress(watches, deps.session, deps.wording, deps.log);
}

export async function pauseWatch(args: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { t } = deps.wording;
	const watches = await pickWatches(args, deps, {
		placeholder: t('Which watch should be paused?'),
		none: t('Every watch is paused or stopped already.'),
		fits: canPause,
	});
	await Promise.all(watches.filter(canPause).map(({ id }) => deps.session.pause(id)));
}

export async function resumeWatch(args: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { t } = deps.wording;
	const watches = await pickWatches(args, deps, {
		placeholder: t('Which watch should go on?'),
		none: t('No watch is paused.'),
		fits: ({ state }) => state === 'paused',
	});
	await Promise.all(watches.filter(({ state }) => state === 'paused').map(({ id }) => deps.session.resume(id)));
}

/** One request for all, so that there is no moment at which only some of them are paused. */
export async function pauseAllWatches(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { t } = deps.wording;
	if (await anyFits(deps, canPause, t('Every watch is paused or stopped already.'))) {
		await deps.session.pauseAll();
	}
}

export async function resumeAllWatches(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { t } = deps.wording;
	if (await anyFits(deps, ({ state }) => state === 'paused', t('No watch is paused.'))) {
		await deps.session.resumeAll();
	}
}

/** Whether there is something to do; the user has been told why, when there is not. */
async function anyFits(deps: CommandDeps, fits: (watch: WatchSummary) => boolean, none: string): Promise<boolean> {
	if (!(await serverRuns(deps))) {
		return false;
	}
	if (deps.model.status?.watches.some(fits) === true) {
		return true;
	}
	void vscode.window.showInformationMessage(none);
	return false;
}

function canPause({ state }: WatchSummary): boolean {
	return state !== 'paused' && state !== 'stopped' && state !== 'error';
}
