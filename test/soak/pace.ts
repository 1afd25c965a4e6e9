/** How much of what a run is to come to, spread over its length. */

/** What has been done. */
export interface Tally {
	rounds: number;
	/** Indexes that were begun. */
	lives: number;
	changes: number;
	bursts: number;
	/** SIGKILL of the server, also while it starts. */
	kills: number;
	/** Stops of the server in good order, and starts. */
	stops: number;
	/** Stops of the watch within a server, and starts. */
	pauses: number;
	/** Log records, in all indexes. */
	records: number;
	/** Anonymous memory of the server after the latest round, in MB. */
	anonMb: number;
}

export function noTally(): Tally {
	return {
		rounds: 0,
		lives: 0,
		changes: 0,
		bursts: 0,
		kills: 0,
		stops: 0,
		pauses: 0,
		records: 0,
		anonMb: 0,
	};
}

/** What a whole run comes to, if it is long enough: half an hour is. */
const BURSTS = 100;
const STOPS = 500;
const PAUSES = 500;

/** At most so many of each in one round, or a round would never end. */
const MOST = 4;

/** What a round is to do besides changes. */
export interface Due {
	burst: boolean;
	stops: number;
	pauses: number;
}

/** @param share of the run that is over, 0 to 1 */
export function due(tally: Tally, share: number): Due {
	const behind = (planned: number, done: number) => Math.min(MOST, Math.max(0, Math.ceil(planned * share) - done));
	return {
		burst: behind(BURSTS, tally.bursts) > 0,
		stops: behind(STOPS, tally.stops),
		pauses: behind(PAUSES, tally.pauses),
	};
}

export function tell(tally: Tally, minutes: number): string {
	const { rounds, lives, changes, bursts, kills, stops, pauses, records, anonMb } = tally;
	const many = (count: number, what: string) => `${count.toLocaleString('en')} ${what}`;
	const parts = [
		many(rounds, 'rounds'),
		many(changes, 'changes'),
		many(bursts, 'bursts'),
		many(kills, 'kills'),
		many(stops, 'stops'),
		many(pauses, 'pauses'),
		many(records, 'records'),
		many(lives, 'indexes'),
		`${anonMb} MB anonymous`,
	];
	return `${minutes.toFixed(0)} min: ${parts.join(', ')}; all consistent`;
}
