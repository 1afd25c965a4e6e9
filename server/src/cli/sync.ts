import { setTimeout as delay } from 'node:timers/promises';
import { FiletideError } from '#shared/errors.ts';
import { describeError } from '../platform/log.ts';
import { attach, locateIndex } from './attach.ts';
import { ExitCodes, ExitError } from './exit.ts';

export interface SyncOptions {
	full?: boolean;
	/** False for `--no-graph`. */
	graph: boolean;
	timeout: number;
	index?: string;
	json?: boolean;
}

/** A server that works answers its own timeout; one that hangs does not. */
const GRACE_MS = 2000;

/** `filetide sync`: the barrier. */
export async function sync(folder: string, options: SyncOptions): Promise<void> {
	const remote = await attach(locateIndex(folder, options.index));
	try {
		const result = await Promise.race([
			remote.sync({ full: options.full ?? false, graph: options.graph, timeoutMs: options.timeout * 1000 }),
			silence(options.timeout * 1000 + GRACE_MS),
		]);
		process.stdout.write(
			options.json === true
				? `${JSON.stringify(result)}\n`
				: `Everything up to now is recorded (cursor ${result.cursor}).\n`,
		);
	} catch (error) {
		throw error instanceof FiletideError
			? new ExitError(ExitCodes.noServer, describeError(error), { cause: error })
			: error;
	} finally {
		remote.close();
	}
}

/** Rejects after a time; keeps no process alive. */
async function silence(ms: number): Promise<never> {
	await delay(ms, undefined, { ref: false });
	throw new ExitError(ExitCodes.noServer, 'The server did not answer. It may hang; end it and start it again.');
}
