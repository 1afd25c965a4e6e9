/** A minimal editor: starts `dist/server.cjs --stdio`, answers its questions, and remembers what it says. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MessageConnection } from 'vscode-languageserver/node';
import { createWire } from '../../server/src/rpc/wire.ts';
import { EngineClient } from './engine-client.ts';
import { type End, RunningProcess } from './process.ts';
import { bundle, type Sandbox } from './sandbox.ts';

export interface Editor {
	/** Workspace folders. Default: `w` in the sandbox. */
	folders?: readonly string[];
	/** The setting `filetide.watches`, whatever it is; a function gets the workspace folder. */
	watches?: unknown;
	watcherExclude?: Record<string, boolean>;
	/** The setting `filetide.graph.enabled`, which most tests are not about. Default: no. */
	graph?: boolean;
	trusted?: boolean;
	/** The process that the server shall not outlive. Default: this one. */
	processId?: number;
}

export interface Progress {
	token: string;
	value: { kind: 'begin' | 'report' | 'end'; title?: string; message?: string; percentage?: number };
}

export class LanguageClient extends EngineClient {
	readonly process: RunningProcess;
	readonly progress: Progress[] = [];
	/** Error messages shown to the user. */
	readonly shown: string[] = [];
	readonly #editor: Editor;

	private constructor(process: RunningProcess, connection: MessageConnection, editor: Editor) {
		super(connection);
		this.process = process;
		this.#editor = editor;
		connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
			items.map(({ section }) =>
				section === 'filetide'
					? { watches: this.#editor.watches, graph: { enabled: this.#editor.graph ?? false } }
					: (this.#editor.watcherExclude ?? {}),
			),
		);
		connection.onRequest('client/registerCapability', () => null);
		connection.onNotification('$/progress', (progress: Progress) => {
			this.progress.push(progress);
		});
		connection.onNotification('window/showMessage', ({ message }: { message: string }) => {
			this.shown.push(message);
		});
		connection.onRequest('window/showMessageRequest', ({ message }: { message: string }) => {
			this.shown.push(message);
			return null;
		});
	}

	static async start(sandbox: Sandbox, editor: Editor = {}): Promise<LanguageClient> {
		const child = new RunningProcess(sandbox, process.execPath, [bundle('server'), '--stdio'], {
			stdio: ['pipe', 'pipe', 'pipe'],
			binary: true,
		});
		const connection = createWire(child.child.stdout!, child.child.stdin!);
		// Writing to a server that is gone: its end says it.
		child.child.stdin!.on('error', () => undefined);
		const client = new LanguageClient(child, connection, { folders: [sandbox.at('w')], ...editor });
		// Rejects what waits for an answer: it would wait for ever.
		child.child.once('close', () => {
			connection.dispose();
		});
		connection.listen();
		await client.#initialize();
		return client;
	}

	/** Changes settings as an editor does: the server is told that something changed, and asks. */
	async configure(change: Pick<Editor, 'watches' | 'watcherExclude'>): Promise<void> {
		Object.assign(this.#editor, change);
		await this.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
	}

	/** Ends the server as an editor does. */
	async stop(): Promise<End> {
		await this.connection.sendRequest('shutdown');
		await this.connection.sendNotification('exit');
		return await this.process.ended;
	}

	async #initialize(): Promise<void> {
		const { folders = [], trusted = true, processId = process.pid } = this.#editor;
		await this.connection.sendRequest('initialize', {
			processId,
			rootUri: null,
			capabilities: {
				workspace: {
					configuration: true,
					didChangeConfiguration: { dynamicRegistration: true },
					workspaceFolders: true,
				},
				window: { workDoneProgress: true },
			},
			workspaceFolders: folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: basename(folder) })),
			initializationOptions: { trusted },
		});
		await this.connection.sendNotification('initialized', {});
	}
}
