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

/**
 * What a watch with `"source": "auto"` uses. native beside chokidar 6, measured in the drain worker's code alone on two
 * busy cores (ready, then memory beyond the process's own; 10 files a folder; best of three):
 *
 * | files   | native         | chokidar        |
 * | ------- | -------------- | --------------- |
 * | 100     | 11 ms, 1 MB    | 41 ms, 1 MB     |
 * | 1,000   | 18 ms, 1 MB    | 206 ms, 9 MB    |
 * | 10,000  | 83 ms, 1 MB    | 1,188 ms, 98 MB |
 * | 100,000 | 574 ms, 24 MB  | 7,276 ms, 542 MB |
 *
 * So there is no size from which on it pays to switch: native serves every size.
 */
export function chooseSource(root: string): SourceKind {
	// Other machines' changes on a network file system reach no watcher.
	if (isNetworkFileSystem(root)) {
		return 'polling';
	}
	return process.platform === 'linux' || hasRecursiveWatch() ? 'native' : 'chokidar';
}
