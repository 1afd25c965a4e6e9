import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Methods, PROTOCOL_VERSION, type SinceResult } from '#shared/protocol.ts';
import { socketPath } from '../../server/src/platform/locations.ts';
import { createWire } from '../../server/src/rpc/wire.ts';
import type { Contender, Running } from './contender.ts';
import { LineProcess } from './process.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Filetide through its CLI's server and socket. `warm` keeps the index of an earlier start. */
export function filetide(index?: string): Contender {
	return {
		name: index === undefined ? 'filetide' : 'filetide, warm',
		async start(root) {
			const folder = index ?? mkdtempSync(join(tmpdir(), 'filetide-bench-'));
			const server = new LineProcess(here('../../dist/filetide.cjs'), ['serve', root, '--index', folder]);
			const ready = await server.line((line) => line['ready'] === true);
			const readyMs = performance.now() - server.startedAt;
			const socket = connect(socketPath(folder));
			const wire = createWire(socket, socket);
			wire.listen();
			await wire.sendRequest(Methods.hello, {
				protocol: PROTOCOL_VERSION,
				schema: 1,
				version: 'bench',
				follow: false,
			});
			let cursor = String(ready['cursor']);
			const running: Running = {
				pid: server.pid,
				readyMs,
				async sees(paths, timeoutMs) {
					const wanted = new Set(paths);
					const until = performance.now() + timeoutMs;
					let at = performance.now();
					while (wanted.size > 0 && performance.now() < until) {
						const { changes, cursor: next } = await wire.sendRequest<SinceResult>(Methods.since, {
							cursor,
						});
						at = performance.now();
						cursor = next;
						for (const change of changes) {
							wanted.delete(change.path);
						}
					}
					return { missing: wanted.size, at };
				},
				async stop() {
					wire.dispose();
					socket.destroy();
					await server.stop();
					if (index === undefined) {
						rmSync(folder, { recursive: true, force: true });
					}
				},
			};
			return running;
		},
	};
}

/** A peer: a script that watches its argument, prints {"ready":true} and then {"path"} for each event. */
function peer(name: string, script: string): Contender {
	return {
		name,
		async start(root) {
			const watcher = new LineProcess(here(script), [root]);
			const seen = new Map<string, number>();
			watcher.onLine((line) => {
				if (typeof line['path'] === 'string') {
					seen.set(line['path'], performance.now());
				}
			});
			await watcher.line((line) => line['ready'] === true);
			return {
				pid: watcher.pid,
				readyMs: performance.now() - watcher.startedAt,
				async sees(paths, timeoutMs) {
					const wanted = new Set(paths.filter((path) => !seen.has(path)));
					let at = Math.max(performance.now(), ...[...seen.values()].slice(-1));
					if (wanted.size > 0) {
						await new Promise<void>((resolve) => {
							const timer = setTimeout(resolve, timeoutMs);
							const off = watcher.onLine((line) => {
								wanted.delete(String(line['path']));
								if (wanted.size === 0) {
									at = performance.now();
									clearTimeout(timer);
									off();
									resolve();
								}
							});
						});
					}
					seen.clear();
					return { missing: wanted.size, at };
				},
				stop: () => watcher.stop(),
			};
		},
	};
}

export const chokidar = peer('chokidar', './peers/chokidar.mjs');
