/** The rules of functions and classes: what of them is interface, and what only happens inside. */
import { walkKey, walkPattern } from './expressions.ts';
import type { PartBuilder } from './part-builder.ts';
import { boundNames, declareStatements, declareTypeParameters, declareVars, declarePattern, Scope } from './scopes.ts';
import {
	childOf,
	childrenOf,
	isFunction,
	keyName,
	maybeChild,
	nameOf,
	someStatement,
	type SyntaxNode,
} from './syntax.ts';
import { parameterAsserted } from './types.ts';
import { asType, type Context, inside, type Rule, TYPE, VALUE, type Walker, within } from './walk.ts';
import { hasEffect } from './expressions.ts';

export const FUNCTION_RULES: Readonly<Record<string, Rule>> = {
	FunctionDeclaration: walkFunction,
	FunctionExpression: walkFunction,
	ArrowFunctionExpression: walkFunction,
	TSDeclareFunction: walkFunction,
	TSEmptyBodyFunctionExpression: walkFunction,
	ClassDeclaration: (walker, node, context) => {
		walkClass(walker, node, context);
	},
	ClassExpression: (walker, node, context) => {
		walkClass(walker, node, context);
	},
	Decorator: (walker, node, context) => {
		walker.token(inside(context), '@');
		walker.useTargets([walker.file.option('decorators')], VALUE, inside(context));
		walker.walk(childOf(node, 'expression'), inside(context));
	},
};

/**
 * Where the kind of function decides whether one that never returns has the type `never`. An `initialiser` is a constructor from
 * which the types of properties are read.
 */
type Role = 'expression' | 'method' | 'constructor' | 'initialiser';

function walkFunction(walker: Walker, node: SyntaxNode, context: Context): void {
	walkFunctionAs(walker, node, context, node.type.endsWith('Declaration') ? 'method' : 'expression');
}

function walkFunctionAs(walker: Walker, node: SyntaxNode, context: Context, role: Role): void {
	const scope = new Scope(context.scope);
	const id = maybeChild(node, 'id');
	if (id !== undefined && node.type === 'FunctionExpression') {
		scope.declare(nameOf(id), VALUE);
	}
	scope.declare('arguments', VALUE);
	declareTypeParameters(scope, node);
	const parameters = childrenOf(node, 'params');
	for (const parameter of parameters) {
		declarePattern(scope, parameter);
	}
	const own = within(context, scope);
	walker.token(
		own,
		`${node['async'] === true ? 'async ' : ''}${node['generator'] === true ? 'function*' : 'function'}`,
	);
	walker.token(inside(own), node.type);
	walker.walk(maybeChild(node, 'typeParameters'), asType(own));
	for (const parameter of parameters) {
		walkParameter(walker, parameter, own);
	}
	const returnType = maybeChild(node, 'returnType');
	walker.token(asType(own), parameterAsserted(node, parameters));
	walker.walk(returnType, asType(own));
	const body = maybeChild(node, 'body');
	if (body === undefined) {
		return;
	}
	const isOpen =
		role === 'initialiser' ||
		(returnType === undefined && role !== 'constructor' && isReadForType(node, body, role)) ||
		(!walker.isTyped && someStatement(body, isAssignmentToThis));
	const exact = context.exact === 'deep' ? 'deep' : 'here';
	const inner: Context = { ...(isOpen ? own : inside(own)), exact };
	if (body.type !== 'BlockStatement') {
		walker.walk(body, inner);
		return;
	}
	const statements = childrenOf(body, 'body');
	declareStatements(scope, statements);
	declareVars(scope, body);
	walker.walkAll(statements, inner);
}

/** Whether the type of a function without an annotation depends on its body: otherwise it is `void`. */
function isReadForType(node: SyntaxNode, body: SyntaxNode, role: Role): boolean {
	if (body.type !== 'BlockStatement' || node['generator'] === true || someStatement(body, isReturnOfValue)) {
		return true;
	}
	const last = childrenOf(body, 'body').at(-1);
	// An expression that cannot end normally is `never`; a call at its end may be what does not return.
	return role === 'expression' && (someStatement(body, mayNotEnd) || last?.type === 'ExpressionStatement');
}

