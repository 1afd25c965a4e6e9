import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { decodeName, encodeName, fromShown, shownPath, toFileSystem } from './names.ts';

suite('names', () => {
	test('any bytes come back as they were, and different bytes are different names', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (one, other) => {
				const bytes = Buffer.from(one);
				assert.deepEqual(encodeName(decodeName(bytes)), bytes);
				assert.equal(decodeName(bytes) === decodeName(Buffer.from(other)), bytes.equals(other));
			}),
		);
	});

	test('valid text is itself', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				assert.equal(decodeName(Buffer.from(text)), text);
				assert.deepEqual(encodeName(text), Buffer.from(text));
				assert.deepEqual(shownPath(text), { path: text });
			}),
		);
	});

	test('a name that really has U+FFFD is no lossy one', () => {
		assert.equal(decodeName(Buffer.from('a\uFFFDb')), 'a\uFFFDb');
	});

	test('is shown with U+FFFD, and its bytes lead back to it', () => {
		const name = decodeName(Buffer.from([0x61, 0xff, 0x62]));
		assert.deepEqual(shownPath(name), { path: 'a\uFFFDb', bytes: 'Yf9i' });
		assert.equal(fromShown('a\uFFFDb', 'Yf9i'), name);
	});

	test('names a file', { skip: process.platform !== 'linux' }, () => {
		const folder = mkdtempSync(join(tmpdir(), 'filetide-'));
		try {
			const name = decodeName(Buffer.from([0xc3, 0x28, 0x80]));
			writeFileSync(toFileSystem(`${folder}/${name}`), '');
			assert.deepEqual(readdirSync(folder, { encoding: 'buffer' }), [encodeName(name)]);
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
