import nodePath from 'node:path';
import type { Invalidated } from '#shared/protocol.ts';
import type { Wording } from '../l10n.ts';
import { oneLine } from '../views/safe-text.ts';

/** More make a list that nobody reads. */
const MOST_LISTED = 1000;

/** A row of what is affected. */
export interface ImpactRow {
	label: string;
	description: string;
	/** The path of reasons. */
	detail: string;
	file: Invalidated;
}

/** Rows that are as far from what was changed. */
export interface ImpactGroup {
	title: string;
	rows: ImpactRow[];
}

/** What is affected, nearest first, and how many more files there are. */
export function impactGroups(
	files: readonly Invalidated[],
	shorten: (path: string) => string,
	{ t, number }: Wording,
	paths = nodePath,
): { groups: ImpactGroup[]; more: number } {
	const groups: ImpactGroup[] = [];
	let distance = 0;
	for (const file of files.slice(0, MOST_LISTED)) {
		if (file.distance !== distance) {
			distance = file.distance;
			const title = distance === 1 ? t('1 step away') : t('{0} steps away', number(distance));
			groups.push({ title, rows: [] });
		}
		const kinds = file.kinds.map((kind) => (kind === 'interface' ? t('interface') : t('behaviour'))).join(', ');
		groups.at(-1)!.rows.push({
			label: oneLine(paths.basename(file.file)),
			description: [
				file.certainty === 'possible' ? t('possibly: {0}', kinds) : kinds,
				oneLine(shorten(paths.dirname(file.file))),
			]
				.filter((part) => part !== '')
				.join(' · '),
			detail: file.reason.map(({ file: of, name }) => stepText(paths.basename(of), name)).join(' → '),
			file,
		});
	}
	return { groups, more: Math.max(files.length - MOST_LISTED, 0) };
}

function stepText(file: string, name: string): string {
	return oneLine(name === '' ? file : `${name} (${file})`);
}
