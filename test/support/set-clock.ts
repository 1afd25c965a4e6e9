/**
 * Loaded into a server by `--import`: its wall clock, in all its threads, is off by what a file says. What sleep and a clock
 * that is set look like to it, without touching the machine's own.
 */
import { readFileSync } from 'node:fs';

const file = process.env['FILETIDE_TEST_CLOCK'];
const now = Date.now;
let offsetMs = 0;

Date.now = () => now() + offsetMs;
setInterval(() => {
	try {
		offsetMs = Number(readFileSync(file ?? '', 'utf8'));
	} catch {
		// Not set yet.
	}
}, 20).unref();
