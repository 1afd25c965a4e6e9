/** How long and how often things are measured. */

/** The most a contender may take until it is live; a million files on a slow disk take a peer minutes. */
export const READY_MS = 900_000;
/** Starts whose median counts, where there is a warm start to measure as well. */
export const STARTS = 3;
/** Single changes timed for the percentiles: this many, or as many as this time allows. */
export const LATENCY_SAMPLES = 100;
export const LATENCY_MS = 30_000;
/** Between two of them, so that none is gathered with the one before. */
export const LATENCY_PAUSE_MS = 20;
/** After this a single change, or the last of a burst, counts as lost. */
export const SEEN_MS = 30_000;

/** Bursts whose median counts: on a shared disk the writing alone takes between half a second and ten. */
export const BURSTS = 3;
/** Between two of them, so that each begins in quiet. */
export const BURST_PAUSE_MS = 2500;
export const BURST_FOLDERS = 100;
export const BURST_FILES = 5000;

/** Whatever keeps the graph has ended by then, when there is nothing to do. */
export const GRAPH_REST_S = 30;
