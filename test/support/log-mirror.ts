/** A copy of a server's log that is brought up to date by what is new. */
import type { LoggedChange } from '#shared/model.ts';
import { Methods, type RecentChangesResult } from '#shared/protocol.ts';
import type { EngineClient } from './engine-client.ts';

export class LogMirror {
	#head: number;

	/** @param head the records after it are wanted */
	constructor(head: number) {
		this.#head = head;
	}

	/** The records of these watches since the last call, up to `head`, in the log's order. */
	async news(client: EngineClient, watchIds: Iterable<string>, head: number): Promise<LoggedChange[]> {
		const found = new Map<number, LoggedChange>();
		for (const watchId of watchIds) {
			let before = head + 1;
			for (let more = true; more && before > this.#head + 1;) {
				const page = await client.connection.sendRequest<RecentChangesResult>(Methods.recentChanges, {
					watchId,
					limit: 500,
					before,
				});
				for (const record of page.changes.filter(({ seq }) => seq > this.#head)) {
					found.set(record.seq, record);
				}
				// A page may be empty although there is more: it looks at so many records at most.
				before = page.changes.at(-1)?.seq ?? before;
				({ more } = page);
				more &&= page.changes.length > 0;
			}
		}
		this.#head = head;
		return [...found.values()].sort((a, b) => a.seq - b.seq);
	}
}
