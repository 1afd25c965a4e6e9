/** JSON-RPC over streams, as the leader's socket speaks it. */
import {
	createMessageConnection,
	type MessageConnection,
	StreamMessageReader,
	StreamMessageWriter,
} from 'vscode-languageserver/node';

/** A connection that does not listen yet. */
export function createWire(readable: NodeJS.ReadableStream, writable: NodeJS.WritableStream): MessageConnection {
	const reader = new StreamMessageReader(readable);
	// Otherwise a message that breaks off in the middle (its sender was killed, we closed the socket) leaves a timer that
	// arms itself every 10 s, whatever becomes of the connection, and the process never ends. Nobody hears what it tells.
	reader.partialMessageTimeout = 0;
	return createMessageConnection(reader, new StreamMessageWriter(writable));
}
