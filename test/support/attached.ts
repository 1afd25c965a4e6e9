/** A client of a server's socket, speaking shared/protocol.ts. */
import { connect, type Socket } from 'node:net';
import { type Hello, Methods, PROTOCOL_VERSION } from '#shared/protocol.ts';
import { createWire } from '../../server/src/rpc/wire.ts';
import { EngineClient } from './engine-client.ts';
import type { Sandbox } from './sandbox.ts';

/** What a client of this version says first. */
export const HELLO: Hello = { protocol: PROTOCOL_VERSION, schema: 1, version: 'test', follow: true };

export class Attached extends EngineClient {
	/** Resolves when the connection has ended. */
	readonly closed: Promise<void>;
	readonly #socket: Socket;

	private constructor(socket: Socket) {
		super(createWire(socket, socket));
		this.#socket = socket;
		this.closed = new Promise((resolve) => {
			socket.once('close', () => {
				// Rejects what waits for an answer: it would wait for ever.
				this.connection.dispose();
				resolve();
			});
		});
		this.connection.listen();
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

	/** Reads nothing any more, until {@link resume}. */
	pause(): void {
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}

	close(): void {
		this.connection.dispose();
		this.#socket.destroy();
	}
}
