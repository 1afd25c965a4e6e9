/** The keys under which a file is found when what it looks up changes, as the store has them. */
import { basename, dirname, join, resolve } from 'node:path';
import { lookupKey } from '../index/graph-keys.ts';
import { type FileEntry, keysOf } from './store.ts';

/** Says what a package, or a folder, consists of. */
export const MANIFEST = 'package.json';

/** Files that say how requests are resolved beneath their folder. */
export const CONFIGURATIONS = /^(?:tsconfig.*|jsconfig.*|package)\.json$/;

/** What package managers write when they have installed something. */
export const LOCKS: ReadonlySet<string> = new Set([
	'package-lock.json',
	'npm-shrinkwrap.json',
	'yarn.lock',
	'pnpm-lock.yaml',
	'bun.lock',
	'bun.lockb',
	'.package-lock.json',
	'.modules.yaml',
	'.yarn-state.yml',
	'.yarn-integrity',
]);

export const WIDENED = lookupKey('w');
export const GLOBS = lookupKey('b');

/** Of files with a request by a name that leads nowhere: a package may be installed that it leads to. */
export const UNRESOLVED = lookupKey('u');

/** Everything that a file is found by, each once. */
export function lookupsOf(entry: FileEntry): string[] {
	const lookups = new Set<string>();
	for (const key of keysOf(entry)) {
		lookups.add(storedKey(key));
	}
	for (const stem of requestedStems(entry)) {
		lookups.add(stemKey(stem));
	}
	if (entry.facts.widenings.length > 0) {
		lookups.add(WIDENED);
	}
	if (entry.resolved.some((module) => module.startsWith('unresolved:'))) {
		lookups.add(UNRESOLVED);
	}
	return [...lookups];
}

/** A key of {@link keysOf}: one module's are neighbours. */
export function storedKey(key: string): string {
	const kind = key.slice(0, 1);
	const rest = key.slice(2);
	const end = rest.lastIndexOf('\n');
	return kind === 'm' ? lookupKey(kind, rest.slice(0, end), rest.slice(end + 1)) : lookupKey(kind, rest);
}

/** Whatever is used of a module. */
export function moduleKey(module: string): string {
	return lookupKey('m', module);
}

/** What a key of an export begins with: {@link moduleKey}. */
export const MODULE_KEY_LENGTH = moduleKey('').length;

/** One whose request ends with a stem. */
export function stemKey(stem: string): string {
	return lookupKey('t', stem);
}

/** What specifiers end with that may mean a file: its name, or its folder's. A manifest is also asked for by its path. */
export function stemsOf(path: string): string[] {
	const name = basename(path);
	const stem = stemOf(name);
	const isManifest = name === MANIFEST;
	return [
		stem,
		...(stem === 'index' || isManifest ? [stemOf(basename(dirname(path)))] : []),
		...(isManifest ? [path] : []),
	];
}

/** What the specifiers of a file end with, and what else may decide where they lead. */
export function requestedStems({ facts: { requests }, awaits }: FileEntry): string[] {
	const asked = requests.filter(({ kind }) => kind !== 'glob').flatMap(({ specifier }) => stemsIn(specifier));
	return [...asked, ...awaits];
}

/** What a specifier ends with: any of {@link stemsOf} whatever it may lead to. */
export function stemsIn(specifier: string): string[] {
	const end = basename(specifier);
	// A folder that is named by dots alone is known by what it holds.
	return end === '.' || end === '..' ? ['index', stemOf(MANIFEST)] : [stemOf(end)];
}

/**
 * Where the requests of a file look, more exactly than {@link requestedStems}: those that begin with a dot in a folder, others by what
 * they end with. Each is one of {@link placesOf} of whatever it may lead to.
 */
export function soughtPlaces(path: string, { facts: { requests }, awaits }: FileEntry): string[] {
	const sought = requests
		.filter(({ kind }) => kind !== 'glob')
		.map(({ specifier }) =>
			RELATIVE.test(specifier) ? stemPath(resolve(dirname(path), specifier)) : stemOf(basename(specifier)),
		);
	return [...new Set([...sought, ...awaits])].map((place) => lookupKey('r', place));
}

/** Where a file of this path may be sought; see {@link soughtPlaces}. */
export function placesOf(path: string): string[] {
	const folder = dirname(path);
	const asFolder = stemOf(basename(path)) === 'index' || basename(path) === MANIFEST ? [stemPath(folder)] : [];
	return [...stemsOf(path), stemPath(path), ...asFolder].map((place) => lookupKey('r', place));
}

const RELATIVE = /^\.{1,2}(?:[/\\]|$)/;

function stemPath(path: string): string {
	return join(dirname(path), stemOf(basename(path)));
}

/** A name without what comes behind its first dot: `a`, `a.js`, `a.d.ts` and `a.native.ts` may all be meant by one specifier. */
export function stemOf(name: string): string {
	const dot = name.indexOf('.', 1);
	return dot === -1 ? name : name.slice(0, dot);
}
