/**
 * Entry point of the process that keeps the graph. A process of its own, so that all of its memory is given back when there is
 * nothing to do. It reads no file itself (reader-main.ts).
 */
import { packageOf } from '../graph/packages.ts';
import { ProgressTracker } from '../graph/progress-tracker.ts';
import { Updater } from '../graph/updater.ts';
import { admitGraph, graphClosed, graphOpened } from '../index/graph-admission.ts';
import { GraphTable } from '../index/graph-table.ts';
import { isIndexFault } from '../index/index-fault.ts';
import { LogFeed } from '../index/log-feed.ts';
import { DamagedRecordError } from '../index/records.ts';
import { openTables } from '../index/tables.ts';
import { typeScriptNames } from '../languages/typescript/names.ts';
import { describeError } from '../platform/log.ts';
import type { FromGraph, ToGraph } from './graph-messages.ts';
import { ReaderPool } from './reader-pool.ts';

/** What LMDB says of a file that is none of its own any more. */
const DAMAGE = /MDB_(?:CORRUPTED|PAGE_NOTFOUND|INVALID|VERSION_MISMATCH|BAD_TXN)/;
/** Progress is told so often at most. */
const TELL_MS = 100;

const [folder = ''] = process.argv.slice(2);
let timer: NodeJS.Timeout | undefined;

function post(message: FromGraph): void {
	// Without a parent there is nobody to tell, and nothing to do: the disconnect ends this process.
	process.send?.(message);
}

process.on('disconnect', () => {
	process.exit();
});
process.on('uncaughtException', (error) => {
	fail(error);
});

if (isAdmitted()) {
	try {
		keep();
	} catch (error) {
		fail(error);
	}
}

function isAdmitted(): boolean {
	try {
		admitGraph(folder);
		return true;
	} catch (error) {
		fail(error, isIndexFault(error));
		return false;
	}
}

function keep(): void {
	// The server that has started this process has it open, and looked at all of it before.
	const feed = new LogFeed(openTables(folder, true));
	const table = new GraphTable(folder, false);
	const readers = new ReaderPool();
	const progress = new ProgressTracker(() => performance.now());
	const updater = new Updater({
		feed,
		table,
		language: typeScriptNames,
		readers,
		affected: { isCalledFromOutside: (member) => typeScriptNames.isCalledFromOutside(member), packageOf },
		progress,
		invalidated: (followed) => {
			post({ type: 'invalidated', followed });
		},
		changed: () => {
			timer ??= setTimeout(() => {
				timer = undefined;
				post({ type: 'progress', progress: updater.progress });
			}, TELL_MS);
		},
	});
	process.on('message', (message: ToGraph) => {
		switch (message.type) {
			case 'wake':
				updater.wake();
				break;
			case 'sync':
				void updater.whenAt(message.seq).then(() => {
					post({ type: 'progress', progress: updater.progress });
					post({ type: 'synced', id: message.id });
				});
				break;
			case 'open':
				updater.open(message.paths);
				break;
			case 'retry':
				updater.retry(message.paths);
				break;
			case 'resume':
				progress.resume(message.measured);
				break;
			case 'stop':
				post({ type: 'stopping', measured: progress.measured });
				clearTimeout(timer);
				updater.stop();
				readers.stop();
				void Promise.all([table.close(), feed.close()]).then(() => {
					graphClosed(folder);
					process.disconnect();
				});
				break;
		}
	});
	graphOpened(folder);
	post({ type: 'ready' });
	updater.wake();
}

/** Ends this process: another one begins with what was committed. */
function fail(
	error: unknown,
	isDamaged = error instanceof DamagedRecordError || DAMAGE.test(describeError(error)),
): void {
	const message = describeError(error);
	process.send?.({ type: 'failed', message, isDamaged } satisfies FromGraph, () => {
		process.exit(1);
	});
}
