import type { ChangeType, Counters, ScanProgress } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';

/** The order in which types are listed everywhere. */
const COUNTED_TYPES = ['create', 'modify', 'move'] as const;
const ALL_TYPES: readonly ChangeType[] = ['create', 'modify', 'metadata', 'move', 'remove'];

export function watchesText(count: number, w: Wording): string {
	return count === 1 ? w.t('1 watch') : w.t('{0} watches', w.number(count));
}

export function filesText(count: number, w: Wording): string {
	return count === 1 ? w.t('1 file') : w.t('{0} files', w.number(count));
}

export function foldersText(count: number, w: Wording): string {
	return count === 1 ? w.t('1 folder') : w.t('{0} folders', w.number(count));
}

export function changesText(count: number, w: Wording): string {
	return count === 1 ? w.t('1 change') : w.t('{0} changes', w.number(count));
}

/** Rows of the index. */
export function recordsText(count: number, w: Wording): string {
	return count === 1 ? w.t('1 record') : w.t('{0} records', w.number(count));
}

export function differencesText(count: number, w: Wording): string {
	return count === 1 ? w.t('1 difference') : w.t('{0} differences', w.number(count));
}

function metadataText(count: number, w: Wording): string {
	return count === 1 ? w.t('1 metadata change') : w.t('{0} metadata changes', w.number(count));
}

/** "12 changes: 1 create, 11 modify · 3 metadata changes"; `undefined` when there is nothing to say. */
export function countersText(counters: Counters, w: Wording): string | undefined {
	const types = COUNTED_TYPES.filter((type) => counters.per_type_counts[type] > 0);
	const byType = types.map((type) => `${w.number(counters.per_type_counts[type])} ${typeText(type, w)}`).join(', ');
	const parts = [
		...(counters.event_count > 0 ? [`${changesText(counters.event_count, w)}: ${byType}`] : []),
		...(counters.metadata_count > 0 ? [metadataText(counters.metadata_count, w)] : []),
	];
	return parts.length > 0 ? parts.join(' · ') : undefined;
}

/** "40 create, 5 remove" */
export function typeCountsText(counts: Readonly<Record<ChangeType, number>>, w: Wording): string {
	const types = ALL_TYPES.filter((type) => counts[type] > 0);
	return types.map((type) => `${w.number(counts[type])} ${typeText(type, w)}`).join(', ');
}

export function typeText(type: ChangeType, w: Wording): string {
	const texts: Record<ChangeType, string> = {
		create: w.t('create'),
		modify: w.t('modify'),
		metadata: w.t('metadata'),
		move: w.t('move'),
		remove: w.t('remove'),
	};
	return texts[type];
}

/** "scanning 3,000 of 10,000"; a first scan does not know how many there are. */
export function scanText(scan: ScanProgress, w: Wording): string {
	return scan.total > 0
		? w.t('scanning {0} of {1}', w.number(scan.done), w.number(Math.max(scan.done, scan.total)))
		: w.t('scanning, {0} so far', w.number(scan.done));
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago, coarsely; a clock that was set back reads "now". */
export function agoText(elapsedMs: number, w: Wording): string {
	if (elapsedMs < 2000) {
		return w.t('now');
	}
	if (elapsedMs < MINUTE_MS) {
		return w.t('{0} s ago', Math.floor(elapsedMs / 1000));
	}
	if (elapsedMs < HOUR_MS) {
		return w.t('{0} min ago', Math.floor(elapsedMs / MINUTE_MS));
	}
	if (elapsedMs < DAY_MS) {
		return w.t('{0} h ago', Math.floor(elapsedMs / HOUR_MS));
	}
	return w.t('{0} d ago', w.number(Math.floor(elapsedMs / DAY_MS)));
}
