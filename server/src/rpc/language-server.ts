/**
 * Speaks LSP: reads the configuration of every workspace folder, follows its changes, and offers the engine through
 * `filetide/*` requests. The connection ends this process when its parent goes.
 */
import { fileURLToPath } from 'node:url';
import {
	type Connection,
	DidChangeConfigurationNotification,
	type InitializeParams,
	type InitializeResult,
	type WorkspaceFolder,
} from 'vscode-languageserver/node';
import { type InitializationOptions, Methods } from '#shared/protocol.ts';
import { VERSION } from '#shared/version.ts';
import { planWatches, type WatchPlan, type WatchSource } from '../engine/watch-plan.ts';
import { indexFolder } from '../platform/locations.ts';
import { describeError, type Logger, type LogLevel } from '../platform/log.ts';
import { serveEngine } from './methods.ts';
import { OpenFileSet } from './open-files.ts';
import { Session } from './session.ts';

const SECTION = 'filetide';

export class LanguageServer {
	readonly #connection: Connection;
	readonly #logger: Logger;
	#workspaceFile: string | undefined;
	#trusted = true;
	#folders: WorkspaceFolder[] = [];
	#session: Session | undefined;
	readonly #open = new OpenFileSet();
	#indexFolder: string | undefined;
	#sessionWaiters: ((session: Session) => void)[] = [];
	/** Configurations are applied one after the other; while one waits, another notice adds nothing. */
	#applying: Promise<void> = Promise.resolve();
	#applyWaits = false;

	constructor(connection: Connection) {
		this.#connection = connection;
		this.#logger = { log: (level, message) => logTo(connection, level, message) };
	}

	listen(): void {
		const connection = this.#connection;
		connection.onInitialize((params) => this.#initialize(params));
		connection.onInitialized(() => {
			void connection.client.register(DidChangeConfigurationNotification.type, { section: SECTION });
			connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
				const gone = new Set(removed.map((folder) => folder.uri));
				this.#folders = [...this.#folders.filter((folder) => !gone.has(folder.uri)), ...added];
				this.#apply();
			});
			this.#apply();
		});
		connection.onDidChangeConfiguration(() => {
			this.#apply();
		});
		connection.onNotification(Methods.trustGranted, () => {
			this.#trusted = true;
			this.#apply();
		});
		connection.onShutdown(async () => {
			await this.#applying;
			await this.#session?.stop();
		});
		serveEngine(connection, async () => await (await this.#currentSession()).engine(), this.#open);
		connection.listen();
	}

	#initialize(params: InitializeParams): InitializeResult {
		const options = (params.initializationOptions ?? {}) as Partial<InitializationOptions>;
		this.#workspaceFile = options.workspaceFile;
		this.#trusted = options.trusted ?? true;
		this.#folders = params.workspaceFolders ?? [];
		return {
			capabilities: { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } },
			serverInfo: { name: 'Filetide', version: VERSION },
		};
	}

	#apply(): void {
		if (this.#applyWaits) {
			return;
		}
		this.#applyWaits = true;
		this.#applying = this.#applying.then(async () => {
			this.#applyWaits = false;
			try {
				await this.#configure();
			} catch (error) {
				this.#logger.log('error', describeError(error));
				this.#connection.window.showErrorMessage(
					`Filetide could not read its settings: ${describeError(error)}`,
				);
			}
		});
	}

	async #configure(): Promise<void> {
		const folders = this.#localFolders();
		const plan = await this.#plan(folders);
		const paths = folders.map((folder) => folder.path);
		const folder = indexFolder({ workspaceFile: this.#workspaceFile, folders: paths });
		if (this.#session !== undefined && folder === this.#indexFolder) {
			this.#session.configure(plan);
			return;
		}
		// Other folders, another index.
		await this.#session?.stop();
		this.#indexFolder = folder;
		const session = new Session(
			{
				folder,
				roots: paths,
				logger: this.#logger,
				onProblem: (message) => {
					this.#connection.window.showErrorMessage(`Filetide: ${message}`);
				},
			},
			this.#open,
		);
		session.notifier.add(this.#connection);
		session.start(plan);
		this.#session = session;
		for (const resolve of this.#sessionWaiters.splice(0)) {
			resolve(session);
		}
	}

	async #plan(folders: readonly { name: string; path: string; uri: string }[]): Promise<WatchPlan> {
		const scopes = folders.length === 0 ? [undefined] : folders;
		const values = (await this.#connection.workspace.getConfiguration(
			scopes.flatMap((folder) => {
				const scope = folder === undefined ? {} : { scopeUri: folder.uri };
				return [
					{ ...scope, section: SECTION },
					{ ...scope, section: 'files.watcherExclude' },
				];
			}),
		)) as [
			{ watches?: unknown; retention?: unknown; graph?: { enabled?: boolean } } | null,
			Record<string, boolean> | null,
		];
		const sources = scopes.map((folder, i): WatchSource => {
			const settings = values[2 * i] as { watches?: unknown } | null;
			const excludes = (values[2 * i + 1] ?? {}) as Record<string, boolean>;
			return {
				place: `${SECTION}.watches`,
				entries: settings?.watches,
				base: folder?.path,
				excludes: Object.keys(excludes).filter((glob) => excludes[glob] === true),
			};
		});
		const [settings] = values;
		const { retention, graph } = settings ?? {};
		return planWatches(sources, { folders, trusted: this.#trusted, retention, graph: graph?.enabled });
	}

	/** Workspace folders on this machine's disk, in order. */
	#localFolders(): { name: string; path: string; uri: string }[] {
		return this.#folders
			.filter((folder) => folder.uri.startsWith('file:'))
			.map(({ name, uri }) => ({ name, uri, path: fileURLToPath(uri) }));
	}

	async #currentSession(): Promise<Session> {
		return (
			this.#session ??
			(await new Promise<Session>((resolve) => {
				this.#sessionWaiters.push(resolve);
			}))
		);
	}
}

function logTo(connection: Connection, level: LogLevel, message: string): void {
	connection.console[level](message);
}
