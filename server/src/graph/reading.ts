/**
 * Reads one file for the graph: what differs from what is stored of it, ready to be stored. Runs where a file may do harm
 * (engine/read-main.ts), and knows no table.
 */
import { readFileSync, statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { shortHash } from '../index/graph-keys.ts';
import { toFileSystem } from '../platform/names.ts';
import { decodeEntry, encodeEntry } from './codec.ts';
import type { Language, ModuleResolver } from './language.ts';
import { lookupsOf, soughtPlaces } from './lookups.ts';
import { entryOf, entryOfWhole, resolvedBy } from './read-entry.ts';
import { type FileEntry, GLOB, PACKAGE } from './store.ts';

/** Larger ones were written by no person. */
const MAX_BYTES = 2 * 1024 * 1024;

/** A file that is to be read. */
export interface Order {
	path: string;
	/** Of the content that was read last; empty for none: then whatever it is differs. */
	hash: string;
	/** What is stored of it, where its requests may lead elsewhere though the content is the same. */
	stored: string | undefined;
}

/** A file as it is put into the store. */
export interface StoredEntry {
	/** See codec.ts. */
	text: string;
	/** Of the content that it was read from. */
	hash: string;
	/** Everything that it is found by (lookups.ts). */
	keys: readonly string[];
	globs: readonly string[];
	/** What is installed of that which it asks for. */
	packages: readonly string[];
	/** Where it was looked for what it asks for; see `soughtPlaces` in lookups.ts. */
	sought: readonly string[];
}

export type Reading = {
	/** What it took, in milliseconds. */
	ms: number;
} & (
	| { state: 'same' }
	/** There is no such file. */
	| { state: 'gone' }
	| {
			state: 'read';
			entry: StoredEntry;
			/** Whether something of it could not be read. */
			isBroken: boolean;
	  }
	| { state: 'failed'; why: string }
	/** It was not read: it has changed again since. */
	| { state: 'superseded' }
);

export function readFile(order: Order, language: Language, resolver: ModuleResolver): Reading {
	const startedAt = performance.now();
	const ms = () => performance.now() - startedAt;
	try {
		if (order.path.startsWith(PACKAGE)) {
			const entry = toStore(order.path, language.installed(order.path.slice(PACKAGE.length), resolver), '');
			const hash = shortHash(Buffer.from(entry.text));
			return hash === order.hash
				? { state: 'same', ms: ms() }
				: { state: 'read', entry: { ...entry, hash }, isBroken: false, ms: ms() };
		}
		const file = toFileSystem(order.path);
		const stat = statSync(file);
		if (!stat.isFile()) {
			return { state: 'gone', ms: ms() };
		}
		const isLarge = stat.size > MAX_BYTES;
		const bytes = isLarge ? Buffer.from(`${stat.size} ${stat.mtimeMs}`) : readFileSync(file);
		const hash = shortHash(bytes);
		if (hash === order.hash) {
			const entry = order.stored === undefined ? undefined : resolvedAnew(order.path, order.stored, resolver);
			return entry === undefined
				? { state: 'same', ms: ms() }
				: { state: 'read', entry: toStore(order.path, entry, hash), isBroken: false, ms: ms() };
		}
		const text = bytes.toString('utf8');
		const entry = isLarge ? entryOfWhole(text) : entryOf(order.path, text, language, resolver);
		return { state: 'read', entry: toStore(order.path, entry, hash), isBroken: entry.facts.broken, ms: ms() };
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
			? { state: 'gone', ms: ms() }
			: { state: 'failed', why: error instanceof Error ? error.message : String(error), ms: ms() };
	}
}

/** Undefined when its requests lead where they led. */
function resolvedAnew(path: string, stored: string, resolver: ModuleResolver): FileEntry | undefined {
	const { facts, ...then } = decodeEntry(stored);
	const now = resolvedBy(path, facts, resolver);
	return isDeepStrictEqual(then, now) ? undefined : { facts, ...now };
}

function toStore(path: string, entry: FileEntry, hash: string): StoredEntry {
	const startingWith = (start: string) => entry.resolved.filter((module) => module.startsWith(start));
	return {
		text: encodeEntry(entry),
		hash,
		keys: lookupsOf(entry),
		globs: startingWith(GLOB),
		packages: startingWith(PACKAGE),
		sought: soughtPlaces(path, entry),
	};
}
