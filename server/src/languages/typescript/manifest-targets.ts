/** What the fields of manifests map specifiers to, whether there is such a file or not (Node.js, "Packages"). */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isObject, type Json, readJson } from './json.ts';
import { filled, starOf } from './star-patterns.ts';

interface Manifest {
	name: string | undefined;
	/** Of `imports` and `exports`: a pattern with one `*` at most, and what it stands for under any condition. */
	mappings: { pattern: string; targets: string[] }[];
	/** What the package as a whole may be. */
	mains: string[];
}

const MAIN_FIELDS = ['types', 'typings', 'module', 'main', 'browser', 'source'];

export class ManifestTargets {
	/** By path; undefined where there is none that can be read. */
	readonly #known = new Map<string, Manifest | undefined>();

	/** How the package calls itself. */
	nameOf(manifest: string): string | undefined {
		return this.#manifest(manifest)?.name;
	}

	/**
	 * Absolute paths, with an extension or without one, that something of a package may be.
	 *
	 * @param specifier `#name` from within, `.` or `./name` as from outside
	 */
	of(manifest: string, specifier: string): string[] {
		const { mappings = [], mains = [] } = this.#manifest(manifest) ?? {};
		const mapped = mappings.flatMap(({ pattern, targets }) => {
			const star = starOf(pattern, specifier);
			return star === undefined ? [] : targets.map((target) => filled(target, star));
		});
		return [...mapped, ...(specifier === '.' ? mains : [])].map((target) => resolve(dirname(manifest), target));
	}

	/** Manifests may have changed. */
	forget(): void {
		this.#known.clear();
	}

	#manifest(path: string): Manifest | undefined {
		if (!this.#known.has(path)) {
			this.#known.set(path, read(path));
		}
		return this.#known.get(path);
	}
}

function read(path: string): Manifest | undefined {
	let value: Json | undefined;
	try {
		value = readJson(readFileSync(path, 'utf8'));
	} catch {
		// It is not there: then it maps nothing. When it comes, whoever awaits it is resolved anew.
		return undefined;
	}
	if (!isObject(value)) {
		return undefined;
	}
	const { name, imports = null, exports = null } = value;
	return {
		name: typeof name === 'string' ? name : undefined,
		mappings: [...mappingsOf(imports), ...mappingsOf(exports)],
		mains: MAIN_FIELDS.flatMap((field) => (typeof value[field] === 'string' ? [value[field]] : [])),
	};
}

/** `exports` may also be what its `.` would be. */
function mappingsOf(field: Json): Manifest['mappings'] {
	const isByName = isObject(field) && Object.keys(field).every((key) => /^[.#]/.test(key));
	return Object.entries(isByName ? field : { '.': field }).map(([pattern, value]) => ({
		pattern,
		targets: stringsIn(value),
	}));
}

/** Conditions nest; of a list the first one that there is counts. */
function stringsIn(value: Json): string[] {
	if (typeof value === 'string') {
		return [value];
	}
	return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(stringsIn);
}
