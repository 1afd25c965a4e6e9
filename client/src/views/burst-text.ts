import type { BurstOrigin, BurstSummary } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import { agoText, changesText, typeCountsText } from './quantities.ts';

/** What the row of a burst shows. */
export interface BurstRow {
	label: string;
	description: string;
	icon: { id: string };
	tooltip: string;
	accessibleLabel: string;
}

const ICONS: Record<BurstOrigin, BurstRow['icon']> = {
	git: { id: 'git-branch' },
	packages: { id: 'package' },
	editor: { id: 'edit' },
	unknown: { id: 'layers' },
};

export function burstRow(burst: BurstSummary, now: number, w: Wording): BurstRow {
	const changes = changesText(burst.events, w);
	const origin = originText(burst.origin, w);
	const label = origin === undefined ? changes : w.t('{0}: {1}', origin, changes);
	const types = typeCountsText(burst.counts, w);
	const parts = [agoText(now - burst.end, w), types];
	return {
		label,
		description: parts.join(' · '),
		icon: ICONS[burst.origin],
		tooltip: w.t('{0}: {1}, {2}', label, types, w.time(burst.end)),
		accessibleLabel: [label, ...parts].join(', '),
	};
}

/** Who made it; nothing where that cannot be told. */
function originText(origin: BurstOrigin, w: Wording): string | undefined {
	const texts: Record<BurstOrigin, string | undefined> = {
		git: w.t('git'),
		packages: w.t('packages'),
		editor: w.t('editor'),
		unknown: undefined,
	};
	return texts[origin];
}
