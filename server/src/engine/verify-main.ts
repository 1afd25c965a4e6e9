/** Entry point of the worker that verifies the index once, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { FiletideError } from '#shared/errors.ts';
import { IndexReader } from '../index/reader.ts';
import { describeError } from '../platform/log.ts';
import { type FromVerifier, statOnDisk, toldVerification, type VerifyOrder } from './verifying.ts';

const { folder, part } = workerData as VerifyOrder;

function post(message: FromVerifier): void {
	parentPort?.postMessage(message);
}

async function run(): Promise<void> {
	// Damage is what it is here to tell.
	const reader = new IndexReader(folder, () => undefined);
	try {
		const verification = reader.verify({
			part,
			statOf: statOnDisk,
			onProgress: (done, total) => {
				post({ type: 'progress', progress: { done, total } });
			},
		});
		post({ type: 'done', result: toldVerification(verification) });
	} finally {
		await reader.close();
	}
}

run().catch((error: unknown) => {
	const code = error instanceof FiletideError ? error.code : undefined;
	post({ type: 'failed', code, message: describeError(error) });
});
