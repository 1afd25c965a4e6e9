/** What comments say to compilers and tools: the rest of them is nobody's business. */
import type { Comment } from 'oxc-parser';
import { EVERYTHING, INIT, Meaning, type Target } from '../../graph/facts.ts';
import type { FileBuilder } from './file-builder.ts';
import type { PartBuilder } from './part-builder.ts';
import type { Scope } from './scopes.ts';

/** Comments that change what a compiler, a bundler or a test runner does. */
const PRAGMA =
	/@ts-(?:ignore|expect-error|nocheck|check)|@jsx\w*|@jest-environment|@vitest-environment|webpack[A-Z]\w*:|@vite-ignore|[#@]__(?:PURE|NO_SIDE_EFFECTS)__|eslint-(?:disable|enable)|oxlint-(?:disable|enable)|istanbul ignore|c8 ignore|v8 ignore/;

const REFERENCE = /^\/\s*<reference\s+(path|types|lib)\s*=\s*["']([^"']+)["']/;

/** `import('./x').T` in a type of JSDoc. */
const IMPORTED_TYPE = /import\(\s*["']([^"']+)["']\s*\)(?:\.([\w$]+))?/g;
const JSDOC_TYPE = /\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g;
const TYPEDEF = /@(?:typedef|callback)\s+(?:\{[^]*?\}\s*)?([\w$]+)/g;

export function readComments(file: FileBuilder, comments: readonly Comment[], scope: Scope, hasTypes: boolean): void {
	for (const { type, value, start, end } of comments) {
		const reference = type === 'Line' ? REFERENCE.exec(value) : null;
		if (reference !== null) {
			readReference(file, reference[1]!, reference[2]!);
		}
		if (PRAGMA.test(value)) {
			for (const part of partsAt(file, start)) {
				notePragma(part, value.trim());
			}
		}
		if (!hasTypes && type === 'Block' && value.startsWith('*')) {
			readJsDoc(file, value, end, scope);
		}
	}
}

/** Most pragmas concern what is within; how JSX is compiled decides its types, too. What is not there at run time does nothing. */
function notePragma(part: PartBuilder, pragma: string): void {
	if (part.behaviour.length > 0 || part.name === INIT) {
		part.behaviour.push(pragma);
	}
	if (pragma.includes('@jsx')) {
		part.interface.push(pragma);
	}
}

function readReference(file: FileBuilder, kind: string, name: string): void {
	file.init.interface.push(`${kind} ${name}`);
	if (kind === 'path') {
		const specifier = /^\.{0,2}\//.test(name) ? name : `./${name}`;
		const request = file.request(specifier, 'file', { evaluates: false, isRequire: false });
		file.init.use({ to: 'module', request, name: EVERYTHING }, Meaning.type, true);
	} else if (kind === 'types') {
		const request = file.request(name, 'types', { evaluates: false, isRequire: false });
		file.init.use({ to: 'module', request, name: EVERYTHING }, Meaning.type, true);
	}
}

/** In JavaScript, JSDoc holds the types of what follows it, or of the whole file. */
function readJsDoc(file: FileBuilder, text: string, end: number, scope: Scope): void {
	const types = [...text.matchAll(JSDOC_TYPE)].map(([, type]) => type!);
	const defined = [...text.matchAll(TYPEDEF)].map(([, name]) => name!);
	const parts = defined.length > 0 ? [] : partsAt(file, end);
	for (const name of defined) {
		const { part, index } = file.add(name, -1, end - text.length, end);
		part.meaning = Meaning.type;
		scope.declare(name, Meaning.type, { to: 'part', part: index });
		file.export(name, [{ to: 'part', part: index }], true);
		parts.push(part);
	}
	for (const part of parts) {
		part.interface.push(text);
		for (const type of types) {
			useTypes(file, part, type, scope);
		}
	}
}

function useTypes(file: FileBuilder, part: PartBuilder, type: string, scope: Scope): void {
	const rest = type.replaceAll(IMPORTED_TYPE, (_whole, specifier: string, name: string | undefined) => {
		const request = file.request(specifier, 'module', { evaluates: false, isRequire: false });
		part.use({ to: 'module', request, name: name ?? EVERYTHING }, Meaning.both, true);
		return '';
	});
	for (const [name] of rest.matchAll(/[A-Za-z_$][\w$]*/g)) {
		const found = scope.find(name, Meaning.both);
		const targets: readonly Target[] =
			found === undefined ? [{ to: 'global', name }] : found === 'local' ? [] : found;
		for (const target of targets) {
			part.use(target, Meaning.type, true);
		}
		part.mentions.add(name);
	}
}

/** The parts that a position lies in, or the next one behind it; the file itself when there is none. */
function partsAt(file: FileBuilder, position: number): PartBuilder[] {
	const [init, ...others] = file.parts;
	const around = others.filter(({ start, end }) => start <= position && position < end);
	if (around.length > 0) {
		return around;
	}
	let next: PartBuilder | undefined;
	for (const part of others) {
		if (part.start >= position && (next === undefined || part.start < next.start)) {
			next = part;
		}
	}
	return [next ?? init!];
}
