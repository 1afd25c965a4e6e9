/**
 * Names that are not valid UTF-8. On Linux a name is any bytes but `/` and NUL; JavaScript strings and JSON are not. Inside
 * the server each byte that is no UTF-8 is the lone surrogate U+DC80..U+DCFF, as in Python's PEP 383: different names stay
 * different strings and turn back into their bytes. Only at the edges do other forms exist: bytes for the file system and
 * the index, U+FFFD with the bytes beside it for people.
 */
import { Buffer, isUtf8 } from 'node:buffer';

const REPLACEMENT = '\uFFFD';
/** U+DC00: escape of byte b is ESCAPE + b, for b from 0x80. */
const ESCAPE = 0xdc00;

/** A name or path as bytes. */
export function encodeName(name: string): Buffer {
	if (name.isWellFormed()) {
		return Buffer.from(name);
	}
	const parts: Buffer[] = [];
	let wellFormed = '';
	for (const character of name) {
		const code = character.codePointAt(0) ?? 0;
		if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) {
			parts.push(Buffer.from(wellFormed), Buffer.of(code - ESCAPE));
			wellFormed = '';
		} else {
			wellFormed += character;
		}
	}
	return Buffer.concat([...parts, Buffer.from(wellFormed)]);
}

/** More bytes than a name or path can have. */
export function mostBytes(name: string): number {
	return name.length * 3;
}

/**
 * {@link encodeName} into a buffer with room for {@link mostBytes}.
 *
 * @returns where it ends
 */
export function writeName(name: string, out: Buffer, from: number): number {
	const end = from + name.length;
	for (let at = from, i = 0; at < end; at++, i++) {
		const code = name.charCodeAt(i);
		if (code >= 0x80) {
			return from + encodeName(name).copy(out, from);
		}
		out[at] = code;
	}
	return end;
}

/** The opposite of {@link encodeName}. */
export function decodeName(bytes: Buffer, from = 0, to = bytes.length): string {
	const text = bytes.toString('utf8', from, to);
	return text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(from, to)) ? escapeBytes(bytes, from, to) : text;
}

/** Bytes that are no UTF-8, one character for each invalid byte. */
function escapeBytes(bytes: Buffer, from: number, to: number): string {
	let text = '';
	for (let at = from; at < to;) {
		const length = sequenceLength(bytes[at] ?? 0);
		const sequence = bytes.subarray(at, Math.min(at + length, to));
		if (length > 0 && sequence.length === length && isUtf8(sequence)) {
			text += sequence.toString('utf8');
			at += length;
		} else {
			text += String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
			at++;
		}
	}
	return text;
}

/** How many bytes a UTF-8 sequence has by its first byte (RFC 3629); 0 when none begins so. */
function sequenceLength(first: number): number {
	return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

/** A path in the form that the file system takes: text, or bytes where text cannot say it. */
export function toFileSystem(path: string): string | Buffer {
	return path.isWellFormed() ? path : encodeName(path);
}

/** Whether a listing or an event may have lost bytes of a name: then it must be read again, as bytes. */
export function mayBeLossy(name: string): boolean {
	return name.includes(REPLACEMENT);
}

/** A path as people and JSON see it; `bytes` (base64) only where that is not the whole truth (DESIGN.md §8). */
export function shownPath(path: string): { path: string; bytes?: string } {
	return path.isWellFormed() ? { path } : { path: path.toWellFormed(), bytes: encodeName(path).toString('base64') };
}

/** {@link shownPath} of the previous path of what was renamed. */
export function shownFrom(path: string): { from: string; fromBytes?: string } {
	const { path: from, bytes } = shownPath(path);
	return bytes === undefined ? { from } : { from, fromBytes: bytes };
}

/** The opposite of {@link shownPath}. */
export function fromShown(path: string, bytes: string | undefined): string {
	return bytes === undefined ? path : decodeName(Buffer.from(bytes, 'base64'));
}
