import type { WatchSummary } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import { totalScan } from '../state/activity.ts';
import type { Model } from '../state/model.ts';
import { scanText } from './quantities.ts';
import { needsAttention } from './watch-text.ts';

type Shown = Pick<Model, 'state' | 'status'>;

/** The line above the rows. `undefined` while the tree is empty: VS Code shows a welcome view only without a message. */
export function viewMessage(shown: Shown, trusted: boolean, w: Wording): string | undefined {
	const { state, status } = shown;
	if (status === undefined || status.watches.length === 0) {
		return undefined;
	}
	if (state === 'restarting' || state === 'starting') {
		return w.t('The server is being started again…');
	}
	const lines = [
		...(status.role === 'follower'
			? [w.t('Following another Filetide server (pid {0}): read-only', String(status.leaderPid))]
			: []),
		...(trusted ? [] : [w.t('Restricted Mode: only watches inside the opened folders run')]),
		...activityLines(shown, status.watches, w),
	];
	return lines.length > 0 ? lines.join('\n') : undefined;
}

function activityLines(shown: Shown, watches: readonly WatchSummary[], w: Wording): string[] {
	const scan = totalScan(shown);
	if (scan) {
		const text = scanText(scan, w);
		return [`${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}…`];
	}
	return watches.every(({ state }) => state === 'paused') ? [w.t('Paused')] : [];
}

/** The badge on the activity bar: how many watches need somebody. */
export function viewBadge({ status }: Shown, w: Wording): { value: number; tooltip: string } | undefined {
	const value = (status?.watches ?? []).filter(({ state }) => needsAttention(state)).length;
	if (value === 0) {
		return undefined;
	}
	return {
		value,
		tooltip: value === 1 ? w.t('1 watch needs attention') : w.t('{0} watches need attention', w.number(value)),
	};
}
