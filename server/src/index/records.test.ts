import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { packPathCounts, unpackPathCounts } from './path-counts.ts';
import {
	DamagedRecordError,
	KINDS,
	type LogRecord,
	nameOfKey,
	nodeKey,
	type NodeRecord,
	packCounts,
	packLog,
	packNode,
	packPlace,
	unpackCounts,
	unpackLog,
	unpackNode,
	unpackPlace,
} from './records.ts';

const PLAIN = { noNullPrototype: true };
const uint32 = fc.nat(0xffff_ffff);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
const kind = fc.constantFrom(...KINDS);

const node: fc.Arbitrary<NodeRecord> = fc.record(
	{
		kind,
		dev: uint64,
		ino: uint64,
		birthtimeNs: int64,
		size: int64,
		mtimeNs: int64,
		ctimeNs: int64,
		mode: fc.nat(0o7777),
		uid: uint32,
		gid: uint32,
		nlink: uint32,
		target: fc.string({ unit: 'grapheme', maxLength: 100 }),
		id: uint32,
		coverage: uint32,
		lastSeq: uint32,
		hash: uint64,
	},
	PLAIN,
);
const log: fc.Arbitrary<LogRecord> = fc.record(
	{
		type: fc.nat(6),
		kind,
		reason: fc.constantFrom(undefined, 'coverage' as const),
		time: fc.nat(Number.MAX_SAFE_INTEGER),
		nodeId: uint32,
		coverage: uint32,
		burst: uint32,
		previous: uint32,
		path: name,
		from: fc.oneof(fc.constant(''), name),
	},
	PLAIN,
);

test('a node comes back as it was packed', () => {
	fc.assert(fc.property(node, (value) => assert.deepEqual(unpackNode(packNode(value)), value)));
});

test('a log record comes back as it was packed', () => {
	fc.assert(fc.property(log, (value) => assert.deepEqual(unpackLog(packLog(value)), value)));
});

test('a place and counters come back as they were packed', () => {
	fc.assert(
		fc.property(
			fc.record({ parent: uint32, name }, PLAIN),
			fc.array(fc.nat(Number.MAX_SAFE_INTEGER), { maxLength: 12 }),
			(place, counts) => {
				assert.deepEqual(unpackPlace(packPlace(place)), place);
				assert.deepEqual(unpackCounts(packCounts(counts), counts.length), counts);
			},
		),
	);
});

test("the counters of a path come back as they were packed; a subtree's that are the own ones take no room", () => {
	const four = fc.array(uint32, { minLength: 4, maxLength: 4 });
	fc.assert(
		fc.property(four, four, (own, subtree) => {
			const [file, folder] = [
				[...own, ...own],
				[...own, ...subtree],
			];
			assert.equal(packPathCounts(file).length, 20);
			assert.deepEqual(unpackPathCounts(packPathCounts(file)), file);
			assert.deepEqual(unpackPathCounts(packPathCounts(folder)), folder);
			// As schema 2 had them.
			assert.deepEqual(unpackPathCounts(packCounts(folder)), folder);
			assert.throws(() => unpackPathCounts(packPathCounts(folder).subarray(1)), DamagedRecordError);
		}),
	);
});

test("a folder's children are neighbours, in front of the next folder's", () => {
	fc.assert(
		fc.property(fc.nat(0xffff_fffe), name, (parent, child) => {
			const key = nodeKey(parent, child);
			assert.equal(nameOfKey(key), child);
			assert.ok(Buffer.compare(nodeKey(parent, ''), key) < 0);
			assert.ok(Buffer.compare(key, nodeKey(parent + 1, '')) < 0);
		}),
	);
});

test('one changed byte, or a missing end, is damage', () => {
	fc.assert(
		fc.property(node, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, position, flip) => {
			const packed = packNode(value);
			packed[position % packed.length]! ^= flip;
			assert.throws(() => unpackNode(packed), DamagedRecordError);
			assert.throws(() => unpackNode(packNode(value).subarray(0, -1)), DamagedRecordError);
		}),
	);
});
