import type { Rows } from '../../../support/scenario.ts';
import { BURSTS } from './bursts.ts';
import { FILES } from './files.ts';
import { FILTERS } from './filters.ts';
import { FOLLOWED_LINKS } from './followed-links.ts';
import { FOLDERS } from './folders.ts';
import { FOLDER_MOVES } from './folder-moves.ts';
import { LINKS } from './links.ts';
import { MOVES } from './moves.ts';
import { NAMES } from './names.ts';
import { SAVES } from './saves.ts';
import { SWAPS } from './swaps.ts';

/** Every row, by name. */
export const ROWS: Rows = {
	...FILES,
	...FOLDERS,
	...MOVES,
	...FOLDER_MOVES,
	...SWAPS,
	...SAVES,
	...BURSTS,
	...LINKS,
	...FOLLOWED_LINKS,
	...NAMES,
	...FILTERS,
};
