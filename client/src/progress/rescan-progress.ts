import * as vscode from 'vscode';
import type { WatchSummary } from '#shared/model.ts';
import type { Wording } from '../l10n.ts';
import type { Session } from '../session/session.ts';
import type { WorkProgress } from '../session/server-run.ts';
import { changesText } from '../views/quantities.ts';
import { oneLine } from '../views/safe-text.ts';
import { overallIncrement } from './percentages.ts';

/** Rescans one watch after the other under one notification that can be cancelled. Rejects as the requests do. */
export async function rescanWithProgress(
	watches: readonly WatchSummary[],
	session: Session,
	w: Wording,
	log: vscode.LogOutputChannel,
): Promise<void> {
	const [first] = watches;
	if (first === undefined) {
		return;
	}
	const title =
		watches.length === 1
			? w.t('Rescanning {0}', oneLine(first.name))
			: w.t('Rescanning {0} watches', w.number(watches.length));
	const location = vscode.ProgressLocation.Notification;
	await vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
		const advance = overallIncrement(watches.length);
		let changes = 0;
		for (const [index, watch] of watches.entries()) {
			if (token.isCancellationRequested) {
				return;
			}
			const cancelled = token.onCancellationRequested(() => {
				// A server that is gone scans nothing.
				session.cancelScan(watch.id).catch((error: unknown) => log.debug('Cancelling the scan', String(error)));
			});
			try {
				const result = await session.rescan(watch.id, (work: WorkProgress) => {
					const prefix = watches.length === 1 ? '' : `${oneLine(watch.name)}: `;
					const increment = advance(index, work.percentage);
					progress.report({
						...(work.message === undefined ? {} : { message: prefix + work.message }),
						...(increment === undefined ? {} : { increment }),
					});
				});
				changes += result.changes;
				log.info(
					`Rescan of ${watch.name}: ${result.changes} changes, ${result.entries} entries, ${result.ms} ms` +
						(result.cancelled ? ', cancelled' : ''),
				);
			} finally {
				cancelled.dispose();
			}
		}
		// VS Code keeps a notification for a moment, so that this can be read.
		progress.report({ message: w.t('{0} found', changesText(changes, w)), increment: 100 });
	});
}
