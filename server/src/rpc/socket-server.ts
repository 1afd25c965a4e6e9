/** The leader's socket: other servers follow here, and the CLI asks here. Only this user can reach it. */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { MessageConnection } from 'vscode-languageserver/node';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { type Hello, Methods, PROTOCOL_VERSION } from '#shared/protocol.ts';
import type { Engine } from '../engine/engine.ts';
import { toResponseError } from './errors.ts';
import { serveEngine } from './methods.ts';
import type { Notifier } from './notifier.ts';
import { createWire } from './wire.ts';

export interface SocketServerOptions {
	path: string;
	hello: Hello;
	engine: Engine;
	notifier: Notifier;
}

export class SocketServer {
	readonly #server: Server;
	/** Each with what forgets it. */
	readonly #connections = new Map<MessageConnection, () => void>();

	private constructor(server: Server) {
		this.#server = server;
	}

	/** Listens. The caller holds the index, so a socket file that is still there belongs to nobody. */
	static async listen(options: SocketServerOptions): Promise<SocketServer> {
		if (process.platform !== 'win32') {
			rmSync(options.path, { force: true });
		}
		const server = createServer();
		const self = new SocketServer(server);
		server.on('connection', (socket) => {
			self.#accept(socket, options);
		});
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(options.path, () => {
				server.off('error', reject);
				resolve();
			});
		});
		return self;
	}

	/** Ends all connections; followers see it and take over. */
	async close(): Promise<void> {
		for (const [connection, forget] of this.#connections) {
			connection.dispose();
			// One that was disposed does not say that it is closed, and throws when it shall still tell something.
			forget();
		}
		await new Promise<void>((resolve) => {
			this.#server.close(() => {
				resolve();
			});
		});
	}

	#accept(socket: Socket, { hello, engine, notifier }: SocketServerOptions): void {
		const connection = createWire(socket, socket);
		let greeted = false;
		connection.onRequest(Methods.hello, (theirs: Hello): unknown => {
			if (theirs.protocol !== PROTOCOL_VERSION) {
				return toResponseError(protocolMismatch(theirs, hello));
			}
			greeted = true;
			if (theirs.follow) {
				notifier.add(connection);
			}
			return hello;
		});
		serveEngine(connection, () =>
			greeted
				? Promise.resolve(engine)
				: Promise.reject(
						new FiletideError(ErrorCodes.protocolMismatch, 'The first message must be filetide/hello.'),
					),
		);
		const forget = () => {
			notifier.delete(connection);
			this.#connections.delete(connection);
			socket.destroy();
		};
		this.#connections.set(connection, forget);
		connection.onClose(forget);
		connection.onError(forget);
		socket.on('error', forget);
		connection.listen();
	}
}

/** The one sentence in which two versions part. */
function protocolMismatch(theirs: Hello, ours: Hello): FiletideError {
	return new FiletideError(
		ErrorCodes.protocolMismatch,
		`Filetide ${theirs.version} (protocol ${theirs.protocol}) cannot talk to the running server, which is Filetide ${ours.version} (protocol ${ours.protocol}). Use the same version for both.`,
	);
}
