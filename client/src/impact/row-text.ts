import nodePath from 'node:path';
import type { ImpactResult } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { burstRow } from '../views/burst-text.ts';
import { filesText } from '../views/quantities.ts';
import { oneLine } from '../views/safe-text.ts';
import { MOST_ROWS } from './impact-rows.ts';
import type {
	ImpactEnd,
	ImpactFile,
	ImpactGroup,
	ImpactNode,
	ImpactNote,
	WidenedGroup,
	WidenedPlace,
} from './nodes.ts';
import { distanceText, effectText, reasonText, shortReasonText, stepText, widenedReasonText } from './reason-text.ts';

/** What a row of the Impact view shows. */
export interface ImpactRowText {
	label: string;
	description: string;
	icon: string | undefined;
	/** Lines of plain text. */
	tooltip: string[];
	accessibleLabel: string;
}

export interface Surroundings {
	/** The file whose dependents are shown. */
	path: string | undefined;
	pinned: boolean;
	/** What is known of the root's answer. */
	known: ImpactResult | undefined;
	now: number;
	/** A path as people read it in this window. */
	shorten: (path: string) => string;
}

export function impactRowText(node: ImpactNode, around: Surroundings, w: Wording, paths = nodePath): ImpactRowText {
	switch (node.kind) {
		case 'root':
			return node.of === 'file' ? fileRootText(around, w, paths) : burstRootText(around, w);
		case 'group':
			return groupText(node, w);
		case 'file':
			return fileText(node, around, w, paths);
		case 'widenedGroup':
			return widenedGroupText(node, w);
		case 'widened':
			return widenedText(node, around, w, paths);
		case 'note':
			return noteText(node, w);
		case 'more':
		case 'limit':
			return endText(node, w);
	}
}

function row(label: string, description: string, rest: Partial<ImpactRowText> = {}): ImpactRowText {
	const accessibleLabel = [label, ...description.split(' · ')].filter((part) => part !== '').join(', ');
	return { label, description, icon: undefined, tooltip: [], accessibleLabel, ...rest };
}

/** Nothing where a row beneath says that there are none. */
function affectedText({ known }: Surroundings, w: Wording): string[] {
	const files = (known?.groups ?? []).reduce((sum, group) => sum + group.files, 0);
	return files === 0 ? [] : [filesText(files, w)];
}

function fileRootText(around: Surroundings, w: Wording, paths: nodePath.PlatformPath): ImpactRowText {
	const { path, pinned, shorten } = around;
	if (path === undefined) {
		return row(w.t('Dependents of the active file'), '', { icon: 'references' });
	}
	const description = [...(pinned ? [w.t('pinned')] : []), ...affectedText(around, w)].join(' · ');
	return row(w.t('Dependents of {0}', oneLine(paths.basename(path))), description, {
		icon: pinned ? 'pinned' : 'references',
		tooltip: [oneLine(shorten(path)), w.t('What can differ if anything in this file changes.')],
	});
}

function burstRootText(around: Surroundings, w: Wording): ImpactRowText {
	const { known, now } = around;
	const burst = known?.burst === undefined ? undefined : burstRow(known.burst, now, w);
	const description = burst === undefined ? '' : [...affectedText(around, w), burst.label].join(' · ');
	return row(w.t('Affected by the last burst'), description, {
		icon: 'pulse',
		tooltip: [
			w.t('What can differ because of the changes that came last without a second of quiet between them.'),
			...(burst === undefined ? [] : [burst.tooltip]),
		],
	});
}

function groupText({ group: { distance, files, possible } }: ImpactGroup, w: Wording): ImpactRowText {
	const count = filesText(files, w);
	const parts = possible === 0 ? [count] : [count, w.t('{0} only possibly', w.number(possible))];
	return row(distanceText(distance, w), parts.join(' · '));
}

function fileText(
	{ file }: ImpactFile,
	{ shorten }: Surroundings,
	w: Wording,
	paths: nodePath.PlatformPath,
): ImpactRowText {
	const label = oneLine(paths.basename(file.file));
	const effect = effectText(file, w);
	const folder = oneLine(shorten(paths.dirname(file.file)));
	// The reason first: it is what a narrow side bar has room for.
	const parts = [shortReasonText(file, w, paths), effect, folder];
	return {
		label,
		description: parts.filter((part) => part !== '').join(' · '),
		icon: file.certainty === 'possible' ? 'question' : 'file',
		tooltip: [
			oneLine(shorten(file.file)),
			`${effect}, ${distanceText(file.distance, w)}`,
			...file.reason.map((step, index) => `${index === 0 ? '' : '→ '}${stepText(step, w, paths)}`),
		],
		accessibleLabel: [label, effect, distanceText(file.distance, w), reasonText(file, w, paths), folder]
			.filter((part) => part !== '')
			.join(', '),
	};
}

function widenedGroupText({ count, places }: WidenedGroup, w: Wording): ImpactRowText {
	const description = count === 1 ? w.t('1 place') : w.t('{0} places', w.number(count));
	const more = count - places.length;
	return row(w.t('What is told as a whole'), description, {
		icon: 'telescope',
		tooltip: [
			w.t('Which of these are affected cannot be told.'),
			...(more === 0 ? [] : [w.t('and {0} more', w.number(more))]),
		],
	});
}

function widenedText(
	{ place }: WidenedPlace,
	{ shorten }: Surroundings,
	w: Wording,
	paths: nodePath.PlatformPath,
): ImpactRowText {
	const of = oneLine(shorten(place.of) || paths.basename(place.of));
	const files = place.files === 1 ? w.t('1 file') : w.t('{0} files', w.number(place.files));
	const texts: Record<typeof place.scope, string> = {
		program: w.t('{0} of the program', files),
		package: w.t('{0} of the package {1}', files, of),
		directory: w.t('{0} in the folder {1}', files, of),
		glob: w.t('{0} of {1}', files, of),
	};
	const label = widenedReasonText(place, shorten);
	return row(label, texts[place.scope], { icon: 'question', tooltip: [label, texts[place.scope]] });
}

function noteText({ root, note, why }: ImpactNote, w: Wording): ImpactRowText {
	const none = root.of === 'file' ? w.t('No other file depends on it') : w.t('No other file is affected');
	const texts: Record<ImpactNote['note'], [string, string]> = {
		noFile: [w.t('Open a file of a watched folder'), 'info'],
		notCovered: [w.t('No watch has this file'), 'info'],
		noBurst: [w.t('Nothing has changed yet'), 'info'],
		none: [none, 'pass'],
		waits: [w.t('Files are still being read'), 'sync~spin'],
		asks: [w.t('Loading…'), 'sync~spin'],
		failed: [oneLine(why ?? ''), 'error'],
	};
	const [label, icon] = texts[note];
	return row(label, '', { icon, tooltip: [label] });
}

function endText({ kind }: ImpactEnd, w: Wording): ImpactRowText {
	return kind === 'more'
		? row(w.t('Load More…'), '', { icon: 'ellipsis' })
		: row(w.t('The first {0} are listed', w.number(MOST_ROWS)), w.t('Copy Impact has all of them'));
}
