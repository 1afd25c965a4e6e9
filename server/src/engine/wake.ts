/**
 * Tells that the machine slept, or that its clock was set: nobody knows then what the sources have missed, so everything is
 * compared. Pure but for the clocks that it is given.
 */

/**
 * Two clocks in milliseconds. The wall clock goes on during sleep; on Linux the monotonic one does not. Where it does
 * (macOS, Windows), a sleep is a check that comes far too late.
 */
export interface Clocks {
	wall(): number;
	monotonic(): number;
}

/** Time servers correct a clock by far less at once; who sets it by hand changes more. */
const JUMP_MS = 5000;
/** A busy thread is late by seconds. One that is so late was not allowed to run, or the machine slept. */
const LATE_MS = 30_000;

export class WakeDetector {
	readonly #clocks: Clocks;
	#wall: number;
	#monotonic: number;

	constructor(clocks: Clocks) {
		this.#clocks = clocks;
		this.#wall = clocks.wall();
		this.#monotonic = clocks.monotonic();
	}

	/** Whether the machine slept, or its clock was set, since the last call. To be called about every second. */
	hasWoken(): boolean {
		const wall = this.#clocks.wall();
		const monotonic = this.#clocks.monotonic();
		const wallMs = wall - this.#wall;
		const monotonicMs = monotonic - this.#monotonic;
		this.#wall = wall;
		this.#monotonic = monotonic;
		return Math.abs(wallMs - monotonicMs) > JUMP_MS || monotonicMs > LATE_MS;
	}
}
