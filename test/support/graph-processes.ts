/** The processes that keep a server's graph, as Linux tells of them in /proc. */
import { readFileSync } from 'node:fs';
import { descendantsOf } from '../bench/proc.ts';

/** The process that keeps the graph of a server, and whatever that one has started. */
export function graphProcesses(server: number): number[] {
	return descendantsOf(server).filter((pid) => {
		try {
			return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('graph');
		} catch (error) {
			if (hasEnded(error)) {
				return false;
			}
			throw error;
		}
	});
}

/** Ends a process at once. @returns whether it was there */
export function killNow(pid: number): boolean {
	try {
		return process.kill(pid, 'SIGKILL');
	} catch (error) {
		if (hasEnded(error)) {
			return false;
		}
		throw error;
	}
}

function hasEnded(error: unknown): boolean {
	return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');
}
