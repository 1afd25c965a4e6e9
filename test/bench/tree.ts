/**
 * Deterministic trees: the same number of files always gives the same names, sizes and bytes. Folders nest 1 → 10 → 100…
 * with about ten files each, as DESIGN.md §10 measures (100,000 files in 10,101 folders).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Children of a folder that has any. */
const FAN_OUT = 100;
/** Files of an innermost folder. */
const FILES_PER_FOLDER = 10;

export interface Tree {
	root: string;
	files: string[];
	folders: string[];
}

/** Writes a tree of `count` files beneath `root`, which must not exist. */
export function generateTree(root: string, count: number): Tree {
	const tree: Tree = { root, files: [], folders: [] };
	mkdirSync(root, { recursive: true });
	const leaves = Math.ceil(count / FILES_PER_FOLDER);
	for (let leaf = 0; leaf < leaves; leaf++) {
		const outer = join(root, `group-${String(Math.floor(leaf / FAN_OUT)).padStart(3, '0')}`);
		const folder = join(outer, `folder-${String(leaf % FAN_OUT).padStart(3, '0')}`);
		if (leaf % FAN_OUT === 0) {
			tree.folders.push(outer);
		}
		mkdirSync(folder, { recursive: true });
		tree.folders.push(folder);
		for (let i = 0; i < FILES_PER_FOLDER && tree.files.length < count; i++) {
			const file = join(folder, `file-${i}.ts`);
			writeFileSync(file, `export const value${tree.files.length} = ${leaf * FILES_PER_FOLDER + i};\n`);
			tree.files.push(file);
		}
	}
	return tree;
}
