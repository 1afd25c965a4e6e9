import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../setup/paths.mjs';

export const USAGE = `Opens a folder in VS Code with Filetide running in it.

  npm start -- [folder] [--port <number>]
  npm start -- --headless <folder>

  folder       the folder to open and to watch; default: this repository
  --headless   watch it without VS Code: events and statistics in this terminal
  --port       the port of the browser-hosted VS Code; default: a free one
  --help       this text`;

/** Wrong usage: its message is one sentence. */
export class UsageError extends Error {}

/** @typedef {{ help: boolean, headless: boolean, folder: string, port: number }} StartOptions */

/**
 * @param {string[]} parameters
 * @param {string} from the folder that relative paths are relative to
 * @returns {StartOptions}
 */
export function readArguments(parameters, from) {
	const { values, positionals } = parse(parameters);
	if (positionals.length > 1) {
		throw new UsageError(`One folder at most, but there are ${positionals.length}: ${positionals.join(', ')}.`);
	}
	const { help = false, headless = false, port = '0' } = values;
	if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
		throw new UsageError(`--port takes a number from 0 to 65535, not ${port}.`);
	}
	const [folder] = positionals;
	if (headless && !help && folder === undefined) {
		throw new UsageError('--headless needs the folder to watch.');
	}
	return {
		help,
		headless,
		port: Number(port),
		folder: existingFolder(folder === undefined ? root : resolve(from, folder)),
	};
}

/** @param {string[]} parameters */
function parse(parameters) {
	try {
		return parseArgs({
			args: parameters,
			allowPositionals: true,
			options: { help: { type: 'boolean', short: 'h' }, headless: { type: 'boolean' }, port: { type: 'string' } },
		});
	} catch (error) {
		// Node's message goes on about positional parameters.
		const [sentence] = (error instanceof Error ? error.message : String(error)).split('. ');
		throw new UsageError(`${sentence}; \`npm start -- --help\` tells what there is.`);
	}
}

/** @param {string} path */
function existingFolder(path) {
	const found = statSync(path, { throwIfNoEntry: false });
	if (found === undefined) {
		throw new UsageError(`The folder ${path} does not exist.`);
	}
	if (!found.isDirectory()) {
		throw new UsageError(`${path} is not a folder.`);
	}
	return path;
}
