#!/usr/bin/env node
/**
 * Entry point of the command `filetide` (DESIGN.md §8, "CLI contract"). Each command loads what it needs, and nothing else:
 * of the time until a server is live, a fifth is loading code.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ChangeType, RateUnit } from '#shared/model.ts';
import { VERSION } from '#shared/version.ts';
import { describeError, stderrLogger } from '../platform/log.ts';
import { keepHeapSmall } from '../platform/memory.ts';
import { ExitCodes, ExitError } from './exit.ts';

keepHeapSmall();
const program = new Command('filetide')
	.description('A persistent, exact record of every file change under the folders you watch.')
	.version(VERSION)
	.exitOverride();

const INDEX = ['--index <dir>', "the index's folder (default: found from the folder)"] as const;
const TYPES = ['create', 'modify', 'metadata', 'move', 'remove'] satisfies ChangeType[];
const JSON_OUTPUT = ['--json', 'print JSON'] as const;

const NO_GRAPH = ['--no-graph', 'do not keep the dependency graph'] as const;

/** Options of whoever runs an engine: how much of the log is kept. */
const KEEP = {
	days: ['--keep-days <days>', 'drop records that are older (default: 90)', among(1, 36_500)],
	records: ['--keep-records <count>', 'drop all but the newest (default: 1000000)', among(100, 1_000_000_000)],
	megabytes: [
		'--keep-megabytes <size>',
		'drop records while the index needs more (default: 512)',
		among(16, 1_048_576),
	],
} as const;

program
	.command('serve')
	.description('run the engine until SIGINT or SIGTERM; prints one JSON line when every watch is live')
	.argument('<folder...>', 'folders to serve')
	.option('--config <file>', 'a JSON array of watches, as in the setting filetide.watches')
	.option(...INDEX)
	.option(...NO_GRAPH)
	.option(...KEEP.days)
	.option(...KEEP.records)
	.option(...KEEP.megabytes)
	.action(async (folders: string[], options) => (await import('./serve.ts')).serve(folders, options));

program
	.command('watch')
	.description('serve, and print each change as it is recorded')
	.argument('<folder...>', 'folders to watch')
	.option('--config <file>', 'a JSON array of watches, as in the setting filetide.watches')
	.option(...INDEX)
	.option(...NO_GRAPH)
	.option(...KEEP.days)
	.option(...KEEP.records)
	.option(...KEEP.megabytes)
	.action(async (folders: string[], options) => (await import('./watch.ts')).watch(folders, options));

program
	.command('sync')
	.description('wait until every change made before now is in the log')
	.argument('[folder]', 'a folder that is served', '.')
	.option('--full', 'compare everything with the disk')
	.option('--no-graph', 'do not wait for the dependency graph')
	.option('--timeout <seconds>', 'give up after this time', positiveNumber, 60)
	.option(...INDEX)
	.option(...JSON_OUTPUT)
	.action(async (folder: string, options) => (await import('./sync.ts')).sync(folder, options));

program
	.command('since')
	.description('print the net changes since a cursor; 0 lists everything')
	.argument('<cursor>', 'a cursor that an earlier command printed')
	.argument('[folder]', 'a folder that is or was served', '.')
	.option(...INDEX)
	.option(...JSON_OUTPUT)
	.action(async (cursor: string, folder: string, options) =>
		(await import('./since.ts')).since(cursor, folder, options),
	);

program
	.command('affected')
	.description(
		'print what changes affect: since HEAD, since a cursor or a revision, or as if everything in the paths had changed',
	)
	.argument('[path...]', 'files or folders')
	.option('--since <cursor or revision>', 'a cursor that an earlier command printed, or a revision of git')
	.option('--expand', 'list the files of what is told as a whole')
	.option('--folder <folder>', 'a folder that is or was served', '.')
	.option(...INDEX)
	.option(...JSON_OUTPUT)
	.action(async (paths: string[], options) => (await import('./affected.ts')).affected(paths, options));

program
	.command('log')
	.description('print what was recorded, oldest first')
	.argument('[folder]', 'a folder that is or was served', '.')
	.option('--follow', 'go on, printing each change as it is committed')
	.option('--watch <watch>', 'only files that this watch covers now, by its id or name')
	.option('--path <path>', 'only this file, or what is in this folder now')
	.addOption(new Option('--type <type>', 'only changes of this type').choices(TYPES))
	.option('--limit <count>', 'only so many, the newest', wholeNumber)
	.option(...INDEX)
	.option(...JSON_OUTPUT)
	.action(async (folder: string, options) => (await import('./log.ts')).log(folder, options));

program
	.command('stats')
	.description('print the counters of everything or of one path, what changed most, or how much changed when')
	.argument('[folder]', 'a folder that is or was served', '.')
	.option('--path <path>', 'counters of this file or folder')
	.addOption(new Option('--hot', 'the files that changed most lately').conflicts('path'))
	.addOption(
		new Option('--rates <unit>', 'how many events there were in each')
			.choices(['minute', 'hour', 'day'] satisfies RateUnit[])
			.conflicts(['path', 'hot']),
	)
	.option('--watch <watch>', 'with --hot and --rates: of this watch, by its id or name')
	.option(
		'--since <duration>',
		'with --hot (default: 1d) and --rates (default: all): so long ago, as 90s, 15m, 8h, 7d',
		duration,
	)
	.option('--limit <count>', 'with --hot: so many (default: 10)', among(1, 100))
	.option(...INDEX)
	.option(...JSON_OUTPUT)
	.action(async (folder: string, options) => (await import('./stats.ts')).stats(folder, options));

for (const [name, description] of [
	['verify', 'hold every table of the index against every other; exit code 1 when they disagree'],
	['repair', 'bring what disagrees in the index into line, and say what it was'],
] as const) {
	program
		.command(name)
		.description(description)
		.argument('[folder]', 'a folder that is or was served', '.')
		.option('--watch <watch>', 'only what this watch covers, by its id or name')
		.option('--path <path>', 'only this file or folder, with what is in it')
		.option(...INDEX)
		.option(...JSON_OUTPUT)
		.action(async (folder: string, options) => (await import('./verify.ts'))[name](folder, options));
}

program.parseAsync().catch((error: unknown) => {
	process.exitCode = report(error);
});

function report(error: unknown): number {
	if (error instanceof CommanderError) {
		// Help and version are no mistakes; commander has printed the sentence for those that are.
		return error.exitCode === 0 ? ExitCodes.done : ExitCodes.usage;
	}
	const advice = (error as Partial<Error>).name === 'DamagedRecordError' ? ' Run "filetide repair".' : '';
	stderrLogger.log('error', describeError(error) + advice);
	return error instanceof ExitError ? error.exitCode : ExitCodes.negative;
}

function wholeNumber(text: string): number {
	if (!/^\d{1,15}$/.test(text)) {
		throw new InvalidArgumentError('It must be a whole number.');
	}
	return Number(text);
}

function among(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = wholeNumber(text);
		if (value < least || value > most) {
			throw new InvalidArgumentError(`It must be from ${least} to ${most}.`);
		}
		return value;
	};
}

/** Milliseconds. */
function duration(text: string): number {
	const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
	const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? ''];
	if (unitMs === undefined) {
		throw new InvalidArgumentError('It must be a number and s, m, h or d, such as 15m.');
	}
	return Number(count) * unitMs;
}

function positiveNumber(text: string): number {
	const value = Number(text);
	if (!Number.isFinite(value) || value <= 0) {
		throw new InvalidArgumentError('It must be a number of seconds above 0.');
	}
	return value;
}
