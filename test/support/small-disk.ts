/** A disk that can be filled: a small tmpfs in a mount namespace of the server's own, which ends with the server. */
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { runWhere, seenBy, startWithOwnMounts } from './own-mounts.ts';
import type { RunningProcess } from './process.ts';
import type { Sandbox } from './sandbox.ts';

const PIECE = Buffer.alloc(4096, 1);

export class SmallDisk {
	/** Where the server sees it. */
	readonly path: string;
	readonly process: RunningProcess;

	private constructor(path: string, process: RunningProcess) {
		this.path = path;
		this.process = process;
	}

	/** Starts `filetide …` with a disk of so many bytes at the path. */
	static start(sandbox: Sandbox, path: string, sizeBytes: number, parameters: readonly string[]): SmallDisk {
		mkdirSync(path);
		const mount = `mount -t tmpfs -o size=${sizeBytes},mode=777 none "$0"`;
		return new SmallDisk(path, startWithOwnMounts(sandbox, [mount, path], parameters));
	}

	/** Uses up all space. */
	fill(): void {
		const file = openSync(this.#ballast, 'w');
		try {
			for (;;) {
				writeSync(file, PIECE);
			}
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') {
				throw error;
			}
		} finally {
			closeSync(file);
		}
	}

	/** Gives the space back. */
	free(): void {
		rmSync(this.#ballast);
	}

	/** Takes the disk away from the server, though it is in use. */
	unmount(): void {
		runWhere(this.process, 'umount', '--lazy', this.path);
	}

	/** Puts another one, empty, in its place. */
	mount(): void {
		runWhere(this.process, 'mount', '-t', 'tmpfs', 'none', this.path);
	}

	/** What the server sees at {@link path}, from outside. */
	get folder(): string {
		const folder = seenBy(this.process, this.path);
		if (!existsSync(folder)) {
			throw new Error(`${folder} does not exist: the server is gone. ${this.process.stderr}`);
		}
		return folder;
	}

	get #ballast(): string {
		return join(this.folder, 'ballast');
	}
}
