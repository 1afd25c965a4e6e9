/**
 * Random changes by several processes, and hints that get lost on the way.
 *
 *   FILETIDE_SEED=123 node --test test/integration/stress.test.ts     the same changes again
 *   FILETIDE_ROUNDS=100 …                                             more of them
 */
import { suite, test } from 'node:test';
import { startEngine } from '../support/in-process.ts';
import type { Harm } from '../support/lossy-drain.ts';
import { Sandbox } from '../support/sandbox.ts';
import { Server } from '../support/server.ts';
import { harmed, stress, watched } from '../support/stress.ts';

const seed = Number(process.env['FILETIDE_SEED'] ?? Date.now() % 1_000_000);
const ROUND = { rounds: Number(process.env['FILETIDE_ROUNDS'] ?? 3), processes: 3, changes: 300 };
suite('random changes', () => {
	for (const links of [false, true]) {
		const what = links ? ', with links that are followed' : '';
		test(`of three processes at once, watched${what} (seed ${seed})`, async (t) => {
			const box = new Sandbox(t);
			const root = box.tree('w');
			const { client } = await Server.start(box, { watches: [{ path: 'w', id: 'w', followSymlinks: links }] });
			await stress(watched(client), { root, seed, ...ROUND, links });
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
			await stress(harmed(engine), { root, seed, ...ROUND });
		});
	}
});
