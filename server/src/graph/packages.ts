/** The package that a file belongs to. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { foldersAbove } from '../platform/paths.ts';

/** The innermost folder above a file that has a `package.json`; its own folder when none has. */
export function packageOf(path: string): string {
	for (const folder of foldersAbove(path)) {
		if (existsSync(join(folder, 'package.json'))) {
			return folder;
		}
	}
	return dirname(path);
}
