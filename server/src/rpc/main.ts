/** Entry point of the language-server process: IPC from the extension, `--stdio` for other clients. */
import { type Connection, createConnection, ProposedFeatures, ResponseError } from 'vscode-languageserver/node';
import { describeError } from '../platform/log.ts';
import { keepHeapSmall } from '../platform/memory.ts';

keepHeapSmall();
const connection = createConnection(ProposedFeatures.all);

// Loaded only now, because loading may fail: LMDB's Linux binary needs glibc 2.34, and older systems run VS Code too.
import('./language-server.ts').then(
	({ LanguageServer }) => {
		new LanguageServer(connection).listen();
	},
	(error: unknown) => {
		refuse(connection, describeError(error));
	},
);

/** Answers `initialize` with the reason, so that the user reads it instead of "the server crashed". */
function refuse(on: Connection, why: string): void {
	const message = `Filetide's index library cannot be loaded on this system: ${why}. On Linux it needs glibc 2.34 or newer.`;
	on.onInitialize(() => new ResponseError(0, message, { retry: false }));
	on.listen();
}
