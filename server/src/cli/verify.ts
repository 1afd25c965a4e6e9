import { resolve } from 'node:path';
import type { IndexDifference } from '#shared/model.ts';
import type { RepairResult, VerifyResult } from '#shared/protocol.ts';
import { statOnDisk } from '../engine/verifying.ts';
import type { Part } from '../index/verify/part.ts';
import { IndexWriter } from '../index/writer.ts';
import { attachOrRead, locateIndex, pathPrinter, tryAttach } from './attach.ts';
import { ExitCodes, ExitError } from './exit.ts';

export interface VerifyOptions {
	watch?: string;
	path?: string;
	index?: string;
	json?: boolean;
}

/** Differences that people are shown; more are for `--json`. */
const MOST_SHOWN = 50;

/** `filetide verify`: whether the index agrees with itself. Reads the index itself where no server runs. */
export async function verify(folder: string, options: VerifyOptions): Promise<void> {
	const indexPath = locateIndex(folder, options.index);
	const answers = await attachOrRead(indexPath);
	try {
		const result = relative(indexPath, await answers.verify(partOf(folder, options)));
		print(result, options.json, verdict(result));
		process.exitCode = result.clean ? ExitCodes.done : ExitCodes.negative;
	} finally {
		await answers.close();
	}
}

/** `filetide repair`: brings what disagrees into line. Asks the server that writes the index, else writes itself. */
export async function repair(folder: string, options: VerifyOptions): Promise<void> {
	const indexPath = locateIndex(folder, options.index);
	const part = partOf(folder, options);
	const remote = await tryAttach(indexPath);
	let result: RepairResult;
	try {
		result = remote === undefined ? await repairHere(indexPath, part) : await remote.repair(part, undefined);
	} finally {
		remote?.close();
	}
	result = relative(indexPath, result);
	print(result, options.json, `${result.repaired} repaired, ${rows(result.checked)} checked.`);
	process.exitCode = result.clean ? ExitCodes.done : ExitCodes.negative;
}

async function repairHere(indexPath: string, part: Part): Promise<RepairResult> {
	const claim = IndexWriter.claim(indexPath, '');
	if ('heldBy' in claim) {
		throw new ExitError(
			ExitCodes.noServer,
			`Process ${claim.heldBy.pid} writes the index ${indexPath} and does not answer. End it, and try again.`,
		);
	}
	const { writer } = claim;
	try {
		const { checked, differences, found } = writer.repair({ part, statOf: statOnDisk });
		return { clean: true, checked, differences, found, repaired: found };
	} finally {
		await writer.close();
	}
}

function partOf(folder: string, { watch, path }: VerifyOptions): Part {
	return {
		...(watch === undefined ? {} : { watch }),
		...(path === undefined ? {} : { path: resolve(folder, path) }),
	};
}

/** Paths are printed as everywhere (DESIGN.md §8). */
function relative<T extends VerifyResult>(indexPath: string, result: T): T {
	const printPath = pathPrinter(indexPath);
	const isPath = ({ table, key }: IndexDifference) =>
		(table === 'nodes' || table === 'path_stats') && typeof key === 'string' && key.startsWith('/') && key !== '/';
	return {
		...result,
		differences: result.differences.map((difference) =>
			isPath(difference) ? { ...difference, key: printPath(String(difference.key)) } : difference,
		),
	};
}

function print(result: VerifyResult, json: boolean | undefined, sentence: string): void {
	if (json === true) {
		process.stdout.write(`${JSON.stringify(result)}\n`);
		return;
	}
	const shown = result.differences.slice(0, MOST_SHOWN).map(({ table, key, was, is }) => {
		return `${table}  ${key}\n  was ${JSON.stringify(was)}\n  is  ${JSON.stringify(is)}\n`;
	});
	const more =
		result.found > shown.length ? `… and ${(result.found - shown.length).toLocaleString('en')} more\n` : '';
	process.stdout.write(`${shown.join('')}${more}${sentence}\n`);
}

function verdict({ clean, found, checked }: VerifyResult): string {
	return clean
		? `The index agrees with itself: ${rows(checked)} checked.`
		: `${found.toLocaleString('en')} ${found === 1 ? 'difference' : 'differences'} found, ${rows(checked)} checked. "filetide repair" brings them into line.`;
}

function rows(count: number): string {
	return `${count.toLocaleString('en')} ${count === 1 ? 'record' : 'records'}`;
}
