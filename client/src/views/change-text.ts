import nodePath from 'node:path';
import type { ChangeType, LoggedChange } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import { agoText, typeText } from './quantities.ts';
import { oneLine } from './safe-text.ts';

/** What the row of one change shows. */
export interface ChangeRow {
	label: string;
	description: string;
	icon: { id: string; color: string };
	tooltip: string;
	accessibleLabel: string;
}

const ICONS: Record<ChangeType, ChangeRow['icon']> = {
	create: { id: 'diff-added', color: 'gitDecoration.addedResourceForeground' },
	modify: { id: 'diff-modified', color: 'gitDecoration.modifiedResourceForeground' },
	metadata: { id: 'tag', color: 'descriptionForeground' },
	move: { id: 'diff-renamed', color: 'gitDecoration.renamedResourceForeground' },
	remove: { id: 'diff-removed', color: 'gitDecoration.deletedResourceForeground' },
};

export function changeIcon(type: ChangeType): ChangeRow['icon'] {
	return ICONS[type];
}

export function changeRow(change: LoggedChange, root: string, now: number, w: Wording, paths = nodePath): ChangeRow {
	const label = oneLine(paths.basename(change.path));
	const type = change.reason === 'coverage' ? coverageText(change.type, w) : typeText(change.type, w);
	const where = relativeFolder(change.path, root, paths);
	const from = change.from === undefined ? [] : [w.t('from {0}', oneLine(relative(change.from, root, paths)))];
	const parts = [type, agoText(now - change.time, w), ...from, ...(where === '' ? [] : [where])];
	return {
		label,
		description: parts.join(' · '),
		icon: ICONS[change.type],
		tooltip: w.t('{0}: {1}, {2}', oneLine(change.path), type, w.time(change.time)),
		accessibleLabel: [label, ...parts].join(', '),
	};
}

/** A coverage change happened to the watch's patterns, not to the file. */
function coverageText(type: ChangeType, w: Wording): string {
	return type === 'create' ? w.t('now covered') : w.t('no longer covered');
}

function relative(path: string, root: string, paths: nodePath.PlatformPath): string {
	return paths.relative(root, path).split(paths.sep).join('/');
}

/** `src/deep/` for a change in a folder beneath the root, empty in the root itself. */
function relativeFolder(path: string, root: string, paths: nodePath.PlatformPath): string {
	const folder = relative(paths.dirname(path), root, paths);
	return folder === '' ? '' : oneLine(`${folder}/`);
}

/**
 * Which of these changes (newest first) lead to something that still exists, as far as they tell: the row of a file
 * that a newer row removed or moved away shows, but does not open.
 */
export function openable(changes: readonly LoggedChange[]): Set<number> {
	/** What the newest record that names a path says about it. */
	const exists = new Map<string, boolean>();
	const open = new Set<number>();
	for (const change of changes) {
		// What a watch no longer covers is still on disk.
		const here = change.type !== 'remove' || change.reason === 'coverage';
		if (!exists.has(change.path)) {
			exists.set(change.path, here);
		}
		if (change.from !== undefined && !exists.has(change.from)) {
			exists.set(change.from, false);
		}
		if (here && exists.get(change.path) === true && (change.kind === 'file' || change.kind === 'link')) {
			open.add(change.seq);
		}
	}
	return open;
}
