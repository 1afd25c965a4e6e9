import type { Counters, PathStats } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import { countersText } from '../views/quantities.ts';

export interface DecorationText {
	badge: string | undefined;
	tooltip: string;
}

/**
 * A path's decoration, `undefined` for a path without records. The badge has two characters at most: VS Code drops a
 * longer one altogether.
 */
export function decorationText(stats: PathStats, w: Wording): DecorationText | undefined {
	// Of a file the subtree is the file.
	const counters: Counters = stats.subtree;
	const tooltip = countersText(counters, w);
	return tooltip === undefined ? undefined : { badge: badgeText(counters.event_count), tooltip };
}

export function badgeText(count: number): string | undefined {
	if (count <= 0) {
		return undefined;
	}
	return count <= 9 ? String(count) : '9+';
}
