import type { NetChange } from '#shared/model.ts';
import { attachOrRead, locateIndex, changePrinter } from './attach.ts';

export interface SinceOptions {
	index?: string;
	json?: boolean;
}

/** `filetide since`: net changes from a cursor to now. */
export async function since(cursor: string, folder: string, options: SinceOptions): Promise<void> {
	const indexPath = locateIndex(folder, options.index);
	const print = changePrinter(indexPath);
	const answers = await attachOrRead(indexPath);
	try {
		const result = await answers.since(cursor);
		const changes = result.changes.map(print);
		if (options.json === true) {
			process.stdout.write(`${JSON.stringify({ ...result, changes })}\n`);
			return;
		}
		const lines = changes.map(lineOf);
		const why =
			result.pruned === true ? 'Records after the cursor have been pruned' : 'The cursor is not of this index';
		const note = result.fresh ? `${why}: everything that exists.\n` : '';
		process.stdout.write(`${note}${lines.join('')}cursor ${result.cursor}\n`);
	} finally {
		await answers.close();
	}
}

function lineOf({ type, kind, path, from, reason }: NetChange): string {
	const moved = from === undefined ? '' : ` (from ${from})`;
	const because = reason === undefined ? '' : ` [${reason}]`;
	return `${type.padEnd(8)} ${kind === 'folder' ? `${path}/` : path}${moved}${because}\n`;
}
