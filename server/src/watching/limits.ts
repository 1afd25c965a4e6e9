/** What the kernel grants to watchers, and the sentence for who gets less than is needed. */
import { readdirSync, readFileSync } from 'node:fs';

/** A limit: the name under which `sysctl` knows it. */
export interface KernelLimit {
	name: string;
	value: number;
}

/** A limit that was met, as the watches concerned are told. */
export interface Shortage {
	/** `code` of what `fs.watch` threw. */
	code: string;
	/** Folders that need a watch each. */
	needed: number;
	/** Those that have one. */
	had: number;
	/** Path of the first one without. */
	first: string;
	pollIntervalMs: number;
}

/** What the sentence depends on besides. */
export interface LimitFacts {
	watches: KernelLimit | undefined;
	instances: KernelLimit | undefined;
	openFiles: { used: number; limit: number } | undefined;
}

const SHORTAGE_CODES = new Set(['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** Whether an error means that the system has no more to give: another time it may. */
export function isShortage(error: unknown): error is NodeJS.ErrnoException & { code: string } {
	return SHORTAGE_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}

/** The most inotify watches that this user may have; undefined outside Linux. */
export function watchLimit(): KernelLimit | undefined {
	// A user namespace (a container) has a limit of its own, which the other name does not show.
	return smallest('fs.inotify.max_user_watches', 'user.max_inotify_watches');
}

export function limitFacts(): LimitFacts {
	return {
		watches: watchLimit(),
		instances: smallest('fs.inotify.max_user_instances', 'user.max_inotify_instances'),
		openFiles: openFiles(),
	};
}

/** What is missing, where it begins, what happens instead, and the command that ends it. */
export function describeShortage({ code, needed, had, first, pollIntervalMs }: Shortage, facts: LimitFacts): string {
	const folders = `${amount(needed)} ${needed === 1 ? 'folder needs' : 'folders need'} a watch of the system`;
	const start = `${folders}, and ${amount(had)} could be had; ${first} is the first without.`;
	return `${start} What has none is scanned every ${pollIntervalMs / 1000} s until there is room. ${advice(code, needed - had, facts)}`;
}

function advice(code: string, missing: number, { watches, instances, openFiles }: LimitFacts): string {
	switch (code) {
		case 'ENOSPC':
			return watches === undefined
				? 'Raise the limit of inotify watches.'
				: `Raise the limit: sudo sysctl ${watches.name}=${roomy(watches.value + missing)}`;
		case 'ENFILE':
			return 'The whole system has too many files open: end programs, or raise the limit fs.file-max.';
		case 'ENOMEM':
			return 'The system is out of memory for watches: end other programs.';
		default:
			if (openFiles !== undefined && openFiles.used >= openFiles.limit - 1) {
				return `Raise the limit of open files before the start: ulimit -n ${roomy(openFiles.limit)}`;
			}
			return instances === undefined
				? 'Too many programs watch files: end some.'
				: `Raise the limit: sudo sysctl ${instances.name}=${roomy(instances.value)}`;
	}
}

/** The next power of two that leaves a quarter to spare. */
function roomy(needed: number): number {
	return 2 ** Math.ceil(Math.log2(needed * 1.25));
}

function amount(value: number): string {
	return value.toLocaleString('en');
}

function smallest(...names: string[]): KernelLimit | undefined {
	let found: KernelLimit | undefined;
	for (const name of names) {
		const value = readNumber(`/proc/sys/${name.replaceAll('.', '/')}`);
		if (value !== undefined && (found === undefined || value < found.value)) {
			found = { name, value };
		}
	}
	return found;
}

function readNumber(path: string): number | undefined {
	try {
		const value = Number(readFileSync(path, 'utf8').trim());
		return Number.isInteger(value) ? value : undefined;
	} catch {
		// Not Linux, or a sandbox without it.
		return undefined;
	}
}

function openFiles(): LimitFacts['openFiles'] {
	try {
		const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
		return limit === undefined ? undefined : { used: readdirSync('/proc/self/fd').length, limit: Number(limit) };
	} catch (error) {
		// Not even a folder can be opened.
		return isShortage(error) ? { used: Number.POSITIVE_INFINITY, limit: SOME_FILES } : undefined;
	}
}

/** Said when the limit itself cannot be read because it is met. */
const SOME_FILES = 1024;
