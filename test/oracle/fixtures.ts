/** Edits with what the compiler said of them, one JSON line each, small enough to be kept in the repository. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './judge.ts';
import type { Edit } from './project.ts';

const FILE = fileURLToPath(new URL('verdicts.jsonl', import.meta.url));

export interface JudgedEdit {
	edit: Edit;
	verdict: Verdict;
	/** How many files the compiler's builder works on, beside the edited one; undefined when it was not asked. */
	builder?: number;
}

/** `[package, kind, file, what, offset, length, text, interface, behaviour, builder]`; files of a verdict as {@link toRanges}. */
type Line = [string, string, string, Edit['what'], number, number, string, string, string, number?];

/** Source files of a package by its name, in the order of {@link Project.files}. */
export type FilesOf = (name: string) => readonly string[];

export function readFixtures(filesOf: FilesOf): JudgedEdit[] {
	return readFileSync(FILE, 'utf8')
		.trim()
		.split('\n')
		.map((line) => {
			const [name, kind, file, what, offset, length, text, shown, runs, builder] = JSON.parse(line) as Line;
			const files = filesOf(name);
			return {
				edit: { package: name, kind, file, what, offset, length, text },
				verdict: { interface: fromRanges(shown, files), behaviour: fromRanges(runs, files) },
				...(builder === undefined ? {} : { builder }),
			};
		});
}

/** The packages that the fixtures are of. */
export function fixturePackages(): Set<string> {
	const lines = readFileSync(FILE, 'utf8').trim().split('\n');
	return new Set(lines.map((line) => (JSON.parse(line) as Line)[0]));
}

/** Edits without an effect outside their file that are kept: enough to see that they name nobody in vain. */
const MOST_WITHOUT_EFFECT = 250;

/** Keeps edits with their verdicts: all that make a difference in another file, and some that make none. */
export function writeFixtures(judged: readonly JudgedEdit[], filesOf: FilesOf): void {
	let without = 0;
	const kept = judged.filter(({ verdict }) => hasEffect(verdict) || without++ < MOST_WITHOUT_EFFECT);
	const lines = kept.map(({ edit, verdict, builder }) => {
		const files = filesOf(edit.package);
		const line: Line = [
			edit.package,
			edit.kind,
			edit.file,
			edit.what,
			edit.offset,
			edit.length,
			edit.text,
			toRanges(verdict.interface, files),
			toRanges(verdict.behaviour, files),
		];
		if (builder !== undefined) {
			line.push(builder);
		}
		return `${JSON.stringify(line)}\n`;
	});
	writeFileSync(FILE, lines.join(''));
}

/** Whether an edit made a difference in another file. */
export function hasEffect(verdict: Verdict): boolean {
	return verdict.interface.length + verdict.behaviour.length > 0;
}

/** Places of files in a list: `3,7-9`. */
function toRanges(files: readonly string[], all: readonly string[]): string {
	const places = files.map((file) => all.indexOf(file)).sort((a, b) => a - b);
	const ranges: [number, number][] = [];
	for (const place of places) {
		const last = ranges.at(-1);
		if (last?.[1] === place - 1) {
			last[1] = place;
		} else {
			ranges.push([place, place]);
		}
	}
	return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

function fromRanges(text: string, all: readonly string[]): string[] {
	return text === ''
		? []
		: text.split(',').flatMap((range) => {
				const [from = 0, to = from] = range.split('-').map(Number);
				return all.slice(from, to + 1);
			});
}
