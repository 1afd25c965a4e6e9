import * as vscode from 'vscode';
import { Commands } from '#shared/contributions.ts';
import type { RepairResult, VerifyResult } from '#shared/protocol.ts';
import { tell } from '../problems/tell.ts';
import type { WorkProgress } from '../session/server-run.ts';
import { differencesText, recordsText } from '../views/quantities.ts';
import type { CommandDeps } from './deps.ts';
import { serverRuns } from './pick-watch.ts';

/** Differences that the log lists. */
const MOST_LOGGED = 100;

/** Holds the tables of the index against each other and says what it came to. */
export async function verifyIndex(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { session, wording: w } = deps;
	if (!(await serverRuns(deps))) {
		return;
	}
	const result = await withProgress(w.t('Verifying the index'), (report) => session.verify(report));
	logDifferences(result, deps);
	if (result.clean) {
		const message = w.t('The index is in order: {0} checked.', recordsText(result.checked, w));
		void vscode.window.showInformationMessage(message);
		return;
	}
	const message = w.t(
		'The index has {0}. Repairing it changes only what is wrong.',
		differencesText(result.found, w),
	);
	void tell('warning', message, w, { title: w.t('Repair Index'), command: Commands.repairIndex });
}

/** Brings what is wrong in the index into line. It needs no confirmation: what is right stays as it is. */
export async function repairIndex(_: readonly unknown[], deps: CommandDeps): Promise<void> {
	const { session, wording: w } = deps;
	if (!(await serverRuns(deps))) {
		return;
	}
	const result: RepairResult = await withProgress(w.t('Repairing the index'), (report) => session.repair(report));
	logDifferences(result, deps);
	if (result.repaired === 0) {
		const message = w.t('Nothing is to be repaired: {0} checked.', recordsText(result.checked, w));
		void vscode.window.showInformationMessage(message);
		return;
	}
	void tell('info', w.t('The index is in order again: {0} repaired.', differencesText(result.repaired, w)), w);
}

function withProgress<R>(title: string, work: (report: (progress: WorkProgress) => void) => Promise<R>): Thenable<R> {
	const location = vscode.ProgressLocation.Notification;
	return vscode.window.withProgress({ location, title }, (progress) => {
		let reached = 0;
		return work(({ message, percentage = reached }) => {
			progress.report({
				...(message === undefined ? {} : { message }),
				increment: Math.max(0, percentage - reached),
			});
			reached = Math.max(reached, percentage);
		});
	});
}

function logDifferences({ differences, found }: VerifyResult, { log }: CommandDeps): void {
	for (const { table, key, was, is } of differences.slice(0, MOST_LOGGED)) {
		log.warn(`Index, ${table} ${key}: was ${JSON.stringify(was)}, should be ${JSON.stringify(is)}`);
	}
	if (found > MOST_LOGGED) {
		log.warn(`Index: ${found - MOST_LOGGED} more differences; "filetide verify --json" lists them`);
	}
}
