/** One index from its beginning to its end: rounds of changes and of what befalls the server, each checked as a whole. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Methods } from '#shared/protocol.ts';
import { handlesOf, memoryOf } from '../bench/proc.ts';
import { startCli } from '../support/cli.ts';
import { checkIndex, walk } from '../support/oracle.ts';
import { RunningProcess } from '../support/process.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server, type ServeOptions, serveParameters } from '../support/server.ts';
import type { Due, Tally } from './pace.ts';

const CHANGER = fileURLToPath(new URL('./changer.ts', import.meta.url));
const BURST = fileURLToPath(new URL('../bench/burst.mjs', import.meta.url));

/** Numbers from 0 up to, not including, `below`. */
type Next = (below: number) => number;

const PROCESSES = 3;
const BURST_FOLDERS = 100;
const BURST_FILES = 5000;
const WATCH = 'w';
const SERVE: ServeOptions = { watches: [{ path: WATCH, id: WATCH }] };
/** Handles that a server has besides one per folder, at most: the barrier's, and those of folders that are just going. */
const SPARE_WATCHES = 8;
/** Descriptors come and go with connections; a leak is more than that. */
const SPARE_DESCRIPTORS = 20;

export class Life {
	/** Log records after the latest round. */
	records = 0;
	readonly #box: Sandbox;
	readonly #cleanUp: () => Promise<void>;
	readonly #tally: Tally;
	readonly #random: string;
	#server: Server;
	/** Descriptors of the running server after the first check; undefined before. */
	#descriptors: number | undefined;
	/** Of every process that this life started and that may still run. */
	readonly #children = new Set<RunningProcess>();
	#bursts = 0;
	/** Latest burst's folder, until a later round removes it. */
	#burst: string | undefined;

	private constructor(box: Sandbox, cleanUp: () => Promise<void>, tally: Tally, server: Server) {
		this.#box = box;
		this.#cleanUp = cleanUp;
		this.#tally = tally;
		this.#server = server;
		this.#random = box.at(WATCH, 'random');
	}

	/** A new folder with a new index. */
	static async begin(tally: Tally): Promise<Life> {
		let cleanUp: (() => Promise<void>) | undefined;
		const box = new Sandbox({
			after: (clean) => {
				cleanUp = clean;
			},
		});
		mkdirSync(box.at(WATCH, 'random'), { recursive: true });
		tally.lives++;
		return new Life(box, cleanUp!, tally, await Server.start(box, SERVE));
	}

	get folder(): string {
		return this.#box.path;
	}

	/**
	 * Changes while this and that befalls the server, then changes that it must see live, because a server that starts compares
	 * everything anyway; then everything must agree.
	 */
	async round(next: Next, due: Due): Promise<void> {
		const burstPhase = due.burst ? next(2) : -1;
		for (const phase of [0, 1]) {
			const work = phase === 0 ? [this.#disturb(next, due)] : [];
			for (let i = 0; i < PROCESSES; i++) {
				work.push(this.#change(next));
			}
			if (phase === burstPhase) {
				work.push(this.#writeBurst());
			} else if (this.#burst !== undefined && next(6) === 0) {
				rmSync(this.#burst, { recursive: true });
				this.#burst = undefined;
			}
			await Promise.all(work);
			await this.#server.client.sync();
		}
		await this.#check();
	}

	/** Ends it in good order and removes the folder. */
	async end(): Promise<void> {
		const end = await this.#server.stop();
		assert.deepEqual(end, { code: 0, signal: null }, 'the server ends in good order');
		await this.discard();
	}

	/** Ends the processes and removes the folder. */
	async discard(): Promise<void> {
		await this.#cleanUp();
	}

	/** Ends the processes and leaves the folder as it is. */
	async abandon(): Promise<void> {
		await Promise.all([...this.#children, this.#server.process].map((child) => child.kill()));
	}

	async #change(next: Next): Promise<void> {
		const count = 5 + next(60);
		const seed = next(2 ** 31);
		const made = await this.#run(CHANGER, [this.#random, String(seed), String(count)], Number);
		this.#tally.changes += made;
	}

	async #writeBurst(): Promise<void> {
		const folder = this.#box.at(WATCH, `burst-${++this.#bursts}`);
		const parameters = [folder, String(BURST_FOLDERS), String(BURST_FILES)];
		await this.#run(BURST, parameters, () => undefined);
		if (this.#burst !== undefined) {
			rmSync(this.#burst, { recursive: true });
		}
		this.#burst = folder;
		this.#tally.bursts++;
	}

	/** Runs a script to its end, which must be a good one. */
	async #run<T>(script: string, parameters: readonly string[], read: (output: string) => T): Promise<T> {
		const child = new RunningProcess(this.#box, process.execPath, [script, ...parameters]);
		this.#children.add(child);
		const end = await child.ended;
		this.#children.delete(child);
		assert.deepEqual(end, { code: 0, signal: null }, `${script} failed: ${child.stderr}`);
		return read(child.stdout);
	}

	/** What befalls the server while files change. */
	async #disturb(next: Next, { stops, pauses }: Due): Promise<void> {
		await delay(next(300));
		if (next(3) === 0) {
			await this.#kill(next);
		}
		for (let i = 0; i < stops; i++) {
			await delay(next(50));
			assert.deepEqual(await this.#server.stop(), { code: 0, signal: null }, 'the server stops in good order');
			await this.#start();
			this.#tally.stops++;
		}
		for (let i = 0; i < pauses; i++) {
			await this.#server.client.connection.sendRequest(Methods.pause, { watchId: WATCH });
			await delay(next(30));
			await this.#server.client.connection.sendRequest(Methods.resume, { watchId: WATCH });
			this.#tally.pauses++;
		}
	}

	/** Kills the server, now and then its successors while they start as well. */
	async #kill(next: Next): Promise<void> {
		const { head } = (await this.#server.client.stats()).index;
		await this.#server.kill();
		this.#tally.kills++;
		while (next(3) === 0) {
			const child = startCli(this.#box, serveParameters(this.#box, SERVE));
			await delay(next(400));
			await child.kill();
			this.#tally.kills++;
		}
		await this.#start();
		const stats = await this.#server.client.stats();
		assert.ok(stats.index.head >= head, `what was committed is there: ${stats.index.head} of ${head} records`);
	}

	async #start(): Promise<void> {
		this.#server = await Server.start(this.#box, SERVE);
		this.#descriptors = undefined;
	}

	async #check(): Promise<void> {
		const { client, process: child } = this.#server;
		await checkIndex(client);
		const before = this.records;
		this.records = (await client.stats()).index.events;
		this.#tally.records += this.records - before;
		this.#tally.anonMb = memoryOf(child.pid)?.anonMb ?? 0;
		this.#checkHandles(child.pid);
	}

	/** Whatever has come and gone, no handle stays behind. */
	#checkHandles(pid: number): void {
		const handles = handlesOf(pid);
		if (handles === undefined) {
			return;
		}
		const folders = 1 + [...walk(this.#box.at(WATCH)).values()].filter((kind) => kind === 'folder').length;
		assert.ok(
			handles.inotifyWatches <= folders + SPARE_WATCHES,
			`${handles.inotifyWatches} kernel watches for ${folders} folders`,
		);
		this.#descriptors ??= handles.fileDescriptors;
		assert.ok(
			handles.fileDescriptors <= this.#descriptors + SPARE_DESCRIPTORS,
			`${handles.fileDescriptors} descriptors, ${this.#descriptors} before`,
		);
	}
}
