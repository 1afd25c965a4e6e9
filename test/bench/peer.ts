/** Other watchers as contenders: a script of peers/ each, whose users would write it much like that. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender, Running, Seen } from './contender.ts';
import { READY_MS } from './limits.ts';
import { LineProcess } from './process.ts';

function peer(name: string, script: string): Contender {
	return {
		name,
		remembers: false,
		async start(root) {
			const watcher = new LineProcess(fileURLToPath(new URL(`./peers/${script}`, import.meta.url)), [root]);
			const ready = await watcher.ready(READY_MS);
			return new RunningPeer(watcher, Number(ready['pid'] ?? watcher.pid), performance.now() - watcher.startedAt);
		},
	};
}

class RunningPeer implements Running {
	readonly pid: number;
	readonly readyMs: number;
	readonly #watcher: LineProcess;
	/** When each path was first reported. */
	readonly #seen = new Map<string, number>();
	#news: ((path: string, at: number) => void) | undefined;

	constructor(watcher: LineProcess, pid: number, readyMs: number) {
		this.pid = pid;
		this.readyMs = readyMs;
		this.#watcher = watcher;
		watcher.onLine(({ path }) => {
			if (typeof path === 'string' && !this.#seen.has(path)) {
				const at = performance.now();
				this.#seen.set(path, at);
				this.#news?.(path, at);
			}
		});
	}

	begin(): Promise<void> {
		this.#seen.clear();
		return Promise.resolve();
	}

	async sees(paths: readonly string[], timeoutMs: number): Promise<Seen> {
		const wanted = new Set(paths);
		let last = 0;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, timeoutMs);
			this.#news = (path, at) => {
				last = wanted.delete(path) ? at : last;
				if (wanted.size === 0) {
					clearTimeout(timer);
					resolve();
				}
			};
			for (const [path, at] of this.#seen) {
				this.#news(path, at);
			}
		});
		this.#news = undefined;
		return { missing: wanted.size, at: last };
	}

	stop(): Promise<void> {
		// Without unsubscribing: some crash when they are asked to.
		return this.#watcher.stop('SIGTERM');
	}
}

function onPath(program: string): boolean {
	return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
		try {
			accessSync(join(folder, program), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

export const PEERS: readonly Contender[] = [
	peer('chokidar', 'chokidar.mjs'),
	peer('@parcel/watcher', 'parcel.mjs'),
	peer('fs.watch, recursive', 'fs-watch.mjs'),
	{
		...peer('watchman', 'watchman.mjs'),
		...(onPath('watchman') ? {} : { missing: 'not installed: there is no `watchman` on PATH' }),
	},
];
