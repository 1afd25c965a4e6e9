/**
 * A watch's own patterns, compiled once: does it admit an entry, and may a folder be descended into? `.gitignore` files
 * are not here, see scope.ts.
 */
import picomatch from 'picomatch';
import { ErrorCodes, FiletideError } from '#shared/errors.ts';
import type { Coverage } from './watch.ts';

type Matches = (path: string) => boolean;

/** DESIGN.md §8: relative to the root, `/`-separated, dot files included, `*` does not cross `/`. */
const OPTIONS: picomatch.PicomatchOptions = { dot: true, strictBrackets: true };

/**
 * Compiles globs; the empty list matches nothing.
 *
 * @throws FiletideError `PATTERN_INVALID`, naming the pattern.
 */
function compileGlobs(globs: readonly string[]): Matches {
	const matchers = globs.map((glob) => {
		try {
			return picomatch(glob, OPTIONS);
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			throw new FiletideError(ErrorCodes.patternInvalid, `The pattern "${glob}" cannot be read: ${why}.`, {
				cause: error,
			});
		}
	});
	return (path) => matchers.some((matches) => matches(path));
}

/** The verdict of a watch's patterns on one entry. */
export class WatchPatterns {
	readonly watch: Coverage;
	readonly #included: Matches | undefined;
	readonly #ignored: Matches;

	constructor(watch: Coverage) {
		this.watch = watch;
		this.#included = watch.include.length === 0 ? undefined : compileGlobs(watch.include);
		this.#ignored = compileGlobs([
			...watch.ignore,
			...watch.excludes.flatMap((glob) => relativeGlob(glob, watch.root)),
		]);
	}

	/** Whether the entry, and everything in it, is left out. `path` is relative to the root, `/`-separated. */
	excludes(path: string, name: string): boolean {
		const { filters } = this.watch;
		return (
			(filters.hidden && name.startsWith('.')) ||
			(filters.gitInternals && name === '.git') ||
			(filters.temporary && (name.endsWith('~') || name.endsWith('.tmp'))) ||
			(filters.metadataSidecars && name.endsWith('.metadata.json')) ||
			this.#ignored(path)
		);
	}

	/** Whether an entry that is not excluded is covered. */
	includes(path: string): boolean {
		return this.#included === undefined || this.#included(path);
	}
}

/** `files.watcherExclude` also allows absolute globs: those inside the root become relative, others concern nobody. */
function relativeGlob(glob: string, root: string): string[] {
	const base = root.replaceAll('\\', '/');
	if (!glob.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(glob)) {
		return [glob];
	}
	return glob.startsWith(`${base}/`) ? [glob.slice(base.length + 1)] : [];
}
