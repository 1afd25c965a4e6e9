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
	return kind + names.map(hashOf).join('');
}

/** Of a path or a name, one character a byte. */
export function hashOf(text: string): string {
	// Lone surrogates stand for bytes that are no UTF-8: hashed as text they would all be one.
	return shortHash(encodeName(text));
}

/** Enough that two of them are never the same by chance: 64 bits, one character a byte. */
export function shortHash(bytes: Uint8Array): string {
	return hash('sha1', bytes, 'binary').slice(0, HASH_BYTES);
}
