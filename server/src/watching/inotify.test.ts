import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Mask, parseEvents, parseWatches, type RawEvent } from './inotify.ts';

/** As the kernel lays it out: the name padded with NULs to a multiple of 16 bytes. */
function bytesOf(wd: number, mask: number, name: Buffer | string, cookie = 0): Buffer {
	const text = Buffer.from(name as string);
	const padded = Buffer.alloc(text.length === 0 ? 0 : Math.ceil((text.length + 1) / 16) * 16);
	text.copy(padded);
	const head = Buffer.from(new Uint32Array([wd, mask, cookie, padded.length]).buffer);
	return Buffer.concat([head, padded]);
}

suite('raw inotify events', () => {
	const check = (name: string, parts: [number, number, Buffer | string][], expected: RawEvent[]) => {
		test(name, () => {
			const bytes = Buffer.concat(parts.map(([wd, mask, text]) => bytesOf(wd, mask, text)));
			assert.deepEqual(parseEvents(bytes), expected);
			// As a part of a larger buffer, which is what `read` fills.
			const buffer = Buffer.alloc(bytes.length + 99, 255);
			bytes.copy(buffer, 3);
			assert.deepEqual(parseEvents(buffer.subarray(3, 3 + bytes.length)), expected);
		});
	};
	check('none', [], []);
	check('a name', [[7, Mask.created, 'a.txt']], [{ wd: 7, mask: Mask.created, name: 'a.txt' }]);
	check(
		'several, of every length',
		['x', 'x'.repeat(15), 'x'.repeat(16), 'x'.repeat(255)].map((name, i) => [i, 2, name]),
		['x', 'x'.repeat(15), 'x'.repeat(16), 'x'.repeat(255)].map((name, wd) => ({ wd, mask: 2, name })),
	);
	check(
		'of the folder itself, between others',
		[
			[1, 2, 'a'],
			[1, Mask.removedSelf, ''],
			[2, Mask.removed | Mask.folder, 'b'],
		],
		[
			{ wd: 1, mask: 2, name: 'a' },
			{ wd: 1, mask: Mask.removedSelf, name: '' },
			{ wd: 2, mask: Mask.removed | Mask.folder, name: 'b' },
		],
	);
	check('an overflow', [[-1, Mask.overflow, '']], [{ wd: -1, mask: Mask.overflow, name: '' }]);
	check('UTF-8', [[1, 2, 'é🦀']], [{ wd: 1, mask: 2, name: 'é🦀' }]);
	check('not UTF-8', [[1, 2, Buffer.from([0x61, 0xff])]], [{ wd: 1, mask: 2, name: 'a\udcff' }]);
});

test('fdinfo: descriptors and inodes', () => {
	const text = [
		'pos:\t0',
		'flags:\t02004000',
		'mnt_id:\t17',
		'inotify wd:2775 ino:22c2a9 sdev:fe00000 mask:fc6 ignored_mask:0 fhandle-bytes:8 fhandle-type:1 f_handle:a9',
		'inotify wd:1 ino:ffffffffffffffff sdev:2c mask:fc6 ignored_mask:0 ',
		'',
	].join('\n');
	assert.deepEqual(
		[...parseWatches(text)],
		[
			[0x2775, 0x22c2a9],
			[1, 2 ** 64],
		],
	);
	assert.deepEqual([...parseWatches('pos:\t0\n')], []);
});
