/** One connection to the leader's socket. Apart from the socket itself, because JSON-RPC is 9 MB that may never be needed. */
import type { Socket } from 'node:net';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import { type Hello, Methods, PROTOCOL_VERSION } from '#shared/protocol.ts';
import { toResponseError } from './errors.ts';
import { serveEngine } from './methods.ts';
import type { SocketServerOptions } from './socket-server.ts';
import { createWire } from './wire.ts';

/**
 * Serves the engine to who greets properly.
 *
 * @param onEnd called when the connection is over, more than once perhaps
 * @returns ends it
 */
export function serveSocket(
	socket: Socket,
	{ hello, engine, notifier, open }: SocketServerOptions,
	onEnd: () => void,
): () => void {
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
	serveEngine(
		connection,
		() =>
			greeted
				? Promise.resolve(engine)
				: Promise.reject(
						new FiletideError(ErrorCodes.protocolMismatch, 'The first message must be filetide/hello.'),
					),
		open,
	);
	const forget = () => {
		notifier.delete(connection);
		open.delete(connection);
		socket.destroy();
		onEnd();
	};
	connection.onClose(forget);
	connection.onError(forget);
	socket.on('error', forget);
	connection.listen();
	return () => {
		connection.dispose();
		// One that was disposed does not say that it is closed, and throws when it shall still tell something.
		forget();
	};
}

/** The one sentence in which two versions part. */
function protocolMismatch(theirs: Hello, ours: Hello): FiletideError {
	return new FiletideError(
		ErrorCodes.protocolMismatch,
		`Filetide ${theirs.version} (protocol ${theirs.protocol}) cannot talk to the running server, which is Filetide ${ours.version} (protocol ${ours.protocol}). Use the same version for both.`,
	);
}
