/** Listing folders, with names that keep all their bytes. */
import { type Dirent, readdirSync } from 'node:fs';
import type { EntryKind } from '#shared/model.ts';
import { decodeName, mayBeLossy, toFileSystem } from './names.ts';

/** One line of a folder's listing. */
export interface Listed {
	name: string;
	/** Undefined where the file system does not tell without a look. */
	kind: EntryKind | undefined;
}

/** A folder's entries with their kinds. @throws ENOENT, ENOTDIR, EACCES and what else `readdir` throws. */
export function listFolder(path: string): Listed[] {
	const folder = toFileSystem(path);
	const listed: Listed[] = [];
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		if (mayBeLossy(entry.name)) {
			return listBytes(folder);
		}
		listed.push({ name: entry.name, kind: kindOfListed(entry) });
	}
	return listed;
}

/** Reads names as bytes, which costs more. */
function listBytes(folder: string | Buffer): Listed[] {
	return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).map((entry) => {
		return { name: decodeName(entry.name), kind: kindOfListed(entry) };
	});
}

function kindOfListed(
	entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO'>,
): EntryKind | undefined {
	return entry.isFile()
		? 'file'
		: entry.isDirectory()
			? 'folder'
			: entry.isSymbolicLink()
				? 'link'
				: entry.isFIFO()
					? 'other'
					: undefined;
}
