/** A connection to a server's socket. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { MessageConnection } from 'vscode-languageserver/node';
import { type Hello, Methods, PROTOCOL_VERSION } from '#shared/protocol.ts';
import { socketPath } from '../../server/src/platform/locations.ts';
import { createWire } from '../../server/src/rpc/wire.ts';

const HELLO: Hello = { protocol: PROTOCOL_VERSION, schema: 1, version: 'bench', follow: false };

export class Wire {
	readonly #connection: MessageConnection;
	readonly close: () => void;

	private constructor(connection: MessageConnection, close: () => void) {
		this.#connection = connection;
		this.close = close;
	}

	/** @param index folder of the index that the server keeps */
	static async to(index: string): Promise<Wire> {
		const socket = connect(socketPath(index));
		await once(socket, 'connect');
		const connection = createWire(socket, socket);
		connection.listen();
		await connection.sendRequest(Methods.hello, HELLO);
		return new Wire(connection, () => {
			connection.dispose();
			socket.destroy();
		});
	}

	/** Asks what shared/protocol.ts says. */
	ask<T>(method: string, params: unknown): Promise<T> {
		return this.#connection.sendRequest<T>(method, params);
	}
}
