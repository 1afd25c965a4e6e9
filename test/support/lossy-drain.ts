/**
 * A drain worker whose hints get lost, come twice, late, in another order, or are about nothing: what systems do, only more
 * of it. Stands in for server/src/watching/drain-main.ts.
 */
import { type MessagePort, workerData } from 'node:worker_threads';
import { Crawlers } from '../../server/src/watching/crawlers.ts';
import { Drain } from '../../server/src/watching/drain.ts';
import type { FromDrain, ToDrain } from '../../server/src/watching/messages.ts';
import { random } from './random-changes.ts';

/** Each a share of all hints, from 0 to 1. */
export interface Harm {
	seed: number;
	dropped?: number;
	doubled?: number;
	/** Held back for up to {@link LATE_MS}. */
	late?: number;
	/** Sent for a path beside the one that it is about, too. */
	invented?: number;
	/** Whether those of one batch come in any order. */
	shuffled?: boolean;
	/** Answered by an error of the source, as an overflow is. */
	failed?: number;
}

const LATE_MS = 300;

const { port, crawlers, harm } = workerData as { port: MessagePort; crawlers: MessagePort[]; harm: Harm };
const next = random(harm.seed);
const strikes = (share = 0) => next(10_000) < share * 10_000;
const keys = new Set<string>();

const drain = new Drain((message: FromDrain) => {
	if (message.type === 'ready') {
		keys.add(message.key);
	}
	if (message.type !== 'hints') {
		port.postMessage(message);
		return;
	}
	const entries = mangle(message.entries);
	const trees = mangle(message.trees);
	send(entries, trees, mangle(message.polls));
	for (const key of keys) {
		if (strikes(harm.failed)) {
			port.postMessage({ type: 'failed', key, message: 'the queue overflowed', code: 'EOVERFLOW' });
		}
	}
}, new Crawlers(crawlers));

function send(entries: string[], trees: string[] = [], polls: string[] = []): void {
	if (entries.length + trees.length + polls.length > 0) {
		port.postMessage({ type: 'hints', entries, trees, polls } satisfies FromDrain);
	}
}

function mangle(paths: readonly string[]): string[] {
	const out: string[] = [];
	for (const path of paths) {
		if (strikes(harm.dropped)) {
			continue;
		}
		if (strikes(harm.late)) {
			setTimeout(() => send([path]), next(LATE_MS));
			continue;
		}
		out.push(path, ...(strikes(harm.doubled) ? [path] : []), ...(strikes(harm.invented) ? [`${path}-not`] : []));
	}
	return harm.shuffled === true ? shuffle(out) : out;
}

function shuffle(paths: string[]): string[] {
	return paths
		.map((path) => ({ path, order: next(2 ** 31) }))
		.sort((a, b) => a.order - b.order)
		.map(({ path }) => path);
}

let previous = Promise.resolve();
port.on('message', (message: ToDrain) => {
	previous = previous.then(() => drain.receive(message));
	if (message.type === 'stop') {
		void previous.finally(() => {
			port.close();
		});
	}
});
