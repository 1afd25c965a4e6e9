/** The leader's socket: other servers follow here, and the CLI asks here. Only this user can reach it. */
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Hello } from '#shared/protocol.ts';
import type { Engine } from '../engine/engine.ts';
import type { Notifier } from './notifier.ts';
import type { OpenFileSet } from './open-files.ts';

export interface SocketServerOptions {
	path: string;
	hello: Hello;
	engine: Engine;
	notifier: Notifier;
	open: OpenFileSet;
}

export class SocketServer {
	readonly #server: Server;
	/** Each with what ends it. */
	readonly #sockets = new Map<Socket, () => void>();

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
			void self.#accept(socket, options);
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
		for (const end of this.#sockets.values()) {
			end();
		}
		this.#sockets.clear();
		await new Promise<void>((resolve) => {
			this.#server.close(() => {
				resolve();
			});
		});
	}

	async #accept(socket: Socket, options: SocketServerOptions): Promise<void> {
		this.#sockets.set(socket, () => socket.destroy());
		socket.once('close', () => {
			this.#sockets.delete(socket);
		});
		const { serveSocket } = await import('./socket-connection.ts');
		if (this.#sockets.has(socket)) {
			const end = serveSocket(socket, options, () => {
				this.#sockets.delete(socket);
			});
			this.#sockets.set(socket, end);
		}
	}
}
