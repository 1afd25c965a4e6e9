/** The command `filetide`, as scripts use it: the built bundle in a process of its own. */
import assert from 'node:assert/strict';
import type { PathStats } from '#shared/model.ts';
import type { SinceResult, StatsResult, SyncResult } from '#shared/protocol.ts';
import { RunningProcess, type StartOptions } from './process.ts';
import { bundle, type Sandbox } from './sandbox.ts';

export interface Ran {
	code: number | null;
	stdout: string;
	stderr: string;
}

/** Starts `filetide …` without waiting for anything. */
export function startCli(sandbox: Sandbox, parameters: readonly string[], options?: StartOptions): RunningProcess {
	return new RunningProcess(sandbox, process.execPath, [bundle('filetide'), ...parameters], options);
}

/** Runs `filetide …` to its end. */
export async function runCli(sandbox: Sandbox, parameters: readonly string[], options?: StartOptions): Promise<Ran> {
	const child = startCli(sandbox, parameters, options);
	const { code } = await child.ended;
	return { code, stdout: child.stdout, stderr: child.stderr };
}

/** Runs a command that must succeed and reads its JSON. */
async function json<T>(sandbox: Sandbox, parameters: readonly string[]): Promise<T> {
	const { code, stdout, stderr } = await runCli(sandbox, [...parameters, '--json']);
	assert.equal(code, 0, `filetide ${parameters.join(' ')} failed: ${stderr}`);
	return JSON.parse(stdout) as T;
}

/** The commands that answer in JSON, for one index. */
export class Cli {
	readonly #sandbox: Sandbox;
	readonly #index: string;

	constructor(sandbox: Sandbox, index: string) {
		this.#sandbox = sandbox;
		this.#index = index;
	}

	sync(...options: string[]): Promise<SyncResult> {
		return json(this.#sandbox, ['sync', '--index', this.#index, ...options]);
	}

	since(cursor: string): Promise<SinceResult> {
		return json(this.#sandbox, ['since', cursor, '--index', this.#index]);
	}

	stats(): Promise<StatsResult> {
		return json(this.#sandbox, ['stats', '--index', this.#index]);
	}

	pathStats(path: string): Promise<PathStats> {
		return json(this.#sandbox, ['stats', '--index', this.#index, '--path', path]);
	}
}
