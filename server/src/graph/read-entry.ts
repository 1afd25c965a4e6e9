/** Reads files for the graph: their facts, and where their requests lead. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EVERYTHING, type FileFacts, INIT, Meaning } from './facts.ts';
import type { Language, ModuleResolver } from './language.ts';
import type { FileEntry } from './store.ts';

/** What is known of a file with this text. Files that no language reads are known as a whole. */
export function entryOf(path: string, text: string, language: Language, resolver: ModuleResolver): FileEntry {
	if (!language.reads(path)) {
		return entryOfWhole(text);
	}
	const facts = language.extract(path, text);
	return { facts, ...resolvedBy(path, facts, resolver) };
}

/** Where the requests of a file lead now. */
export function resolvedBy(path: string, { requests }: FileFacts, resolver: ModuleResolver): Omit<FileEntry, 'facts'> {
	return {
		resolved: requests.map((request) => resolver.resolve(path, request)),
		awaits: resolver.awaited(path, requests),
	};
}

export function readEntry(path: string, language: Language, resolver: ModuleResolver): FileEntry {
	return entryOf(path, readFileSync(path, 'utf8'), language, resolver);
}

/** A file that is known as a whole only: whatever differs in it concerns all who use it. */
export function entryOfWhole(text: string): FileEntry {
	return { facts: factsOfWhole(text), resolved: [], awaits: [] };
}

function factsOfWhole(text: string): FileFacts {
	const fingerprint = hash('sha1', text, 'hex').slice(0, 16);
	return {
		parts: [
			{
				name: INIT,
				owner: -1,
				meaning: Meaning.both,
				start: 0,
				end: text.length,
				// No types are read from it.
				interface: '',
				behaviour: fingerprint,
				uses: [],
				mentions: new Set(),
				mentionsAll: false,
				declaresMembers: [],
				evaluated: false,
			},
		],
		requests: [],
		exports: [{ name: EVERYTHING, target: { to: 'part', part: 0 }, typeOnly: false }],
		stars: [],
		globals: [],
		augmentations: [],
		widenings: [],
		concerns: [],
		broken: false,
	};
}
