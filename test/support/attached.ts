/** A client of a server's socket, speaking shared/protocol.ts. */
import { connect, type Socket } from 'node:net';
import {
	createMessageConnection,
	type MessageConnection,
	StreamMessageReader,
	StreamMessageWriter,
} from 'vscode-languageserver/node';
import type { LoggedChange, PathStats } from '#shared/model.ts';
import {
	type Hello,
	MAX_PATHS_PER_REQUEST,
	Methods,
	PROTOCOL_VERSION,
	type RecentChangesResult,
	type RescanResult,
	type SinceResult,
	type StatsResult,
	type Status,
	type StatusChanged,
	type SyncResult,
} from '#shared/protocol.ts';
import type { Sandbox } from './sandbox.ts';

/** What a client of this version says first. */
export const HELLO: Hello = { protocol: PROTOCOL_VERSION, schema: 1, version: 'test', follow: true };

/** Whatever can be asked for `filetide/*`: a socket's connection or the language server's. */
export interface Asker {
	sendRequest<T>(method: string, params: unknown): Promise<T>;
}

/** The engine's questions, over any connection. */
export class Questions {
	readonly #asker: Asker;

	constructor(asker: Asker) {
		this.#asker = asker;
	}

	status(): Promise<Status> {
		return this.#asker.sendRequest(Methods.status, {});
	}

	stats(): Promise<StatsResult> {
		return this.#asker.sendRequest(Methods.stats, {});
	}

	sync(full = false): Promise<SyncResult> {
		return this.#asker.sendRequest(Methods.sync, { full, timeoutMs: 60_000 });
	}

	since(cursor: string): Promise<SinceResult> {
		return this.#asker.sendRequest(Methods.since, { cursor });
	}

	rescan(watchId: string): Promise<RescanResult> {
		return this.#asker.sendRequest(Methods.rescan, { watchId });
	}

	async pathStats(paths: readonly string[]): Promise<(PathStats | null)[]> {
		const found: (PathStats | null)[] = [];
		for (let from = 0; from < paths.length; from += MAX_PATHS_PER_REQUEST) {
			const page = paths.slice(from, from + MAX_PATHS_PER_REQUEST);
			const { stats } = await this.#asker.sendRequest<{ stats: (PathStats | null)[] }>(Methods.pathStats, {
				paths: page,
			});
			found.push(...stats);
		}
		return found;
	}

	/** All of a watch's log records, oldest first. */
	async log(watchId: string): Promise<LoggedChange[]> {
		const found: LoggedChange[] = [];
		for (let before: number | undefined; ;) {
			const { changes, more } = await this.#asker.sendRequest<RecentChangesResult>(Methods.recentChanges, {
				watchId,
				limit: 500,
				...(before === undefined ? {} : { before }),
			});
			found.push(...changes);
			before = changes.at(-1)?.seq;
			if (!more || before === undefined) {
				return found.reverse();
			}
		}
	}
}

export class Attached extends Questions {
	/** Resolves when the connection has ended. */
	readonly closed: Promise<void>;
	readonly connection: MessageConnection;
	readonly #socket: Socket;
	#listeners = new Set<(status: Status) => void>();

	private constructor(socket: Socket) {
		const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
		super(connection);
		this.connection = connection;
		this.#socket = socket;
		this.closed = new Promise((resolve) => {
			socket.once('close', () => {
				resolve();
			});
		});
		connection.onNotification(Methods.statusChanged, (status: StatusChanged) => {
			for (const listener of this.#listeners) {
				listener(status);
			}
		});
		connection.listen();
	}

	/** Connects and greets. */
	static async connect(sandbox: Sandbox, path: string): Promise<Attached> {
		const attached = await Attached.connectSilently(sandbox, path);
		await attached.connection.sendRequest(Methods.hello, HELLO);
		return attached;
	}

	/** Connects without a greeting. */
	static async connectSilently(sandbox: Sandbox, path: string): Promise<Attached> {
		const socket = connect(path);
		await new Promise<void>((resolve, reject) => {
			socket.once('connect', resolve);
			socket.once('error', reject);
		});
		// A server that is killed resets the connection; its end says it.
		socket.on('error', () => undefined);
		const attached = new Attached(socket);
		sandbox.onEnd(() => {
			attached.close();
		});
		return attached;
	}

	/** Waits, by the server's own notifications, until its status satisfies `holds`. */
	async until(holds: (status: Status) => boolean): Promise<Status> {
		const { promise, resolve } = Promise.withResolvers<Status>();
		const listener = (status: Status) => {
			if (holds(status)) {
				resolve(status);
			}
		};
		this.#listeners.add(listener);
		try {
			listener(await this.status());
			return await promise;
		} finally {
			this.#listeners.delete(listener);
		}
	}

	close(): void {
		this.connection.dispose();
		this.#socket.destroy();
	}
}
