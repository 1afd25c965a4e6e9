/**
 * Random changes by several processes, and hints that get lost on the way.
 *
 *   FILETIDE_SEED=123 node --test test/integration/stress.test.ts     the same changes again
 */
import { suite, test } from 'node:test';
import type { LocalEngine } from '../../server/src/engine/local-engine.ts';
import { startEngine } from '../support/in-process.ts';
import type { Harm } from '../support/lossy-drain.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';
import { stress, type Stressed } from '../support/stress.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);
const ROUND = { rounds: 4, processes: 3, changes: 400 };
const ALL = { full: true, timeoutMs: 60_000 };

/** An engine that is equal to the disk after a full comparison only. */
function comparing(engine: LocalEngine): Stressed {
	const compareAll = async () => {
		await engine.sync(ALL);
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

suite('random changes', () => {
	for (const links of [false, true]) {
		const what = links ? ', with links that are followed' : '';
		test(`of three processes at once, watched${what} (seed ${seed})`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w');
			const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w', followSymlinks: links }] });
			const engine: Stressed = {
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
			await stress(engine, { root, seed, ...ROUND, links });
		});
	}

	const harms: Record<string, Omit<Harm, 'seed'>> = {
		'F11 a hundredth of the hints lost': { dropped: 0.01 },
		'F12 hints doubled, late, invented and in any order': {
			doubled: 0.5,
			late: 0.5,
			invented: 0.3,
			shuffled: true,
		},
		'half of the hints lost, the others harmed': {
			dropped: 0.5,
			doubled: 0.3,
			late: 0.3,
			invented: 0.3,
			shuffled: true,
		},
		'F10 all hints lost': { dropped: 1 },
		'all hints late': { late: 1 },
		'F09 the source fails again and again': { dropped: 0.5, failed: 0.2 },
	};
	for (const [what, harm] of Object.entries(harms)) {
		test(`${what}: equal after the next comparison (seed ${seed})`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w');
			const engine = await startEngine(box, { seed, ...harm });
			await stress(comparing(engine), { root, seed, ...ROUND });
		});
	}
});
