/**
 * A module that is installed, as one entry: each name that it exports is a part, with fingerprints of everything in its package that
 * the name is made of. So another version concerns those who use what is different in it, and nobody else.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ResolverFactory } from 'oxc-resolver';
import { EVERYTHING, type FileFacts, INIT, Meaning, type Part, type Target } from '../../graph/facts.ts';
import type { ModuleResolver } from '../../graph/language.ts';
import { type FileEntry, PACKAGE, packageFolder } from '../../graph/store.ts';
import { isSource, Surface } from './surface.ts';
import { partOf as valuePart } from './json.ts';

/** How packages are resolved at run time. */
const RUNTIME = new ResolverFactory({
	conditionNames: ['node', 'import', 'require', 'default'],
	extensions: ['.js', '.mjs', '.cjs', '.json'],
	mainFields: ['main', 'module'],
});

/** What of a package is read at most, in bytes; a larger one is known by its version only. */
const MOST_DECLARED = 6 * 1024 * 1024;
const MOST_RUN = 2 * 1024 * 1024;

type Extract = (path: string, text: string) => FileFacts;

/**
 * @param path of what a specifier leads to in `node_modules`
 * @throws when it cannot be read
 */
export function readInstalled(path: string, extract: Extract, resolver: ModuleResolver): FileEntry {
	const folder = packageFolder(path);
	const version = versionOf(folder, path);
	if (!isSource(path)) {
		return wholeOf(version);
	}
	const declared = Surface.of(path, folder, MOST_DECLARED, extract, (from, request) => {
		const module = resolver.resolve(from, request);
		return module.startsWith(PACKAGE) ? module.slice(PACKAGE.length) : module;
	});
	RUNTIME.clearCache();
	const entry = runtimeEntry(path, folder);
	const run =
		entry === undefined
			? undefined
			: Surface.of(entry, folder, MOST_RUN, extract, (from, { specifier }) => runtimePath(from, specifier));
	return declared === undefined ? wholeOf(version) : new Condenser(declared, run, version).entry(path, resolver);
}

class Condenser {
	readonly #declared: Surface;
	readonly #run: Surface | undefined;
	readonly #version: string;
	readonly #facts: FileFacts = emptyFacts();

	constructor(declared: Surface, run: Surface | undefined, version: string) {
		this.#declared = declared;
		this.#run = run;
		this.#version = version;
	}

	entry(path: string, resolver: ModuleResolver): FileEntry {
		const { parts, exports, globals, augmentations, stars, requests } = this.#facts;
		const evaluation = this.#run?.evaluation();
		parts.push(partOf(INIT, '', evaluation === undefined ? this.#version : fingerprint(evaluation)));
		for (const name of this.#declared.names()) {
			exports.push({ name, target: { to: 'part', part: this.#add(name) }, typeOnly: false });
		}
		for (const { name, lines } of this.#declared.globals()) {
			globals.push({ name, part: parts.push(partOf(`global ${name}`, fingerprint(lines), this.#version)) - 1 });
		}
		for (const { specifier, name, lines } of this.#declared.augmentations()) {
			const part = parts.push(partOf(`${specifier} ${name}`, fingerprint(lines), '')) - 1;
			augmentations.push({ request: this.#request(specifier), name, part });
		}
		for (const specifier of this.#declared.foreignStars()) {
			stars.push(this.#request(specifier));
		}
		const resolved = requests.map((request) => resolver.resolve(path, request));
		return { facts: this.#facts, resolved, awaits: [] };
	}

	#add(name: string): number {
		const { lines, foreign } = this.#declared.made(name);
		const runs = this.#run?.runs(name);
		const part = partOf(name, fingerprint(lines), runs === undefined ? this.#version : fingerprint(runs));
		for (const { specifier, name: used } of foreign.values()) {
			const target: Target =
				specifier === undefined
					? { to: 'global', name: used }
					: { to: 'module', request: this.#request(specifier), name: used };
			part.uses.push({ target, meaning: Meaning.both, inInterface: true });
		}
		return this.#facts.parts.push(part) - 1;
	}

	#request(specifier: string): number {
		const { requests } = this.#facts;
		const known = requests.findIndex((one) => one.specifier === specifier);
		return known === -1
			? requests.push({ specifier, kind: 'module', evaluates: false, isRequire: false }) - 1
			: known;
	}
}

/** What is too large to be read is one thing, and another one with each version. */
function wholeOf(version: string): FileEntry {
	const facts = emptyFacts();
	facts.parts.push(partOf(INIT, '', version), partOf(EVERYTHING, version, version));
	facts.exports.push({ name: EVERYTHING, target: { to: 'part', part: 1 }, typeOnly: false });
	return { facts, resolved: [], awaits: [] };
}

/** The file that runs where declarations are found: beside them, or what the package of that name is. */
function runtimeEntry(path: string, folder: string): string | undefined {
	const declared = /^(.*)\.d\.([cm]?)ts$/.exec(path);
	if (declared === null) {
		return path;
	}
	const beside = `${declared[1]!}.${declared[2]!}js`;
	if (existsSync(beside)) {
		return beside;
	}
	const name = /node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(folder)?.[1];
	const run = name?.replace(/^@types\//, '').replace('__', '/');
	return run === undefined ? undefined : RUNTIME.resolveFileSync(path, run).path;
}

function runtimePath(from: string, specifier: string): string {
	return RUNTIME.resolveFileSync(from, specifier).path ?? `unresolved:${specifier}`;
}

/** Whatever the manifest says: a version, and the mark that a patch leaves. Where there is none, the file itself. */
function versionOf(folder: string, path: string): string {
	const manifest = join(folder, 'package.json');
	return fingerprint([readFileSync(existsSync(manifest) ? manifest : path, 'utf8')]);
}

/** What it reaches within its package is in its fingerprints. */
function partOf(name: string, shown: string, behaviour: string): Part {
	return { ...valuePart(name, ''), interface: shown, behaviour, mentionsAll: true };
}

function emptyFacts(): FileFacts {
	return {
		parts: [],
		requests: [],
		exports: [],
		stars: [],
		globals: [],
		augmentations: [],
		widenings: [],
		concerns: [],
		broken: false,
	};
}

function fingerprint(lines: Iterable<string>): string {
	return hash('sha1', [...lines].sort().join('\n'), 'hex').slice(0, 16);
}
