/**
 * Names that need not be text, as tests write them: one that is not valid UTF-8 has `\xff` for each byte beyond ASCII, so
 * that names that the protocol shows alike stay apart.
 */
import assert from 'node:assert/strict';

/** What the protocol says of a path. */
interface Told {
	path: string;
	/** Base64, beside a path that is not valid UTF-8 (DESIGN.md §8). */
	bytes?: string;
}

export function shownName(name: Buffer): string {
	const text = name.toString();
	return Buffer.from(text).equals(name)
		? text
		: Array.from(name, (byte) =>
				byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
			).join('');
}

/** The path that the protocol tells, by its bytes where it gives them. */
export function shownPath({ path, bytes }: Told): string {
	if (bytes === undefined) {
		return path;
	}
	const exact = Buffer.from(bytes, 'base64');
	assert.equal(exact.toString(), path, 'a path that is not UTF-8 is shown with U+FFFD');
	assert.notDeepEqual(Buffer.from(path), exact, 'bytes are given only where the path is not UTF-8');
	// Latin-1 keeps every byte, and `/` is one byte in it.
	return exact
		.toString('latin1')
		.split('/')
		.map((name) => shownName(Buffer.from(name, 'latin1')))
		.join('/');
}

/** Whether a shown path is the path itself. */
export function isText(shown: string): boolean {
	return !/\\x[0-9a-f]{2}/.test(shown);
}
