/**
 * Configurations of the compiler as modules: each option is a part, what is inherited is exported on by name. So an option
 * that a configuration overrides is nobody's business, and one that counts for few files concerns those.
 */
import { basename } from 'node:path';
import { type FileFacts, Meaning, type Request, type Target } from '../../graph/facts.ts';
import { extractJson, isObject, type Json, partOf, readJson } from './json.ts';

const NAME = /^(?:ts|js)config(?:\.[^/]*)?\.json$/;

/** Whether a file configures the compiler. */
export function isConfiguration(path: string): boolean {
	return NAME.test(basename(path));
}

/** The names under which files find the configuration that is theirs. */
export const NEAREST: readonly string[] = ['tsconfig.json', 'jsconfig.json'];

/** Options that change what few files mean: those that ask for them by these names. */
const BY_FILE: Readonly<Record<string, string>> = {
	jsx: 'jsx',
	jsxFactory: 'jsx',
	jsxFragmentFactory: 'jsx',
	jsxImportSource: 'jsx',
	reactNamespace: 'jsx',
	esModuleInterop: 'interop',
	allowSyntheticDefaultImports: 'interop',
	experimentalDecorators: 'decorators',
	emitDecoratorMetadata: 'decorators',
};

const BY_FILE_NAMES: readonly string[] = [...new Set(Object.values(BY_FILE))];

/** Options that decide where imports lead: they are followed anew. */
const RESOLVING = new Set(['paths', 'baseUrl']);

/** What makes no difference to any file: where output goes, and what is told meanwhile. */
const HARMLESS = new Set([
	'$schema',
	'display',
	'compileOnSave',
	'watchOptions',
	'buildOptions',
	'outDir',
	'sourceMap',
	'inlineSourceMap',
	'inlineSources',
	'mapRoot',
	'sourceRoot',
	'declarationDir',
	'declarationMap',
	'incremental',
	'tsBuildInfoFile',
	'assumeChangesOnlyAffectDirectDependencies',
	'disableReferencedProjectLoad',
	'disableSizeLimit',
	'disableSolutionSearching',
	'disableSourceOfProjectReferenceRedirect',
	'diagnostics',
	'extendedDiagnostics',
	'explainFiles',
	'generateCpuProfile',
	'generateTrace',
	'listEmittedFiles',
	'listFiles',
	'noEmit',
	'noErrorTruncation',
	'emitBOM',
	'newLine',
	'plugins',
	'preserveWatchOutput',
	'pretty',
	'removeComments',
	'traceResolution',
]);

/** Options of whole programs that are inherited by name; any other is inherited as {@link OTHER}. */
const INHERITED: readonly string[] = [
	'include',
	'files',
	'exclude',
	'paths',
	'baseUrl',
	'lib',
	'types',
	'typeRoots',
	'target',
	'module',
	'moduleResolution',
	'moduleDetection',
	'moduleSuffixes',
	'customConditions',
	'resolvePackageJsonExports',
	'resolvePackageJsonImports',
	'resolveJsonModule',
	'allowArbitraryExtensions',
	'allowImportingTsExtensions',
	'preserveSymlinks',
	'rootDirs',
	'rootDir',
	'allowJs',
	'checkJs',
	'strict',
	'noImplicitAny',
	'noImplicitThis',
	'strictNullChecks',
	'strictFunctionTypes',
	'strictBindCallApply',
	'strictPropertyInitialization',
	'strictBuiltinIteratorReturn',
	'useUnknownInCatchVariables',
	'exactOptionalPropertyTypes',
	'noUncheckedIndexedAccess',
	'noPropertyAccessFromIndexSignature',
	'noImplicitReturns',
	'noImplicitOverride',
	'noFallthroughCasesInSwitch',
	'noUnusedLocals',
	'noUnusedParameters',
	'useDefineForClassFields',
	'verbatimModuleSyntax',
	'isolatedModules',
	'isolatedDeclarations',
	'erasableSyntaxOnly',
	'importHelpers',
	'downlevelIteration',
	'declaration',
	'stripInternal',
	'skipLibCheck',
	'composite',
];
const OTHER = 'other';
const NAMED = new Set(INHERITED);

