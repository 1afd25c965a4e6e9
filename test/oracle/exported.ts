/** Edits of what other files import: most of them make a difference there. */
import { KINDS, type Kind, type Replacement, type Surroundings } from './edits.ts';
import { child, children, type Node, type Source } from './syntax.ts';

/** Kinds whose places are sought where others can see them. */
const SEEN = [
	'annotation',
	'annotation removed',
	'type reference',
	'literal of another type',
	'initialiser',
	'export removed',
	'export renamed',
	'member added',
	'member removed',
	'member renamed',
	'modifier of a member',
	'accessibility',
	'parameter',
	'parameter removed',
	'optional',
	'overload removed',
	'union case added',
	'union case removed',
	'type parameter',
	'enum member',
	'heritage',
	'const or let',
	'async',
	'interface to class',
	'class to type',
] as const;

/** Those that happen in bodies, and can be seen where no type is written. */
const LEAKING = ['return', 'return wrapped'] as const;

export const EXPORTED_KINDS: Readonly<Record<string, Kind>> = {
	...Object.fromEntries(
		[...SEEN, ...LEAKING].map((kind) => [
			`exported: ${kind}`,
			(source: Source, surroundings: Surroundings) =>
				KINDS[kind]!(source, surroundings).filter(isSeen(source, surroundings, kind)),
		]),
	),
	'exported: return type': (source, surroundings) =>
		exportedDeclarations(source, surroundings).flatMap((declaration) =>
			declaration.type === 'FunctionDeclaration' ? returnTypes(declaration, source.text) : [],
		),
	'exported: value': (source, surroundings) =>
		exportedDeclarations(source, surroundings).flatMap((declaration) =>
			children(declaration, 'declarations').flatMap((one) => {
				const init = child(one, 'init');
				return init === undefined ? [] : [at(init, "('changed' as const)"), at(init, '{ changed: 1 }')];
			}),
		),
	'exported: type': (source, surroundings) =>
		exportedDeclarations(source, surroundings).flatMap((declaration) => {
			const type =
				declaration.type === 'TSTypeAliasDeclaration' ? child(declaration, 'typeAnnotation') : undefined;
			return type === undefined ? [] : [at(type, "'changed'"), at(type, '{ changed: string }')];
		}),
	'exported: enum value': ({ nodes }) =>
		nodes.flatMap((node) => {
			const value = node.type === 'TSEnumMember' ? child(node, 'initializer') : undefined;
			return value === undefined ? [] : [at(value, '77'), at(value, "'seventy-seven'")];
		}),
	'exported: default': ({ nodes }) =>
		nodes.flatMap((node) => {
			const value = node.type === 'ExportDefaultDeclaration' ? child(node, 'declaration') : undefined;
			return value === undefined ? [] : [at(value, '7'), at(node, '')];
		}),
	'exported: list': ({ nodes }) =>
		nodes.flatMap((node) => {
			const local = node.type === 'ExportSpecifier' ? child(node, 'exported') : undefined;
			return local === undefined || node.parent?.['source'] !== null
				? []
				: [{ start: local.end, end: local.end, text: 'Other' }];
		}),
};

function at({ start, end }: { start: number; end: number }, text: string): Replacement {
	return { start, end, text };
}

function returnTypes(declaration: Node, text: string): Replacement[] {
	const written = child(declaration, 'returnType');
	const body = child(declaration, 'body');
	if (written !== undefined) {
		return [at(written, ''), at(written, ': never'), at(written, ': { changed: string }')];
	}
	return body === undefined || !text.slice(0, body.start).trimEnd().endsWith(')')
		? []
		: [{ start: body.start, end: body.start, text: ': any ' }];
}

/** What a file exports under a name that some file of the project imports. */
function exportedDeclarations({ nodes }: Source, { importedNames }: Surroundings): Node[] {
	return nodes.flatMap((node) => {
		const declaration = node.type === 'ExportNamedDeclaration' ? child(node, 'declaration') : undefined;
		if (declaration === undefined) {
			return [];
		}
		const ids = [declaration, ...children(declaration, 'declarations')].map((one) => child(one, 'id'));
		const isImported = ids.some((id) => id?.type === 'Identifier' && importedNames.has(String(id['name'])));
		return isImported ? [declaration] : [];
	});
}

/** Whether a replacement is in something that others import, and not only in a body. */
function isSeen(source: Source, surroundings: Surroundings, kind: string): (one: Replacement) => boolean {
	const declarations = exportedDeclarations(source, surroundings).map((node) => node.parent!);
	const bodies = source.nodes.filter(({ type, parent }) => type === 'BlockStatement' && isFunction(parent));
	const isLeaking = (LEAKING as readonly string[]).includes(kind);
	const isWithin = ({ start, end }: Replacement, place: Node) => place.start <= start && end <= place.end;
	return (one) =>
		declarations.some((place) => isWithin(one, place)) &&
		bodies.every((body) => !isWithin(one, body) || (isLeaking && child(body.parent!, 'returnType') === undefined));
}

function isFunction(node: Node | undefined): boolean {
	return node !== undefined && /Function/.test(node.type);
}
