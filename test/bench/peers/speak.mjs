// What every peer has in common: it watches its first argument, says {"ready":true} once it claims to see everything and
// then {"path"} for each event, and ends when whoever measures it is gone.

/** Says one JSON line. */
export function say(value) {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** The folder to watch, as an absolute path. */
export const root = process.argv[2];

process.stdin.resume().once('end', () => process.exit());
process.once('SIGTERM', () => process.exit());
