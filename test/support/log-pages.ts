/** The log of a server, page by page, and a copy of it that is brought up to date by what is new. */
import type { LoggedChange } from '#shared/model.ts';
import type { Engine } from '../../server/src/engine/engine.ts';

type Paged = Pick<Engine, 'recentChanges'>;

/** All of a watch's log records after `head`, oldest first. */
export async function recordsAfter(engine: Paged, watchId: string, head = 0): Promise<LoggedChange[]> {
	const found: LoggedChange[] = [];
	for (let before: number | undefined; ;) {
		const page = await engine.recentChanges({ watchId, limit: 500, ...(before === undefined ? {} : { before }) });
		const news = page.changes.filter(({ seq }) => seq > head);
		found.push(...news);
		before = page.changes.at(-1)?.seq;
		if (!page.more || before === undefined || news.length < page.changes.length) {
			return found.toReversed();
		}
	}
}

/** All records of these watches after `head`, oldest first. */
export async function mergedRecords(engine: Paged, watchIds: Iterable<string>, head?: number): Promise<LoggedChange[]> {
	const found = new Map<number, LoggedChange>();
	for (const watchId of watchIds) {
		for (const record of await recordsAfter(engine, watchId, head)) {
			found.set(record.seq, record);
		}
	}
	return [...found.values()].sort((a, b) => a.seq - b.seq);
}
