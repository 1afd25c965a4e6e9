/** CRC-32 of the records, of which most have some 100 bytes. */
import { crc32 } from 'node:zlib';

/**
 * Below this many bytes JavaScript is faster: for 91 bytes 0.12 µs against 0.24 µs of `zlib.crc32`, which needs an object for the
 * part that it is given.
 */
const SMALL = 256;

/** Tables for four bytes at a time ("slicing by four"). */
const [LAST, THIRD, SECOND, FIRST] = tables();

function tables(): [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
	const made = [0, 1, 2, 3].map(() => new Uint32Array(256)) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
	for (let i = 0; i < 256; i++) {
		let value = i;
		for (let bit = 0; bit < 8; bit++) {
			value = (value & 1) === 1 ? (value >>> 1) ^ 0xed_b8_83_20 : value >>> 1;
		}
		made[0][i] = value;
	}
	for (let i = 0; i < 256; i++) {
		for (let k = 1; k < 4; k++) {
			const before = made[k - 1]?.[i] ?? 0;
			made[k]![i] = (before >>> 8) ^ (made[0][before & 0xff] ?? 0);
		}
	}
	return made;
}

/** The CRC-32 of a buffer's bytes from `from` to its end. */
export function checksum(bytes: Buffer, from: number): number {
	const to = bytes.length;
	if (to - from > SMALL) {
		// With its end: in a buffer that LMDB reads into, only `length` says where that is.
		return crc32(bytes.subarray(from, to));
	}
	let value = -1;
	let at = from;
	// No index is out of range, so nothing is checked for being undefined: that would cost half of what this gains.
	for (; at + 4 <= to; at += 4) {
		value ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
		value =
			FIRST[value & 0xff]! ^ SECOND[(value >>> 8) & 0xff]! ^ THIRD[(value >>> 16) & 0xff]! ^ LAST[value >>> 24]!;
	}
	for (; at < to; at++) {
		value = (value >>> 8) ^ LAST[(value ^ bytes[at]!) & 0xff]!;
	}
	return ~value >>> 0;
}
