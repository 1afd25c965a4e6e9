import type { WatchSummary } from '#shared/model.ts';
import type { WatchCounts } from '../index/reader.ts';
import type { WatchRuntimeState } from './messages.ts';

/** A watch as surfaces show it: what the writer knows and what the index counts. */
export function summarize(watch: WatchRuntimeState, counts: WatchCounts): WatchSummary {
	return {
		id: watch.id,
		name: watch.name,
		path: watch.root,
		state: watch.state,
		...(watch.message === undefined ? {} : { message: watch.message }),
		...(watch.scan === undefined ? {} : { scan: watch.scan }),
		...counts,
		events_received: watch.received,
		events_processed: watch.processed,
		events_filtered: watch.filtered,
		queue_errors: watch.errors,
		overflows_seen: watch.overflowsSeen,
		overflows_suspected: watch.overflowsSuspected,
	};
}
