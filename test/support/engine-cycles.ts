/**
 * `node engine-cycles.ts <root> <index> <cycles>`: starts and stops an engine again and again in one process. After each
 * stop it prints what is left, and waits for a line before it goes on.
 */
import { once } from 'node:events';
import { argv, getActiveResourcesInfo, stdin, stdout } from 'node:process';
import { LocalEngine } from '../../server/src/engine/local-engine.ts';
import { stderrLogger } from '../../server/src/platform/log.ts';
import { planWatches } from '../../server/src/engine/watch-plan.ts';

const [root = '', folder = '', cycles = '1'] = argv.slice(2);
const plan = planWatches([{ place: 'test', entries: [{ path: root }], base: undefined, excludes: [] }], {
	folders: [],
	trusted: true,
	graph: false,
});
for (let cycle = 0; cycle < Number(cycles); cycle++) {
	const engine = await LocalEngine.start({
		folder,
		socket: '',
		version: 'test',
		listener: { statusChanged: () => undefined, pathsChanged: () => undefined },
		logger: stderrLogger,
		onCrash: (error) => {
			throw error;
		},
	});
	if (!(engine instanceof LocalEngine)) {
		throw new Error(`The index is held by ${JSON.stringify(engine.heldBy)}.`);
	}
	engine.configure(plan);
	await engine.whenSettled();
	const { handles } = await engine.stats();
	await engine.stop();
	stdout.write(`${JSON.stringify({ used: handles.used, resources: getActiveResourcesInfo() })}\n`);
	await once(stdin, 'data');
}
stdin.destroy();
