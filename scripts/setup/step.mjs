/** How often a terminal's progress line is drawn anew, in milliseconds. */
const REDRAW_MS = 200;
/** How often a log gets a sign of life: CI systems end jobs that are silent for minutes. */
const HEARTBEAT_MS = 15_000;

/** @param {number} since `Date.now()` at the start */
export const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs one step of a set-up while showing on stderr that it is alive: a counting line on a terminal, plain lines
 * elsewhere. stderr, because stdout belongs to what the command is for.
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(label, work) {
	const since = Date.now();
	const terminal = process.stderr.isTTY;
	const show = terminal
		? () => process.stderr.write(`\r\x1b[K${label}… ${seconds(since)}`)
		: () => process.stderr.write(`${label}… ${seconds(since)}\n`);
	if (terminal) {
		show();
	} else {
		process.stderr.write(`${label}…\n`);
	}
	const timer = setInterval(show, terminal ? REDRAW_MS : HEARTBEAT_MS);
	let outcome = 'failed after';
	try {
		const result = await work();
		outcome = 'done in';
		return result;
	} finally {
		clearInterval(timer);
		process.stderr.write(`${terminal ? '\r\x1b[K' : ''}${label}: ${outcome} ${seconds(since)}\n`);
	}
}
