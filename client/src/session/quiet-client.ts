import { LanguageClient } from 'vscode-languageclient/node';

/**
 * The language client without its own notifications. It would tell of every failed start with a toast of its own;
 * Filetide tells once, when it gives up (session.ts), and logs the rest.
 */
export class QuietClient extends LanguageClient {
	/** One that never ran has nothing to say goodbye to, and would log that it cannot; its process ends in server-run.ts. */
	override async stop(timeoutMs?: number): Promise<void> {
		if (this.isRunning()) {
			await super.stop(timeoutMs);
		}
	}

	override error(message: string, data?: unknown, _showNotification?: boolean | 'force'): void {
		super.error(message, data, false);
	}
	override warn(message: string, data?: unknown, _showNotification?: boolean): void {
		super.warn(message, data, false);
	}
	override info(message: string, data?: unknown, _showNotification?: boolean): void {
		super.info(message, data, false);
	}
}
