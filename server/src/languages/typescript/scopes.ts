/** Which declaration a name means: the scopes of a file, with what is hoisted in each. */
import { Meaning, type Target } from '../../graph/facts.ts';
import { childOf, childrenOf, maybeChild, nameOf, someStatement, type SyntaxNode } from './syntax.ts';

/** What a name is bound to, as a type and as a value. */
interface Binding {
	meaning: number;
	/** What it leads to; empty for what is local to a function or a block. */
	targets: readonly Target[];
}

const NONE: readonly Target[] = [];

export class Scope {
	readonly parent: Scope | undefined;
	/** Whether there is any `var` in the file: looking for them costs as much as everything else about scopes. */
	readonly hasVars: boolean;
	/** Undefined while nothing is declared, as in most blocks. */
	#names: Map<string, Binding[]> | undefined;

	/** @param hasVars taken from the parent where there is one */
	constructor(parent?: Scope, hasVars = true) {
		this.parent = parent;
		this.hasVars = parent?.hasVars ?? hasVars;
	}

	declare(name: string, meaning: number, target?: Target): void {
		this.#names ??= new Map();
		const bindings = this.#names.get(name);
		const binding = { meaning, targets: target === undefined ? NONE : [target] };
		if (bindings === undefined) {
			this.#names.set(name, [binding]);
		} else {
			bindings.push(binding);
		}
	}

	/**
	 * What a name means here: where it leads, `local` for what does not leave the part, undefined when nothing declares it.
	 * One that has several declarations (a value and a type, say) leads to all that fit.
	 */
	find(name: string, meaning: number): readonly Target[] | 'local' | undefined {
		const bindings = this.#names?.get(name);
		const found = bindings === undefined ? undefined : merged(bindings, meaning);
		return found ?? this.parent?.find(name, meaning);
	}
}

/** Asked for every name of a file: nothing is made that need not be. */
function merged(bindings: readonly Binding[], meaning: number): readonly Target[] | 'local' | undefined {
	let found: readonly Target[] | undefined;
	for (const binding of bindings) {
		if ((binding.meaning & meaning) !== 0) {
			found = found === undefined ? binding.targets : [...found, ...binding.targets];
		}
	}
	return found?.length === 0 ? 'local' : found;
}

/** The names that a pattern binds, in order. */
export function boundNames(pattern: SyntaxNode): readonly SyntaxNode[] {
	switch (pattern.type) {
		case 'Identifier':
			return [pattern];
		case 'ObjectPattern':
			return childrenOf(pattern, 'properties').flatMap((property) =>
				boundNames(property.type === 'Property' ? childOf(property, 'value') : property),
			);
		case 'ArrayPattern':
			return childrenOf(pattern, 'elements').flatMap(boundNames);
		case 'AssignmentPattern':
			return boundNames(childOf(pattern, 'left'));
		case 'RestElement':
			return boundNames(childOf(pattern, 'argument'));
		case 'TSParameterProperty':
			return boundNames(childOf(pattern, 'parameter'));
		default:
			return [];
	}
}

export function declarePattern(scope: Scope, pattern: SyntaxNode, target?: Target): void {
	for (const id of boundNames(pattern)) {
		scope.declare(nameOf(id), Meaning.value, target);
	}
}

export function declareTypeParameters(scope: Scope, node: SyntaxNode): void {
	const parameters = maybeChild(node, 'typeParameters');
	for (const parameter of parameters === undefined ? [] : childrenOf(parameters, 'params')) {
		scope.declare(nameOf(childOf(parameter, 'name')), Meaning.type);
	}
}

/** What the statements of a block declare in it, wherever in the block they stand. */
export function declareStatements(scope: Scope, statements: readonly SyntaxNode[]): void {
	for (const statement of statements) {
		const declaration = maybeChild(statement, 'declaration');
		declareStatement(
			scope,
			statement.type === 'ExportNamedDeclaration' && declaration !== undefined ? declaration : statement,
		);
	}
}

function declareStatement(scope: Scope, statement: SyntaxNode): void {
	if (statement.type === 'VariableDeclaration') {
		for (const { id } of childrenOf(statement, 'declarations')) {
			declarePattern(scope, id as SyntaxNode);
		}
		return;
	}
	const meaning = DECLARED[statement.type];
	const id = maybeChild(statement, 'id');
	if (meaning !== undefined && id !== undefined) {
		scope.declare(rootName(id), meaning);
	}
}

/** What kinds of declarations declare. */
export const DECLARED: Readonly<Record<string, number>> = {
	FunctionDeclaration: Meaning.value,
	TSDeclareFunction: Meaning.value,
	ClassDeclaration: Meaning.both,
	TSInterfaceDeclaration: Meaning.type,
	TSTypeAliasDeclaration: Meaning.type,
	TSEnumDeclaration: Meaning.both,
	TSModuleDeclaration: Meaning.both,
	TSImportEqualsDeclaration: Meaning.both,
};

/** The first name of `a.b.c`. */
export function rootName(id: SyntaxNode): string {
	return id.type === 'TSQualifiedName' ? rootName(childOf(id, 'left')) : moduleOrName(id);
}

function moduleOrName(id: SyntaxNode): string {
	return id.type === 'Identifier' ? nameOf(id) : String(id['value']);
}

/** `var`s anywhere in a function, or in a file, belong to the whole of it. */
export function declareVars(scope: Scope, node: SyntaxNode, target?: Target): void {
	if (!scope.hasVars) {
		return;
	}
	someStatement(node, (statement) => {
		if (statement.type === 'VariableDeclaration' && statement['kind'] === 'var') {
			for (const declarator of childrenOf(statement, 'declarations')) {
				declarePattern(scope, childOf(declarator, 'id'), target);
			}
		}
		return false;
	});
}
