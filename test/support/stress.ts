/** Random changes by several processes, and what must hold after each round of them, whatever the engine was told. */
import assert from 'node:assert/strict';
import type { NetChange } from '#shared/model.ts';
import type { Engine } from '../../server/src/engine/engine.ts';
import { churnTogether } from './churn.ts';
import type { EngineClient } from './engine-client.ts';
import { checkIndex, netLines, passesDefaultFilters } from './oracle.ts';
import { checkApplied } from './replay.ts';
import { snapshot } from './tree-difference.ts';

/** What a stressed engine, or the client of a server, must answer. */
export interface Stressed extends Pick<Engine, 'status' | 'since' | 'recentChanges' | 'pathStats'> {
	/** Ends when the index must equal the disk. */
	settle(): Promise<void>;
	/** Compares everything. */
	compareAll(): Promise<void>;
}

export interface StressOptions {
	root: string;
	seed: number;
	rounds: number;
	/** Ends after the round in which so much time has passed. Default: no limit. */
	minutes?: number;
	processes: number;
	/** Of each process in each round. */
	changes: number;
	/** Whether links lead to what is there, and the watch `w` follows them. */
	links?: boolean;
}

/**
 * Changes the tree, round by round. After each one nodes equal the disk, counters equal their recount, and net changes lead
 * from the tree of before to the tree of now.
 *
 * @throws AssertionError whose message names the round's seed
 */
export async function stress(engine: Stressed, options: StressOptions): Promise<void> {
	const { root, seed, rounds, minutes = Number.POSITIVE_INFINITY, ...churn } = options;
	const until = performance.now() + minutes * 60_000;
	const into = churn.links === true ? [root] : [];
	const look = () => snapshot(root, passesDefaultFilters, into);
	await engine.settle();
	for (let round = 0; round < rounds && performance.now() < until; round++) {
		const roundSeed = seed + round * 100;
		const { cursor } = await engine.status();
		const before = look();
		await churnTogether(root, roundSeed, churn);
		await engine.settle();
		try {
			await checkIndex(engine, { following: { ids: new Set(into.length > 0 ? ['w'] : []), into } });
			const { changes, fresh } = await engine.since(cursor);
			assert.equal(fresh, false);
			checkApplied(before, changes, look(), root);
			await checkExact(engine, root);
		} catch (error) {
			throw new Error(`After the changes of seed ${roundSeed} (${JSON.stringify(churn)}):`, { cause: error });
		}
	}
}

/** A client of a server: what its sources report must do. */
export function watched(client: EngineClient): Stressed {
	return {
		status: () => client.status(),
		since: (cursor) => client.since(cursor),
		recentChanges: (page) => client.recentChanges(page),
		pathStats: (paths) => client.pathStats(paths),
		settle: async () => {
			await client.sync();
		},
		compareAll: async () => {
			await client.sync(true);
		},
	};
}

/** An engine whose hints are harmed: only a full comparison makes it equal to the disk. */
export function harmed(engine: Engine): Stressed {
	const compareAll = async () => {
		await engine.sync({ full: true, timeoutMs: 60_000 });
	};
	return {
		status: () => engine.status(),
		since: (cursor) => engine.since(cursor),
		recentChanges: (page) => engine.recentChanges(page),
		pathStats: (paths) => engine.pathStats(paths),
		settle: compareAll,
		compareAll,
	};
}

/** The protocol does not show sizes, times and modes; but where they differed, a full comparison would record a change. */
async function checkExact(engine: Stressed, root: string): Promise<void> {
	const { cursor, index } = await engine.status();
	await engine.compareAll();
	const missed: readonly NetChange[] = (await engine.since(cursor)).changes;
	assert.deepEqual(netLines(missed, root), [], 'a full comparison finds nothing');
	assert.equal((await engine.status()).index.head, index.head);
}
