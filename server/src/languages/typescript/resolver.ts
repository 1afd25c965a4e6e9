/** Finds the files that specifiers lead to. The library answers as the TypeScript compiler does (10,000 requests, no difference). */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { type ResolveResult, ResolverFactory } from 'oxc-resolver';
import type { Request } from '../../graph/facts.ts';
import { MANIFEST, stemOf } from '../../graph/lookups.ts';
import { packageOf } from '../../graph/packages.ts';
import { GLOB, PACKAGE } from '../../graph/store.ts';
import { foldersAbove, isInside } from '../../platform/paths.ts';
import { NEAREST } from './configuration.ts';
import { PathMappings } from './path-mappings.ts';
import { CONDITIONS } from './manifest.ts';
import { ManifestTargets } from './manifest-targets.ts';

/** The folder of what is installed. */
const INSTALLED = 'node_modules';

const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.d.mts', '.d.cts', '.js', '.jsx', '.mjs', '.cjs', '.json'];

/** In place of a configuration, where there is none: nothing is missed. */
const UNCONFIGURED = 'default:options';

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
	readonly #mappings = new PathMappings();
	readonly #manifests = new ManifestTargets();
	/** What the file that asked last has found: each request is followed twice. */
	#last: { from: string; found: Map<string, ResolveResult | undefined> } = { from: '', found: new Map() };
	/** Folder → the folder of its package. */
	readonly #packages = new Map<string, string>();
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
	 * @returns the path of a file, `package:<path>` for what is installed, or `unresolved:<specifier>`
	 */
	resolve(from: string, { specifier, kind }: Request): string {
		if (kind === 'glob') {
			return GLOB + (specifier.startsWith('/') ? specifier : join(dirname(from), specifier));
		}
		if (kind === 'options') {
			return this.#configurationOf(dirname(from)) ?? UNCONFIGURED;
		}
		if (kind === 'path') {
			return pathOf(from, specifier);
		}
		if (kind === 'file') {
			return resolve(dirname(from), specifier.replace(/[?#].*$/, ''));
		}
		if (kind === 'types') {
			const types = this.#lookUp(from, `@types/${specifier}`)?.path ?? this.#lookUp(from, specifier)?.path;
			return types === undefined ? `unresolved:${specifier}` : PACKAGE + types;
		}
		const plain = specifier.replace(/\?.*$/, '');
		const path = this.#lookUp(from, plain)?.path;
		if (path === undefined) {
			return specifier.startsWith('.') ? resolve(dirname(from), plain) : `unresolved:${specifier}`;
		}
		return isInstalled(path) ? PACKAGE + path : path;
	}

	/** See `FileEntry.awaits`. */
	awaited(from: string, requests: readonly Request[]): string[] {
		const names = new Set<string>();
		for (const { specifier, kind } of requests) {
			if (kind === 'module') {
				const plain = specifier.replace(/\?.*$/, '');
				const found = this.#lookUp(from, plain);
				const configuration = this.#configurationOf(dirname(from));
				for (const path of configuration === undefined ? [] : this.#mappings.of(configuration, plain)) {
					names.add(stemOf(basename(path)));
				}
				const manifests = manifestsOf(from, plain, found);
				for (const path of this.#targetsOf(from, plain, manifests)) {
					names.add(stemOf(basename(path)));
				}
				const name = packageIn(plain);
				if (name !== undefined && name !== plain) {
					// Also for what is in it: the package may be another one.
					names.add(stemOf(basename(name)));
				}
				for (const manifest of manifests) {
					names.add(manifest);
				}
			}
		}
		return [...names];
	}

	/** Files have come or gone: what was found, or missed, may be so no longer. */
	forget(): void {
		this.#typed.clearCache();
		this.#plain.clearCache();
		this.#configurations.clear();
		this.#packages.clear();
		this.#last = { from: '', found: new Map() };
		this.#mappings.forget();
		this.#manifests.forget();
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

	/** What manifests of the program map a specifier to: the package's own, that of a neighbour, that of a folder. */
	#targetsOf(from: string, specifier: string, others: readonly string[]): string[] {
		if (specifier.startsWith('.') && others.length === 0) {
			return [];
		}
		const own = join(this.#packageOf(from), MANIFEST);
		if (specifier.startsWith('#')) {
			return this.#manifests.of(own, specifier);
		}
		const name = packageIn(specifier);
		const subpath = name === undefined ? '.' : `.${specifier.slice(name.length)}`;
		const isOwn = name !== undefined && this.#manifests.nameOf(own) === name;
		const manifests = new Set([...(isOwn ? [own] : []), ...others]);
		return Array.from(manifests).flatMap((manifest) => this.#manifests.of(manifest, subpath));
	}

	#packageOf(from: string): string {
		const folder = dirname(from);
		let found = this.#packages.get(folder);
		if (found === undefined) {
			found = packageOf(from);
			this.#packages.set(folder, found);
		}
		return found;
	}

	#lookUp(from: string, specifier: string): ResolveResult | undefined {
		if (this.#last.from !== from) {
			this.#last = { from, found: new Map() };
		}
		const { found } = this.#last;
		if (!found.has(specifier)) {
			found.set(specifier, this.#find(from, specifier));
		}
		return found.get(specifier);
	}

	#find(from: string, specifier: string): ResolveResult | undefined {
		for (const resolver of [this.#typed, this.#plain]) {
			const found = resolver.resolveFileSync(from, specifier);
			if (found.path !== undefined) {
				return found;
			}
		}
		return undefined;
	}
}

/** The name of the package that a specifier begins with; undefined for a path, and for what a protocol stands before. */
function packageIn(specifier: string): string | undefined {
	return /^(?:@[^/]+\/)?[^./#:][^/:]*(?=\/|$)/.exec(specifier)?.[0];
}

function isInstalled(path: string): boolean {
	return path.includes(`${sep}${INSTALLED}${sep}`);
}

/**
 * Manifests that say, or could say, where a specifier leads: that of the folder or package that it names. What lies above the file
 * that asks concerns it in any case.
 */
function manifestsOf(from: string, specifier: string, found: ResolveResult | undefined): string[] {
	const isSeen = (manifest: string) => !isInside(dirname(manifest), from) && !isInstalled(manifest);
	if (found?.packageJsonPath !== undefined) {
		return isSeen(found.packageJsonPath) ? [found.packageJsonPath] : [];
	}
	if (specifier.startsWith('.')) {
		return [join(dirname(from), specifier, MANIFEST)].filter(isSeen);
	}
	const name = packageIn(specifier);
	const installed = Array.from(foldersAbove(from), (folder) => join(folder, INSTALLED, name ?? '')).find(
		(folder) => name !== undefined && existsSync(folder),
	);
	return installed === undefined ? [] : [join(realpathSync(installed), MANIFEST)].filter(isSeen);
}

/** What looks like a path: as the file sees it where it begins with a dot, or else as a process sees it that runs in the package. */
function pathOf(from: string, specifier: string): string {
	const path = resolve(specifier.startsWith('.') ? dirname(from) : packageOf(from), specifier);
	return path.endsWith('*')
		? GLOB + path
		: ([path, ...EXTENSIONS.map((extension) => path + extension)].find((one) => existsSync(one)) ?? path);
}
