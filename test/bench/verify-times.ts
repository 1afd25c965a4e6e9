/**
 * What verifying and repairing an index costs, beside a scan of the same rows that only reads each record and adds up, which is
 * what every statistics query would be without counters.
 */
import { rmSync } from 'node:fs';
import { openTables, ROOT_NODE } from '../../server/src/index/tables.ts';
import { type EntryStat, unpackLog, unpackNode } from '../../server/src/index/records.ts';
import { IndexWriter } from '../../server/src/index/writer.ts';

/** As the trees of the other measurements have. */
const FILES_PER_FOLDER = 10;
/** Rows of counters that are damaged for the repair. */
const DAMAGED_ROWS = 100;
const NOTHING_ON_DISK = () => undefined;

/** Milliseconds. */
export interface VerifyTimes {
	files: number;
	records: number;
	verify: number;
	repair: number;
	scan: number;
}

/** @param folder for the index, which is removed again */
export async function timeVerify(folder: string, files: number): Promise<VerifyTimes> {
	const claim = IndexWriter.claim(folder, '');
	if ('heldBy' in claim) {
		throw new Error(`Process ${claim.heldBy.pid} has the index ${folder}.`);
	}
	const { writer } = claim;
	try {
		fill(writer, files);
		const verify = timed(() => {
			const { found } = writer.verify({ part: {}, statOf: NOTHING_ON_DISK });
			if (found > 0) {
				throw new Error(`The index that was made has ${found} differences.`);
			}
		});
		const scan = timed(() => scanAll(folder));
		damage(writer);
		const repair = timed(() => {
			const { found } = writer.repair({ part: {}, statOf: NOTHING_ON_DISK });
			if (found < DAMAGED_ROWS) {
				throw new Error(`Of ${DAMAGED_ROWS} damaged rows ${found} were found.`);
			}
		});
		return { files, records: writer.head, verify, repair, scan };
	} finally {
		await writer.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Each file was created and then modified. */
function fill(writer: IndexWriter, files: number): void {
	let coverage = 0;
	let parent = ROOT_NODE;
	for (let from = 0; from < files; from += 10_000) {
		writer.transact(Date.now(), (transaction) => {
			coverage ||= transaction.internCoverage(['w']);
			if (from === 0) {
				const row = { root: '/', name: 'w', coverageKey: '', indexed: true, paused: false, mountPoint: false };
				transaction.putWatch('w', row);
			}
			for (let i = from; i < Math.min(from + 10_000, files); i++) {
				if (i % FILES_PER_FOLDER === 0) {
					parent = transaction.create(ROOT_NODE, `folder-${i}`, statOf('folder', i), coverage, 'event').id;
				}
				const file = transaction.create(parent, `file-${i}.ts`, statOf('file', i), coverage, 'event');
				transaction.update(file, statOf('file', i), 'modify');
			}
		});
	}
}

function damage({ tables }: IndexWriter): void {
	tables.env.transactionSync(() => {
		const ids = Array.from(tables.pathStats.getKeys({ limit: DAMAGED_ROWS }));
		for (const id of ids) {
			tables.pathStats.removeSync(id);
		}
	});
}

function scanAll(folder: string): number {
	const tables = openTables(folder, true);
	const counted = new Map<number, number>();
	for (const { value } of tables.nodes.getRange({})) {
		counted.set(unpackNode(value).id, 0);
	}
	let total = 0;
	for (const { value } of tables.log.getRange({})) {
		const { nodeId } = unpackLog(value);
		counted.set(nodeId, (counted.get(nodeId) ?? 0) + 1);
		total++;
	}
	void tables.env.close();
	return total;
}

function statOf(kind: 'file' | 'folder', serial: number): EntryStat {
	const n = BigInt(serial);
	const times = { birthtimeNs: n, mtimeNs: n, ctimeNs: n };
	return { kind, dev: 1n, ino: n, size: n, ...times, mode: 0o644, uid: 0, gid: 0, nlink: 1, target: '' };
}

function timed(work: () => void): number {
	const began = performance.now();
	work();
	return performance.now() - began;
}
