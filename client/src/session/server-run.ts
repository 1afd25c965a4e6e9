import type * as vscode from 'vscode';
import {
	MessageType,
	ResponseError,
	ShowMessageNotification,
	State,
	WorkDoneProgress,
} from 'vscode-languageclient/node';
import { Methods, type PathsChanged, type Status, type StatusChanged } from '#shared/protocol.ts';
import { Disposables } from '../lifecycle/disposables.ts';
import { clientOptions, serverOptions } from './client-options.ts';
import { QuietClient } from './quiet-client.ts';
import { RequestFailure } from './request-failure.ts';

/** How long a server may take to say goodbye before its process is ended. */
const STOP_LIMIT_MS = 2000;

export interface RunEvents {
	status(status: Status): void;
	pathsChanged(paths: PathsChanged): void;
	/** The server has something to say that no status carries. */
	message(severity: 'error' | 'warning' | 'info', text: string): void;
	/** The server or the connection is gone and nobody asked for it. */
	ended(): void;
}

/** How far work on the server has come. */
export interface WorkProgress {
	message?: string | undefined;
	/** 0 to 100. */
	percentage?: number | undefined;
}

/** One life of the server process, with everything that ends with it. */
export class ServerRun {
	readonly #client: QuietClient;
	readonly #scope = new Disposables();
	#started: Promise<void> | undefined;
	#over = false;
	#tokens = 0;

	constructor(module: string, log: vscode.LogOutputChannel, events: RunEvents) {
		const client = new QuietClient('filetide', 'Filetide', serverOptions(module), clientOptions(log));
		this.#client = client;
		this.#scope.add(client.onNotification(Methods.statusChanged, (status: StatusChanged) => events.status(status)));
		this.#scope.add(
			client.onNotification(Methods.pathsChanged, (paths: PathsChanged) => events.pathsChanged(paths)),
		);
		// Instead of the language client's own handler, whose messages lead nowhere.
		this.#scope.add(
			client.onNotification(ShowMessageNotification.type, ({ type, message }) =>
				events.message(severityOf(type), message),
			),
		);
		this.#scope.add(
			client.onDidChangeState(({ newState }) => {
				if (!this.#over && (newState === State.Stopped || newState === State.StartFailed)) {
					this.#end();
					events.ended();
				}
			}),
		);
	}

	/** Starts the process and resolves with its first status. */
	async start(): Promise<Status> {
		this.#started = this.#client.start();
		await this.#started;
		return this.request<Status>(Methods.status);
	}

	async request<R>(method: string, params?: object, cancellation?: vscode.CancellationToken): Promise<R> {
		try {
			return await (params === undefined
				? this.#client.sendRequest<R>(method)
				: this.#client.sendRequest<R>(method, params, cancellation));
		} catch (error) {
			throw asFailure(error, this.#over);
		}
	}

	/** A request whose work-done progress (LSP) is passed on. */
	async requestWithProgress<R>(method: string, params: object, report: (progress: WorkProgress) => void): Promise<R> {
		this.#tokens += 1;
		const workDoneToken = `${method}#${this.#tokens}`;
		const handler = this.#client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
			if (value.kind !== 'end') {
				report({ message: value.message, percentage: value.percentage });
			}
		});
		try {
			return await this.request<R>(method, { ...params, workDoneToken });
		} finally {
			handler.dispose();
		}
	}

	async notify(method: string, params?: object): Promise<void> {
		await (params === undefined
			? this.#client.sendNotification(method)
			: this.#client.sendNotification(method, params));
	}

	/** Ends the process: politely, and by force after {@link STOP_LIMIT_MS}. Never rejects. */
	async stop(): Promise<void> {
		if (this.#over) {
			return;
		}
		this.#end();
		const process = this.#client.serverProcess;
		const quietly = (): undefined => undefined;
		// The language client cannot stop while it is starting.
		await within(STOP_LIMIT_MS, this.#started?.then(undefined, quietly));
		await this.#client.stop(STOP_LIMIT_MS).then(undefined, quietly);
		if (process?.exitCode === null && process.signalCode === null) {
			const gone = new Promise<void>((resolve) => process.once('exit', () => resolve()));
			await within(STOP_LIMIT_MS / 2, gone);
			process.kill('SIGKILL');
		}
	}

	#end(): void {
		this.#over = true;
		this.#scope.dispose();
	}
}

async function within(limitMs: number, work: Promise<void> | undefined): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const limit = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, limitMs);
	});
	await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

function severityOf(type: MessageType): 'error' | 'warning' | 'info' {
	if (type === MessageType.Error) {
		return 'error';
	}
	return type === MessageType.Warning ? 'warning' : 'info';
}

function asFailure(error: unknown, over: boolean): RequestFailure {
	const message = error instanceof Error ? error.message : String(error);
	const data: unknown = error instanceof ResponseError ? error.data : undefined;
	const code = typeof data === 'object' && data !== null && 'code' in data ? String(data.code) : undefined;
	return new RequestFailure(message, { code, serverGone: over, cause: error });
}
