/**
 * Which file system a path lies on. Watchers see only this machine's changes, so on network file systems Filetide polls.
 */
import { readFileSync } from 'node:fs';
import { isInside, realPath } from './paths.ts';

/** File systems whose changes may come from elsewhere, as the kernel names them (mountinfo, proc(5)). */
const NETWORK = new Set([
	'nfs',
	'nfs4',
	'cifs',
	'smb3',
	'smbfs',
	'ncpfs',
	'9p',
	'drvfs',
	'virtiofs',
	'afs',
	'ceph',
	'glusterfs',
	'davfs',
	'vboxsf',
	'prl_fs',
]);

/** One mounted file system. */
export interface Mount {
	path: string;
	type: string;
}

/** Parses /proc/self/mountinfo. */
export function parseMounts(text: string): Mount[] {
	return text.split('\n').flatMap((line): Mount[] => {
		// "36 35 98:0 /root /mount/point options… - type source options": the mount point is the fifth field.
		const [before, after] = line.split(' - ');
		const path = before?.split(' ')[4];
		const type = after?.split(' ')[0];
		return path === undefined || type === undefined ? [] : [{ path: unescape(path), type }];
	});
}

/** Type of the file system that holds a path; undefined where that is not known (no Linux). */
export function fileSystemType(path: string, mounts: readonly Mount[] = currentMounts()): string | undefined {
	let best: Mount | undefined;
	for (const mount of mounts) {
		if (isInside(mount.path, path) && (best === undefined || mount.path.length >= best.path.length)) {
			best = mount;
		}
	}
	return best?.type;
}

/** Whether changes of the path may come from other machines. FUSE counts: what is behind it is unknown. */
export function isNetworkFileSystem(path: string, mounts?: readonly Mount[]): boolean {
	const type = fileSystemType(realPath(path), mounts);
	return type !== undefined && (NETWORK.has(type) || type.startsWith('fuse.'));
}

/** Whether a file system is mounted at a path itself, as far as the system tells (Linux); a bind mount is one too. */
export function isMountedAt(path: string): boolean {
	const real = realPath(path);
	return currentMounts().some((mount) => mount.path === real);
}

function currentMounts(): Mount[] {
	try {
		return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
	} catch {
		// No Linux: nothing is known, and `auto` takes the local way; `source` overrides it.
		return [];
	}
}

function unescape(path: string): string {
	return path.replaceAll(/\\([0-7]{3})/g, (_whole, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
