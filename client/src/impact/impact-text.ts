import nodePath from 'node:path';
import type { Invalidated } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { oneLine } from '../views/safe-text.ts';
import { distanceText, effectText, reasonText } from './reason-text.ts';

/** More make a list that nobody reads. */
const MOST_LISTED = 1000;

/** An entry of the list of what is affected. */
export interface ImpactEntry {
	label: string;
	description: string;
	/** The path of reasons. */
	detail: string;
	file: Invalidated;
}

/** Entries that are as far from what was changed. */
export interface ImpactEntries {
	title: string;
	rows: ImpactEntry[];
}

/** What is affected, nearest first, and how many more files there are. */
export function impactGroups(
	files: readonly Invalidated[],
	shorten: (path: string) => string,
	w: Wording,
	paths = nodePath,
): { groups: ImpactEntries[]; more: number } {
	const groups: ImpactEntries[] = [];
	let distance = 0;
	for (const file of files.slice(0, MOST_LISTED)) {
		if (file.distance !== distance) {
			distance = file.distance;
			groups.push({ title: distanceText(distance, w), rows: [] });
		}
		groups.at(-1)!.rows.push({
			label: oneLine(paths.basename(file.file)),
			description: [effectText(file, w), oneLine(shorten(paths.dirname(file.file)))]
				.filter((part) => part !== '')
				.join(' · '),
			detail: reasonText(file, w, paths),
			file,
		});
	}
	return { groups, more: Math.max(files.length - MOST_LISTED, 0) };
}
