import nodePath from 'node:path';
import * as vscode from 'vscode';
import type { Wording } from '../l10n.ts';
import { tell } from '../problems/tell.ts';
import { type ConfiguredWatch, findConfigured, type Level, planRemove } from '../settings/watch-levels.ts';
import { watchSettings } from '../settings/watch-settings.ts';
import { oneLine } from '../views/safe-text.ts';
import { watchIds } from './arguments.ts';
import type { CommandDeps } from './deps.ts';

/**
 * Takes watches out of the settings, where they are written. Needs no server, so that a watch which keeps it from
 * starting can be removed. What was recorded stays until the server drops it.
 */
export async function removeWatch(args: readonly unknown[], deps: CommandDeps): Promise<void> {
	const ids = watchIds(args);
	if (ids.length === 0) {
		const entry = await askForEntry(deps);
		if (entry) {
			await remove(entry, deps);
		}
		return;
	}
	for (const id of ids) {
		const watch = deps.model.status?.watches.find((candidate) => candidate.id === id);
		// Found anew each time: a removal moves the entries after it.
		const entry = watch && findConfigured(watchSettings.configured(), watch);
		if (entry) {
			await remove(entry, deps);
		} else if (watch) {
			const message = deps.wording.t('{0} is not in this window’s settings.', oneLine(watch.name));
			void tell('error', message, deps.wording);
		}
	}
}

async function remove(entry: ConfiguredWatch, { log }: CommandDeps): Promise<void> {
	const change = planRemove(entry, watchSettings.views());
	if (change) {
		await watchSettings.write(change);
		log.info(`Removed the watch of ${entry.path ?? entry.written} from the ${entry.level} settings`);
	}
}

async function askForEntry({ wording }: CommandDeps): Promise<ConfiguredWatch | undefined> {
	const items = watchSettings.configured().map((entry) => ({
		label: oneLine(entry.name ?? nodePath.basename(entry.path ?? entry.written)) || wording.t('(no path)'),
		description: oneLine(entry.path ?? entry.written),
		detail: levelText(entry.level, wording),
		entry,
	}));
	if (items.length === 0) {
		void vscode.window.showInformationMessage(wording.t('The settings name no watch.'));
		return undefined;
	}
	const placeHolder = wording.t('Which watch should be removed?');
	return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.entry;
}

function levelText(level: Level, { t }: Wording): string {
	const texts: Record<Level, string> = {
		user: t('User settings'),
		workspace: t('Workspace settings'),
		folder: t('Folder settings'),
	};
	return texts[level];
}
