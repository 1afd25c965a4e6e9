/** The bytes by which the graph's tables are looked up. Knows no LMDB: whoever reads files makes them, too. */
import { hash } from 'node:crypto';
import { encodeName } from '../platform/names.ts';

/** Of each name in a key. */
export const HASH_BYTES = 8;

/**
 * A key of what files look up: a letter for its kind, and the hash of each of its names.
 *
 * @returns one character a byte, so that keys can be compared, sorted and kept in sets
 */
export function lookupKey(kind: string, ...names: string[]): string {
	let key = kind;
	for (const name of names) {
		key += knownHashOf(name);
	}
	return key;
}

/** Names are looked up again and again: of an average file three quarters are known, and a hash costs 2 µs. */
function knownHashOf(name: string): string {
	let known = hashes.get(name);
	if (known === undefined) {
		if (hashes.size >= MOST_KNOWN) {
			hashes.clear();
		}
		known = hashOf(name);
		hashes.set(name, known);
	}
	return known;
}

const hashes = new Map<string, string>();
/** Some 2 MB. */
const MOST_KNOWN = 10_000;

/** Of a path or a name, one character a byte. */
export function hashOf(text: string): string {
	// Lone surrogates stand for bytes that are no UTF-8: hashed as text they would all be one.
	return shortHash(encodeName(text));
}

/** Enough that two of them are never the same by chance: 64 bits, one character a byte. */
export function shortHash(bytes: Uint8Array): string {
	return hash('sha1', bytes, 'binary').slice(0, HASH_BYTES);
}