function isReturnOfValue(node: SyntaxNode): boolean {
	return node.type === 'ReturnStatement' && maybeChild(node, 'argument') !== undefined;
}

/** In JavaScript that declares a property. */
function isAssignmentToThis(node: SyntaxNode): boolean {
	const expression = node.type === 'ExpressionStatement' ? childOf(node, 'expression') : undefined;
	const left = expression?.type === 'AssignmentExpression' ? childOf(expression, 'left') : undefined;
	return left?.type === 'MemberExpression' && childOf(left, 'object').type === 'ThisExpression';
}

function mayNotEnd({ type }: SyntaxNode): boolean {
	return (
		type === 'ThrowStatement' || type === 'WhileStatement' || type === 'DoWhileStatement' || type === 'ForStatement'
	);
}

/** The name of a parameter is nobody else's business; its type, and whether it may be left out, is. */
function walkParameter(walker: Walker, parameter: SyntaxNode, context: Context): void {
	walker.walkAll(childrenOf(parameter, 'decorators'), inside(context));
	if (parameter.type === 'TSParameterProperty') {
		walker.token(context, `${String(parameter['accessibility'])} ${String(parameter['readonly'])}`);
		for (const id of boundNames(parameter)) {
			walker.token(context, nameOf(id));
			context.sink.members.add(nameOf(id));
		}
		walkParameter(walker, childOf(parameter, 'parameter'), context);
	} else if (parameter.type === 'AssignmentPattern') {
		const left = childOf(parameter, 'left');
		const isTyped = maybeChild(left, 'typeAnnotation') !== undefined;
		walker.token(context, '?');
		walkParameter(walker, left, context);
		walker.walk(childOf(parameter, 'right'), { ...(isTyped ? inside(context) : context), exact: 'no' });
	} else {
		const isTyped = maybeChild(parameter, 'typeAnnotation') !== undefined;
		walker.token(context, `${parameter.type}${parameter['optional'] === true ? '?' : ''}`);
		if (isTyped && parameter.type !== 'Identifier') {
			walkPattern(walker, { ...parameter, typeAnnotation: null }, inside(context));
			walker.walk(maybeChild(parameter, 'typeAnnotation'), asType(context));
		} else {
			walkPattern(walker, parameter, context);
		}
	}
}

/** Makes the part of a class's member; without it, members belong to what the class is in. */
export type MakeMember = (name: string, node: SyntaxNode) => { part: PartBuilder; index: number };

/** @param makeMember for a class that is a part of its file */
export function walkClass(walker: Walker, node: SyntaxNode, context: Context, makeMember?: MakeMember): void {
	const scope = new Scope(context.scope);
	const id = maybeChild(node, 'id');
	if (id !== undefined && makeMember === undefined) {
		scope.declare(nameOf(id), VALUE | TYPE);
	}
	declareTypeParameters(scope, node);
	const own = within(context, scope);
	walker.walkAll(childrenOf(node, 'decorators'), inside(own));
	walker.token(own, node['abstract'] === true ? 'abstract class' : 'class');
	walker.walk(maybeChild(node, 'typeParameters'), asType(own));
	const superClass = maybeChild(node, 'superClass');
	if (superClass !== undefined) {
		walker.token(own, 'extends');
		walker.walk(superClass, { ...own, exact: 'deep' });
		walker.walk(maybeChild(node, 'superTypeArguments'), asType(own));
	}
	walker.walkAll(childrenOf(node, 'implements'), asType(own));
	const isDecorated = childrenOf(node, 'decorators').length > 0;
	const members = childrenOf(childOf(node, 'body'), 'body');
	const isInferred = members.some(isTypedByConstructor);
	for (const member of members) {
		walkMember(walker, member, own, { isDecorated, isInferred, makeMember });
	}
}

/** A property with neither a type nor a value has the type that the constructor gives it. */
function isTypedByConstructor(member: SyntaxNode): boolean {
	return (
		member.type === 'PropertyDefinition' &&
		maybeChild(member, 'typeAnnotation') === undefined &&
		maybeChild(member, 'value') === undefined
	);
}

