import * as vscode from 'vscode';
import { type CommandId, Commands, EXTENSION_ID } from '#shared/contributions.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import { tellFailure } from '../problems/tell.ts';
import { isTreeNode } from '../views/nodes.ts';
import { addWatch } from './add-watch.ts';
import type { CommandDeps } from './deps.ts';
import { copyImpact, loadMoreImpact, openAffectedFile } from './impact-actions.ts';
import { removeWatch } from './remove-watch.ts';
import { showAffected, showDependents } from './show-affected.ts';
import { showAway } from './show-away.ts';
import { showFailedUpdates } from './show-failed-updates.ts';
import { pauseAllWatches, pauseWatch, rescanWatch, resumeAllWatches, resumeWatch } from './watch-actions.ts';
import { repairIndex, verifyIndex } from './verify-index.ts';

type Handler = (args: readonly unknown[], deps: CommandDeps) => unknown;

/** Every command that the extension has: the type makes it so, and a test holds `Commands` against the manifest. */
const HANDLERS: Readonly<Record<CommandId, Handler>> = {
	[Commands.addWatch]: addWatch,
	[Commands.removeWatch]: removeWatch,
	[Commands.rescanWatch]: rescanWatch,
	[Commands.pauseWatch]: pauseWatch,
	[Commands.resumeWatch]: resumeWatch,
	[Commands.pauseAllWatches]: pauseAllWatches,
	[Commands.resumeAllWatches]: resumeAllWatches,
	[Commands.showAway]: showAway,
	[Commands.showAffected]: showAffected,
	[Commands.showDependents]: showDependents,
	[Commands.showFailedUpdates]: showFailedUpdates,
	[Commands.refreshImpact]: (_, { impact }) => impact.refresh(),
	[Commands.pinImpact]: (_, { impact }) => impact.pin(true),
	[Commands.unpinImpact]: (_, { impact }) => impact.pin(false),
	[Commands.copyImpact]: copyImpact,
	[Commands.clearImpactMarks]: (_, { marks }) => marks.clear(),
	[Commands.openAffectedFile]: openAffectedFile,
	[Commands.loadMoreImpact]: loadMoreImpact,
	[Commands.showLog]: (_, { log }) => log.show(),
	[Commands.restartServer]: (_, { session }) => session.restart(),
	[Commands.openSettings]: () =>
		vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${EXTENSION_ID}`),
	[Commands.verifyIndex]: verifyIndex,
	[Commands.repairIndex]: repairIndex,
	[Commands.loadMoreChanges]: ([row], { views }) => isTreeNode(row) && row.kind === 'more' && views.loadMore(row),
};

/** Registers all commands. They exist before the server is up; those that need it start it, wait, or say why not. */
export function registerCommands(deps: CommandDeps): Disposable {
	const scope = new Disposables();
	for (const [id, handler] of Object.entries(HANDLERS)) {
		scope.add(
			vscode.commands.registerCommand(id, async (...args: unknown[]) => {
				try {
					await handler(args, deps);
				} catch (error) {
					await tellFailure(error, deps.wording, deps.log);
				}
			}),
		);
	}
	return scope;
}
