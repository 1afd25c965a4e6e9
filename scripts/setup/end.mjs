/**
 * Sends a signal to a process, or with a negative id to a process group, that may be gone already.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function endProcess(pid, signal) {
	try {
		process.kill(pid, signal);
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
			throw error;
		}
	}
}
