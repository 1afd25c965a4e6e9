import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Memory } from './contender.ts';

/** A child process that speaks JSON lines on its standard output. */
export class LineProcess {
	readonly child: ChildProcess;
	readonly startedAt = performance.now();
	readonly #listeners = new Set<(line: Record<string, unknown>) => void>();

	constructor(script: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
		this.child = spawn(process.execPath, [script, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
		createInterface({ input: this.child.stdout! }).on('line', (text) => {
			const line = JSON.parse(text) as Record<string, unknown>;
			for (const listener of this.#listeners) {
				listener(line);
			}
		});
	}

	get pid(): number {
		return this.child.pid!;
	}

	/** Listens to lines until the returned function is called. */
	onLine(listener: (line: Record<string, unknown>) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The first line that `accepts`; rejects when the process ends first. */
	async line(accepts: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
		return await new Promise((resolve, reject) => {
			const off = this.onLine((line) => {
				if (accepts(line)) {
					off();
					resolve(line);
				}
			});
			this.child.once('exit', (code, signal) => {
				reject(new Error(`The process ended with ${code ?? signal} before it answered.`));
			});
		});
	}

	async stop(): Promise<void> {
		if (this.child.exitCode === null && this.child.signalCode === null) {
			const gone = once(this.child, 'exit');
			this.child.kill('SIGINT');
			await gone;
		}
	}
}

/** Reads /proc; zeros where there is none. */
export function memoryOf(pid: number): Memory {
	try {
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		const kb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
		return { rssMb: Math.round(kb('VmRSS') / 1024), anonMb: Math.round(kb('RssAnon') / 1024) };
	} catch {
		return { rssMb: 0, anonMb: 0 };
	}
}

/** CPU seconds that a process has used, from /proc; 0 where there is none. */
export function cpuSecondsOf(pid: number): number {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		// utime and stime in clock ticks, 100 a second on every Linux that Node supports.
		return (Number(fields[11]) + Number(fields[12])) / 100;
	} catch {
		return 0;
	}
}
