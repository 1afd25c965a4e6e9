/** The rules of types, and of what only the type checker sees. */
import { EVERYTHING, hiddenName, type Target } from '../../graph/facts.ts';
import { walkPattern } from './expressions.ts';
import { declarePattern, declareTypeParameters, Scope } from './scopes.ts';
import { childOf, childrenOf, keyName, maybeChild, nameOf, stringOf, type SyntaxNode } from './syntax.ts';
import { asType, type Context, type Rule, TYPE, VALUE, type Walker, within } from './walk.ts';

/** `a`, `a.b` and `import('x').a`, used as a type, or, in `typeof`, as a value. */
export function walkEntityName(walker: Walker, node: SyntaxNode, meaning: number, context: Context): void {
	if (node.type === 'TSImportType') {
		walker.walk(node, context);
		return;
	}
	if (node.type === 'Identifier') {
		walker.reference(nameOf(node), meaning, context);
		return;
	}
	const names = namesOf(node);
	const [root, ...members] = names;
	for (const name of names) {
		walker.token(context, name);
	}
	for (const member of members) {
		context.sink.mentions.add(member);
	}
	if (root !== undefined && root !== 'this') {
		// What stands before a dot is a namespace, which may be either.
		const sought = members.length > 0 ? TYPE | VALUE : meaning;
		walker.useMember(walker.targetsOf(root, sought, context), members[0], meaning, context);
	}
}

function namesOf(node: SyntaxNode): string[] {
	switch (node.type) {
		case 'TSQualifiedName':
			return [...namesOf(childOf(node, 'left')), nameOf(childOf(node, 'right'))];
		case 'MemberExpression':
			return [...namesOf(childOf(node, 'object')), nameOf(childOf(node, 'property'))];
		case 'ThisExpression':
			return ['this'];
		default:
			return [nameOf(node)];
	}
}

/** A signature: the names of its parameters are its own. */
function signature(walker: Walker, node: SyntaxNode, context: Context): void {
	const scope = new Scope(context.scope);
	declareTypeParameters(scope, node);
	const parameters = [...childrenOf(node, 'params'), ...childrenOf(node, 'parameters')];
	const type = asType(within(context, scope));
	for (const parameter of parameters) {
		declarePattern(scope, parameter);
		walker.token(type, `${parameter.type}${parameter['optional'] === true ? '?' : ''}`);
		walkPattern(walker, parameter, type);
	}
	walker.token(type, parameterAsserted(node, parameters));
	walker.walkProperties(node, type, SIGNATURE);
}

/** The place of the parameter of which a signature says `x is T` or `asserts x`; `-1` when it names none of them. */
export function parameterAsserted(node: SyntaxNode, parameters: readonly SyntaxNode[]): string {
	const annotation = maybeChild(node, 'returnType');
	const type = annotation === undefined ? undefined : maybeChild(annotation, 'typeAnnotation');
	const subject = type?.type === 'TSTypePredicate' ? childOf(type, 'parameterName') : undefined;
	return subject?.type === 'Identifier'
		? `${parameters.findIndex((one) => one.type === 'Identifier' && nameOf(one) === nameOf(subject))}`
		: '';
}

const SIGNATURE: ReadonlySet<string> = new Set(['key', 'params', 'parameters']);

/** A member's name is not a reference. */
const member: Rule = (walker, node, context) => {
	const type = asType(context);
	const name = keyName(node);
	if (name === undefined) {
		walker.walk(childOf(node, 'key'), type);
		context.sink.mentionsAll = true;
	} else {
		walker.token(type, name);
		context.sink.mentions.add(name);
		context.sink.members.add(name);
	}
	signature(walker, node, type);
};

const KEY: ReadonlySet<string> = new Set(['key']);
const PARAMETER_NAME: ReadonlySet<string> = new Set(['name']);
const LABEL: ReadonlySet<string> = new Set(['label']);

