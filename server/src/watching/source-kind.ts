/** Which source serves a watch that does not say. */
import { isNetworkFileSystem } from '../platform/mounts.ts';
import type { SourceKind } from './watch.ts';

/** Whether one recursive `fs.watch` is the system's own work here (FSEvents, ReadDirectoryChangesW), not Node's. */
export function hasRecursiveWatch(): boolean {
	return process.platform === 'darwin' || process.platform === 'win32';
}

/**
 * What a watch uses that follows links, and would use this otherwise. What happens behind a link neither chokidar nor a
 * recursive watch of the system reports.
 */
export function followingSource(kind: SourceKind): SourceKind {
	return kind === 'polling' || process.platform !== 'linux' ? 'polling' : 'native';
}

/** What a watch with `"source": "auto"` uses. */
export function chooseSource(root: string): SourceKind {
	// Other machines' changes on a network file system reach no watcher.
	if (isNetworkFileSystem(root)) {
		return 'polling';
	}
	return process.platform === 'linux' || hasRecursiveWatch() ? 'native' : 'chokidar';
}