export function extractConfiguration(path: string, text: string): FileFacts {
	const value = readJson(text);
	return isObject(value) ? new Reader(basename(path), value).read(value) : extractJson(text);
}

class Reader {
	readonly #isNearest: boolean;
	readonly #facts: FileFacts;
	/** Names that it sets itself. */
	readonly #own = new Set<string>();

	constructor(name: string, value: Json) {
		this.#isNearest = NEAREST.includes(name);
		// Whoever imports it as a module gets all of it.
		this.#facts = extractJson(JSON.stringify([value]));
	}

	read(value: { [key: string]: Json }): FileFacts {
		const { compilerOptions, extends: bases, references, ...rest } = value;
		for (const [name, setting] of Object.entries(rest)) {
			this.#option(name, setting);
		}
		for (const [name, setting] of Object.entries(isObject(compilerOptions) ? compilerOptions : {})) {
			this.#option(name, setting);
		}
		this.#inherit('extends', asList(bases));
		const others = asList(references).flatMap((one) => (isObject(one) ? asList(one['path']) : []));
		// A configuration that only refers to those beside it leaves its files to them.
		this.#inherit(
			'references',
			others.filter((other) => typeof other === 'string' && /^(?:\.\/)?[^/]+\.json$/.test(other)),
		);
		if (others.length > 0) {
			this.#concern(this.#add('references', JSON.stringify(others)), 'the projects that it refers to differ');
		}
		return this.#facts;
	}

	#option(name: string, setting: Json): void {
		if (HARMLESS.has(name)) {
			return;
		}
		const index = this.#add(name, JSON.stringify(setting));
		if (name === 'types') {
			this.#includeTypes(index, asList(setting));
		}
		const shown = BY_FILE[name];
		this.#export(shown ?? name, { to: 'part', part: index });
		if (shown === undefined) {
			if (!NAMED.has(name)) {
				this.#export(OTHER, { to: 'part', part: index });
			}
			if (!(this.#isNearest && RESOLVING.has(name))) {
				this.#concern(index, `the option ${name} differs`);
			}
		}
		// Of several options under one name some may be inherited yet.
		if (shown === undefined) {
			this.#own.add(name);
		}
	}

	/** Packages whose global names are the program's: who uses one of these is found by the name. */
	#includeTypes(index: number, names: readonly Json[]): void {
		for (const name of names) {
			if (typeof name === 'string' && name !== '*') {
				const kind = name.startsWith('.') ? 'file' : 'types';
				const { requests, parts } = this.#facts;
				const request = requests.push({ specifier: name, kind, evaluates: false, isRequire: false }) - 1;
				const target: Target = { to: 'module', request, name: 'program' };
				parts[index]!.uses.push({ target, meaning: Meaning.type, inInterface: false });
			}
		}
	}

	/** What other configurations set and this one does not. */
	#inherit(how: string, specifiers: readonly Json[]): void {
		for (const specifier of specifiers) {
			if (typeof specifier !== 'string') {
				continue;
			}
			const request = this.#request(
				how === 'extends' || specifier.startsWith('.') ? specifier : `./${specifier}`,
			);
			const index = this.#add(`${how} ${specifier}`, '');
			const part = this.#facts.parts[index]!;
			for (const name of [...INHERITED, OTHER, ...BY_FILE_NAMES]) {
				if (this.#own.has(name)) {
					continue;
				}
				const target: Target = { to: 'module', request, name };
				this.#export(name, target);
				if (!BY_FILE_NAMES.includes(name) && !(this.#isNearest && RESOLVING.has(name))) {
					part.uses.push({ target, meaning: Meaning.both, inInterface: true });
				}
			}
			this.#concern(index, `an option that it has from ${specifier} differs`);
		}
	}

	#add(name: string, content: string): number {
		return this.#facts.parts.push(partOf(name, content)) - 1;
	}

	#export(name: string, target: Target): void {
		this.#facts.exports.push({ name, target, typeOnly: false });
	}

	#request(specifier: string): number {
		const request: Request = { specifier, kind: 'module', evaluates: false, isRequire: true };
		return this.#facts.requests.push(request) - 1;
	}

	#concern(part: number, reason: string): void {
		this.#facts.concerns.push({ part, scope: 'program', pattern: '', reason });
	}
}

function asList(value: Json | undefined): Json[] {
	return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}
