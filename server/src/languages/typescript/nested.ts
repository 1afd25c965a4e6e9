/** The rules of declarations that stand in functions, blocks and namespaces: they belong to the part around them. */
import { declareStatements, declareTypeParameters, Scope } from './scopes.ts';
import { childOf, childrenOf, maybeChild, moduleName, nameOf, type SyntaxNode } from './syntax.ts';
import { walkEntityName } from './types.ts';
import { asType, type Context, type Rule, TYPE, VALUE, type Walker, within } from './walk.ts';

const ID: ReadonlySet<string> = new Set(['id']);

const typeDeclaration: Rule = (walker, node, context) => {
	const scope = new Scope(context.scope);
	declareTypeParameters(scope, node);
	const type = asType(within(context, scope));
	walker.token(type, nameOf(childOf(node, 'id')));
	walker.walkProperties(node, type, ID);
};

export const NESTED_RULES: Readonly<Record<string, Rule>> = {
	TSInterfaceDeclaration: typeDeclaration,
	TSTypeAliasDeclaration: typeDeclaration,
	TSEnumDeclaration: (walker, node, context) => {
		walker.token(context, node['const'] === true ? 'const enum' : 'enum');
		const scope = new Scope(context.scope);
		const members = childrenOf(childOf(node, 'body'), 'members');
		for (const member of members) {
			scope.declare(memberName(member), VALUE);
		}
		for (const [index, member] of members.entries()) {
			// Without an initialiser its value is its place.
			walker.token(context, `${memberName(member)}@${index}`);
			walker.walk(maybeChild(member, 'initializer'), { ...within(context, scope), exact: 'deep' });
		}
	},
	TSModuleDeclaration: (walker, node, context) => {
		const body = maybeChild(node, 'body');
		if (body !== undefined) {
			const scope = new Scope(context.scope);
			const statements = childrenOf(body, 'body');
			declareStatements(scope, statements);
			walker.walkAll(statements, within(context, scope));
		}
	},
	TSImportEqualsDeclaration: (walker, node, context) => {
		const reference = childOf(node, 'moduleReference');
		if (reference.type !== 'TSExternalModuleReference') {
			walkEntityName(walker, reference, TYPE | VALUE, context);
		}
	},
	ExportNamedDeclaration: (walker, node, context) => {
		walker.token(context, 'export');
		walker.walk(maybeChild(node, 'declaration'), context);
		for (const specifier of childrenOf(node, 'specifiers')) {
			exportSpecifier(walker, specifier, context);
		}
	},
};

function exportSpecifier(walker: Walker, specifier: SyntaxNode, context: Context): void {
	walker.token(context, moduleName(childOf(specifier, 'exported')));
	walker.reference(moduleName(childOf(specifier, 'local')), TYPE | VALUE, context);
}

function memberName(member: SyntaxNode): string {
	const id = childOf(member, 'id');
	return id.type === 'Identifier' ? nameOf(id) : String(id['value']);
}
