/** Repairs the index where it is written: when somebody asks, after a crash, and when a damaged record is come across. */
import type { RepairResult } from '#shared/protocol.ts';
import type { DamagedRecordError } from '../index/records.ts';
import type { Part } from '../index/verify/part.ts';
import type { Verification } from '../index/verify/verify.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { LogLevel } from '../platform/log.ts';
import { isInside } from '../platform/paths.ts';
import { statOnDisk } from './verifying.ts';

/** Differences that are written to the server's log, one line each. */
const MOST_LOGGED = 20;
/** More folders than these are compared with the disk as whole watches. */
const MOST_FOLDERS = 20;

/** What is damaged again so often in so many milliseconds no repair helps: whoever came across it gives up. */
const MOST_DAMAGES = 10;
const DAMAGE_MS = 60_000;

export interface MendingPeers {
	log(level: LogLevel, message: string): void;
	/** The roots of the watches that run. */
	roots(): string[];
	/** Compares a folder and everything in it with the disk. */
	scan(folder: string): void;
	/** The index is not what it was: whatever was remembered of it is to be forgotten. */
	mended(): void;
}

export class Mending {
	readonly #index: IndexWriter;
	readonly #peers: MendingPeers;
	/** When damaged records were come across lately. */
	#damages: number[] = [];

	constructor(index: IndexWriter, peers: MendingPeers) {
		this.#index = index;
		this.#peers = peers;
	}

	/** @throws FiletideError `INDEX_WRITE_FAILED`, `WATCH_UNKNOWN`, `NOT_COVERED` */
	repair(part: Part): RepairResult {
		const verification = this.#index.repair({ part, statOf: statOnDisk });
		const { checked, differences, found } = verification;
		if (found > 0) {
			this.#tell(verification);
			this.#peers.mended();
			this.#scan(verification.rescan);
		}
		return { clean: true, checked, differences, found, repaired: found };
	}

	/**
	 * Before anything is written: mends what was found wrong when the index was opened. After a server that did not end in
	 * order only what it wrote last is looked at.
	 */
	begin(): void {
		const { suspicion, afterCrash } = this.#index;
		if (suspicion !== undefined) {
			this.#peers.log('warn', `The index ${suspicion}: it is repaired.`);
			this.repair({});
		} else if (afterCrash) {
			this.#mendSuspects();
		}
	}

	#mendSuspects(): void {
		const suspects = this.#index.suspects();
		if (suspects.length > 0) {
			const rows = suspects.slice(0, MOST_LOGGED).map(({ table, key }) => `${table} ${key}`);
			this.#peers.log(
				'warn',
				`The index was not closed in order, and does not agree with itself (${rows.join(', ')}): it is repaired.`,
			);
			this.repair({});
		}
	}

	/**
	 * A damaged record was come across.
	 *
	 * @returns whether something was mended, so that it is worth trying again
	 */
	damaged(error: DamagedRecordError): boolean {
		const now = performance.now();
		this.#damages = [...this.#damages.filter((at) => now - at < DAMAGE_MS), now];
		if (this.#damages.length > MOST_DAMAGES) {
			return false;
		}
		this.#peers.log('warn', `${error.message} It is repaired.`);
		return this.repair({}).repaired > 0;
	}

	/** Compares what was put back with the disk. Where no watch runs yet, its first scan does that. */
	#scan(folders: readonly string[]): void {
		const roots = this.#peers.roots();
		const chosen = new Set<string>();
		for (const folder of folders) {
			const around = roots.filter((root) => isInside(root, folder));
			// What lies above a root is the way to it; the scan of the root looks at that, too.
			const beneath = roots.filter((root) => root !== folder && isInside(folder, root));
			for (const path of around.length > 0 && folders.length <= MOST_FOLDERS
				? [folder]
				: [...around, ...beneath]) {
				chosen.add(path);
			}
		}
		for (const path of chosen) {
			this.#peers.scan(path);
		}
	}

	#tell({ differences, found }: Verification): void {
		for (const { table, key, was, is } of differences.slice(0, MOST_LOGGED)) {
			this.#peers.log('warn', `Repaired ${table} ${key}: was ${JSON.stringify(was)}, is ${JSON.stringify(is)}.`);
		}
		if (found > MOST_LOGGED) {
			this.#peers.log('warn', `Repaired ${found - MOST_LOGGED} more.`);
		}
	}
}
