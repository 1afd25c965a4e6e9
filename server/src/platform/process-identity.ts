/**
 * Who holds the index: a process id alone may be reused, so it comes with the process's start time and the machine's
 * boot id where the system tells them.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
	pid: number;
	/** Start time in clock ticks since boot; 0 where unknown. */
	startTime: number;
	/** Changes with every boot; empty where unknown. */
	bootId: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
	return { pid: process.pid, startTime: startTimeOf(process.pid), bootId: bootId() };
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
	if (identity.bootId !== bootId()) {
		return false;
	}
	try {
		process.kill(identity.pid, 0);
	} catch (error) {
		// EPERM: it exists and belongs to somebody else.
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
			return false;
		}
	}
	return identity.startTime === startTimeOf(identity.pid);
}

/** Start time of a process that has ended: equal to none. */
const ENDED = -1;

function startTimeOf(pid: number): number {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		// Fields 3 and 22, counted after the command name, which may hold spaces and parentheses (proc(5)).
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		// A zombie has ended; only its parent has not taken note yet.
		return fields[0] === 'Z' || fields[0] === 'X' ? ENDED : Number(fields[19]);
	} catch {
		return 0;
	}
}

function bootId(): string {
	try {
		return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
	} catch {
		return '';
	}
}
