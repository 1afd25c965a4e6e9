// `npm run soak -- --minutes N [--seed S]`: the long-running twin of the tests. First every row of the table of scenarios in every
// way, once; then a server is killed 1,000 times under load (FILETIDE_KILLS for another number); then test/soak/main.ts for as
// long as asked.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './setup/bundles.mjs';
import { follow } from './setup/node24.mjs';
import { runMain, setUp } from './setup.mjs';

const SCENARIOS = fileURLToPath(new URL('../test/integration/scenarios/scenarios.test.ts', import.meta.url));
const KILLS = fileURLToPath(new URL('../test/integration/crash.test.ts', import.meta.url));
const SOAK = fileURLToPath(new URL('../test/soak/main.ts', import.meta.url));

await runMain(async () => {
	await setUp(import.meta.url);
	await ensureBuild();
	process.env['FILETIDE_SOAK'] = '1';
	process.env['FILETIDE_KILLS'] ??= '1000';
	for (const tests of [SCENARIOS, KILLS]) {
		if (!process.exitCode && existsSync(tests)) {
			process.exitCode = await follow(process.execPath, ['--test', '--test-force-exit', tests]);
		}
	}
	if (!process.exitCode) {
		process.exitCode = await follow(process.execPath, [SOAK, ...process.argv.slice(2)]);
	}
});
