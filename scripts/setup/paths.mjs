import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** What takes time to make again and may be deleted at any moment. */
export const cache = join(root, 'node_modules', '.cache', 'filetide');

/** What builds and test runs leave behind for people and CI to look at. */
export const artifacts = join(root, 'artifacts');

/** Where `npm run package` puts the VSIX files. */
export const vsixFolder = join(artifacts, 'vsix');
