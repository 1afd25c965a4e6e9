/**
 * Runs rows (scenario.ts) against one server. Rows of a group act together: all of them between the same two barriers, so
 * that nobody's barrier falls into another's changes, and the index is judged while nothing happens.
 */
import assert from 'node:assert/strict';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { EntryKind, LoggedChange, NetChange, WatchSummary } from '#shared/model.ts';
import type { WatchConfigInput } from '#shared/settings.ts';
import { mergedRecords } from './log-pages.ts';
import {
	checkIndex,
	checkListing,
	checkPaths,
	checkWatches,
	coveredOnDisk,
	type Covers,
	type Disk,
	type Following,
	netLines,
} from './oracle.ts';
import { Recount } from './recount.ts';
import { checkOrder } from './replay.ts';
import type { Sandbox } from './sandbox.ts';
import type { Net, Place, Row, Rows, Step } from './scenario.ts';
import { Server } from './server.ts';

/** How rows run. */
export interface Mode {
	/** Settings of every watch. */
	settings: Omit<WatchConfigInput, 'path' | 'id'>;
	/** Rows that act together; all of them by default. */
	together?: number;
	/** Whether the server is stopped while things happen. */
	offline?: boolean;
}

/** A row on its way. */
interface Run {
	name: string;
	row: Row;
	place: Place;
	watchIds: readonly string[];
	/** What exists at the last barrier, by absolute path. */
	disk: Map<string, EntryKind>;
	/** Why it failed. */
	error: unknown;
}

/** What is known of the index between two steps. */
interface Look {
	since: readonly NetChange[];
	listed: readonly NetChange[];
	records: readonly LoggedChange[];
	watches: readonly WatchSummary[];
}

const OUTER = 'outer';

export class ScenarioRunner {
	readonly #box: Sandbox;
	readonly #mode: Mode;
	readonly #runs: Run[];
	readonly #groups = new Map<Run, Promise<void>>();
	#server: Server | undefined;
	#head = 0;
	#recount: Recount | undefined;
	#busy: Promise<void> = Promise.resolve();

	constructor(box: Sandbox, mode: Mode, rows: Rows) {
		this.#box = box;
		this.#mode = mode;
		this.#runs = Object.entries(rows).map(([name, row], number) => this.#run(name, row, number));
	}

	/** Prepares all rows and starts the server. */
	async open(): Promise<void> {
		for (const { row, place } of this.#runs) {
			this.#box.tree(place.here.slice(this.#box.path.length), row.before);
			mkdirSync(place.outside, { recursive: true });
			for (const folder of row.watches ?? []) {
				mkdirSync(join(place.here, folder), { recursive: true });
			}
			row.prepare?.(place);
		}
		await this.#start();
		const { index, watches } = await this.#client.status();
		const { kinds } = coveredOnDisk(watches, this.#covers(), this.#following());
		this.#head = index.head;
		this.#recount = new Recount(kinds.keys());
	}

	/** Runs the row, if it has not run yet with its group, and fails if it failed. */
	async check(name: string): Promise<void> {
		const number = this.#runs.findIndex((run) => run.name === name);
		const size = this.#mode.together ?? this.#runs.length;
		const first = number - (number % size);
		const group = this.#runs.slice(first, first + size);
		// One group after the other, whatever order tests run in.
		this.#busy = this.#groups.get(group[0]!) ?? this.#busy.then(() => this.#act(group));
		this.#groups.set(group[0]!, this.#busy);
		await this.#busy;
		if (this.#runs[number]!.error !== undefined) {
			throw this.#runs[number]!.error;
		}
	}

	/** Fails unless the whole index equals the disk and every counter its recount. */
	async checkAll(): Promise<void> {
		await this.#client.sync(true);
		await checkIndex(this.#client, { covers: this.#covers(), following: this.#following() });
	}

	#run(name: string, row: Row, number: number): Run {
		const folder = `${name.slice(0, 3)}-${number}`;
		const here = this.#box.at(row.watch === undefined ? 'w' : 'own', folder);
		const watchIds = (row.watches ?? ['']).map((_, i) => `${folder}-${i}`);
		const outside = this.#box.at('outside', folder);
		return { name, row, place: { here, outside }, watchIds, disk: new Map(), error: undefined };
	}

	get #client() {
		return this.#server!.client;
	}

