/**
 * The kernel's queue of events of this thread: all `fs.watch` handles of one event loop share one inotify descriptor.
 * When it overflows the kernel says so, but libuv drops that word. So every handle's callback is counted here, and when
 * a turn of the loop brings many, the rest is read from the descriptor itself, overflow and all. Where that does not
 * work (a self-test in our own folder tells) the number of callbacks in a turn gives an overflow away.
 *
 * What is read here never reaches libuv, nor the callbacks; it goes to the receivers, by inode number. Nothing here
 * does anything outside Linux.
 */
import { type FSWatcher, mkdirSync, readFileSync, readSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toFileSystem } from '../platform/names.ts';
import { findInotify, Mask, parseEvents, parseWatches, type RawEvent, readFdinfo } from './inotify.ts';

/** How we know that events were lost: by the kernel's word, or because a turn brought as many as its queue holds. */
export type Loss = 'seen' | 'suspected';

/** Takes what was read past libuv. */
export interface RawReceiver {
	/** An event of a watched folder. What has no such folder is not meant. Two folders may have one number. */
	raw(ino: number, event: RawEvent): void;
	/** The kernel has ended watches, and only these inodes are watched now. */
	keepWatched(inodes: ReadonlySet<number>): void;
}

/**
 * So many callbacks in a turn begin reading: libuv passes on up to 256 events per read, and as long as the queue is
 * drained before its last read the overflow is seen. One that finds nothing costs 17 µs, so that single changes never pay.
 */
const DRAIN_EVERY = 64;
/** The kernel's default for fs.inotify.max_queued_events. A real overflow brought exactly that many callbacks. */
const DEFAULT_QUEUE = 16_384;
const SUSPECT_FROM = 0.9;
/** Subscriptions that wait to be told apart; more are looked up when they matter. */
const MAX_FRESH = 200_000;

export class KernelQueue {
	/** Folder of our own, watched as long as the queue is open. */
	readonly folder: string;
	/** Who waits for a name to appear in {@link folder}. */
	readonly cookies = new Map<string, () => void>();
	readonly receivers = new Set<RawReceiver>();
	readonly #onLoss: (how: Loss) => void;
	#watcher: FSWatcher | undefined;
	#folderIno = 0;
	/** The descriptor, when reading it has been seen to work. */
	#fd: number | undefined;
	/** False while others (chokidar) subscribe in this thread, whose events must go through libuv. */
	#exclusive = true;
	#queueSize = DEFAULT_QUEUE;
	#calls = 0;
	#turn: NodeJS.Immediate | undefined;
	#draining = false;
	/** Watch descriptor → inode. Descriptors are not reused, so that what is in it stays true. */
	#inodes = new Map<number, number>();
	/** Descriptor of the latest sounding. */
	#sounded: number | undefined;
	/** Inodes subscribed to since then, in order: descriptors are handed out one by one. */
	#fresh: number[] = [];

	/** @param storage our own index folder */
	constructor(storage: string, onLoss: (how: Loss) => void) {
		this.folder = join(storage, 'cookies');
		this.#onLoss = onLoss;
	}

	/** Whether overflows are seen rather than suspected. */
	get readable(): boolean {
		return this.#fd !== undefined && this.#exclusive;
	}

