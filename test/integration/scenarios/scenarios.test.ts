/**
 * Every row of the table of scenarios that is about changes in a folder, in every way of watching. One server a way.
 *
 *   FILETIDE_ROWS='C0[1-9]' node --test test/integration/scenarios/scenarios.test.ts     only rows whose name matches
 *   FILETIDE_MODES='muted'  …                                                            only these ways
 *   FILETIDE_SOAK=1         …                                                            all rows in all ways
 */
import { after, before, suite, test } from 'node:test';
import { Sandbox } from '../../support/sandbox.ts';
import type { Rows } from '../../support/scenario.ts';
import { type Mode, ScenarioRunner } from '../../support/scenario-runner.ts';
import { ROWS } from './rows/all.ts';

/** The sources that watch. `native` joins as soon as the setting knows it. */
const SOURCES = ['native', 'chokidar'] as const;

interface Way extends Mode {
	/** Whether something watches while things happen. */
	live: boolean;
	/** Whether one row for each id will do where time counts: what is judged here is the way, not the row. */
	sampled?: boolean;
}

const WAYS: Record<string, Way> = {
	// A dozen at a time: as many things at once as an editor, a build and git do, and no more than a report can be read of.
	...Object.fromEntries(SOURCES.map((source) => [source, { settings: { source }, together: 12, live: true }])),
	// Nobody looks but the barrier, once: reconcile without any hint.
	muted: { settings: { source: 'polling', pollInterval: 86_400_000 }, live: false },
	polling: { settings: { source: 'polling', pollInterval: 100 }, live: true, sampled: true },
	'while no server runs': { settings: {}, offline: true, live: false, sampled: true },
};

const wanted = (variable: string) => new RegExp(process.env[variable] ?? '');
const idOf = (name: string) => name.slice(0, 3);

function rowsOf(how: string, { live, sampled = false }: Way): Rows {
	const all = process.env['FILETIDE_SOAK'] !== undefined || process.env['FILETIDE_ROWS'] !== undefined || !sampled;
	const rows = Object.entries(ROWS).filter(
		([name, { only, except = [] }], i, each) =>
			wanted('FILETIDE_ROWS').test(name) &&
			!except.includes(how) &&
			(live || only !== 'live') &&
			(all || each.findIndex(([other]) => idOf(other) === idOf(name)) === i),
	);
	return Object.fromEntries(rows);
}

for (const [how, way] of Object.entries(WAYS).filter(([name]) => wanted('FILETIDE_MODES').test(name))) {
	suite(`scenarios, ${how}`, () => {
		const box = new Sandbox({ after });
		const rows = rowsOf(how, way);
		const runner = new ScenarioRunner(box, way, rows);
		before(async () => {
			await runner.open();
		});
		for (const name of Object.keys(rows)) {
			test(name, async () => {
				await runner.check(name);
			});
		}
		test('and the index as a whole', async () => {
			await runner.checkAll();
		});
	});
}
