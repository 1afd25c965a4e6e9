/** A process that does not run for a while, so that what the kernel has for it piles up. */
import { readdirSync, readFileSync } from 'node:fs';
import type { RunningProcess } from './process.ts';

/** Stops all threads of a process, does something, and lets it go on. */
export function whileStopped(child: RunningProcess, happens: () => void): void {
	process.kill(child.pid, 'SIGSTOP');
	// The signal reaches each thread on its own: none may read another event.
	while (!threadStates(child.pid).every((state) => state === 'T')) {
		// The kernel needs no help for this.
	}
	try {
		happens();
	} finally {
		process.kill(child.pid, 'SIGCONT');
	}
}

function threadStates(pid: number): string[] {
	return readdirSync(`/proc/${pid}/task`).map((task) => {
		const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
		// The name before it may hold anything.
		return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
	});
}

/** How many events the kernel queues for one listener before it drops them. */
export function maxQueuedEvents(): number {
	return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
}
