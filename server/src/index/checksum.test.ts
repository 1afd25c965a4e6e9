import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { checksum } from './checksum.ts';

test('the checksum is CRC-32, of whatever length', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(8), (bytes, from) => {
			const buffer = Buffer.from(bytes);
			assert.equal(checksum(buffer, from), crc32(buffer.subarray(from)));
		}),
	);
});
