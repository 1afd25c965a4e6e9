import type { WatchState, WatchSummary } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import { changesText, countersText, agoText, filesText, foldersText, typeCountsText, scanText } from './quantities.ts';
import { oneLine, shorten } from './safe-text.ts';

const MESSAGE_IN_ROW = 80;

/** What a watch's row shows, apart from its tooltip. */
export interface WatchRow {
	label: string;
	description: string;
	/** A product icon, and the theme colour for states that need attention (never by colour alone: the words say it). */
	icon: { id: string; color?: string };
	/** Tokens for when-clauses: `watch+live`, `watch+paused+scanning`. */
	contextValue: string;
	accessibleLabel: string;
}

/** States in which changes may be missing from the log until somebody acts. */
export function needsAttention(state: WatchState): boolean {
	return state === 'error' || state === 'degraded' || state === 'missing';
}

export function watchRow(watch: WatchSummary, w: Wording): WatchRow {
	const state = stateText(watch.state, w);
	const label = oneLine(watch.name);
	const description = [state, ...details(watch, w)].join(' · ');
	return {
		label,
		description,
		icon: icon(watch),
		contextValue: ['watch', watch.state, ...(watch.scan ? ['scanning'] : [])].join('+'),
		accessibleLabel: w.t('Watch {0}: {1}', label, [state, ...details(watch, w)].join(', ')),
	};
}

function details(watch: WatchSummary, w: Wording): string[] {
	if (watch.state === 'error' || watch.state === 'missing' || watch.state === 'stopped') {
		return watch.message === undefined ? [] : [shorten(watch.message, MESSAGE_IN_ROW)];
	}
	return [
		watch.scan ? scanText(watch.scan, w) : filesText(watch.files, w),
		...(watch.state === 'starting' && watch.event_count === 0 ? [] : [changesText(watch.event_count, w)]),
	];
}

const ICONS: Record<WatchState, WatchRow['icon']> = {
	error: { id: 'error', color: 'list.errorForeground' },
	missing: { id: 'warning', color: 'list.warningForeground' },
	degraded: { id: 'warning', color: 'list.warningForeground' },
	starting: { id: 'sync~spin' },
	paused: { id: 'debug-pause' },
	stopped: { id: 'circle-slash' },
	polling: { id: 'watch' },
	live: { id: 'eye' },
};

function icon({ state, scan }: WatchSummary): WatchRow['icon'] {
	return scan && (state === 'live' || state === 'polling') ? ICONS.starting : ICONS[state];
}

export function stateText(state: WatchState, w: Wording): string {
	const texts: Record<WatchState, string> = {
		starting: w.t('starting'),
		live: w.t('live'),
		degraded: w.t('degraded'),
		polling: w.t('polling'),
		paused: w.t('paused'),
		missing: w.t('missing'),
		stopped: w.t('stopped'),
		error: w.t('error'),
	};
	return texts[state];
}

/** The facts of a watch's tooltip, one line each, as plain text: whoever renders it escapes it. */
export function watchFacts(watch: WatchSummary, now: number, w: Wording): string[] {
	const lifetime = typeCountsText(watch.lifetime, w);
	return [
		w.t('{0} in {1}', filesText(watch.files, w), foldersText(watch.folders, w)),
		countersText(watch, w) ?? w.t('No changes'),
		...(lifetime === '' ? [] : [w.t('Recorded in all: {0}', lifetime)]),
		...(watch.lastChange === undefined
			? []
			: [w.t('Last change: {0} ({1})', agoText(now - watch.lastChange, w), w.time(watch.lastChange))]),
	];
}
