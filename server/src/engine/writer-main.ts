/** Entry point of the writer worker: claims the index, or says who has it. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { FiletideError } from '#shared/errors.ts';
import type { IndexNotice } from '../index/admission.ts';
import { IndexWriter } from '../index/writer.ts';
import { describeError } from '../platform/log.ts';
import type { FromDrain, ToDrain } from '../watching/messages.ts';
import type { FromCrawler, FromWriter, ToWriter } from './messages.ts';
import { Writer } from './writer.ts';

const { folder, socket, drain, listings } = workerData as {
	folder: string;
	socket: string;
	drain: MessagePort;
	/** From the crawl workers, one each. */
	listings: MessagePort[];
};
const parent = parentPort!;

function post(message: FromWriter): void {
	parent.postMessage(message);
}

function toDrain(message: ToDrain): void {
	drain.postMessage(message);
}

function open(): { running: Writer; notice: IndexNotice | undefined } | undefined {
	try {
		const claim = IndexWriter.claim(folder, socket);
		if ('heldBy' in claim) {
			post({ type: 'held', owner: claim.heldBy });
			return undefined;
		}
		const running = new Writer(claim.writer, folder, { post, toDrain, crawlers: listings.length });
		return { running, notice: claim.notice };
	} catch (error) {
		const code = error instanceof FiletideError ? error.code : undefined;
		post({ type: 'openFailed', message: describeError(error), code });
		return undefined;
	}
}

const opened = open();
if (opened === undefined) {
	toDrain({ type: 'stop' });
	closePorts();
} else {
	serve(opened.running, opened.notice);
}

function serve(running: Writer, notice: IndexNotice | undefined): void {
	post({ type: 'opened', notice });
	drain.on('message', (message: FromDrain) => {
		running.receive(message);
	});
	for (const port of listings) {
		port.on('message', (message: FromCrawler) => {
			running.listed(message);
		});
	}
	parent.on('message', (message: ToWriter) => {
		switch (message.type) {
			case 'configure':
				running.configure(message);
				break;
			case 'request': {
				const { id } = message;
				running
					.request(message.request, (progress) => post({ type: 'progress', id, progress }))
					.then(
						(result) => post({ type: 'reply', id, result }),
						(error: unknown) => {
							const code = error instanceof FiletideError ? error.code : 'INTERNAL';
							post({ type: 'failure', id, code, message: describeError(error) });
						},
					);
				break;
			}
			case 'stop':
				void stop(running);
				break;
			case 'abandon':
				// Of this thread.
				process.exit();
		}
	});
}

async function stop(running: Writer): Promise<void> {
	const drained = new Promise<void>((resolve) => {
		drain.on('message', (message: FromDrain) => {
			if (message.type === 'stopped') {
				resolve();
			}
		});
		drain.once('close', resolve);
	});
	toDrain({ type: 'stop' });
	await drained;
	await running.stop();
	post({ type: 'stopped' });
	closePorts();
}

function closePorts(): void {
	for (const port of listings) {
		port.close();
	}
	drain.close();
	parent.close();
}
