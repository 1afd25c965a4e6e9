import { resolve } from 'node:path';
import type { Counters, WatchSummary } from '#shared/model.ts';
import { type ActivityOptions, hotText, ratesText } from './activity.ts';
import { attachOrRead, changePrinter, locateIndex, pathPrinter } from './attach.ts';
import { ExitCodes, ExitError } from './exit.ts';

export interface StatsOptions extends ActivityOptions {
	path?: string;
	index?: string;
}

/** `filetide stats`: counters of everything, or of one path; what changed most, and when. */
export async function stats(folder: string, options: StatsOptions): Promise<void> {
	const indexPath = locateIndex(folder, options.index);
	const print = pathPrinter(indexPath);
	const answers = await attachOrRead(indexPath);
	try {
		if (options.hot === true) {
			process.stdout.write(await hotText(answers, options, changePrinter(indexPath)));
			return;
		}
		if (options.rates !== undefined) {
			process.stdout.write(await ratesText(answers, options.rates, options));
			return;
		}
		if (options.path !== undefined) {
			const found = await answers.pathStats(resolve(folder, options.path));
			if (found === undefined) {
				throw new ExitError(ExitCodes.negative, `No watch covers ${resolve(folder, options.path)}.`);
			}
			const shown = { ...found, path: print(found.path) };
			process.stdout.write(
				options.json === true
					? `${JSON.stringify(shown)}\n`
					: `${shown.path}\n  itself   ${countersText(shown.own)}\n  in all   ${countersText(shown.subtree)}\n`,
			);
			return;
		}
		const all = await answers.stats();
		if (options.json === true) {
			process.stdout.write(
				`${JSON.stringify({ ...all, watches: all.watches.map((watch) => ({ ...watch, path: print(watch.path) })) })}\n`,
			);
			return;
		}
		const { bytes, events, head } = all.index;
		const { bytesInUse } = all.retention;
		process.stdout.write(
			[
				...all.watches.map(watchText),
				`all watches: ${countersText(all.global)}\n`,
				`system watches: ${all.handles.used.toLocaleString('en')}${all.handles.limit === null ? '' : ` of ${all.handles.limit.toLocaleString('en')}`}\n`,
				`index: ${indexPath}, ${(bytes / 1_048_576).toFixed(1)} MiB (${(bytesInUse / 1_048_576).toFixed(1)} in use), ${events.toLocaleString('en')} records, head ${head}\n`,
			].join(''),
		);
	} finally {
		await answers.close();
	}
}

/** A watch in two lines. */
export function watchText(watch: WatchSummary): string {
	const size = `${counted(watch.files, 'file')} in ${counted(watch.folders, 'folder')}`;
	const message = watch.message === undefined ? '' : `  ${watch.message}\n`;
	return `${watch.name} (${watch.state}) ${watch.path}: ${size}\n${message}  ${countersText(watch)}\n`;
}

/** Counters in one line. */
export function countersText({ event_count, metadata_count, per_type_counts: types }: Counters): string {
	const kinds = `create ${types.create}, modify ${types.modify}, move ${types.move}`;
	return `${counted(event_count, 'change')} (${kinds}), ${counted(metadata_count, 'metadata change')}`;
}

function counted(count: number, noun: string): string {
	return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
