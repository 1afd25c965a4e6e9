// Stand-in for the native @vscode/spdlog (same calls, no rotation). The extension host keeps every output channel in
// a log file that this module writes and the workbench tails: without it output channels stay blank.
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** By number, as the native module has them; 6 is off. */
const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

let globalLevel = 0;

/** Local time as the native module writes it: 2026-01-31 12:00:00.000. */
function timestamp() {
	const now = new Date();
	return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().replace('T', ' ').replace('Z', '');
}

export const version = 11500;

export function setLevel(level) {
	globalLevel = level;
}

export function setFlushOn() {}

export class Logger {
	#file;
	#level = 2;
	#raw = false;

	constructor(_type, _name, file) {
		this.#file = file;
		mkdirSync(dirname(file), { recursive: true });
		appendFileSync(file, '');
	}

	#log(level, message) {
		if (level < this.#level || level < globalLevel) {
			return;
		}
		try {
			appendFileSync(this.#file, this.#raw ? message : `${timestamp()} [${LEVELS[level]}] ${message}\n`);
		} catch (error) {
			// At shutdown the log folder may be gone already.
			if (error.code !== 'ENOENT') {
				throw error;
			}
		}
	}

	trace(message) {
		this.#log(0, message);
	}
	debug(message) {
		this.#log(1, message);
	}
	info(message) {
		this.#log(2, message);
	}
	warn(message) {
		this.#log(3, message);
	}
	error(message) {
		this.#log(4, message);
	}
	critical(message) {
		this.#log(5, message);
	}
	getLevel() {
		return this.#level;
	}
	setLevel(level) {
		this.#level = level;
	}
	setPattern() {
		this.#raw = false;
	}
	clearFormatters() {
		this.#raw = true;
	}
	flush() {}
	drop() {}
}

export async function createRotatingLogger(name, file) {
	return new Logger('rotating', name, file);
}

export async function createAsyncRotatingLogger(name, file) {
	return new Logger('rotating_async', name, file);
}
