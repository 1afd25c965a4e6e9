/** Answers of {@link Impact} as views ask for them: a page, or single files, of one walk of the graph. */
import {
	type ImpactOnResult,
	type ImpactParams,
	type ImpactResult,
	MAX_PATHS_PER_REQUEST,
	MAX_WIDENED,
} from '#shared/protocol.ts';
import { type Burst, summarizeBurst } from '../index/bursts.ts';
import type { Affects, Impact } from './impact.ts';

/** Answers that are kept: the last burst's, and those of the files that were looked at last. */
const MOST_KEPT = 3;

interface Answer {
	version: string;
	burst: Burst | undefined;
	changed: number;
	groups: ImpactResult['groups'];
	/** In the order of pages. */
	files: Affects['files'];
	widened: ImpactResult['widened'];
	byPath: Map<string, Affects['files'][number]> | undefined;
}

export class ImpactPages {
	readonly #impact: Impact;
	/** By path, empty for the last burst; oldest first. */
	readonly #answers = new Map<string, Answer>();

	constructor(impact: Impact) {
		this.#impact = impact;
	}

	/** @throws FiletideError `NOT_COVERED` */
	page({ path = '', offset, limit }: ImpactParams): ImpactResult {
		const { version, burst, changed, groups, files, widened } = this.#answer(path);
		const shown = burst && summarizeBurst(burst, () => true);
		const end = offset + Math.min(limit, MAX_PATHS_PER_REQUEST);
		return {
			version,
			...(shown === undefined ? {} : { burst: shown }),
			changed,
			groups,
			files: files.slice(offset, end).map((file) => this.#impact.located(file)),
			widened: widened.slice(0, MAX_WIDENED),
			widenedCount: widened.length,
		};
	}

	/** What the last burst makes of each of these files. */
	on(paths: readonly string[]): ImpactOnResult {
		const answer = this.#answer('');
		const byPath = (answer.byPath ??= new Map(answer.files.map((file) => [file.file, file])));
		return {
			...(answer.burst === undefined ? {} : { burst: answer.burst.id }),
			affected: answer.files.length,
			files: paths.map((path) => {
				const file = byPath.get(path);
				return file === undefined ? null : this.#impact.located(file);
			}),
		};
	}

	#answer(path: string): Answer {
		const { version } = this.#impact;
		const kept = this.#answers.get(path);
		this.#answers.delete(path);
		const answer = kept?.version === version ? kept : this.#ask(path, version);
		this.#answers.set(path, answer);
		for (const [key, { version: of }] of this.#answers) {
			// One of before is never asked for again.
			if (of !== version || this.#answers.size > MOST_KEPT) {
				this.#answers.delete(key);
			}
		}
		return answer;
	}

	#ask(path: string, version: string): Answer {
		if (path !== '') {
			return { version, burst: undefined, ...arranged(this.#impact.ofFile(path)) };
		}
		const last = this.#impact.ofLastBurst();
		return { version, burst: last?.burst, ...arranged(last?.affects ?? { changed: [], files: [], widened: [] }) };
	}
}

function arranged({ changed, files, widened }: Affects): Omit<Answer, 'version' | 'burst'> {
	const groups = new Map<number, ImpactResult['groups'][number]>();
	const ordered = files.toSorted(
		(a, b) =>
			a.distance - b.distance ||
			Number(a.certainty === 'possible') - Number(b.certainty === 'possible') ||
			(a.file < b.file ? -1 : 1),
	);
	for (const { distance, certainty } of ordered) {
		const group = groups.get(distance) ?? { distance, files: 0, possible: 0 };
		group.files += 1;
		group.possible += certainty === 'possible' ? 1 : 0;
		groups.set(distance, group);
	}
	return { changed: changed.length, groups: [...groups.values()], files: ordered, widened, byPath: undefined };
}
