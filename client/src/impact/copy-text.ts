import type { Invalidated } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { filesText } from '../views/quantities.ts';
import { oneLine } from '../views/safe-text.ts';
import type { ImpactList } from './impact-list.ts';
import { distanceText, effectText, reasonText, widenedReasonText } from './reason-text.ts';

/** Files that are copied at most: a clipboard is no export. */
const MOST_COPIED = 10_000;
/** Files that are turned into text before others have their turn. */
const AT_ONCE = 500;

/** A whole answer as text: a line for each file, and beneath it its reason. Rejects as requests do. */
export async function impactAsText(
	title: string,
	list: ImpactList,
	shorten: (path: string) => string,
	w: Wording,
): Promise<string> {
	const { groups, widened, widenedCount } = await list.head();
	const total = groups.reduce((sum, { files }) => sum + files, 0);
	const lines = [`${title}: ${filesText(total, w)}`];
	let distance = 0;
	const count = Math.min(total, MOST_COPIED);
	for (let from = 0; from < count; from += AT_ONCE) {
		const files = await list.files(from, Math.min(from + AT_ONCE, count));
		if (files === undefined) {
			lines.push(w.t('What follows has changed meanwhile. Copy again.'));
			return lines.join('\n');
		}
		for (const file of files) {
			if (file.distance !== distance) {
				distance = file.distance;
				lines.push(distanceText(distance, w));
			}
			lines.push(...fileLines(file, shorten, w));
		}
	}
	if (total > count) {
		lines.push(w.t('and {0} more', w.number(total - count)));
	}
	if (widenedCount > 0) {
		lines.push(w.t('What is told as a whole'), ...widened.map((place) => `  ${widenedReasonText(place, shorten)}`));
	}
	if (widenedCount > widened.length) {
		lines.push(w.t('and {0} more', w.number(widenedCount - widened.length)));
	}
	return lines.join('\n');
}

function fileLines(file: Invalidated, shorten: (path: string) => string, w: Wording): string[] {
	return [`  ${oneLine(shorten(file.file))}  ${effectText(file, w)}`, `    ${reasonText(file, w)}`];
}
