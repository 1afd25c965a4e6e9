import { relative } from 'node:path';
import type { LoggedChange } from '#shared/model.ts';
import { describeError, stderrLogger } from '../platform/log.ts';
import type { Session } from '../rpc/session.ts';
import { type ServeOptions, startServing, whenReady } from './serve.ts';
import { countersText, watchText } from './stats.ts';

/** A page of changes; more than a person reads between two notifications. */
const PAGE = 500;

/** `filetide watch`: serve for people. Prints the watches, then every change as it is recorded. */
export async function watch(folders: string[], options: ServeOptions): Promise<void> {
	const served = startServing(folders, options);
	const { session, ended, folder } = served;
	const { status } = await whenReady(served);
	process.stdout.write(`${status.watches.map(watchText).join('')}index: ${folder}\nPress Ctrl+C to end.\n\n`);
	const printer = new ChangePrinter(session, status.watches, status.index.head);
	session.notifier.add({ sendNotification: () => printer.print() });
	await ended;
	process.stdout.write('\n');
}

class ChangePrinter {
	readonly #session: Session;
	readonly #watches: readonly { id: string; path: string }[];
	#printed: number;
	#busy: Promise<void> = Promise.resolve();

	constructor(session: Session, watches: readonly { id: string; path: string }[], head: number) {
		this.#session = session;
		this.#watches = watches;
		this.#printed = head;
	}

	/** Prints what was recorded since the last call. */
	print(): Promise<void> {
		this.#busy = this.#busy
			.then(() => this.#printNew())
			.catch((error: unknown) => {
				// The server that was followed went: the next notification comes from its successor.
				stderrLogger.log('debug', describeError(error));
			});
		return this.#busy;
	}

	async #printNew(): Promise<void> {
		const found = new Map<number, LoggedChange>();
		for (const { id } of this.#watches) {
			for (const change of await this.#newChanges(id)) {
				found.set(change.seq, change);
			}
		}
		const changes = [...found.values()].sort((a, b) => a.seq - b.seq);
		for (const change of changes) {
			process.stdout.write(this.#line(change));
		}
		const last = changes.at(-1);
		if (last !== undefined) {
			this.#printed = last.seq;
			const { global } = await (await this.#session.engine()).stats();
			process.stdout.write(`          ${countersText(global)}\n`);
		}
	}

	/** A watch's changes after the last printed one, newest first. */
	async #newChanges(watchId: string): Promise<LoggedChange[]> {
		const found: LoggedChange[] = [];
		for (let before: number | undefined; ;) {
			const page = await (
				await this.#session.engine()
			).recentChanges({
				watchId,
				limit: PAGE,
				...(before === undefined ? {} : { before }),
			});
			const fresh = page.changes.filter((change) => change.seq > this.#printed);
			found.push(...fresh);
			if (fresh.length < page.changes.length || !page.more || page.changes.length === 0) {
				return found;
			}
			before = page.changes.at(-1)?.seq;
		}
	}

	#line({ time, type, kind, path, reason }: LoggedChange): string {
		const root = this.#watches.length === 1 ? this.#watches[0]?.path : undefined;
		const shown = root === undefined ? path : relative(root, path);
		const at = new Date(time).toTimeString().slice(0, 8);
		return `${at}  ${type.padEnd(8)}  ${kind === 'folder' ? `${shown}/` : shown}${reason === undefined ? '' : `  [${reason}]`}\n`;
	}
}
