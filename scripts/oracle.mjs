// `npm run oracle -- [--edits N] [--seed S] [--store] …`: judges the dependency graph by the TypeScript compiler, on the sources
// of real packages. See test/oracle/main.ts.
import { fileURLToPath } from 'node:url';
import { follow } from './setup/node24.mjs';
import { runMain, setUp } from './setup.mjs';

const ORACLE = fileURLToPath(new URL('../test/oracle/main.ts', import.meta.url));

await runMain(async () => {
	await setUp(import.meta.url);
	process.exitCode = await follow(process.execPath, [ORACLE, ...process.argv.slice(2)]);
});
