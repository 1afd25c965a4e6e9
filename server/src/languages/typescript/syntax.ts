/** The syntax tree, as the parser hands it over (ESTree with the extensions of typescript-eslint). */
import { visitorKeys } from 'oxc-parser';

export interface SyntaxNode {
	type: string;
	start: number;
	end: number;
	[property: string]: unknown;
}

export function isNode(value: unknown): value is SyntaxNode {
	return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** A child that must be there by the grammar. */
export function childOf(node: SyntaxNode, property: string): SyntaxNode {
	return node[property] as SyntaxNode;
}

/** A child that may be missing. */
export function maybeChild(node: SyntaxNode, property: string): SyntaxNode | undefined {
	const child = node[property];
	return isNode(child) ? child : undefined;
}

/** Children in order; the holes of a list are left out. */
export function childrenOf(node: SyntaxNode, property: string): readonly SyntaxNode[] {
	const list = node[property];
	// The lists of the parser hold nodes, or null for a hole: hardly any needs a copy.
	return !Array.isArray(list) ? NONE : list.includes(null) ? list.filter(isNode) : (list as SyntaxNode[]);
}

const NONE: readonly SyntaxNode[] = [];

export function nameOf(identifier: SyntaxNode): string {
	return identifier['name'] as string;
}

/** The text of a string literal; undefined for any other node. */
export function stringOf(node: SyntaxNode | undefined): string | undefined {
	if (node?.type === 'Literal' && typeof node['value'] === 'string') {
		return node['value'];
	}
	if (node?.type === 'TemplateLiteral' && childrenOf(node, 'expressions').length === 0) {
		const [only] = childrenOf(node, 'quasis');
		return (only?.['value'] as { cooked?: string } | undefined)?.cooked;
	}
	return undefined;
}

/** The name under which a member is declared or mentioned; undefined when it is computed at run time. */
export function keyName(node: SyntaxNode): string | undefined {
	const key = childOf(node, 'key');
	if (node['computed'] === true) {
		return stringOf(key);
	}
	return key.type === 'PrivateIdentifier'
		? `#${nameOf(key)}`
		: key.type === 'Identifier'
			? nameOf(key)
			: literalName(key);
}

function literalName(key: SyntaxNode): string | undefined {
	return key.type === 'Literal' ? String(key['value']) : undefined;
}

/** The name of an export: `a`, `default`, or any string. */
export function moduleName(node: SyntaxNode): string {
	return node.type === 'Literal' ? String(node['value']) : nameOf(node);
}

/** An expression without what only the type checker sees. */
export function erased(node: SyntaxNode): SyntaxNode {
	let inner = node;
	while (TYPE_WRAPPERS.has(inner.type)) {
		inner = childOf(inner, 'expression');
	}
	return inner;
}

const TYPE_WRAPPERS = new Set([
	'TSAsExpression',
	'TSSatisfiesExpression',
	'TSNonNullExpression',
	'TSTypeAssertion',
	'TSInstantiationExpression',
	'ParenthesizedExpression',
]);

/** Whether a node begins a function. */
export function isFunction(node: SyntaxNode): boolean {
	return FUNCTIONS.has(node.type);
}

const FUNCTIONS = new Set([
	'FunctionDeclaration',
	'FunctionExpression',
	'ArrowFunctionExpression',
	'TSDeclareFunction',
	'TSEmptyBodyFunctionExpression',
]);

/** Nodes whose statements are their own. */
const HOLDERS = new Set([...FUNCTIONS, 'ClassDeclaration', 'ClassExpression', 'TSModuleDeclaration']);

/** Visits the children of a node, whatever they are. */
export function eachChild(node: SyntaxNode, visit: (child: SyntaxNode) => void): void {
	for (const property of visitorKeys[node.type] ?? []) {
		const value = node[property];
		if (Array.isArray(value)) {
			for (const item of value) {
				if (isNode(item)) {
					visit(item);
				}
			}
		} else if (isNode(value)) {
			visit(value);
		}
	}
}

/** Where statements hold others, and the declarations in the heads of loops. */
const HOLDING = ['body', 'consequent', 'alternate', 'block', 'handler', 'finalizer', 'cases', 'init', 'left'];

/** Which of them a node of each type has: most have none. */
const STATEMENT_KEYS = new Map(
	Object.entries(visitorKeys).map(([type, keys]) => [type, HOLDING.filter((key) => keys.includes(key))]),
);

/** Whether any statement within one is so; those of functions, classes and namespaces in it are not looked at. */
export function someStatement(node: SyntaxNode, is: (statement: SyntaxNode) => boolean): boolean {
	for (const property of STATEMENT_KEYS.get(node.type) ?? HOLDING) {
		const value = node[property];
		if (Array.isArray(value)) {
			for (const item of value) {
				if (isNode(item) && isOrHolds(item, is)) {
					return true;
				}
			}
		} else if (isNode(value) && isOrHolds(value, is)) {
			return true;
		}
	}
	return false;
}

function isOrHolds(node: SyntaxNode, is: (statement: SyntaxNode) => boolean): boolean {
	return is(node) || (!HOLDERS.has(node.type) && someStatement(node, is));
}
