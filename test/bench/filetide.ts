/** Filetide as a contender: the command's server, asked over its socket. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Methods, type SinceResult } from '#shared/protocol.ts';
import type { WatchConfigInput } from '#shared/settings.ts';
import type { Contender, Running, Seen } from './contender.ts';
import { READY_MS } from './limits.ts';
import { LineProcess } from './process.ts';
import { Wire } from './wire.ts';

/** The command that is measured: as it is built. */
export const COMMAND = fileURLToPath(new URL('../../dist/filetide.cjs', import.meta.url));

/**
 * Between two questions, in milliseconds: asking without a pause would keep the server busier than the changes do. While
 * many paths are awaited the last one alone matters.
 */
const ASK_MS = 1;
const ASK_MANY_MS = 20;

/** @param source default: what Filetide chooses */
export function filetide(source?: NonNullable<WatchConfigInput['source']>): Contender {
	return {
		name: source === undefined ? 'filetide' : `filetide, ${source}`,
		remembers: true,
		async start(root, storage) {
			const index = join(storage, 'index');
			// What watching costs: the graph is measured by itself.
			const parameters = ['serve', root, '--no-graph', '--index', index];
			if (source !== undefined) {
				mkdirSync(storage, { recursive: true });
				const config = join(storage, 'watches.json');
				writeFileSync(config, JSON.stringify([{ path: root, source }] satisfies WatchConfigInput[]));
				parameters.push('--config', config);
			}
			const server = new LineProcess(COMMAND, parameters);
			const ready = await server.ready(READY_MS);
			const readyMs = performance.now() - server.startedAt;
			return new RunningFiletide(server, readyMs, await Wire.to(index), String(ready['cursor']));
		},
	};
}

class RunningFiletide implements Running {
	readonly pid: number;
	readonly readyMs: number;
	readonly #server: LineProcess;
	readonly #wire: Wire;
	#cursor: string;

	constructor(server: LineProcess, readyMs: number, wire: Wire, cursor: string) {
		this.pid = server.pid;
		this.readyMs = readyMs;
		this.#server = server;
		this.#wire = wire;
		this.#cursor = cursor;
	}

	async begin(): Promise<void> {
		this.#cursor = (await this.#since()).cursor;
	}

	async sees(paths: readonly string[], timeoutMs: number): Promise<Seen> {
		const wanted = new Set(paths);
		const until = performance.now() + timeoutMs;
		let at = performance.now();
		while (wanted.size > 0 && performance.now() < until) {
			const { changes, cursor } = await this.#since();
			const before = wanted.size;
			for (const { path } of changes) {
				wanted.delete(path);
			}
			at = wanted.size < before ? performance.now() : at;
			this.#cursor = cursor;
			await delay(paths.length > 1 ? ASK_MANY_MS : ASK_MS);
		}
		return { missing: wanted.size, at };
	}

	async stop(): Promise<void> {
		this.#wire.close();
		await this.#server.stop('SIGINT');
	}

	#since(): Promise<SinceResult> {
		return this.#wire.ask(Methods.since, { cursor: this.#cursor });
	}
}
