// chokidar as its users run it: default options, events on standard output.
import { watch } from 'chokidar';

const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const watcher = watch(process.argv[2], { ignoreInitial: true });
watcher.on('all', (_event, path) => print({ path }));
watcher.on('ready', () => print({ ready: true }));
process.on('SIGINT', async () => {
	await watcher.close();
	process.exit(0);
});
