import type { Status } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { isBusy } from '../state/activity.ts';
import { indexingPercentage } from '../state/graph.ts';
import type { Model } from '../state/model.ts';
import { indexingText, workParts } from './graph-text.ts';
import { changesText, countersText, filesText, watchesText } from './quantities.ts';
import { needsAttention, stateText } from './watch-text.ts';

type Shown = Pick<Model, 'state' | 'status' | 'hasWatches'>;

export interface StatusBarText {
	text: string;
	accessibleLabel: string;
	/** `error` is the last resort: the server is stopped and nothing is recorded. */
	severity: 'normal' | 'warning' | 'error';
	/** Tooltip lines, plain text. */
	lines: string[];
	/** Whether there are files whose dependencies could not be read. */
	failedUpdates: boolean;
}

/** What the status bar shows, `undefined` where there is no watch and so nothing to show. */
export function statusBarText(shown: Shown, w: Wording): StatusBarText | undefined {
	if (!shown.hasWatches) {
		return undefined;
	}
	if (shown.state === 'stopped') {
		const text = w.t('Filetide stopped');
		const lines = [w.t('The server is stopped: changes are found when it runs again.')];
		return { text: `$(error) ${text}`, accessibleLabel: text, severity: 'error', lines, failedUpdates: false };
	}
	if (shown.state !== 'running' || shown.status === undefined) {
		const text = shown.state === 'restarting' ? w.t('Filetide is restarting') : w.t('Filetide is starting');
		return {
			text: `$(sync~spin) ${text}`,
			accessibleLabel: text,
			severity: 'normal',
			lines: [text],
			failedUpdates: false,
		};
	}
	const { watches, global, graph } = shown.status;
	const attention = watches.filter(({ state }) => needsAttention(state));
	const counts = [
		watchesText(watches.length, w),
		changesText(global.event_count, w),
		...(graph?.indexing === undefined
			? []
			: [w.t('dependencies {0} %', w.number(indexingPercentage(graph.indexing)))]),
	].join(' · ');
	const icon = attention.length > 0 ? '$(warning)' : isBusy(shown) ? '$(sync~spin)' : '$(eye)';
	const states = watches.map((watch) => `${watch.name}: ${stateText(watch.state, w)}`);
	return {
		text: `${icon} ${counts}`,
		accessibleLabel: [w.t('Filetide'), counts, ...attention.map(({ message }) => message ?? '')].join(', '),
		severity: attention.length > 0 ? 'warning' : 'normal',
		lines: [countersText(global, w) ?? w.t('No changes'), ...shorten(states, w), ...graphLines(shown.status, w)],
		failedUpdates: (graph?.parkedCount ?? 0) > 0,
	};
}

function graphLines({ graph }: Pick<Status, 'graph'>, w: Wording): string[] {
	if (graph === undefined) {
		return [];
	}
	if (graph.indexing !== undefined) {
		return [[indexingText(graph.indexing, w), ...workParts(graph, w)].join(' · ')];
	}
	return [w.t('Dependencies: {0}', [filesText(graph.files, w), ...workParts(graph, w)].join(' · '))];
}

const WATCHES_IN_TOOLTIP = 10;

function shorten(lines: string[], w: Wording): string[] {
	const more = lines.length - WATCHES_IN_TOOLTIP;
	return more <= 0 ? lines : [...lines.slice(0, WATCHES_IN_TOOLTIP), w.t('and {0} more', w.number(more))];
}
