/** One repository and its graph: rounds of edits and kills, each compared with a graph that is made anew. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Methods, type SyncResult } from '#shared/protocol.ts';
import { startCli } from '../../support/cli.ts';
import { graphProcesses, killNow } from '../../support/graph-processes.ts';
import type { End } from '../../support/process.ts';
import type { Sandbox } from '../../support/sandbox.ts';
import { Server, type ServeOptions, serveParameters } from '../../support/server.ts';
import { graphDifferences } from './difference.ts';
import { RepositoryEdits } from './edits.ts';
import { makeRepository } from './repository.ts';

/** Numbers from 0 up to, not including, `below`. */
type Next = (below: number) => number;

const EDITS_OF_BRANCH = 15;
const EDITS_OF_ROUND = 25;
/** The longest that is waited between two edits, and before something is killed, in milliseconds. */
const EDIT_PAUSE_MS = 60;
const KILL_PAUSE_MS = 500;
/** For the graph, which is killed meanwhile, to catch up, in milliseconds. */
const SYNC_MS = 300_000;

export class GraphLife {
	/** Processes killed so far. */
	kills = 0;
	readonly #box: Sandbox;
	readonly #edits: RepositoryEdits;
	/** Everything that was ever looked up. */
	readonly #keys = new Set<string>();
	#server: Server;

	private constructor(box: Sandbox, edits: RepositoryEdits, server: Server) {
		this.#box = box;
		this.#edits = edits;
		this.#server = server;
	}

	/** A repository in `w` of the sandbox, and a server that keeps its graph. */
	static async begin(box: Sandbox, next: Next): Promise<GraphLife> {
		const root = box.at('w');
		await makeRepository(root);
		const edits = new RepositoryEdits(root, next);
		edits.branch(EDITS_OF_BRANCH);
		return new GraphLife(box, edits, await Server.start(box, optionsOf(root)));
	}

	/** Edits, and kills at random moments between them and while the graph catches up; then everything is in. */
	async round(next: Next): Promise<void> {
		await Promise.all([this.#edit(next), this.#kill(next)]);
		const synced = sync(this.#server);
		if (next(2) === 0) {
			await delay(next(KILL_PAUSE_MS));
			this.#killGraph();
		}
		assert.equal((await synced).parked, 0, 'no file is given up');
	}

	/** What is otherwise in a graph that is made of the files as they are now. */
	async differences(box: Sandbox): Promise<string[]> {
		const fresh = await Server.start(box, optionsOf(this.#box.at('w')));
		await sync(fresh);
		await fresh.stop();
		return await graphDifferences(this.#box.at('index'), box.at('index'), this.#keys);
	}

	async end(): Promise<End> {
		return await this.#server.stop();
	}

	async #edit(next: Next): Promise<void> {
		for (let i = 0; i < EDITS_OF_ROUND; i++) {
			this.#edits.edit();
			await delay(next(EDIT_PAUSE_MS));
		}
	}

	async #kill(next: Next): Promise<void> {
		await delay(next(KILL_PAUSE_MS));
		if (next(2) === 0) {
			this.#killGraph();
			return;
		}
		await this.#server.kill();
		this.kills++;
		while (next(3) === 0) {
			// While it starts.
			const child = startCli(this.#box, serveParameters(this.#box, optionsOf(this.#box.at('w'))));
			await delay(next(KILL_PAUSE_MS));
			await child.kill();
			this.kills++;
		}
		this.#server = await Server.start(this.#box, optionsOf(this.#box.at('w')));
	}

	/** While the server goes on. */
	#killGraph(): void {
		for (const pid of graphProcesses(this.#server.process.pid)) {
			this.kills += killNow(pid) ? 1 : 0;
		}
	}
}

function optionsOf(root: string): ServeOptions {
	return { graph: true, folders: [root] };
}

async function sync({ client }: Server): Promise<SyncResult> {
	return await client.connection.sendRequest<SyncResult>(Methods.sync, {
		full: false,
		graph: true,
		timeoutMs: SYNC_MS,
	});
}
