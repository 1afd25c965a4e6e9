/** The same made-up history for every store: files in folders, each event a modification of one of them. */
import type { EntryStat } from '../../../server/src/index/records.ts';

export const FILES_PER_FOLDER = 100;
/** Folders that lie directly in the root; all others lie in them. */
export const TOP_FOLDERS = 30;

export function topFolderOf(folder: number): string {
	return `part-${folder % TOP_FOLDERS}`;
}

export function folderName(folder: number): string {
	return `folder-${folder}`;
}

export function fileName(file: number): string {
	return `some-file-${file % FILES_PER_FOLDER}.ts`;
}

export function pathOf(file: number): string {
	const folder = Math.floor(file / FILES_PER_FOLDER);
	return `/project/${topFolderOf(folder)}/${folderName(folder)}/${fileName(file)}`;
}

/** The file of an event: runs of neighbours, as builds and checkouts have them, from all over the tree. */
export function fileOfEvent(event: number, files: number): number {
	const run = Math.floor(event / 50);
	return (run * 7919 * 50 + (event % 50)) % files;
}

let serial = 0;

export function statOf(kind: 'file' | 'folder', ino: bigint): EntryStat {
	const n = BigInt(++serial);
	const times = { birthtimeNs: n, mtimeNs: n, ctimeNs: n };
	return { kind, dev: 1n, ino, ...times, size: n, mode: 0o644, uid: 0, gid: 0, nlink: 1, target: '' };
}
