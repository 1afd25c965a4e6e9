/** A running `filetide serve`, and the questions that a test asks it over its socket. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchConfigInput } from '#shared/settings.ts';
import { Attached } from './attached.ts';
import { startCli } from './cli.ts';
import type { End, RunningProcess, StartOptions } from './process.ts';
import type { Sandbox } from './sandbox.ts';

/** What `serve` prints when it is ready. */
export interface Ready {
	ready: true;
	pid: number;
	index: string;
	cursor: string;
	ms: number;
	leader: boolean;
}

export interface ServeOptions extends StartOptions {
	/** Default: `w` in the sandbox. */
	folders?: readonly string[];
	/** Default: `index` in the sandbox; null for the place that the program chooses. */
	index?: string | null;
	/** Whether the dependency graph is kept, which most tests are not about. Default: no. */
	graph?: boolean;
	/** Watches as in a config file. */
	watches?: readonly WatchConfigInput[];
	/** How many records of the log retention keeps. */
	keepRecords?: number;
}

let configs = 0;

/** The parameters of `filetide` for serving as the options say. */
export function serveParameters(sandbox: Sandbox, options: ServeOptions = {}): string[] {
	const { folders = [sandbox.at('w')], index = sandbox.at('index'), graph = false, watches, keepRecords } = options;
	return [
		'serve',
		...folders,
		...(index === null ? [] : ['--index', index]),
		...(graph ? [] : ['--no-graph']),
		...(keepRecords === undefined ? [] : ['--keep-records', `${keepRecords}`]),
		...(watches === undefined ? [] : ['--config', sandbox.json(`watches-${++configs}.json`, watches)]),
	];
}

export class Server {
	readonly process: RunningProcess;
	readonly ready: Ready;
	readonly client: Attached;

	private constructor(process: RunningProcess, ready: Ready, client: Attached) {
		this.process = process;
		this.ready = ready;
		this.client = client;
	}

	/** Starts `filetide serve` and waits until it is ready. */
	static async start(sandbox: Sandbox, options: ServeOptions = {}): Promise<Server> {
		return await Server.whenReady(sandbox, startCli(sandbox, serveParameters(sandbox, options), options));
	}

	/** Waits for the ready line of a server that has been started. */
	static async whenReady(sandbox: Sandbox, child: RunningProcess): Promise<Server> {
		const ready = await readyLine(child);
		return new Server(child, ready, await Attached.connect(sandbox, socketOf(sandbox)));
	}

	get stderr(): string {
		return this.process.stderr;
	}

	async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<End> {
		this.client.close();
		return await this.process.end(signal);
	}

	async kill(): Promise<void> {
		this.client.close();
		await this.process.kill();
	}
}

/** The first line of `serve`. */
export async function readyLine(child: RunningProcess): Promise<Ready> {
	const line = await child.until('it was ready', () => /^(.*)\n/.exec(child.stdout)?.[1]);
	return JSON.parse(line) as Ready;
}

/** The socket of the sandbox's server; a sandbox has one index at a time. */
export function socketOf(sandbox: Sandbox): string {
	const folder = sandbox.at('run', `filetide-${sandbox.user?.uid ?? process.getuid?.() ?? 0}`);
	const names = readdirSync(folder).filter((name) => name.endsWith('.sock'));
	if (names.length !== 1) {
		throw new Error(`One socket expected in ${folder}: ${names.join(', ') || 'none'}.`);
	}
	return join(folder, names[0]!);
}
