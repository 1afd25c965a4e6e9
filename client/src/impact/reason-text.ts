import nodePath from 'node:path';
import type { ImpactResult, Invalidated } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { oneLine } from '../views/safe-text.ts';

/** More steps than these are cut in the middle, where there is one line for all. */
const MOST_STEPS = 4;

type Step = Invalidated['reason'][number];

/** "`sum` in cart.ts"; a step without a name is what a file does when it is evaluated. */
export function stepText({ file, name }: Step, { t }: Wording, paths = nodePath): string {
	const of = oneLine(paths.basename(file));
	return name === '' ? of : t('`{0}` in {1}', oneLine(name), of);
}

/** "`total` in cart.ts → `due` in checkout.ts", from what was changed to what is affected. */
export function reasonText({ reason }: Pick<Invalidated, 'reason'>, w: Wording, paths = nodePath): string {
	return reason.map((step) => stepText(step, w, paths)).join(' → ');
}

/** The same with its first and last steps, and … for the others. */
export function shortReasonText({ reason }: Pick<Invalidated, 'reason'>, w: Wording, paths = nodePath): string {
	if (reason.length <= MOST_STEPS) {
		return reasonText({ reason }, w, paths);
	}
	const ends = [reason.slice(0, 1), reason.slice(1 - MOST_STEPS)];
	return ends.map((steps) => reasonText({ reason: steps }, w, paths)).join(' → … → ');
}

/** "behaviour, interface" */
function kindsText({ kinds }: Pick<Invalidated, 'kinds'>, { t }: Wording): string {
	return kinds.map((kind) => (kind === 'interface' ? t('interface') : t('behaviour'))).join(', ');
}

/** The kinds, and that it is only possible. */
export function effectText(file: Pick<Invalidated, 'kinds' | 'certainty'>, w: Wording): string {
	const kinds = kindsText(file, w);
	return file.certainty === 'possible' ? w.t('possibly: {0}', kinds) : kinds;
}

export function distanceText(distance: number, { t, number }: Wording): string {
	return distance === 1 ? t('1 step') : t('{0} steps', number(distance));
}

/** "src/plugins.ts: require of what is only known at run time", with the path as people read it here. */
export function widenedReasonText(
	{ by, reason }: ImpactResult['widened'][number],
	shorten: (path: string) => string,
): string {
	return oneLine(`${shorten(by)}: ${reason}`);
}
