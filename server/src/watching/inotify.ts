/**
 * inotify as the kernel tells it (inotify(7), proc_pid_fdinfo(5)), read from the descriptor that libuv opened for this
 * thread's event loop. Pure but for {@link findInotify}.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { decodeName } from '../platform/names.ts';

/** Bits of an event's mask that matter here. */
export const Mask = {
	attributes: 0x4,
	movedFrom: 0x40,
	movedTo: 0x80,
	created: 0x1_00,
	removed: 0x2_00,
	/** The watched folder itself was removed. */
	removedSelf: 0x4_00,
	movedSelf: 0x8_00,
	unmounted: 0x20_00,
	/** Events were dropped: the queue was full. Comes with the descriptor −1. */
	overflow: 0x40_00,
	/** The kernel has ended the watch; its descriptor is not used again. */
	ended: 0x80_00,
	folder: 0x4000_0000,
} as const;

export interface RawEvent {
	/** Watch descriptor. */
	wd: number;
	mask: number;
	/** Name of the entry in the watched folder, U+FFFD for what is not UTF-8; empty when the folder itself is meant. */
	name: string;
}

/** wd, mask, cookie and length of the name, 4 bytes each. */
const HEADER_BYTES = 16;

/** Parses what one `read` returned: whole events, in the machine's byte order. */
export function parseEvents(bytes: Buffer): RawEvent[] {
	const events: RawEvent[] = [];
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
		const nameBytes = view.getUint32(at + 12, LITTLE_ENDIAN);
		const nameAt = at + HEADER_BYTES;
		// Padded with NULs.
		const end = bytes.indexOf(0, nameAt);
		const nameEnd = end < 0 ? nameAt + nameBytes : Math.min(end, nameAt + nameBytes);
		events.push({
			wd: view.getInt32(at, LITTLE_ENDIAN),
			mask: view.getUint32(at + 4, LITTLE_ENDIAN),
			name: decodeName(bytes, nameAt, nameEnd),
		});
		at = nameAt + nameBytes;
	}
	return events;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Parses `/proc/self/fdinfo/<inotify>`: descriptor → inode number. Numbers above 2^53 are rounded, as `fs.stat` rounds
 * them. The device is left out: btrfs and overlayfs tell `stat` another one than they tell here.
 */
export function parseWatches(fdinfo: string): Map<number, number> {
	const watches = new Map<number, number>();
	for (const [, wd, ino] of fdinfo.matchAll(/^inotify wd:([0-9a-f]+) ino:([0-9a-f]+) /gm)) {
		watches.set(Number.parseInt(wd!, 16), Number.parseInt(ino!, 16));
	}
	return watches;
}

/** What the kernel says of an inotify descriptor. */
export function readFdinfo(fd: number): string {
	return readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
}

/**
 * The descriptor whose queue holds the events of an inode: each thread with an event loop has its own, and only one
 * thread watches that inode. Undefined when it cannot be told, or when reading it could block.
 */
export function findInotify(ino: number): number | undefined {
	for (const name of readdirSync('/proc/self/fd')) {
		const fd = Number(name);
		if (isInotify(name)) {
			const info = readFdinfo(fd);
			if ([...parseWatches(info).values()].includes(ino)) {
				return isNonBlocking(info) ? fd : undefined;
			}
		}
	}
	return undefined;
}

function isInotify(fd: string): boolean {
	try {
		return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:inotify';
	} catch {
		// Closed meanwhile: the listing's own descriptor, or another thread's.
		return false;
	}
}

/** O_NONBLOCK, in octal like the line. */
function isNonBlocking(fdinfo: string): boolean {
	const flags = Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(fdinfo)?.[1] ?? '0', 8);
	return (flags & 0o4000) !== 0;
}
