import type { WatchSummary } from '#shared/model.ts';
import { rescanWithProgress } from '../progress/rescan-progress.ts';
import type { CommandDeps } from './deps.ts';
import { pickWatches } from './pick-watch.ts';

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

function canPause({ state }: WatchSummary): boolean {
	return state !== 'paused' && state !== 'stopped' && state !== 'error';
}
