// `npm run bench`: Filetide beside its peers. Does its own set-up; see test/bench/main.ts for the options.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureBuild } from './setup/bundles.mjs';
import { runMain, setUp } from './setup.mjs';

await runMain(async () => {
	await setUp(import.meta.url);
	await ensureBuild();
	const script = fileURLToPath(new URL('../test/bench/main.ts', import.meta.url));
	const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
	process.exitCode = status ?? 1;
});