/** What a member must know of its class. */
interface ClassTraits {
	isDecorated: boolean;
	/** Whether types of properties are read from the constructor. */
	isInferred: boolean;
	makeMember: MakeMember | undefined;
}

function walkMember(
	walker: Walker,
	member: SyntaxNode,
	context: Context,
	{ isDecorated, isInferred, makeMember }: ClassTraits,
): void {
	const decorators = childrenOf(member, 'decorators');
	if (isDecorated || decorators.length > 0) {
		useTypesAsValues(walker, member, context);
	}
	const name = member.type === 'StaticBlock' ? undefined : 'key' in member ? keyName(member) : undefined;
	const value = maybeChild(member, 'value');
	const isFixed = name === undefined || member['kind'] === 'constructor' || makeMember === undefined;
	const isEvaluated =
		member.type === 'StaticBlock' || (member['static'] === true && hasEffect(value)) || decorators.length > 0;
	context.sink.evaluated ||= isEvaluated;
	if (isFixed) {
		walkMemberIn(walker, member, context, isInferred);
		return;
	}
	const { part, index } = makeMember(name, member);
	const before = part.interface.length;
	walkMemberIn(walker, member, { ...context, sink: part }, false);
	const shown = part.interface.splice(before);
	const isPrivate = name.startsWith('#') || member['accessibility'] === 'private';
	if (isPrivate) {
		// Its type is nobody's business; that it is there makes the class unlike any other.
		const shape = name.startsWith('#') ? '#' : `private ${name}`;
		if (!context.sink.interface.includes(shape)) {
			context.sink.interface.push(shape);
		}
		part.interface.push(...shown);
	} else {
		part.interface.push(...shown);
		context.sink.absorbInterface(part);
		part.interface.length = before;
		context.sink.members.add(name);
	}
	if (isEvaluated || (member.type !== 'MethodDefinition' && hasEffect(value))) {
		// It happens whenever the class is made, or made use of.
		context.sink.use({ to: 'part', part: index }, VALUE, false);
	}
}

function walkMemberIn(walker: Walker, member: SyntaxNode, context: Context, isInferred: boolean): void {
	if (!('key' in member)) {
		walker.walk(member, context);
		return;
	}
	walker.walkAll(childrenOf(member, 'decorators'), inside(context));
	walker.token(
		context,
		[
			member.type,
			member['kind'],
			member['static'],
			member['accessibility'],
			member['optional'],
			member['readonly'],
		].join(' '),
	);
	walkKey(walker, member, context);
	const value = maybeChild(member, 'value');
	const annotation = maybeChild(member, 'typeAnnotation');
	walker.walk(annotation, asType(context));
	if (value === undefined) {
		return;
	}
	if (isFunction(value) && annotation === undefined && member.type !== 'PropertyDefinition') {
		walkFunctionAs(
			walker,
			value,
			context,
			member['kind'] === 'constructor'
				? isInferred
					? 'initialiser'
					: 'constructor'
				: member['kind'] === 'set'
					? 'constructor'
					: 'method',
		);
	} else {
		const inner = annotation === undefined ? context : inside(context);
		walker.walk(value, { ...inner, exact: member['readonly'] === true ? 'here' : 'no' });
	}
}

/** With `emitDecoratorMetadata` the types of what is decorated are there at run time. */
function useTypesAsValues(walker: Walker, member: SyntaxNode, context: Context): void {
	const value = maybeChild(member, 'value');
	const holders = [
		member,
		...(value === undefined ? [] : childrenOf(value, 'params')),
		...(value === undefined ? [] : [value]),
	];
	for (const holder of holders) {
		const inner = holder.type === 'TSParameterProperty' ? childOf(holder, 'parameter') : holder;
		const annotation = maybeChild(inner, 'typeAnnotation') ?? maybeChild(inner, 'returnType');
		const type = annotation === undefined ? undefined : maybeChild(annotation, 'typeAnnotation');
		const name = type?.type === 'TSTypeReference' ? childOf(type, 'typeName') : undefined;
		if (name?.type === 'Identifier') {
			walker.useTargets(walker.targetsOf(nameOf(name), TYPE | VALUE, context), VALUE, inside(context));
		}
	}
}
