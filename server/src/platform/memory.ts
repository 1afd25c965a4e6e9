/**
 * Giving memory back. V8 keeps what a burst of work made it take: after the first indexing of 100,000 files half of each
 * thread's heap is garbage that nobody would collect for hours, because a watcher that rests allocates nothing.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The work that has just ended may not be the last for now. */
const REST_MS = 2000;

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

let timer: NodeJS.Timeout | undefined;

/** Has this thread's garbage collected and its memory given back, once it has rested for a while. */
export function giveBackMemory(): void {
	clearTimeout(timer);
	timer = setTimeout(() => {
		// The collector is no part of Node's API, but can be had at any time; where it cannot, memory stays taken.
		setFlagsFromString('--expose-gc');
		const collect = runInNewContext('globalThis.gc') as Collect | undefined;
		collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
	}, REST_MS);
	timer.unref();
}

/** Keeps the calling thread's young generation small from the beginning (workers have `resourceLimits` for that). */
export function keepHeapSmall(): void {
	setFlagsFromString('--semi-space-growth-factor=1');
}
