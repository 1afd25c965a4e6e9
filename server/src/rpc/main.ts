/** Entry point of the language-server process: IPC from the extension, `--stdio` for other clients. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { LanguageServer } from './language-server.ts';

const connection = createConnection(ProposedFeatures.all);
new LanguageServer(connection).listen();
