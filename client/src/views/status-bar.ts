import * as vscode from 'vscode';
import { Commands, Views } from '#shared/contributions.ts';
import { Disposables, type Disposable } from '../lifecycle/disposables.ts';
import type { Wording } from '../l10n.ts';
import type { Model } from '../state/model.ts';
import { oneLine } from './safe-text.ts';
import { statusBarText, type StatusBarText } from './status-bar-text.ts';
import { commandLink } from './tree-items.ts';

const BACKGROUNDS: Record<StatusBarText['severity'], vscode.ThemeColor | undefined> = {
	normal: undefined,
	warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
	error: new vscode.ThemeColor('statusBarItem.errorBackground'),
};

/** Filetide's one status bar item: on the left, because it speaks of the whole window. */
export class StatusBar implements Disposable {
	readonly #scope = new Disposables();
	readonly #item: vscode.StatusBarItem;
	readonly #model: Model;
	readonly #wording: Wording;
	#shown = '';

	constructor(model: Model, wording: Wording) {
		this.#model = model;
		this.#wording = wording;
		this.#item = this.#scope.add(vscode.window.createStatusBarItem('status', vscode.StatusBarAlignment.Left));
		this.#item.name = 'Filetide';
		this.#item.command = `${Views.watches}.focus`;
		this.#scope.add(model.changed.on(() => this.#update()));
		this.#update();
	}

	dispose(): void {
		this.#scope.dispose();
	}

	#update(): void {
		const content = statusBarText(this.#model, this.#wording);
		const shown = JSON.stringify(content ?? null);
		// Setting a property sends a message to the window, equal or not.
		if (shown === this.#shown) {
			return;
		}
		this.#shown = shown;
		if (content === undefined) {
			this.#item.hide();
			return;
		}
		this.#item.text = content.text;
		this.#item.backgroundColor = BACKGROUNDS[content.severity];
		this.#item.accessibilityInformation = { label: content.accessibleLabel };
		this.#item.tooltip = this.#tooltip(content);
		this.#item.show();
	}

	#tooltip({ lines, severity, failedUpdates }: StatusBarText): vscode.MarkdownString {
		const { t } = this.#wording;
		const text = new vscode.MarkdownString('**Filetide**', true);
		text.isTrusted = {
			enabledCommands: [
				Commands.addWatch,
				Commands.openSettings,
				Commands.restartServer,
				Commands.showFailedUpdates,
				Commands.showLog,
			],
		};
		for (const line of lines) {
			text.appendMarkdown('\n\n').appendText(oneLine(line));
		}
		const links = [
			severity === 'error'
				? commandLink(t('Restart Server'), Commands.restartServer)
				: commandLink(t('Add Watch…'), Commands.addWatch),
			...(failedUpdates ? [commandLink(t('Show Failed Updates'), Commands.showFailedUpdates)] : []),
			commandLink(t('Open Settings'), Commands.openSettings),
			commandLink(t('Show Log'), Commands.showLog),
		];
		return text.appendMarkdown(`\n\n${links.join(' · ')}`);
	}
}
