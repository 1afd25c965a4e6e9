/** A process that a test started: its output, its end. */
import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import type { Sandbox } from './sandbox.ts';

/**
 * The most a test waits for something; far above what anything takes, so that only what never comes fails. `npm run soak`, which
 * may be the last in line for the processors, waits longer.
 */
export const UNTIL_MS = Number(process.env['FILETIDE_UNTIL_MS'] ?? 30_000);

/** How a process ended: its exit code, or the signal that ended it. */
export interface End {
	code: number | null;
	signal: NodeJS.Signals | null;
}

export interface StartOptions {
	cwd?: string;
	stdio?: StdioOptions;
	env?: NodeJS.ProcessEnv;
	/** Whether the caller reads standard output, as bytes; otherwise it is gathered as text. */
	binary?: boolean;
}

export class RunningProcess {
	readonly child: ChildProcess;
	/** Resolves when the process is gone and all of its output has been read. */
	readonly ended: Promise<End>;
	stdout = '';
	stderr = '';
	#waiters: (() => void)[] = [];
	#end: End | undefined;

	constructor(
		sandbox: Sandbox,
		command: string,
		parameters: readonly string[],
		{ binary = false, ...options }: StartOptions = {},
	) {
		this.child = spawn(command, parameters, {
			stdio: ['ignore', 'pipe', 'pipe'],
			cwd: sandbox.path,
			...sandbox.user,
			...options,
			env: { ...sandbox.env, ...options.env },
		});
		sandbox.adopt(this);
		for (const stream of binary ? (['stderr'] as const) : (['stdout', 'stderr'] as const)) {
			this.child[stream]?.setEncoding('utf8').on('data', (text: string) => {
				this[stream] += text;
				this.#wake();
			});
		}
		this.ended = new Promise((resolve, reject) => {
			this.child.once('error', reject);
			this.child.once('close', (code, signal) => {
				this.#end = { code, signal };
				resolve(this.#end);
				this.#wake();
			});
		});
	}

	get pid(): number {
		return this.child.pid!;
	}

	/** Whether it has not ended yet. */
	get running(): boolean {
		return this.#end === undefined;
	}

	/**
	 * Waits until the output so far satisfies `found`, and returns what that returned.
	 *
	 * @throws when the process ends before, or it never comes
	 */
	async until<T>(what: string, found: () => T | undefined): Promise<T> {
		let late = false;
		const timer = setTimeout(() => {
			late = true;
			this.#wake();
		}, UNTIL_MS);
		try {
			for (;;) {
				const value = found();
				if (value !== undefined) {
					return value;
				}
				if (this.#end !== undefined || late) {
					const how = this.#end === undefined ? 'went on' : `ended (${JSON.stringify(this.#end)})`;
					throw new Error(`The process ${how} before ${what}. It said: ${this.stdout}${this.stderr}`);
				}
				await new Promise<void>((resolve) => {
					this.#waiters.push(resolve);
				});
			}
		} finally {
			clearTimeout(timer);
		}
	}

	/** Sends a signal and waits for the end. */
	async end(signal: NodeJS.Signals): Promise<End> {
		this.child.kill(signal);
		return await this.ended;
	}

	/** Ends it the hard way, unless it has ended. Idempotent. */
	async kill(): Promise<void> {
		if (this.running) {
			await this.end('SIGKILL');
		}
	}

	#wake(): void {
		const waiters = this.#waiters;
		this.#waiters = [];
		for (const resolve of waiters) {
			resolve();
		}
	}
}
