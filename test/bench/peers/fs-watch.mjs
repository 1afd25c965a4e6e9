// Node's own recursive fs.watch.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './speak.mjs';

const watcher = watch(root, { recursive: true }, (_event, name) => {
	if (name !== null) {
		say({ path: join(root, name) });
	}
});
watcher.on('error', (error) => {
	throw error;
});
// It crawls before it returns: what it watches then is all that it found.
say({ ready: true });
