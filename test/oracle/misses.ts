/** Whether the graph's answer holds all that the compiler found. */
import type { AffectedFile } from '../../server/src/graph/affected.ts';
import type { Verdict } from './judge.ts';

/**
 * What the answer lacks, as `file: what differs`: a file whose diagnostics or declarations differ must be there as
 * `interface`, one whose JavaScript differs must be there.
 */
export function missesOf(affected: readonly AffectedFile[], verdict: Verdict): string[] {
	const kinds = new Map(affected.map((one) => [one.file, one.kinds]));
	const shown = verdict.interface.filter((file) => kinds.get(file)?.includes('interface') !== true);
	const runs = verdict.behaviour.filter((file) => !kinds.has(file));
	return [
		...shown.map((file) => `${file}: diagnostics or declarations`),
		...runs.map((file) => `${file}: JavaScript`),
	];
}
