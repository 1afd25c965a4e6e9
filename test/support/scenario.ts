/**
 * What people and programs do to files, and the net change that it comes to: the shape of the rows in
 * test/integration/scenarios/rows. Each row has a folder of its own and runs in several ways (see `MODES`); the result is
 * the same in all of them.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoggedChange } from '#shared/model.ts';
import type { WatchConfigInput } from '#shared/settings.ts';
import type { Covers } from './oracle.ts';

/** The folders of a row: one that is watched, and one on the same file system that nobody watches. */
export interface Place {
	here: string;
	outside: string;
}

/** What happens between two barriers. */
export interface Step {
	/** Nobody looks at the index before it is done; watchers do. */
	does: (place: Place) => void | Promise<void>;
	/** Net changes: type, kind and path relative to the row's folder. In any order. */
	net: Net;
	/** What else the records of this step must be like. */
	log?: (records: readonly LoggedChange[], place: Place) => void;
	/** Whether no source can report it all, so that the barrier compares everything. */
	full?: boolean;
}

/** More than one result is right where the contract leaves it open; the row says why. */
export type Net = readonly string[] | { either: readonly (readonly string[])[] };

/** A row: its name begins with its id in the table of scenarios, a letter and two digits. */
export interface Row extends Step {
	/** Files that exist before the server starts: content by path; a path that ends with `/` is a folder. */
	before?: Record<string, string>;
	/** More preparation than files and folders. */
	prepare?: (place: Place) => void;
	/** What happens later, behind further barriers. */
	later?: readonly Step[];
	/** Settings of its watch, if not the default ones, and what that covers by path relative to the folder. */
	watch?: Omit<WatchConfigInput, 'path' | 'id'>;
	covers?: Covers;
	/** Folders that have a watch each, instead of the row's own folder. */
	watches?: readonly string[];
	/** `live`: only where a watcher is at work meanwhile. */
	only?: 'live';
	/** Ways of watching that cannot do it; the row says why. */
	except?: readonly string[];
}

/** Rows by name. */
export type Rows = Record<string, Row>;

/** Writes a file, and the folders that it lies in. */
export function write(folder: string, name: string, content: string | Uint8Array = 'new'): void {
	const path = join(folder, name);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, content);
}

/** `count` times what `make` makes of 0, 1, … */
export const times = <T>(count: number, make: (i: number) => T): T[] =>
	Array.from({ length: count }, (_, i) => make(i));

/** `mv` */
export function move(folder: string, from: string, path: string): void {
	renameSync(join(folder, from), join(folder, path));
}

/**
 * What a move replaced has no entry of its own in net changes, because its path exists then and now; the log has its
 * `remove` (the table of scenarios, L2 and C02).
 */
export const replaced = (_line: string): string[] => [];