export const TYPE_RULES: Readonly<Record<string, Rule>> = {
	TSTypeAnnotation: (walker, node, context) => {
		walker.walk(childOf(node, 'typeAnnotation'), asType(context));
	},
	TSTypeReference: (walker, node, context) => {
		const type = asType(context);
		walker.token(type, 'ref');
		walkEntityName(walker, childOf(node, 'typeName'), TYPE, type);
		walker.walk(maybeChild(node, 'typeArguments'), type);
	},
	TSTypeParameterInstantiation: (walker, node, context) => {
		const type = asType(context);
		walker.token(type, '<');
		walker.walkAll(childrenOf(node, 'params'), type);
		walker.token(type, '>');
	},
	TSTypeParameterDeclaration: (walker, node, context) => {
		const type = asType(context);
		walker.token(type, '<');
		walker.walkAll(childrenOf(node, 'params'), type);
		walker.token(type, '>');
	},
	TSTypeParameter: (walker, node, context) => {
		const type = asType(context);
		walker.token(type, nameOf(childOf(node, 'name')));
		walker.walkProperties(node, type, PARAMETER_NAME);
	},
	TSTypeQuery: (walker, node, context) => {
		const type = asType(context);
		walker.token(type, 'typeof');
		walkEntityName(walker, childOf(node, 'exprName'), VALUE, type);
		walker.walk(maybeChild(node, 'typeArguments'), type);
	},
	TSImportType: (walker, node, context) => {
		const type = asType(context);
		const specifier = stringOf(childOf(node, 'source')) ?? '';
		const qualifier = maybeChild(node, 'qualifier');
		const names = qualifier === undefined ? [] : namesOf(qualifier);
		walker.token(type, `import(${specifier}).${names.join('.')}`);
		for (const name of names) {
			context.sink.mentions.add(name);
		}
		const request = walker.file.request(specifier, 'module', { evaluates: false, isRequire: false });
		const target: Target = { to: 'module', request, name: names[0] ?? EVERYTHING };
		walker.useTargets([target], TYPE | VALUE, type);
		walker.walk(maybeChild(node, 'typeArguments'), type);
	},
	TSClassImplements: heritage,
	TSInterfaceHeritage: heritage,
	TSPropertySignature: member,
	TSMethodSignature: member,
	TSAbstractPropertyDefinition: member,
	TSFunctionType: signature,
	TSConstructorType: signature,
	TSCallSignatureDeclaration: signature,
	TSConstructSignatureDeclaration: signature,
	TSIndexSignature: signature,
	TSMappedType: (walker, node, context) => {
		const scope = new Scope(context.scope);
		const key = maybeChild(node, 'key');
		if (key !== undefined) {
			scope.declare(nameOf(key), TYPE);
			walker.token(asType(context), nameOf(key));
		}
		context.sink.mentionsAll = true;
		walker.walkProperties(node, asType(within(context, scope)), KEY);
	},
	TSConditionalType: (walker, node, context) => {
		const scope = new Scope(context.scope);
		declareInferred(scope, childOf(node, 'extendsType'));
		walker.walkProperties(node, asType(within(context, scope)));
	},
	TSTypeOperator: (walker, node, context) => {
		context.sink.mentionsAll ||= node['operator'] === 'keyof';
		walker.walkProperties(node, asType(context));
	},
	TSLiteralType: (walker, node, context) => {
		const text = stringOf(childOf(node, 'literal'));
		if (text !== undefined) {
			context.sink.mentions.add(text);
			context.sink.mentions.add(hiddenName(text));
		}
		walker.walkProperties(node, asType(context));
	},
	TSTypePredicate: (walker, node, context) => {
		const type = asType(context);
		const parameter = childOf(node, 'parameterName');
		// What a parameter is called is nobody's business, which one it is, is; see `parameterAsserted`.
		walker.token(type, `is ${parameter.type === 'Identifier' ? '' : 'this'} ${String(node['asserts'])}`);
		walker.walk(maybeChild(node, 'typeAnnotation'), type);
	},
	TSNamedTupleMember: (walker, node, context) => {
		walker.token(asType(context), nameOf(childOf(node, 'label')));
		walker.walkProperties(node, asType(context), LABEL);
	},
};

function heritage(walker: Walker, node: SyntaxNode, context: Context): void {
	const type = asType(context);
	walker.token(type, 'heritage');
	walkEntityName(walker, childOf(node, 'expression'), TYPE, type);
	walker.walk(maybeChild(node, 'typeArguments'), type);
}

/** `infer T` names a type within the conditional type. */
function declareInferred(scope: Scope, node: SyntaxNode): void {
	if (node.type === 'TSInferType') {
		scope.declare(nameOf(childOf(childOf(node, 'typeParameter'), 'name')), TYPE);
	}
	for (const property in node) {
		const value = node[property];
		for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
			if (typeof child === 'object' && child !== null && typeof (child as SyntaxNode).type === 'string') {
				declareInferred(scope, child as SyntaxNode);
			}
		}
	}
}
