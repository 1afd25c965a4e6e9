// @parcel/watcher with the backend of the platform itself: by default it would hand over to a watchman on PATH.
import { subscribe } from '@parcel/watcher';
import { root, say } from './speak.mjs';

const BACKENDS = { linux: 'inotify', darwin: 'fs-events', win32: 'windows' };

const report = (error, events) => {
	if (error) {
		throw error;
	}
	for (const { path } of events) {
		say({ path });
	}
};
await subscribe(root, report, { backend: BACKENDS[process.platform] });
say({ ready: true });
