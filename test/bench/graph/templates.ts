/** Sources of real packages, ready to be written again and again with other names in them. */
import { ensureSources, packageNamed } from '../../oracle/packages.ts';
import { Project } from '../../oracle/project.ts';
import { child, children, type Node, readSource } from '../../oracle/syntax.ts';

/** Together 455 files of 6 KB. */
const PACKAGES = ['rxjs', 'query-core', 'mobx', 'zod'] as const;

/** Where packages that have no `src/index.ts` are entered. */
const ENTRANCES: Readonly<Record<string, string>> = { mobx: './mobx' };

export interface Template {
	name: string;
	files: readonly TemplateFile[];
	/** What its `src/index.ts` exports by name; at least one. */
	exported: readonly string[];
}

export interface TemplateFile {
	/** Relative to the package's folder. */
	file: string;
	/** Text, name, text, name, … text: names are those that the package declares. */
	pieces: readonly string[];
	/** Functions of it that other files of the package import; their names as they are here. */
	functions: readonly string[];
}

/** @throws when npm cannot fetch a package */
export async function readTemplates(): Promise<Template[]> {
	const templates: Template[] = [];
	for (const name of PACKAGES) {
		const one = packageNamed(name);
		const project = new Project(one, await ensureSources(one));
		try {
			const texts = project.files.map((file): [string, string] => [file, project.text(file)]);
			templates.push(templateOf(name, texts));
		} finally {
			project.dispose();
		}
	}
	return templates;
}

/** A template's file as text of one copy. */
export function textOf({ pieces }: TemplateFile, copy: number): string {
	return pieces.map((piece, index) => (index % 2 === 0 ? piece : nameIn(copy, piece))).join('');
}

/** What a name is in a copy. */
export function nameIn(copy: number, name: string): string {
	return `${name}_${copy}`;
}

function templateOf(name: string, texts: [string, string][]): Template {
	const entrance = ENTRANCES[name];
	const all =
		entrance === undefined ? texts : [...texts, ['src/index.ts', `export * from '${entrance}';\n`] as const];
	const sources = all.map(([file, text]) => readSource(file, text));
	const declared = new Set(sources.flatMap(({ nodes }) => nodes.flatMap(declaredName)));
	for (const builtIn of BUILT_IN) {
		declared.delete(builtIn);
	}
	const imported = new Set(sources.flatMap(({ nodes }) => nodes.flatMap(importedName)));
	const files = sources.map(({ file, text, nodes }) => ({
		file,
		pieces: split(text, nodes, declared),
		functions: nodes.flatMap(exportedFunction).filter((each) => imported.has(each) && declared.has(each)),
	}));
	const index = entrance === undefined ? 'src/index.ts' : `src/${entrance.slice(2)}.ts`;
	const exported = sources.find(({ file }) => file === index)!.nodes.flatMap(exportedName);
	return { name, files, exported: exported.map((each) => (declared.has(each) ? each : `=${each}`)) };
}

/** The text between the names that are to be replaced, and these names, in turns. */
function split(text: string, nodes: readonly Node[], names: ReadonlySet<string>): string[] {
	const starts = new Map<number, string>();
	for (const { type, start, name, parent } of nodes) {
		// `new.target` is no name.
		const isName = type === 'Identifier' && parent?.type !== 'MetaProperty';
		if (isName && typeof name === 'string' && names.has(name) && text.startsWith(name, start)) {
			starts.set(start, name);
		}
	}
	const pieces: string[] = [];
	let end = 0;
	for (const [start, name] of [...starts].sort(([a], [b]) => a - b)) {
		pieces.push(text.slice(end, start), name);
		end = start + name.length;
	}
	return [...pieces, text.slice(end)];
}

/** Names of declarations, and of members of classes and interfaces. */
function declaredName(node: Node): string[] {
	const id = DECLARATIONS.has(node.type)
		? child(node, 'id')
		: MEMBERS.has(node.type)
			? child(node, 'key')
			: undefined;
	return id?.type === 'Identifier' && node['computed'] !== true ? [String(id['name'])] : [];
}

function importedName(node: Node): string[] {
	const name = node.type === 'ImportSpecifier' ? child(node, 'imported') : undefined;
	return name === undefined ? [] : [String(name['name'])];
}

function exportedFunction(node: Node): string[] {
	const id = node.type === 'FunctionDeclaration' && child(node, 'body') !== undefined ? child(node, 'id') : undefined;
	return id !== undefined && node.parent?.type === 'ExportNamedDeclaration' ? [String(id['name'])] : [];
}

/** Names of an `export { … }` that are values. */
function exportedName(node: Node): string[] {
	if (node.type !== 'ExportNamedDeclaration' || node['exportKind'] === 'type') {
		return [];
	}
	return children(node, 'specifiers').flatMap((specifier) => {
		const name = String(child(specifier, 'exported')?.['name']);
		return specifier['exportKind'] === 'type' || name === 'default' ? [] : [name];
	});
}

const DECLARATIONS = new Set([
	'FunctionDeclaration',
	'TSDeclareFunction',
	'ClassDeclaration',
	'TSInterfaceDeclaration',
	'TSTypeAliasDeclaration',
	'TSEnumDeclaration',
	'VariableDeclarator',
]);
const MEMBERS = new Set([
	'MethodDefinition',
	'PropertyDefinition',
	'TSAbstractMethodDefinition',
	'TSAbstractPropertyDefinition',
	'TSMethodSignature',
	'TSPropertySignature',
]);

/** Names that objects of the language have: whoever uses them does not mean the package's. */
const BUILT_IN = new Set(
	[Array, Map, Set, Promise, Function, String, Number, RegExp, Error, Date, Symbol, Object, Iterator]
		.flatMap((one): object[] => [one, one.prototype as object])
		.concat([globalThis, Math, JSON, Reflect])
		.flatMap((one) => Object.getOwnPropertyNames(one))
		.concat('done', 'value', 'next', 'return', 'throw'),
);
