import type { BurstSummary, WatchSummary } from '#shared/model.ts';
import type { GraphStatus, Status } from '#shared/protocol.ts';

/** A watch, a burst and a status as a server would send them: what the unit tests start from. */
export function sampleWatch(fields: Partial<WatchSummary> = {}): WatchSummary {
	return {
		id: 'src',
		name: 'src',
		path: '/ws/src',
		state: 'live',
		files: 1204,
		folders: 88,
		event_count: 37,
		metadata_count: 2,
		per_type_counts: { create: 1, modify: 36, metadata: 2, move: 0 },
		lifetime: { create: 40, modify: 100, metadata: 3, move: 1, remove: 5 },
		lastChange: 1_000_000,
		events_received: 0,
		events_processed: 0,
		events_filtered: 0,
		queue_errors: 0,
		overflows_seen: 0,
		overflows_suspected: 0,
		...fields,
	};
}

export function sampleBurst(fields: Partial<BurstSummary> = {}): BurstSummary {
	return {
		id: 7,
		origin: 'unknown',
		root: '/ws/src',
		start: -900,
		end: 0,
		events: 2,
		counts: { create: 0, modify: 2, metadata: 0, move: 0, remove: 0 },
		...fields,
	};
}

export function sampleGraph(fields: Partial<GraphStatus> = {}): GraphStatus {
	const none = { p50: 0, p95: 0, p99: 0 };
	return {
		files: 0,
		pending: 0,
		inFlight: 0,
		failed: 0,
		parked: [],
		parkedCount: 0,
		updates: { done: 0, processing: none, propagation: none },
		...fields,
	};
}

export function sampleStatus(fields: Partial<Status> = {}): Status {
	return {
		role: 'leader',
		version: '0.1.0',
		leaderPid: 42,
		indexPath: '/index',
		cursor: '0',
		index: { bytes: 0, events: 0, head: 0 },
		global: {
			event_count: 41,
			metadata_count: 3,
			per_type_counts: { create: 4, modify: 37, metadata: 3, move: 0 },
		},
		watches: [sampleWatch()],
		problems: [],
		settled: true,
		pending: 0,
		...fields,
	};
}
