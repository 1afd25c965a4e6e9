/** What Linux tells of a process in /proc; nothing elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';

/** In MB. A data file that is mapped into memory counts apart: its pages are the system's cache. */
export interface Memory {
	rssMb: number;
	dataFileMb: number;
	anonMb: number;
}

export interface Handles {
	inotifyWatches: number;
	fileDescriptors: number;
}

export function memoryOf(pid: number): Memory | undefined {
	return attempt(() => {
		let rss = 0;
		let dataFile = 0;
		let inDataFile = false;
		for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
			if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) {
				inDataFile = line.endsWith('/data.mdb');
			} else if (line.startsWith('Rss:')) {
				rss += inDataFile ? 0 : kilobytes(line);
				dataFile += inDataFile ? kilobytes(line) : 0;
			}
		}
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		const anon = kilobytes(/^RssAnon:.*$/m.exec(status)?.[0] ?? '');
		return { rssMb: megabytes(rss), dataFileMb: megabytes(dataFile), anonMb: megabytes(anon) };
	});
}

export function handlesOf(pid: number): Handles | undefined {
	return attempt(() => {
		const descriptors = readdirSync(`/proc/${pid}/fd`);
		const infos = descriptors.map((fd) => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'));
		const inotifyWatches = infos.reduce((sum, info) => sum + (info.match(/^inotify wd:/gm)?.length ?? 0), 0);
		return { inotifyWatches, fileDescriptors: descriptors.length };
	});
}

/** Processor seconds used so far. */
export function cpuSecondsOf(pid: number): number | undefined {
	return attempt(() => seconds(fieldsOf(pid), OWN_TIMES));
}

/** Processor seconds used so far by a process, those that it started, and those of them that have ended. */
export function cpuSecondsOfAll(pid: number): number | undefined {
	return attempt(() =>
		[pid, ...descendantsOf(pid)]
			.map((each) => seconds(fieldsOf(each), [...OWN_TIMES, ...ENDED_TIMES]))
			.reduce((sum, each) => sum + each, 0),
	);
}

/** Processor seconds of the processes that this one has started, and that have ended. */
export function cpuSecondsOfEnded(): number | undefined {
	return attempt(() => seconds(fieldsOf(process.pid), ENDED_TIMES));
}

/** The processes that a process has started, with those that they have started; none where nothing tells. */
export function descendantsOf(pid: number): number[] {
	const pids = attempt(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name))) ?? [];
	const parents = pids.map((name) => ({ pid: Number(name), parent: attempt(() => Number(fieldsOf(name)[1])) }));
	const found = [pid];
	// Grows while it is gone through.
	for (const each of found) {
		found.push(...parents.filter(({ parent }) => parent === each).map((child) => child.pid));
	}
	return found.slice(1);
}

/** Where user and system time stand behind the name in /proc/<pid>/stat; in ticks, 100 a second wherever Node runs. */
const OWN_TIMES = [11, 12];
const ENDED_TIMES = [13, 14];

/** What stands behind the name of a process, which may hold anything. */
function fieldsOf(pid: number | string): string[] {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function seconds(fields: readonly string[], places: readonly number[]): number {
	return places.reduce((sum, place) => sum + Number(fields[place]), 0) / 100;
}

function attempt<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch {
		return undefined;
	}
}

function kilobytes(line: string): number {
	return Number(/\d+/.exec(line)?.[0] ?? 0);
}

function megabytes(kb: number): number {
	return Math.round(kb / 1024);
}
