import nodePath from 'node:path';
import type { NetChange } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import { changeIcon } from '../views/change-text.ts';
import { typeText } from '../views/quantities.ts';
import { oneLine } from '../views/safe-text.ts';

/** More make a list that nobody reads; the log has all. */
export const MOST_LISTED = 1000;

/** A row of what changed while the user was away. */
export interface AwayRow {
	label: string;
	description: string;
	/** What can be opened; undefined for folders and what is gone. */
	opens: string | undefined;
}

/** The rows of net changes, by folder, and how many more there are. */
export function awayRows(
	changes: readonly NetChange[],
	roots: readonly string[],
	w: Wording,
	paths = nodePath,
): { rows: AwayRow[]; more: number } {
	const rows = changes.slice(0, MOST_LISTED).map((change): AwayRow => {
		const name = oneLine(paths.basename(change.path));
		const isFile = change.kind === 'file' || change.kind === 'link';
		const from = change.from === undefined ? [] : [w.t('from {0}', oneLine(shorter(change.from, roots, paths)))];
		const folder = oneLine(shorter(paths.dirname(change.path), roots, paths));
		return {
			label: `$(${changeIcon(change.type).id}) ${change.kind === 'folder' ? `${name}/` : name}`,
			description: [typeText(change.type, w), ...from, ...(folder === '' ? [] : [folder])].join(' · '),
			opens: isFile && change.type !== 'remove' ? change.path : undefined,
		};
	});
	return { rows, more: changes.length - rows.length };
}

/** A path relative to the innermost root that it lies in. */
function shorter(path: string, roots: readonly string[], paths: nodePath.PlatformPath): string {
	const [root] = roots
		.filter((each) => path === each || path.startsWith(each.endsWith(paths.sep) ? each : `${each}${paths.sep}`))
		.sort((a, b) => b.length - a.length);
	return root === undefined ? path : paths.relative(root, path).split(paths.sep).join('/');
}
