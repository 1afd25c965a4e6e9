/** A `package.json`: a JSON module, and what it says of the package's files. */
import { EVERYTHING, type FileFacts, Meaning, type Request } from '../../graph/facts.ts';
import { extractJson, isObject, type Json, partOf, readJson } from './json.ts';
import { TESTS } from './test-setup.ts';

/** Fields that change what all files of the package mean. */
const FOR_ALL: Readonly<Record<string, string>> = {
	type: 'how its JavaScript is read differs',
	sideEffects: 'which of its files may be left out differs',
	browser: 'what takes the place of its files in browsers differs',
};

/** Conditions under which the resolver looks, and under which another file may run. */
export const CONDITIONS: readonly string[] = ['types', 'import', 'require', 'node', 'default'];

export function extractManifest(text: string): FileFacts {
	const facts = extractJson(text);
	const value = readJson(text);
	if (isObject(value)) {
		for (const [index, { name }] of facts.parts.entries()) {
			const reason = FOR_ALL[name];
			if (reason !== undefined) {
				facts.concerns.push({ part: index, scope: 'package', pattern: '', reason });
			} else if (name === 'jest') {
				facts.concerns.push({ part: index, scope: 'glob', pattern: TESTS, reason: 'how tests run differs' });
				readSetup(facts, index, value['jest']!);
			}
		}
		const included = alwaysIncluded(value);
		if (included.length > 0) {
			facts.concerns.push({
				part: facts.parts.push(partOf('always included', JSON.stringify(included))) - 1,
				scope: 'package',
				pattern: '',
				reason: 'the compiler, or what it always includes, differs',
			});
		}
		for (const [file, other] of Object.entries(isObject(value['browser']) ? value['browser'] : {})) {
			if (file.startsWith('.') && typeof other === 'string') {
				addAlternatives(facts, `browser ${file}`, [file, other]);
			}
		}
		const exported = value['exports'] ?? null;
		const subpaths = isObject(exported) && Object.keys(exported).every((key) => key.startsWith('.'));
		for (const [subpath, target] of subpaths ? Object.entries(exported) : [['.', exported] as const]) {
			addAlternatives(facts, `exports ${subpath}`, targetsOf(target));
		}
	}
	return facts;
}

/** The versions of what every file of the package depends on without asking for it. */
function alwaysIncluded(manifest: { [key: string]: Json }): string[] {
	const versions = ['dependencies', 'devDependencies'].flatMap((field) => {
		const named = manifest[field] ?? null;
		return isObject(named) ? Object.entries(named) : [];
	});
	return versions
		.filter(([name]) => name === 'typescript' || name.startsWith('@types/'))
		.map(([name, version]) => `${name} ${JSON.stringify(version)}`)
		.sort();
}

/** One file is found, but another one may run: what that one does, the first one may do. */
function addAlternatives(facts: FileFacts, name: string, files: readonly string[]): void {
	const [first, ...others] = new Set(files);
	if (first === undefined || others.length === 0 || [first, ...others].some((file) => file.includes('*'))) {
		return;
	}
	const part = partOf(name, '');
	for (const other of others) {
		const target = { to: 'module', request: addRequest(facts, other, 'path'), name: EVERYTHING } as const;
		part.uses.push({ target, meaning: Meaning.value, inInterface: false });
	}
	const index = facts.parts.push(part) - 1;
	facts.augmentations.push({ request: addRequest(facts, first, 'module'), name: EVERYTHING, part: index });
}

/** The files that a conditional target may mean, that which the resolver finds first. */
function targetsOf(target: Json): string[] {
	if (typeof target === 'string') {
		return [target];
	}
	if (!isObject(target)) {
		return Array.isArray(target) ? target.flatMap(targetsOf) : [];
	}
	const conditions = Object.entries(target);
	const known = conditions.filter(([condition]) => CONDITIONS.includes(condition));
	const others = conditions.filter(([condition]) => !CONDITIONS.includes(condition));
	return [...known, ...others].flatMap(([, inner]) => targetsOf(inner));
}

/** Files that the set-up of tests names. */
function readSetup(facts: FileFacts, part: number, setting: Json): void {
	if (typeof setting === 'string') {
		const path = setting.replace(/^<rootDir>/, '.');
		if (path.startsWith('.')) {
			const target = { to: 'module', request: addRequest(facts, path, 'module'), name: EVERYTHING } as const;
			facts.parts[part]!.uses.push({ target, meaning: Meaning.value, inInterface: false });
		}
	} else if (setting !== null && typeof setting === 'object') {
		for (const inner of Object.values(setting)) {
			readSetup(facts, part, inner);
		}
	}
}

function addRequest(facts: FileFacts, specifier: string, kind: Request['kind']): number {
	return facts.requests.push({ specifier, kind, evaluates: false, isRequire: true }) - 1;
}
