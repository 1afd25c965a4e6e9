// chokidar as its users run it: default options, the files that are there already not reported.
import { watch } from 'chokidar';
import { root, say } from './speak.mjs';

const watcher = watch(root, { ignoreInitial: true });
watcher.on('all', (_event, path) => say({ path }));
watcher.on('ready', () => say({ ready: true }));
watcher.on('error', (error) => {
	throw error;
});