	/**
	 * Watches our own folder, and tries whether the descriptor can be read. Idempotent.
	 *
	 * @throws when the folder cannot be written or watched
	 */
	open(): void {
		if (this.#watcher !== undefined || process.platform !== 'linux') {
			return;
		}
		rmSync(this.folder, { recursive: true, force: true });
		mkdirSync(this.folder, { recursive: true });
		writeFileSync(this.#soundingFile, '');
		this.#folderIno = statSync(this.folder).ino;
		this.#watcher = watch(this.folder, (_event, name) => {
			this.noteCallback();
			this.#takeCookie(name ?? '');
		});
		this.#queueSize = readQueueSize() ?? DEFAULT_QUEUE;
		this.#fd = this.#findDescriptor();
	}

	/** Whether nobody subscribes in this thread but through {@link watch}. */
	setExclusive(exclusive: boolean): void {
		this.#exclusive = exclusive;
	}

	/**
	 * `fs.watch`, noted down. Every subscription of this thread to an inode that it does not watch yet goes through here.
	 *
	 * @throws what `fs.watch` throws
	 */
	watch(path: string, ino: number, listener: (event: string, name: string | null) => void): FSWatcher {
		const watcher = watch(toFileSystem(path), (event, name) => {
			this.noteCallback();
			listener(event, name);
		});
		if (this.#fd !== undefined && this.#fresh.push(ino) > MAX_FRESH) {
			this.#loseCount();
		}
		return watcher;
	}

	/** Every callback of a handle of this thread says that it came, before it is served. */
	noteCallback(): void {
		if (process.platform !== 'linux') {
			return;
		}
		this.#calls++;
		this.#turn ??= setImmediate(() => {
			this.#turn = undefined;
			this.#calls = 0;
		});
		if (this.readable) {
			if (this.#calls % Math.min(DRAIN_EVERY, this.#queueSize) === 0) {
				this.drain();
			}
		} else if (this.#calls === Math.ceil(this.#queueSize * SUSPECT_FROM)) {
			this.#onLoss('suspected');
		}
	}

	/** Reads all that is queued and passes it on. Also to be called before handles are closed: theirs would hide an overflow. */
	drain(): void {
		if (!this.readable || this.#draining) {
			return;
		}
		this.#draining = true;
		try {
			const sounding = this.#fresh.length > 0 && this.#sound();
			const events = this.#read();
			if (sounding) {
				this.#assign(events);
			}
			this.#deliver(events);
		} finally {
			this.#draining = false;
		}
	}

	/** Idempotent. */
	close(): void {
		clearImmediate(this.#turn);
		this.#turn = undefined;
		this.#fd = undefined;
		this.#loseCount();
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	get #soundingFile(): string {
		return join(this.folder, 'sounding');
	}

	#takeCookie(name: string): void {
		this.cookies.get(name)?.();
	}

	/** The self-test: what happens in our own folder must be readable at once, under the name that it happens to. */
	#findDescriptor(): number | undefined {
		try {
			const fd = findInotify(this.#folderIno);
			if (fd === undefined) {
				return undefined;
			}
			this.#fd = fd;
			this.#inodes = parseWatches(readFdinfo(fd));
			writeFileSync(join(this.folder, 'self-test'), '');
			this.#sound();
			const events = this.#read();
			this.#assign(events);
			this.#deliver(events);
			const works = events.some(
				({ wd, mask, name }) =>
					this.#inodes.get(wd) === this.#folderIno && (mask & Mask.created) !== 0 && name === 'self-test',
			);
			return works && this.#sounded !== undefined ? fd : undefined;
		} catch {
			// No /proc, or a Node whose event loop keeps its queue elsewhere: then callbacks are counted.
			return undefined;
		}
	}

	#read(): RawEvent[] {
		const events: RawEvent[] = [];
		const buffer = Buffer.allocUnsafe(65_536);
		for (;;) {
			try {
				const bytes = readSync(this.#fd!, buffer);
				events.push(...parseEvents(buffer.subarray(0, bytes)));
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
					throw error;
				}
				return events;
			}
		}
	}

	/**
	 * Takes a descriptor and gives it back: the kernel's word on that comes out last and names it, so that those of the
	 * subscriptions before it are known. Reading them from fdinfo costs 55 ms with 10,000 watches; this 25 µs.
	 */
	#sound(): boolean {
		try {
			watch(this.#soundingFile).close();
			return true;
		} catch {
			// No watch is to be had.
			this.#loseCount();
			return false;
		}
	}

	#assign(events: readonly RawEvent[]): void {
		let sounded: number | undefined;
		for (const { wd, mask } of events) {
			if ((mask & Mask.ended) !== 0 && wd > (sounded ?? 0)) {
				sounded = wd;
			}
		}
		const first = (this.#sounded ?? Number.NaN) + 1;
		// Failed subscriptions take a descriptor too, and a second path to an inode takes none: then fdinfo must tell.
		if (sounded !== undefined && sounded - first === this.#fresh.length) {
			for (const [i, ino] of this.#fresh.entries()) {
				this.#inodes.set(first + i, ino);
			}
		}
		this.#loseCount();
		this.#sounded = sounded;
	}

	#loseCount(): void {
		this.#fresh = [];
		this.#sounded = undefined;
	}

	#deliver(events: readonly RawEvent[]): void {
		let looked = false;
		let ended = false;
		let lost = false;
		for (const event of events) {
			const { wd, mask, name } = event;
			if ((mask & Mask.overflow) !== 0) {
				lost = true;
				continue;
			}
			if (wd === this.#sounded) {
				continue;
			}
			if (!looked && !this.#inodes.has(wd)) {
				looked = true;
				this.#inodes = parseWatches(readFdinfo(this.#fd!));
			}
			const ino = this.#inodes.get(wd);
			const isEnd = (mask & Mask.ended) !== 0;
			if (ino === undefined) {
				ended ||= isEnd;
			} else if (ino === this.#folderIno) {
				this.#takeCookie(name);
			} else {
				for (const receiver of this.receivers) {
					receiver.raw(ino, event);
				}
			}
			if (isEnd) {
				this.#inodes.delete(wd);
			}
		}
		if (ended) {
			const watched = new Set(this.#inodes.values());
			for (const receiver of this.receivers) {
				receiver.keepWatched(watched);
			}
		}
		if (lost) {
			this.#onLoss('seen');
		}
	}
}

function readQueueSize(): number | undefined {
	try {
		return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || undefined;
	} catch {
		return undefined;
	}
}
