import * as vscode from 'vscode';
import {
	CloseAction,
	ErrorAction,
	type LanguageClientOptions,
	RevealOutputChannelOn,
	type ServerOptions,
	TransportKind,
} from 'vscode-languageclient/node';
import { Settings } from '#shared/contributions.ts';
import type { InitializationOptions } from '#shared/protocol.ts';

/** `.vscode/launch.json` attaches to it. */
const DEBUG_PORT = 6009;

export function serverOptions(module: string): ServerOptions {
	const run = { module, transport: TransportKind.ipc };
	return { run, debug: { ...run, options: { execArgv: ['--nolazy', `--inspect=${DEBUG_PORT}`] } } };
}

export function clientOptions(log: vscode.LogOutputChannel): LanguageClientOptions {
	return {
		// Filetide is not about documents: none is sent.
		documentSelector: [],
		synchronize: { configurationSection: [Settings.section, 'files.watcherExclude'] },
		initializationOptions: initializationOptions(),
		initializationFailedHandler: () => false,
		middleware: {
			// The server pulls what it needs, per folder; the notice carries nothing.
			workspace: { didChangeConfiguration: (_sections, send) => send(undefined) },
		},
		outputChannel: log,
		revealOutputChannelOn: RevealOutputChannelOn.Never,
		errorHandler: {
			error: () => ({ action: ErrorAction.Continue, handled: true }),
			// A client lives for one run of the server; the session starts the next one.
			closed: () => ({
				action: CloseAction.DoNotRestart,
				handled: true,
				message: 'The connection to the server closed',
			}),
		},
	};
}

function initializationOptions(): InitializationOptions {
	const workspaceFile = vscode.workspace.workspaceFile;
	return {
		trusted: vscode.workspace.isTrusted,
		// An untitled workspace has a file too, in VS Code's own storage; it has no lasting identity.
		...(workspaceFile?.scheme === 'file' ? { workspaceFile: workspaceFile.fsPath } : {}),
	};
}
