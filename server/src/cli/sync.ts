import { FiletideError } from '#shared/errors.ts';
import { describeError } from '../platform/log.ts';
import { attach, locateIndex } from './attach.ts';
import { ExitCodes, ExitError } from './exit.ts';

export interface SyncOptions {
	full?: boolean;
	timeout: number;
	index?: string;
	json?: boolean;
}

/** `filetide sync`: the barrier. */
export async function sync(folder: string, options: SyncOptions): Promise<void> {
	const remote = await attach(locateIndex(folder, options.index));
	try {
		const result = await remote.sync({ full: options.full ?? false, timeoutMs: options.timeout * 1000 });
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
