// `npm run bench`: Filetide beside its peers. Does its own set-up; see test/bench/main.ts for the options.
import { fileURLToPath } from 'node:url';
import { ensurePeers } from '../test/bench/peers/install.mjs';
import { ensureBuild } from './setup/bundles.mjs';
import { follow } from './setup/node24.mjs';
import { runMain, setUp } from './setup.mjs';

await runMain(async () => {
	await setUp(import.meta.url);
	await ensureBuild();
	await ensurePeers();
	const script = fileURLToPath(new URL('../test/bench/main.ts', import.meta.url));
	process.exitCode = await follow(process.execPath, [script, ...process.argv.slice(2)]);
});
