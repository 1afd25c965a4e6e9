/** Verifying in a worker that lives no longer than that: neither the writer nor whoever asks the server waits for it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, FiletideError } from '#shared/errors.ts';
import type { ScanProgress } from '#shared/model.ts';
import type { VerifyResult } from '#shared/protocol.ts';
import type { EntryStat } from '../index/records.ts';
import type { Part } from '../index/verify/part.ts';
import type { Verification } from '../index/verify/verify.ts';
import { workerEntry } from '../platform/entries.ts';
import { look } from './disk.ts';

export interface VerifyOrder {
	folder: string;
	part: Part;
}

export type FromVerifier =
	| { type: 'progress'; progress: ScanProgress }
	| { type: 'done'; result: VerifyResult }
	| { type: 'failed'; code: string | undefined; message: string };

/** What it needs at most, for 100,000 files: without a limit garbage of the pass would be kept until then. */
const LIMITS = { maxYoungGenerationSizeMb: 4 };

/**
 * Verifies the index in `folder`.
 *
 * @throws FiletideError `WATCH_UNKNOWN`, `NOT_COVERED`
 */
export async function verifyInWorker(
	order: VerifyOrder,
	onProgress: ((progress: ScanProgress) => void) | undefined,
): Promise<VerifyResult> {
	const worker = new Worker(workerEntry('verify'), { workerData: order, resourceLimits: LIMITS });
	const ended = once(worker, 'exit');
	try {
		return await new Promise((resolve, reject) => {
			worker.on('message', (message: FromVerifier) => {
				if (message.type === 'progress') {
					onProgress?.(message.progress);
				} else if (message.type === 'done') {
					resolve(message.result);
				} else {
					const { code, message: text } = message;
					reject(code === undefined ? new Error(text) : new FiletideError(code as ErrorCode, text));
				}
			});
			worker.once('error', reject);
			worker.once('exit', () => {
				reject(new Error('The verification ended before it was done.'));
			});
		});
	} finally {
		await ended.catch(() => undefined);
	}
}

/** What verifying came to, as it is told. */
export function toldVerification({ checked, differences, found }: Verification): VerifyResult {
	return { clean: found === 0, checked, differences, found };
}

/** What stands at a path, for nodes whose record is lost. */
export function statOnDisk(path: string): EntryStat | undefined {
	const found = look(path);
	return 'stat' in found ? found.stat : undefined;
}
