/** Contents of files: their hashes, and whether two states of an entry have the same content (DESIGN.md §4, "Content"). */
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type EntryStat, NO_HASH, type NodeRecord } from '../index/records.ts';
import { toFileSystem } from '../platform/names.ts';
import { isFollowedLink, isSameObject } from './disk.ts';

/** Larger files are compared by size and time alone. */
const MAX_HASHED_BYTES = 1_048_576;

/**
 * A file system may round times, to 2 s in the worst case (FAT): a second write in the same tick leaves size and time as
 * they were. Until a time is that old, it proves nothing.
 */
const COARSEST_TICK_NS = 2_000_000_000n;

/** All reads go through it: nothing here runs at the same time. */
const buffer = Buffer.allocUnsafeSlow(MAX_HASHED_BYTES + 1);

/**
 * The hash of a file's content, which must be that of the stat: {@link NO_HASH} when the file is too large, changed
 * meanwhile or cannot be read.
 */
export function hashOf(path: string, stat: EntryStat): bigint {
	if (stat.kind !== 'file' || stat.size > MAX_HASHED_BYTES) {
		return NO_HASH;
	}
	let descriptor: number | undefined;
	try {
		// A pipe or device that took the file's place meanwhile must not block.
		const follow = isFollowedLink(stat) ? 0 : constants.O_NOFOLLOW;
		const flags = constants.O_RDONLY | follow | constants.O_NONBLOCK;
		descriptor = openSync(toFileSystem(path), flags);
		let length = 0;
		for (let read = -1; read !== 0 && length < buffer.length; length += read) {
			read = readSync(descriptor, buffer, length, buffer.length - length, null);
		}
		const { dev, ino, size, mtimeNs } = fstatSync(descriptor, { bigint: true });
		const isThat = dev === stat.dev && ino === stat.ino && size === stat.size && mtimeNs === stat.mtimeNs;
		return isThat && BigInt(length) === size ? hashBytes(buffer.subarray(0, length)) : NO_HASH;
	} catch {
		// Gone, or not readable: what is to be told of that, its stat or its folder tells.
		return NO_HASH;
	} finally {
		if (descriptor !== undefined) {
			closeSync(descriptor);
		}
	}
}

function hashBytes(bytes: Uint8Array): bigint {
	return hash('sha1', bytes, 'buffer').readBigUInt64LE(0) || 1n;
}

/** What makes `now` differ from what is recorded, and the hash that belongs to `now`. */
export interface Comparison {
	type: 'modify' | 'metadata' | undefined;
	hash: bigint;
}

/**
 * Compares two states of an entry, both of one kind. `modify` means that the bytes (of a link: the target) differ; as long
 * as no hash is known, another time means other bytes. A folder has no content of its own.
 *
 * @param nowNs the time, Unix nanoseconds, when a hint says that the entry changed: then times that are not old enough
 *   are not trusted. Undefined in a scan.
 */
export function compare(path: string, before: NodeRecord, now: EntryStat, nowNs?: bigint): Comparison {
	const metadata = before.mode !== now.mode || before.uid !== now.uid || before.gid !== now.gid;
	if (now.kind !== 'file') {
		const modified =
			now.kind === 'link' ? before.target !== now.target : now.kind === 'other' && statDiffers(before, now);
		return { type: modified ? 'modify' : metadata ? 'metadata' : undefined, hash: NO_HASH };
	}
	if (before.size !== now.size) {
		return { type: 'modify', hash: NO_HASH };
	}
	const differs = statDiffers(before, now);
	const isRecent = nowNs !== undefined && nowNs - now.mtimeNs < COARSEST_TICK_NS;
	if (!differs && !(isRecent && before.hash !== NO_HASH)) {
		return { type: metadata ? 'metadata' : undefined, hash: before.hash };
	}
	const hash = now.size === 0n || before.hash !== NO_HASH ? hashOf(path, now) : NO_HASH;
	const same = now.size === 0n || (hash !== NO_HASH && hash === before.hash);
	if (!same) {
		// A file that is being written cannot be hashed: its next hint does.
		return { type: differs || hash !== NO_HASH ? 'modify' : metadata ? 'metadata' : undefined, hash };
	}
	return { type: metadata || before.mtimeNs !== now.mtimeNs ? 'metadata' : undefined, hash };
}

function statDiffers(before: EntryStat, now: EntryStat): boolean {
	return before.size !== now.size || before.mtimeNs !== now.mtimeNs || !isSameObject(before, now);
}
