/** An engine in this process, with a drain worker of the test's own: the way to harm what it is told. */
import assert from 'node:assert/strict';
import type { WatchConfigInput } from '#shared/settings.ts';
import { LocalEngine } from '../../server/src/engine/local-engine.ts';
import { stderrLogger } from '../../server/src/platform/log.ts';
import { planWatches } from '../../server/src/engine/watch-plan.ts';
import type { Harm } from './lossy-drain.ts';
import type { Sandbox } from './sandbox.ts';

/** Starts an engine for `w` in the sandbox, or for what `watches` says. */
export async function startEngine(
	sandbox: Sandbox,
	harm: Harm,
	watches: readonly WatchConfigInput[] = [{ path: 'w', id: 'w' }],
): Promise<LocalEngine> {
	const engine = await LocalEngine.start({
		folder: sandbox.at('index'),
		socket: sandbox.at('run', 'none.sock'),
		version: 'test',
		listener: { statusChanged: () => undefined, pathsChanged: () => undefined },
		logger: stderrLogger,
		onCrash: (error) => {
			throw error;
		},
		drain: { entry: new URL('./lossy-drain.ts', import.meta.url), data: { harm } },
	});
	assert.ok(engine instanceof LocalEngine);
	sandbox.onEnd(() => engine.stop());
	const source = { place: 'test', entries: watches, base: sandbox.path, excludes: [] };
	engine.configure(planWatches([source], { folders: [], trusted: true, graph: false }));
	await engine.whenSettled();
	return engine;
}
