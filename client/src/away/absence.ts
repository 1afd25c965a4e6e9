/** When the user was away last, and where the log was then. A pure state: times and cursors in, one absence out. */

/** A moment that `since` can be asked about. */
export interface Moment {
	/** The log's cursor then. */
	cursor: string;
	/** Unix milliseconds. */
	at: number;
}

/** What is remembered for a workspace, also while its window is closed. */
export interface AbsenceState {
	/** When the window lost its focus, or closed; undefined while it has the focus. */
	left?: Moment;
	/** When the last absence that counts began. */
	away?: Moment;
}

/** A look at another window is no absence, and must not hide the one before it. */
const SHORTEST_MS = 60_000;

/** The window lost its focus, or closes. One that had no focus stays left since then. */
export function leave(state: AbsenceState, now: Moment): AbsenceState {
	return state.left === undefined ? { ...state, left: now } : state;
}

/** The window has the focus again, or opens. */
export function comeBack({ left, away }: AbsenceState, at: number): AbsenceState {
	const latest = left !== undefined && at - left.at >= SHORTEST_MS ? left : away;
	return latest === undefined ? {} : { away: latest };
}

/** What was stored by whichever version; anything else counts as nothing. */
export function readAbsence(stored: unknown): AbsenceState {
	const { left, away } = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>;
	return { ...(isMoment(left) ? { left } : {}), ...(isMoment(away) ? { away } : {}) };
}

function isMoment(value: unknown): value is Moment {
	const { cursor, at } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Moment>;
	return typeof cursor === 'string' && typeof at === 'number';
}
