/**
 * `npm run soak -- --minutes N [--seed S]`: the long-running twin of the tests. Rounds of random changes by several processes
 * while the server is killed, restarted and paused; after each the index must equal the disk, and every counter its recount.
 * Ends with 1 at the first that does not, and keeps that folder.
 *
 * A seed makes the same decisions again, not the same timing: repeat it until it fails.
 */
import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import { random } from '../support/random-changes.ts';
import { Life } from './life.ts';
import { due, noTally, type Tally, tell } from './pace.ts';

/** A life's index is checked as a whole after each round, so it must not grow for ever. */
const LIFE_RECORDS = 30_000;
const MINUTE_MS = 60_000;

const options = readOptions();
if (options !== undefined) {
	process.exitCode = await soak(options);
}

function readOptions(): { minutes: number; seed: number } | undefined {
	try {
		const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
		const minutes = Number(values.minutes ?? 10);
		const seed = Number(values.seed ?? Date.now() % 1_000_000);
		if (!(minutes > 0) || !Number.isInteger(seed)) {
			throw new Error('Usage: npm run soak -- [--minutes <how long; default 10>] [--seed <whole number>]');
		}
		return { minutes, seed };
	} catch (error) {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 2;
		return undefined;
	}
}

/** @returns the exit code */
async function soak({ minutes, seed }: { minutes: number; seed: number }): Promise<number> {
	console.log(`Soaking for ${minutes} min with seed ${seed}.`);
	setMaxListeners(0);
	const tally = noTally();
	const began = Date.now();
	const minutesSince = () => (Date.now() - began) / MINUTE_MS;
	let life: Life | undefined;
	let interrupted = false;
	process.once('SIGINT', () => {
		interrupted = true;
		void life?.discard().finally(() => process.exit(130));
	});
	let told = 0;
	try {
		while (minutesSince() < minutes) {
			life ??= await Life.begin(tally);
			tally.rounds++;
			await life.round(random(seed + tally.rounds), due(tally, minutesSince() / minutes));
			if (minutesSince() >= told + 1) {
				told = Math.floor(minutesSince());
				console.log(tell(tally, minutesSince()));
			}
			if (life.records > LIFE_RECORDS) {
				await life.end();
				life = undefined;
			}
		}
		await life?.end();
	} catch (error) {
		if (interrupted) {
			return 130;
		}
		await life?.abandon();
		return report(error, seed, tally, life?.folder);
	}
	console.log(`${tell(tally, minutesSince())} (seed ${seed})`);
	return 0;
}

function report(error: unknown, seed: number, tally: Tally, folder: string | undefined): number {
	console.error(error instanceof Error ? (error.stack ?? error.message) : error);
	console.error(`Failed in round ${tally.rounds} of seed ${seed}: node scripts/soak.mjs --seed ${seed}`);
	if (folder !== undefined) {
		console.error(`Everything is still in ${folder}.`);
	}
	return 1;
}
