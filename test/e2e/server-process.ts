import { readdirSync, readFileSync } from 'node:fs';
import type { Host } from '../host/launch.mjs';

/** Process ids of the Filetide servers that a host's extension runs, read from /proc. */
export function serverPids(host: Host): number[] {
	return readdirSync('/proc')
		.filter((entry) => /^\d+$/.test(entry))
		.filter((pid) =>
			commandLine(pid).some(
				(argument) => argument.startsWith(host.profile.extensions) && argument.endsWith('server.cjs'),
			),
		)
		.map(Number);
}

function commandLine(pid: string): string[] {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
	} catch {
		// It ended between the listing and the reading.
		return [];
	}
}
