/** What `paths` of configurations map specifiers to, whether there is such a file or not. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isObject, type Json, readJson } from './json.ts';
import { filled, starOf } from './star-patterns.ts';

interface Mapping {
	/** With one `*` at most. */
	pattern: string;
	/** Absolute, with a `*` for what that of the pattern stands for. */
	targets: string[];
}

/** Configurations that inherit from each other without end are followed so far. */
const MOST_BASES = 20;

export class PathMappings {
	/** By the configuration's path. */
	readonly #known = new Map<string, readonly Mapping[]>();

	/** The paths, without an extension or with one, that a specifier is mapped to for files of a configuration. */
	of(configuration: string, specifier: string): string[] {
		let mappings = this.#known.get(configuration);
		if (mappings === undefined) {
			mappings = read(configuration, MOST_BASES);
			this.#known.set(configuration, mappings);
		}
		return mappings.flatMap(({ pattern, targets }) => {
			const star = starOf(pattern, specifier);
			return star === undefined ? [] : targets.map((target) => filled(target, star));
		});
	}

	/** Configurations may have changed. */
	forget(): void {
		this.#known.clear();
	}
}

/** All that may count: its own, those of what it extends, and those of the projects beside it that it refers to. */
function read(path: string, depth: number): Mapping[] {
	const value = depth === 0 ? undefined : readConfiguration(path);
	if (!isObject(value)) {
		return [];
	}
	const folder = dirname(path);
	const options = value['compilerOptions'];
	const { paths, baseUrl } = isObject(options) ? options : {};
	const base = typeof baseUrl === 'string' ? resolve(folder, baseUrl) : folder;
	const own = Object.entries(isObject(paths) ? paths : {}).map(([pattern, targets]) => ({
		pattern,
		targets: (Array.isArray(targets) ? targets : []).flatMap((one) =>
			typeof one === 'string' ? [resolve(base, one)] : [],
		),
	}));
	const { extends: bases, references } = value;
	const others = [
		...(Array.isArray(bases) ? bases : [bases]),
		...(Array.isArray(references) ? references : []).map((one) => (isObject(one) ? one['path'] : undefined)),
	];
	return [
		...own,
		...others.flatMap((one) =>
			// Those of packages know no paths of this program.
			typeof one === 'string' && one.startsWith('.') ? read(join(folder, one), depth - 1) : [],
		),
	];
}

/** By its path, or by that without `.json`, or by its folder. */
function readConfiguration(path: string): Json | undefined {
	for (const one of [path, `${path}.json`, join(path, 'tsconfig.json')]) {
		try {
			return readJson(readFileSync(one, 'utf8'));
		} catch {
			// It is named in another way, or it is not there: then it maps nothing.
		}
	}
	return undefined;
}
