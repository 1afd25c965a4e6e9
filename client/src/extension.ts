import * as vscode from 'vscode';
import { Commands } from '#shared/contributions.ts';
import { Away } from './away/away.ts';
import { registerCommands } from './commands/handlers.ts';
import { ChangeDecorations } from './decorations/change-decorations.ts';
import { ImpactMarks } from './decorations/impact-marks.ts';
import { ImpactView } from './impact/impact-view.ts';
import { Disposables } from './lifecycle/disposables.ts';
import { type Wording, wording } from './l10n.ts';
import { ProblemToasts } from './problems/problem-toasts.ts';
import { tell } from './problems/tell.ts';
import { ViewProgress } from './progress/view-progress.ts';
import { OpenFileTabs } from './session/open-file-tabs.ts';
import { Session } from './session/session.ts';
import { watchSettings } from './settings/watch-settings.ts';
import { ContextKeyMirror } from './state/context-keys.ts';
import { Model } from './state/model.ts';
import { StatusBar } from './views/status-bar.ts';
import { WatchViews } from './views/watch-views.ts';

/** The life of the extension. One run of the server is a scope of its own, in session/. */
let life: { scope: Disposables; session: Session; contextKeys: ContextKeyMirror; away: Away } | undefined;

export function activate(context: vscode.ExtensionContext): void {
	const log = vscode.window.createOutputChannel('Filetide', { log: true });
	const w = wording(vscode.l10n.t, vscode.env.language);
	const scope = new Disposables();
	scope.add(log);
	try {
		build(context, scope, log, w);
	} catch (error) {
		log.error('Filetide could not be activated', error instanceof Error ? error : String(error));
		void vscode.window.showErrorMessage(w.t('Filetide could not start: {0}', String(error)));
		scope.dispose();
		throw error;
	}
}

function build(context: vscode.ExtensionContext, scope: Disposables, log: vscode.LogOutputChannel, w: Wording): void {
	const model = new Model();
	const session = new Session({
		module: context.asAbsolutePath('dist/server.cjs'),
		log,
		model,
		gaveUp: (crashes) => {
			const message = w.t('The Filetide server ended {0} times within three minutes and stays stopped.', crashes);
			void tell('error', message, w, { title: w.t('Restart Server'), command: Commands.restartServer });
		},
		message: (severity, text) => void tell(severity, text, w),
	});
	const contextKeys = new ContextKeyMirror(model);
	const views = scope.add(new WatchViews(model, session, w));
	scope.add(new StatusBar(model, w));
	scope.add(new ChangeDecorations(model, session, w));
	const impact = scope.add(new ImpactView(model, session, contextKeys, w));
	const marks = scope.add(new ImpactMarks(model, session, context.workspaceState, w, log));
	scope.add(new OpenFileTabs(model, session, log));
	scope.add(new ViewProgress(model, { explorer: () => views.explorerVisible, impact: () => impact.visible }));
	scope.add(new ProblemToasts(model, w, log));
	const away = scope.add(new Away(model, context.workspaceState));
	scope.add(registerCommands({ model, session, views, impact, marks, away, wording: w, log }));

	const followSettings = (): void => {
		model.setConfigured(watchSettings.anyConfigured());
		// A window that watches nothing runs no server.
		if (model.configured) {
			session.start();
		}
	};
	scope.add(
		vscode.workspace.onDidChangeConfiguration((event) => {
			if (watchSettings.affectedBy(event)) {
				followSettings();
			}
		}),
	);
	scope.add(vscode.workspace.onDidChangeWorkspaceFolders(followSettings));
	scope.add(
		vscode.workspace.onDidGrantWorkspaceTrust(() => {
			followSettings();
			session.trustGranted().catch((error: unknown) => log.warn('Telling the server about trust', String(error)));
		}),
	);
	followSettings();
	life = { scope, session, contextKeys, away };
}

/** VS Code waits for it, for a few seconds: the server's own limit is shorter. */
export async function deactivate(): Promise<void> {
	const ending = life;
	life = undefined;
	if (ending) {
		await Promise.all([ending.away.leave(), ending.contextKeys.dispose(), ending.session.dispose()]);
		ending.scope.dispose();
	}
}
