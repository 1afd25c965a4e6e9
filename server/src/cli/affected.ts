import { resolve } from 'node:path';
import type { AffectedParams, AffectedResult } from '#shared/protocol.ts';
import { Impact } from '../engine/impact.ts';
import { recordedRoots } from '../platform/locations.ts';
import { locateIndex, pathPrinter, tryAttach } from './attach.ts';
import { ExitCodes, ExitError } from './exit.ts';

export interface AffectedOptions {
	since?: string;
	folder: string;
	index?: string;
	json?: boolean;
	expand?: boolean;
}

/** `filetide affected`: what changes affect, each with its reason. */
export async function affected(paths: readonly string[], options: AffectedOptions): Promise<void> {
	const indexPath = locateIndex(paths[0] ?? options.folder, options.index);
	const params = {
		paths: paths.map((path) => resolve(path)),
		...(options.since === undefined ? {} : { since: options.since }),
		...(options.expand === true ? { expand: true } : {}),
	};
	const result = shown(await ask(indexPath, params), pathPrinter(indexPath));
	process.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : `${text(result)}\n`);
}

/** The running server, or the index itself while nothing has changed since the graph was kept. */
async function ask(indexPath: string, params: AffectedParams): Promise<AffectedResult> {
	const remote = await tryAttach(indexPath);
	if (remote !== undefined) {
		try {
			return await remote.affected(params);
		} finally {
			remote.close();
		}
	}
	const impact = openImpact(indexPath);
	try {
		if (impact?.isFresh !== true) {
			throw new ExitError(
				ExitCodes.noServer,
				'The dependency graph is not up to date, and no server is running that could bring it up to date. Start one with "filetide serve".',
			);
		}
		return await impact.affected({ ...params, roots: recordedRoots(indexPath) });
	} finally {
		await impact?.close();
	}
}

function openImpact(indexPath: string): Impact | undefined {
	try {
		return new Impact(indexPath);
	} catch {
		// There was never a graph.
		return undefined;
	}
}

function shown(result: AffectedResult, print: (path: string) => string): AffectedResult {
	return {
		...result,
		changed: result.changed.map(print),
		affected: result.affected.map((one) => ({
			...one,
			file: print(one.file),
			reason: one.reason.map(({ file, name }) => ({ file: print(file.replace(/^package:/, '')), name })),
		})),
		widened: result.widened.map(({ paths, file, ...one }) => ({
			...one,
			...(file === undefined ? {} : { file: print(file) }),
			of: one.of === '/' ? one.of : print(one.of),
			by: print(one.by),
			...(paths === undefined ? {} : { paths: paths.map(print) }),
		})),
	};
}

/** A tree of reasons: what was changed, and beneath it what that affects. */
function text({ changed, affected: files, widened }: AffectedResult): string {
	const lines = [
		`${count(changed.length, 'file')} changed, ${count(files.length, 'file')} affected.`,
		...files.map(({ file, kinds, certainty, reason }) => {
			const steps = reason.map(({ file: of, name }) => (name === '' ? of : `\`${name}\` in ${of}`));
			return `${file}  ${kinds.join(', ')}${certainty === 'possible' ? ' (possibly)' : ''}\n    ${steps.join(' → ')}`;
		}),
		...widened.map(({ scope, of, by, reason, files, paths }) =>
			[
				`Possibly also ${count(files, 'file')} (${of === '/' ? 'of all' : `${scope} ${of}`}): ${reason}, in ${by}`,
				...(paths ?? []).map((path) => `    ${path}`),
			].join('\n'),
		),
	];
	return lines.join('\n');
}

function count(number: number, what: string): string {
	return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}
