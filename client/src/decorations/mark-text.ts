import type { Invalidated } from '#shared/protocol.ts';
import { effectText, reasonText } from '../impact/reason-text.ts';
import type { Wording } from '../l10n.ts';

/** VS Code drops a badge of more than two characters. */
const CERTAIN = '↯';
const POSSIBLE = '↯?';

/** The mark of a file that the last burst affects. */
export function markText(
	file: Invalidated,
	w: Wording,
	paths?: Parameters<typeof reasonText>[2],
): {
	badge: string;
	tooltip: string;
} {
	const effect = effectText(file, w);
	return {
		badge: file.certainty === 'certain' ? CERTAIN : POSSIBLE,
		tooltip: w.t('Affected by the last burst, {0}: {1}', effect, reasonText(file, w, paths)),
	};
}
