/** A disk that can be filled: a small tmpfs in a mount namespace of the server's own, which ends with the server. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RunningProcess } from './process.ts';
import { bundle, type Sandbox } from './sandbox.ts';

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
		const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
		try {
			execFileSync('unshare', [...namespaces, 'true'], { stdio: 'pipe' });
		} catch (error) {
			throw new Error(
				'This test fills a disk of its own and needs a mount namespace: run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1).',
				{ cause: error },
			);
		}
		const script = `mount -t tmpfs -o size=${sizeBytes},mode=777 none "$0" && exec "$@"`;
		const command = [...namespaces, 'sh', '-c', script, path, process.execPath, bundle('filetide'), ...parameters];
		return new SmallDisk(path, new RunningProcess(sandbox, 'unshare', command));
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
		this.#inside('umount', '--lazy', this.path);
	}

	/** Puts another one, empty, in its place. */
	mount(): void {
		this.#inside('mount', '-t', 'tmpfs', 'none', this.path);
	}

	/** What the server sees at {@link path}, from outside. */
	get folder(): string {
		const folder = join('/proc', `${this.process.pid}`, 'root', this.path);
		if (!existsSync(folder)) {
			throw new Error(`${folder} does not exist: the server is gone. ${this.process.stderr}`);
		}
		return folder;
	}

	#inside(...command: string[]): void {
		const namespaces = process.getuid?.() === 0 ? ['--mount'] : ['--user', '--preserve-credentials', '--mount'];
		execFileSync('nsenter', ['--target', `${this.process.pid}`, ...namespaces, ...command]);
	}

	get #ballast(): string {
		return join(this.folder, 'ballast');
	}
}