	async #start(): Promise<void> {
		// Each row's folder is a watch in the one over all of them, which is where the source is.
		const watches = this.#runs.flatMap(({ row, place, watchIds }) =>
			watchIds.map((id, i) => ({
				...this.#mode.settings,
				...row.watch,
				path: join(place.here, row.watches?.[i] ?? ''),
				id,
			})),
		);
		mkdirSync(this.#box.at('w'), { recursive: true });
		this.#server = await Server.start(this.#box, {
			folders: [this.#box.path],
			watches: [{ ...this.#mode.settings, path: 'w', id: OUTER }, ...watches],
		});
	}

	#covers(): Record<string, Covers> {
		return Object.fromEntries(
			this.#runs.flatMap(({ row: { covers }, watchIds }) =>
				covers === undefined ? [] : watchIds.map((id) => [id, covers]),
			),
		);
	}

	#following(): Following {
		const following = this.#runs.filter(({ row }) => row.watch?.followSymlinks === true);
		const roots = this.#runs.flatMap(({ row, place }) =>
			(row.watches ?? ['']).map((name) => join(place.here, name)),
		);
		return {
			ids: new Set(following.flatMap(({ watchIds }) => watchIds)),
			into: [this.#box.at('w'), ...roots].map((root) => realpathSync(root)),
		};
	}

	async #act(group: readonly Run[]): Promise<void> {
		for (let number = 0; ; number++) {
			const acting = group.filter((run) => run.error === undefined && stepOf(run, number) !== undefined);
			if (acting.length === 0) {
				return;
			}
			await this.#step(acting, number);
		}
	}

	async #step(runs: readonly Run[], number: number): Promise<void> {
		const { cursor } = await this.#client.sync();
		const { watches } = await this.#client.stats();
		for (const run of runs) {
			run.disk = this.#diskOf(run, watches).kinds;
		}
		if (this.#mode.offline === true) {
			await this.#server!.stop();
		}
		await Promise.all(runs.map((run) => attempt(run, async () => await stepOf(run, number)!.does(run.place))));
		if (this.#mode.offline === true) {
			await this.#start();
		}
		await this.#client.sync(runs.some((run) => stepOf(run, number)!.full === true));
		const look = await this.#look(cursor, runs);
		for (const run of runs.filter(({ error }) => error === undefined)) {
			await attempt(run, () => this.#judge(run, stepOf(run, number)!, look));
		}
		await this.#expectNothing(runs);
	}

	/** What the index says now. */
	async #look(cursor: string, runs: readonly Run[]): Promise<Look> {
		const records = await this.#news(runs);
		const since = (await this.#client.since(cursor)).changes;
		const listed = (await this.#client.since('0')).changes;
		const { watches } = await this.#client.stats();
		return { since, listed, records, watches };
	}

	/** Takes note of the log's new records. */
	async #news(runs: readonly Run[]): Promise<LoggedChange[]> {
		const { index } = await this.#client.stats();
		const own = runs.filter(({ row }) => row.watch !== undefined).flatMap(({ watchIds }) => watchIds);
		const records = await mergedRecords(this.#client, [OUTER, ...own], this.#head);
		this.#head = index.head;
		this.#recount!.apply(records);
		return records;
	}

	/** What exists in a row's folder, as its own watches and the one over all of them cover it. */
	#diskOf({ watchIds, place, row }: Run, all: readonly WatchSummary[]): Disk {
		const mine = all.filter(({ id }) => watchIds.includes(id));
		const outer = all.filter(({ id }) => id === OUTER).map((watch) => ({ ...watch, path: place.here }));
		return coveredOnDisk(row.watch === undefined ? [...mine, ...outer] : mine, this.#covers(), this.#following());
	}

	async #judge(run: Run, step: Step, look: Look): Promise<void> {
		const { here } = run.place;
		const mine = ({ path, from }: NetChange) =>
			path.startsWith(`${here}/`) || from?.startsWith(`${here}/`) === true;
		checkNet(netLines(look.since.filter(mine), here), step.net);
		const disk = this.#diskOf(run, look.watches);
		const watches = look.watches.filter(({ id }) => run.watchIds.includes(id));
		checkListing(disk, watches, look.listed.filter(mine));
		checkWatches(disk, watches, this.#recount!, true);
		await checkPaths(this.#client, disk, this.#recount!);
		const records = look.records.filter(mine);
		checkOrder(run.disk, records, disk.kinds);
		step.log?.(records, run.place);
	}

	/** What is recorded of an entry (size, times, mode, target) equals the disk, or a full comparison would tell. */
	async #expectNothing(runs: readonly Run[]): Promise<void> {
		await this.#client.sync(true);
		const records = await this.#news(runs);
		for (const run of runs) {
			const late = records.filter(({ path }) => path.startsWith(`${run.place.here}/`));
			run.error ??=
				late.length === 0
					? undefined
					: new assert.AssertionError({
							message: `A full comparison found what the barrier had missed: ${netLines(late, run.place.here).join(', ')}`,
						});
		}
	}
}

function stepOf({ row }: Run, number: number): Step | undefined {
	return number === 0 ? row : row.later?.[number - 1];
}

async function attempt(run: Run, work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (error) {
		run.error ??= error;
	}
}

function checkNet(found: readonly string[], net: Net): void {
	const [first, ...others] = ('either' in net ? net.either : [net]).map((lines) => [...lines].sort());
	const fits = others.find((lines) => lines.join('\n') === found.join('\n'));
	assert.deepEqual(found, fits ?? first, 'net changes');
}
