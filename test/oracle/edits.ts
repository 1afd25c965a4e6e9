/**
 * Edits of real sources, as people make them and as they do not: each kind finds the places of a file where it can be made.
 * They need not be sensible, and many do not compile. What counts is that they make a difference somewhere else.
 */
import { child, children, type Node, type Source } from './syntax.ts';

/** A span and what comes in its place. */
export interface Replacement {
	start: number;
	end: number;
	text: string;
}

/** What a kind may know beside the file. */
export interface Surroundings {
	/** Names that files of the project export. */
	exportedNames: readonly string[];
	/** Names that files of the project import of others. */
	importedNames: ReadonlySet<string>;
	/** Specifiers under which the file could import others. */
	specifiers: readonly string[];
	/** A whole number below the given one, by chance. */
	chance: (below: number) => number;
}

export type Kind = (source: Source, surroundings: Surroundings) => Replacement[];

/** A name that no package has. */
const NEW = 'oracleAdded';

export const KINDS: Readonly<Record<string, Kind>> = {
	comment: ({ nodes }) => statements(nodes).map(({ start }) => insert(start, '/* only a comment */ ')),
	'comment removed': ({ comments }) =>
		comments.filter(({ value }) => !/[@#]/.test(value)).map(({ start, end }) => replace({ start, end }, ' ')),
	'type in a comment': ({ comments }) =>
		comments.flatMap(({ start, value, type }) =>
			type === 'Block' && value.startsWith('*')
				? Array.from(value.matchAll(/\{([\w.<>|[\]]+)\}/g), ({ index, 1: written = '' }) => {
						// The comment's text begins behind its `/*`.
						const at = start + 2 + index + 1;
						return {
							start: at,
							end: at + written.length,
							text: written === 'string' ? 'number' : 'string',
						};
					})
				: [],
		),
	formatting: ({ nodes }) => statements(nodes).map(({ end }) => insert(end, '\n\n')),
	'import order': ({ nodes, text }) => swaps(bodyOf(nodes).filter(isImport), text),
	literal: ({ nodes }) => nodes.filter(isPlainLiteral).map((node) => replace(node, otherLiteral(node))),
	'literal of another type': ({ nodes }) =>
		nodes.filter(isPlainLiteral).map((node) => replace(node, typeof node['value'] === 'string' ? '7' : "'seven'")),
	return: ({ nodes }) =>
		nodes.flatMap((node) => {
			const argument = node.type === 'ReturnStatement' ? child(node, 'argument') : undefined;
			return argument === undefined
				? []
				: [replace(argument, 'undefined'), replace(argument, "('changed' as const)")];
		}),
	'return wrapped': ({ nodes, text }) =>
		nodes.flatMap((node) => {
			const argument = node.type === 'ReturnStatement' ? child(node, 'argument') : undefined;
			return argument === undefined ? [] : [replace(argument, `(void 0, ${of(argument, text)})`)];
		}),
	'body statement added': ({ nodes }) =>
		bodies(nodes).flatMap(({ start }) => [
			insert(start + 1, " console.log('added');"),
			insert(start + 1, " if (Math.random() > 2) { throw new Error('added'); }"),
		]),
	'body statement removed': ({ nodes }) =>
		bodies(nodes).flatMap((body) => children(body, 'body').map((statement) => replace(statement, ''))),
	'top-level statement added': ({ nodes }) =>
		bodyOf(nodes).flatMap(({ end }) => [insert(end, "\nconsole.log('added');")]),
	initialiser: ({ nodes }) =>
		nodes.flatMap((node) => {
			const value =
				node.type === 'VariableDeclarator'
					? child(node, 'init')
					: node.type === 'PropertyDefinition'
						? child(node, 'value')
						: undefined;
			return value === undefined ? [] : [replace(value, '(undefined as any)'), replace(value, '42')];
		}),
	annotation: ({ nodes }) =>
		nodes
			.filter((node) => node.type === 'TSTypeAnnotation')
			.flatMap((node) => {
				const type = child(node, 'typeAnnotation');
				return type === undefined || type.type === 'TSTypePredicate'
					? []
					: [replace(type, type.type === 'TSStringKeyword' ? 'number' : 'string'), replace(type, 'any')];
			}),
	'annotation removed': ({ nodes }) =>
		nodes.filter(({ type }) => type === 'TSTypeAnnotation').map((node) => replace(node, '')),
	'type reference': ({ nodes }) =>
		nodes
			.filter(({ type, parent }) => type === 'TSTypeReference' && parent?.type !== 'TSClassImplements')
			.map((node) => replace(node, 'unknown')),
	'export added': ({ text }, { exportedNames, chance }) => [
		insert(text.length, `\nexport const ${NEW} = 1;\n`),
		insert(text.length, `\nexport const ${exportedNames[chance(exportedNames.length)]} = 1;\n`),
		insert(text.length, `\nexport interface ${exportedNames[chance(exportedNames.length)]} { ${NEW}: string }\n`),
	],
	'export removed': ({ nodes }) =>
		nodes.flatMap((node) => {
			const declaration = node.type === 'ExportNamedDeclaration' ? child(node, 'declaration') : undefined;
			return declaration === undefined ? [] : [{ start: node.start, end: declaration.start, text: '' }];
		}),
	'export renamed': ({ nodes }) =>
		nodes.flatMap((node) => {
			const declaration = node.type === 'ExportNamedDeclaration' ? child(node, 'declaration') : undefined;
			const named =
				declaration === undefined ? undefined : (children(declaration, 'declarations')[0] ?? declaration);
			const id = named === undefined ? undefined : child(named, 'id');
			return id?.type === 'Identifier' ? [insert(id.start, 'other')] : [];
		}),
	'declaration removed': ({ nodes }) =>
		bodyOf(nodes)
			.filter(isDeclaration)
			.map((node) => replace(node, '')),
	're-export removed': ({ nodes }) =>
		bodyOf(nodes)
			.filter((node) => node.type.startsWith('Export') && child(node, 'source') !== undefined)
			.map((node) => replace(node, '')),
	'star export added': ({ text }, { specifiers, chance }) => [
		insert(text.length, `\nexport * from '${specifiers[chance(specifiers.length)]}';\n`),
	],
	'import added': (_source, { specifiers, chance }) => [
		insert(0, `import '${specifiers[chance(specifiers.length)]}';\n`),
	],
	'import removed': ({ nodes }) =>
		bodyOf(nodes)
			.filter(isImport)
			.map((node) => replace(node, '')),
	'import of types only': ({ nodes }) =>
		bodyOf(nodes)
			.filter(
				(node) => isImport(node) && node['importKind'] !== 'type' && children(node, 'specifiers').length > 0,
			)
			.map(({ start }) => insert(start + 'import'.length, ' type')),
	'member added': ({ nodes }) =>
		nodes.flatMap((node) =>
			node.type === 'ClassBody' || node.type === 'TSInterfaceBody' || node.type === 'TSTypeLiteral'
				? [insert(node.start + 1, ` ${NEW}: string; `), insert(node.start + 1, ` ${NEW}?: string; `)]
				: [],
		),
	'member removed': ({ nodes }) => nodes.filter(isMember).map((node) => replace(node, '')),
	'member renamed': ({ nodes }) =>
		nodes.filter(isMember).flatMap((node) => {
			const key = child(node, 'key');
			return key?.type === 'Identifier' && node['computed'] !== true ? [insert(key.start, 'other')] : [];
		}),
	'property of an object': ({ nodes }) =>
		nodes.flatMap((node) =>
			node.type === 'ObjectExpression'
				? [insert(node.start + 1, ` ${NEW}: 1, `)]
				: node.type === 'Property' && node.parent?.type === 'ObjectExpression'
					? [insert(node.start, 'other_')]
					: [],
		),
	'private member': ({ nodes }) =>
		nodes.flatMap((node) =>
			node.type === 'ClassBody'
				? [insert(node.start + 1, ` private ${NEW} = 1; `), insert(node.start + 1, ` #${NEW} = 1; `)]
				: [],
		),
	'modifier of a member': ({ nodes }) =>
		nodes
			.filter(({ type }) => type === 'PropertyDefinition' || type === 'TSPropertySignature')
			.filter((node) => node['accessibility'] === null || node['accessibility'] === undefined)
			.flatMap((node) =>
				node['static'] === true || node['readonly'] === true || node['declare'] === true
					? []
					: [insert(node.start, 'readonly ')],
			),
	accessibility: ({ nodes, text }) =>
		nodes.flatMap((node) => {
			if (node.type !== 'PropertyDefinition' && node.type !== 'MethodDefinition') {
				return [];
			}
			const written = node['accessibility'];
			return typeof written === 'string'
				? [
						{
							start: node.start,
							end: node.start + written.length,
							text: written === 'private' ? 'public' : 'private',
						},
					].filter(({ start, end }) => text.slice(start, end) === written)
				: children(node, 'decorators').length === 0
					? [insert(node.start, 'protected ')]
					: [];
		}),
	parameter: ({ nodes }) =>
		functions(nodes).flatMap((node) => {
			const parameters = children(node, 'params');
			const [first] = parameters;
			return first === undefined ? [] : [insert(first.start, `${NEW}: number, `)];
		}),
	'parameter removed': ({ nodes, text }) =>
		functions(nodes).flatMap((node) => {
			const parameters = children(node, 'params');
			const [last, before] = [parameters.at(-1), parameters.at(-2)];
			return last === undefined || !text.slice(last.end).trimStart().startsWith(')')
				? []
				: [{ start: before?.end ?? last.start, end: last.end, text: '' }];
		}),
	'parameter renamed': ({ nodes }) =>
		functions(nodes).flatMap((node) =>
			children(node, 'params').flatMap((one) => (one.type === 'Identifier' ? [insert(one.start, 'other_')] : [])),
		),
	optional: ({ nodes, text }) =>
		nodes.flatMap((node) => {
			if (node.type === 'TSPropertySignature' && node['optional'] !== true) {
				const key = child(node, 'key');
				return key === undefined || node['computed'] === true ? [] : [insert(key.end, '?')];
			}
			if ((node.type === 'Identifier' && node.role === 'params') || node.type === 'TSPropertySignature') {
				const annotation = child(node, 'typeAnnotation');
				return annotation === undefined
					? []
					: text[annotation.start - 1] === '?'
						? [replace({ start: annotation.start - 1, end: annotation.start }, '')]
						: [insert(annotation.start, '?')];
			}
			return [];
		}),
	'default value': ({ nodes }) =>
		nodes.flatMap((node) => {
			const value = node.type === 'AssignmentPattern' ? child(node, 'right') : undefined;
			return value === undefined ? [] : [replace(value, 'undefined as any'), replace(value, '(0 as never)')];
		}),
	'overload order': ({ nodes, text }) => swaps(nodes.filter(isOverload), text),
	'overload removed': ({ nodes }) =>
		nodes.filter(isOverload).map((node) => replace(node.role === 'declaration' ? node.parent! : node, '')),
	'union case added': ({ nodes }) =>
		nodes
			.filter(({ type }) => type === 'TSUnionType')
			.flatMap(({ start, end }) => [insert(end, ` | '${NEW}'`), insert(start, `'${NEW}' | `)]),
	'union case removed': ({ nodes, text }) =>
		nodes.flatMap((node) => {
			const types = node.type === 'TSUnionType' ? children(node, 'types') : [];
			return types.length > 1
				? types.map((_type, index) =>
						replace(
							node,
							types
								.filter((_, other) => other !== index)
								.map((type) => of(type, text))
								.join(' | '),
						),
					)
				: [];
		}),
	'type parameter': ({ nodes, text }) =>
		nodes.flatMap((node) => {
			if (node.type !== 'TSTypeParameter' || node.parent?.type !== 'TSTypeParameterDeclaration') {
				return [];
			}
			const name = child(node, 'name');
			const constraint = child(node, 'constraint');
			return constraint === undefined
				? name === undefined || text.slice(name.end).trimStart().startsWith('extends')
					? []
					: [insert(name.end, ' extends string')]
				: [replace(constraint, 'unknown'), replace(constraint, 'string')];
		}),
	'enum member': ({ nodes }) =>
		nodes.flatMap((node) =>
			node.type === 'TSEnumBody'
				? [insert(node.start + 1, ` ${NEW}, `)]
				: node.type === 'TSEnumMember'
					? [replace(node, NEW)]
					: [],
		),
	heritage: ({ nodes, text }) =>
		nodes.flatMap((node) => {
			const superClass = node.type === 'ClassDeclaration' ? child(node, 'superClass') : undefined;
			return superClass === undefined
				? children(node, 'implements').map((one) => replace(one, `Iterable<${of(one, text)}>`))
				: [replace(superClass, 'Object')];
		}),
	'const or let': ({ nodes }) =>
		nodes.flatMap((node) =>
			node.type === 'VariableDeclaration' && node['kind'] === 'const'
				? [replace({ start: node.start, end: node.start + 'const'.length }, 'let')].filter(
						() => node['declare'] !== true,
					)
				: [],
		),
	async: ({ nodes }) =>
		nodes.flatMap((node) =>
			node.type === 'FunctionDeclaration' && node['async'] !== true && node['generator'] !== true
				? [insert(node.start, 'async ')]
				: [],
		),
	'interface to class': ({ nodes }) =>
		nodes.flatMap((node) =>
			node.type === 'TSInterfaceDeclaration' && children(node, 'extends').length === 0
				? [replace({ start: node.start, end: node.start + 'interface'.length }, 'declare class')]
				: [],
		),
	'class to type': ({ nodes, text }) =>
		nodes.flatMap((node) => {
			const id = node.type === 'ClassDeclaration' ? child(node, 'id') : undefined;
			return id === undefined || node.parent?.type !== 'ExportNamedDeclaration'
				? []
				: [replace(node, `interface ${of(id, text)} { ${NEW}: string }`)];
		}),
	'as const': ({ nodes, text }) =>
		nodes.flatMap((node) => {
			const value = node.type === 'VariableDeclarator' ? child(node, 'init') : undefined;
			return value?.type === 'ObjectExpression' || value?.type === 'ArrayExpression' || value?.type === 'Literal'
				? [replace(value, `${of(value, text)} as const`)]
				: [];
		}),
	'global added': ({ text }, { chance }) => {
		const names = ['Promise', 'Array', 'Map', 'Error', 'Object', 'Symbol', 'Date', 'Set'];
		const name = names[chance(names.length)]!;
		return [
			insert(text.length, `\ndeclare global { interface ${name} { ${NEW}: string } }\n`),
			insert(text.length, `\ndeclare global { const ${NEW}: string }\n`),
			insert(text.length, `\nconst ${name} = 1 as any;\n`),
		];
	},
};

function insert(at: number, text: string): Replacement {
	return { start: at, end: at, text };
}

function replace({ start, end }: { start: number; end: number }, text: string): Replacement {
	return { start, end, text };
}

function of({ start, end }: { start: number; end: number }, text: string): string {
	return text.slice(start, end);
}

function bodyOf(nodes: readonly Node[]): Node[] {
	return nodes[0] === undefined ? [] : children(nodes[0], 'body');
}

function statements(nodes: readonly Node[]): Node[] {
	return nodes.filter(
		({ role, parent }) => role === 'body' && (parent?.type === 'Program' || parent?.type === 'BlockStatement'),
	);
}

function bodies(nodes: readonly Node[]): Node[] {
	return nodes.filter(({ type, role }) => type === 'BlockStatement' && role === 'body');
}

function functions(nodes: readonly Node[]): Node[] {
	return nodes.filter(({ type }) => /Function|TSMethodSignature|TSCallSignature|TSDeclareFunction/.test(type));
}

function isImport({ type }: Node): boolean {
	return type === 'ImportDeclaration';
}

function isPlainLiteral({ type, value, parent }: Node): boolean {
	const place = parent?.type ?? '';
	return (
		type === 'Literal' &&
		(typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') &&
		!/^(?:Import|Export|Property$|TSModule|TSEnum|TSExternal)/.test(place)
	);
}

function otherLiteral({ value }: Node): string {
	return typeof value === 'string'
		? JSON.stringify(`${value}_`)
		: typeof value === 'number'
			? String(value + 1)
			: String(value !== true);
}

function isDeclaration(node: Node): boolean {
	const declaration = node.type.startsWith('Export') ? child(node, 'declaration') : node;
	return declaration !== undefined && /Declaration$|^TSDeclareFunction$/.test(declaration.type) && !isImport(node);
}

function isMember({ type, parent }: Node): boolean {
	return (
		(parent?.type === 'ClassBody' || parent?.type === 'TSInterfaceBody' || parent?.type === 'TSTypeLiteral') &&
		/Property|Method|TSIndexSignature|TSCallSignature/.test(type)
	);
}

/** One of several signatures of a function or method. */
function isOverload({ type, role }: Node): boolean {
	return (
		(type === 'TSDeclareFunction' && (role === 'declaration' || role === 'body')) ||
		type === 'TSCallSignatureDeclaration'
	);
}

/** Neighbours that change places. */
function swaps(nodes: readonly Node[], text: string): Replacement[] {
	const whole = nodes.map((node) => (node.role === 'declaration' ? node.parent! : node));
	return whole.slice(1).flatMap((second, index) => {
		const first = whole[index]!;
		const between = text.slice(first.end, second.start);
		return first.parent === second.parent && first.end <= second.start && between.length < 2000
			? [{ start: first.start, end: second.end, text: of(second, text) + between + of(first, text) }]
			: [];
	});
}
