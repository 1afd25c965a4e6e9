/** How precise the answers are, per kind of edit: how many files are named for one that differs. */
import type { Answer } from './answer.ts';
import type { Verdict } from './judge.ts';

interface Row {
	edits: number;
	differing: number;
	certain: number;
	possible: number;
	/** Named, and not differing, where the compiler can see it: as `interface`. */
	shown: number;
	importers: number;
	builder: number;
	misses: number;
}

const NAME_WIDTH = 36;

const COLUMNS: readonly (readonly [string, (row: Row) => string])[] = [
	['edits', ({ edits }) => `${edits}`],
	['missed', ({ misses }) => `${misses}`],
	['differ', (row) => mean(row, row.differing)],
	['interface', (row) => mean(row, row.shown)],
	['certain', (row) => mean(row, row.certain)],
	['possible', (row) => mean(row, row.possible)],
	['builder', (row) => mean(row, row.builder)],
	['importers', (row) => mean(row, row.importers)],
];

export class Precision {
	readonly #rows = new Map<string, Row>();

	/** @param builder how many files the compiler's builder works on; NaN when it was not asked */
	add(kind: string, verdict: Verdict, { affected, importers }: Answer, misses: number, builder: number): void {
		for (const name of [kind, 'all']) {
			const row = this.#rows.get(name) ?? {
				edits: 0,
				differing: 0,
				certain: 0,
				possible: 0,
				shown: 0,
				importers: 0,
				builder: 0,
				misses: 0,
			};
			row.edits++;
			row.differing += verdict.interface.length + verdict.behaviour.length;
			row.certain += affected.filter(({ certainty }) => certainty === 'certain').length;
			row.possible += affected.filter(({ certainty }) => certainty === 'possible').length;
			row.shown += affected.filter(({ kinds }) => kinds.includes('interface')).length;
			row.importers += importers.length;
			row.builder += builder;
			row.misses += misses;
			this.#rows.set(name, row);
		}
	}

	/** Files per edit, as text in columns. */
	toString(): string {
		const all = this.#rows.get('all');
		const names = [...this.#rows.keys()].filter((name) => name !== 'all').sort();
		const lines = [...names, ...(all === undefined ? [] : ['all'])].map((name) =>
			[name.padEnd(NAME_WIDTH), ...COLUMNS.map(([, show]) => show(this.#rows.get(name)!).padStart(10))].join(''),
		);
		const head = ['files per edit'.padEnd(NAME_WIDTH), ...COLUMNS.map(([title]) => title.padStart(10))].join('');
		return [head, ...lines].join('\n');
	}
}

function mean({ edits }: Row, sum: number): string {
	return Number.isNaN(sum) ? '-' : (sum / edits).toFixed(1);
}
