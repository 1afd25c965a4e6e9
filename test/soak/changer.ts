/**
 * Changes a folder at random, beside others that do the same, and prints how many changes it made.
 *   node changer.ts <folder> <seed> <changes>
 */
import { setImmediate } from 'node:timers/promises';
import { random, RandomChanges } from '../support/random-changes.ts';

/** What somebody else's change in between makes of ours: then nothing happens. */
const LOST_RACES = new Set(['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EISDIR', 'EEXIST', 'EBUSY']);

const [root, seed, count] = process.argv.slice(2);
const changes = new RandomChanges(root!, random(Number(seed)));
let made = 0;
for (let i = 0; i < Number(count); i++) {
	try {
		changes.change();
		made++;
	} catch (error) {
		if (!LOST_RACES.has((error as NodeJS.ErrnoException).code ?? '')) {
			throw error;
		}
	}
	await setImmediate();
}
process.stdout.write(`${made}\n`);
