import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

type Line = Record<string, unknown>;

/** As much of what a process says on standard error is kept, in characters, to tell why it failed. */
const KEPT = 1000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
	for (const child of running) {
		// So that each ends in good order what it has started itself.
		child.kill('SIGTERM');
	}
});

/** A child process that speaks JSON lines on its standard output. It does not outlive this process. */
export class LineProcess {
	readonly startedAt = performance.now();
	readonly #child: ChildProcessWithoutNullStreams;
	readonly #listeners = new Set<(line: Line) => void>();
	readonly #ended: Promise<string>;
	#errors = '';

	constructor(script: string, parameters: readonly string[]) {
		this.#child = spawn(process.execPath, [script, ...parameters], { stdio: 'pipe' });
		this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
			this.#errors = (this.#errors + text).slice(-KEPT);
		});
		running.add(this.#child);
		this.#ended = once(this.#child, 'exit').then(([code, signal]: unknown[]) => {
			running.delete(this.#child);
			return String(code ?? signal);
		});
		createInterface({ input: this.#child.stdout }).on('line', (text) => {
			const line = JSON.parse(text) as Line;
			for (const listener of this.#listeners) {
				listener(line);
			}
		});
	}

	get pid(): number {
		return this.#child.pid!;
	}

	/** Listens to lines until the returned function is called. */
	onLine(listener: (line: Line) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The first line with `ready`. @throws when the process ends first, or is not ready after `timeoutMs` */
	async ready(timeoutMs: number): Promise<Line> {
		let off: (() => void) | undefined;
		let timer: NodeJS.Timeout | undefined;
		try {
			return await new Promise((resolve, reject) => {
				off = this.onLine((line) => {
					if (line['ready'] === true) {
						resolve(line);
					}
				});
				timer = setTimeout(() => {
					reject(new Error(`not ready after ${timeoutMs / 1000} s`));
				}, timeoutMs);
				void this.#ended.then((how) => {
					reject(new Error(`ended with ${how} before it was ready: ${this.#errors.trim()}`));
				});
			});
		} catch (error) {
			await this.stop('SIGKILL');
			throw error;
		} finally {
			off?.();
			clearTimeout(timer);
		}
	}

	/** Ends it and waits for the end. */
	async stop(signal: NodeJS.Signals): Promise<void> {
		this.#child.kill(signal);
		await this.#ended;
	}
}
