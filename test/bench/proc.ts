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
	return attempt(() => {
		const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		// utime and stime in clock ticks, 100 a second on every Linux that Node supports.
		return (Number(fields[11]) + Number(fields[12])) / 100;
	});
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
