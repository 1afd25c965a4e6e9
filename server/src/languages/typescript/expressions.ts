/** The rules of expressions and statements. */
import { EVERYTHING, hiddenName, type Target } from '../../graph/facts.ts';
import { boundNames, declarePattern, declareStatements, Scope } from './scopes.ts';
import { readStrings } from './strings.ts';
import {
	childOf,
	childrenOf,
	eachChild,
	erased,
	keyName,
	maybeChild,
	nameOf,
	stringOf,
	type SyntaxNode,
} from './syntax.ts';
import { asType, type Context, inside, type Rule, TYPE, VALUE, type Walker, within } from './walk.ts';

/** Calls whose first argument they change. */
const PATCHING = new Set(['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf']);

/** Calls with the path of a file. */
const LOADING = new Set(['Worker', 'SharedWorker', 'fork', 'URL']);

export const EXPRESSION_RULES: Readonly<Record<string, Rule>> = {
	Identifier: (walker, node, context) => {
		walker.reference(nameOf(node), VALUE, context);
	},
	PrivateIdentifier: (walker, node, context) => {
		walker.token(context, `#${nameOf(node)}`);
		context.sink.mentions.add(`#${nameOf(node)}`);
	},
	ThisExpression: self,
	Super: self,
	Literal: (_walker, node, context) => {
		const text = stringOf(node);
		if (text !== undefined && text.length < 100) {
			// It may name a member: `o['total']`, a registry's key.
			context.sink.mentions.add(text);
		}
		const value = String(node['raw'] ?? node['value']);
		if (context.inInterface) {
			context.sink.interface.push(context.exact === 'no' ? typeof node['value'] : value);
		}
		if (context.runs) {
			context.sink.behaviour.push(value);
		}
	},
	MemberExpression: walkMember,
	CallExpression: walkCall,
	NewExpression: walkCall,
	TaggedTemplateExpression: (walker, node, context) => {
		walker.walkProperties(node, { ...context, exact: 'deep' });
	},
	ImportExpression: (walker, node, context) => {
		walker.token(context, 'import()');
		load(walker, childOf(node, 'source'), 'import()', false, context);
		walker.walk(maybeChild(node, 'options'), context);
	},
	ObjectExpression: literalOfMany,
	ArrayExpression: literalOfMany,
	Property: (walker, node, context) => {
		walkKey(walker, node, context);
		walker.token(context, `${String(node['kind'])}${String(node['method'])}`);
		walker.walk(childOf(node, 'value'), context);
	},
	SpreadElement: (walker, node, context) => {
		context.sink.mentionsAll = true;
		walker.walkProperties(node, context);
	},
	AssignmentExpression: (walker, node, context) => {
		noteChange(walker, childOf(node, 'left'), context);
		walker.walkProperties(node, context);
	},
	UpdateExpression: (walker, node, context) => {
		noteChange(walker, childOf(node, 'argument'), context);
		walker.walkProperties(node, context);
	},
	TSAsExpression: (walker, node, context) => {
		const type = childOf(node, 'typeAnnotation');
		if (isConstAssertion(type)) {
			walker.token(asType(context), 'as const');
			walker.walk(childOf(node, 'expression'), { ...context, exact: 'deep' });
		} else {
			// Its type is what is written; the expression itself is not part of the interface.
			walker.walk(childOf(node, 'expression'), inside(context));
			walker.walk(type, asType(context));
		}
	},
	TSTypeAssertion: (walker, node, context) => {
		walker.walk(childOf(node, 'expression'), inside(context));
		walker.walk(childOf(node, 'typeAnnotation'), asType(context));
	},
	TSSatisfiesExpression: (walker, node, context) => {
		walker.walk(childOf(node, 'expression'), { ...context, exact: 'deep' });
		walker.walk(childOf(node, 'typeAnnotation'), asType(context));
	},
	TSNonNullExpression: (walker, node, context) => {
		walker.token(asType(context), '!');
		walker.walk(childOf(node, 'expression'), context);
	},
	TSInstantiationExpression: (walker, node, context) => {
		walker.walk(childOf(node, 'expression'), context);
		walker.walk(childOf(node, 'typeArguments'), asType(context));
	},
	ParenthesizedExpression: (walker, node, context) => {
		walker.walk(childOf(node, 'expression'), context);
	},
	MetaProperty: (walker, node, context) => {
		walker.token(context, `${nameOf(childOf(node, 'meta'))}.${nameOf(childOf(node, 'property'))}`);
	},

	ExpressionStatement: (walker, node, context) => {
		// A call may end the function, or narrow what is known: then the type of what is returned depends on it. A log does not.
		const place = isLogging(childOf(node, 'expression'), context) ? inside(context) : context;
		walker.walkProperties(node, place);
	},
	BlockStatement: block,
	StaticBlock: block,
	SwitchStatement: (walker, node, context) => {
		const scope = new Scope(context.scope);
		for (const one of childrenOf(node, 'cases')) {
			declareStatements(scope, childrenOf(one, 'consequent'));
		}
		walker.walkProperties(node, within(context, scope));
	},
	ForStatement: loop,
	ForInStatement: (walker, node, context) => {
		context.sink.mentionsAll = true;
		loop(walker, node, context);
	},
	ForOfStatement: loop,
	CatchClause: (walker, node, context) => {
		const scope = new Scope(context.scope);
		const parameter = maybeChild(node, 'param');
		if (parameter !== undefined) {
			declarePattern(scope, parameter);
			walkPattern(walker, parameter, within(context, scope));
		}
		walker.walk(childOf(node, 'body'), within(context, scope));
	},
	VariableDeclaration: (walker, node, context) => {
		walker.token(context, String(node['kind']));
		for (const declarator of childrenOf(node, 'declarations')) {
			walkPattern(walker, childOf(declarator, 'id'), context);
			// Though it is annotated: what is read from it is narrowed to what it was given.
			walker.walk(maybeChild(declarator, 'init'), {
				...context,
				exact: node['kind'] === 'const' ? 'here' : 'no',
			});
		}
	},
	LabeledStatement: (walker, node, context) => {
		walker.token(context, nameOf(childOf(node, 'label')));
		walker.walk(childOf(node, 'body'), context);
	},
	BreakStatement: jump,
	ContinueStatement: jump,

	JSXElement: (walker, node, context) => {
		// The factory, or what the runtime brings, is asked for by every element.
		walker.useTargets(walker.targetsOf('React', VALUE, context), VALUE, context);
		walker.useTargets([{ to: 'global', name: 'JSX' }], TYPE, context);
		walker.useTargets([walker.file.option('jsx')], VALUE, context);
		walker.walkProperties(node, context);
	},
	JSXFragment: (walker, node, context) => {
		walker.useTargets(walker.targetsOf('React', VALUE, context), VALUE, context);
		walker.useTargets([walker.file.option('jsx')], VALUE, context);
		walker.walkProperties(node, context);
	},
	JSXIdentifier: (walker, node, context) => {
		const name = nameOf(node);
		if (/^[a-z]/.test(name)) {
			walker.token(context, name);
			context.sink.mentions.add(name);
		} else {
			walker.reference(name, VALUE, context);
		}
	},
	JSXMemberExpression: (walker, node, context) => {
		const member = nameOf(childOf(node, 'property'));
		const object = childOf(node, 'object');
		walker.token(context, member);
		context.sink.mentions.add(member);
		if (object.type === 'JSXIdentifier') {
			walker.token(context, nameOf(object));
			walker.useMember(walker.targetsOf(nameOf(object), VALUE, context), member, VALUE, context);
		} else {
			walker.walk(object, context);
		}
	},
	JSXAttribute: (walker, node, context) => {
		const name = childOf(node, 'name');
		const text = name.type === 'JSXIdentifier' ? nameOf(name) : nameOf(childOf(name, 'name'));
		walker.token(context, text);
		context.sink.mentions.add(text);
		walker.walk(maybeChild(node, 'value'), context);
	},
	JSXSpreadAttribute: (walker, node, context) => {
		context.sink.mentionsAll = true;
		walker.walkProperties(node, context);
	},
	JSXText: (walker, node, context) => {
		walker.token(context, String(node['value']));
	},
};

/** The names and defaults of a pattern; the names themselves are bound, not used. */
export function walkPattern(walker: Walker, pattern: SyntaxNode, context: Context): void {
	switch (pattern.type) {
		case 'Identifier':
			walker.token(inside(context), nameOf(pattern));
			walker.walk(maybeChild(pattern, 'typeAnnotation'), asType(context));
			break;
		case 'ObjectPattern':
			walker.token(context, '{');
			for (const property of childrenOf(pattern, 'properties')) {
				if (property.type === 'Property') {
					walkKey(walker, property, context);
					walkPattern(walker, childOf(property, 'value'), context);
				} else {
					walkPattern(walker, property, context);
				}
			}
			walker.walk(maybeChild(pattern, 'typeAnnotation'), asType(context));
			break;
		case 'ArrayPattern':
			walker.token(context, `[${(pattern['elements'] as unknown[]).length}`);
			for (const element of childrenOf(pattern, 'elements')) {
				walkPattern(walker, element, context);
			}
			walker.walk(maybeChild(pattern, 'typeAnnotation'), asType(context));
			break;
		case 'AssignmentPattern':
			walkPattern(walker, childOf(pattern, 'left'), context);
			walker.token(context, '=');
			walker.walk(childOf(pattern, 'right'), context);
			break;
		case 'RestElement':
			context.sink.mentionsAll = true;
			walker.token(context, '...');
			walkPattern(walker, childOf(pattern, 'argument'), context);
			walker.walk(maybeChild(pattern, 'typeAnnotation'), asType(context));
			break;
		case 'TSParameterProperty':
			walker.token(context, `property ${String(pattern['accessibility'])} ${String(pattern['readonly'])}`);
			walkPattern(walker, childOf(pattern, 'parameter'), context);
			for (const id of boundNames(pattern)) {
				walker.token(context, nameOf(id));
				context.sink.members.add(nameOf(id));
			}
			break;
		default:
			// The left side of an assignment: an expression.
			walker.walk(pattern, context);
	}
}

/** A variable: its type is what is written, or else that of its first value. */
export function walkDeclarator(walker: Walker, node: SyntaxNode, isConst: boolean, context: Context): void {
	const id = childOf(node, 'id');
	const init = maybeChild(node, 'init');
	walkPattern(walker, id, context);
	if (init !== undefined) {
		const inner = maybeChild(id, 'typeAnnotation') === undefined ? context : inside(context);
		walker.walk(init, { ...inner, exact: isConst ? 'here' : 'no' });
	}
}

/** A member's name, or the expression that computes it. */
export function walkKey(walker: Walker, node: SyntaxNode, context: Context): void {
	const name = keyName(node);
	if (name === undefined) {
		context.sink.mentionsAll = true;
		walker.walk(childOf(node, 'key'), context);
	} else {
		walker.token(context, name);
		context.sink.mentions.add(name);
		if (node['computed'] === true) {
			walker.walk(childOf(node, 'key'), context);
		}
	}
}

function literalOfMany(walker: Walker, node: SyntaxNode, context: Context): void {
	walker.walkProperties(node, context.exact === 'here' ? { ...context, exact: 'no' } : context);
}

function isConstAssertion(type: SyntaxNode): boolean {
	const name = type.type === 'TSTypeReference' ? childOf(type, 'typeName') : undefined;
	return name?.type === 'Identifier' && nameOf(name) === 'const';
}

/** `this` and `super` reach the other members of their class. */
function self(walker: Walker, node: SyntaxNode, context: Context): void {
	walker.token(context, node.type);
	if (context.sink.self >= 0) {
		context.sink.use({ to: 'part', part: context.sink.self }, VALUE, context.inInterface);
	}
}

function walkMember(walker: Walker, node: SyntaxNode, context: Context): void {
	const object = erased(childOf(node, 'object'));
	const property = childOf(node, 'property');
	const name =
		node['computed'] === true
			? stringOf(property)
			: property.type === 'PrivateIdentifier'
				? undefined
				: nameOf(property);
	walker.token(context, `.${name ?? ''}${node['optional'] === true ? '?' : ''}`);
	if (name !== undefined) {
		context.sink.mentions.add(name);
		if (node['computed'] === true) {
			context.sink.mentions.add(hiddenName(name));
		}
	} else {
		context.sink.mentionsAll ||= property.type !== 'PrivateIdentifier' && !isIndex(property);
		walker.walk(property, context);
	}
	if (object.type === 'Identifier') {
		walker.token(context, nameOf(object));
		walker.useMember(walker.targetsOf(nameOf(object), VALUE, context), name, VALUE, context);
	} else if (name !== undefined && isRequireCall(object, context)) {
		const specifier = stringOf(childrenOf(object, 'arguments')[0])!;
		walker.token(context, specifier);
		const request = walker.file.request(specifier, 'module', { evaluates: true, isRequire: true });
		walker.useTargets([{ to: 'module', request, name }], VALUE | TYPE, context);
	} else {
		walker.walk(childOf(node, 'object'), context);
	}
}

/** An index into a list reaches no member that has a name. */
function isIndex(property: SyntaxNode): boolean {
	return property.type === 'Literal' && typeof property['value'] === 'number';
}

/** Whether it is `require('x')`, of the `require` that CommonJS gives. */
export function isRequireCall(node: SyntaxNode, context: Context): boolean {
	const callee = node.type === 'CallExpression' ? erased(childOf(node, 'callee')) : undefined;
	return (
		callee?.type === 'Identifier' &&
		nameOf(callee) === 'require' &&
		context.scope.find('require', VALUE) === undefined &&
		stringOf(childrenOf(node, 'arguments')[0]) !== undefined
	);
}

function walkCall(walker: Walker, node: SyntaxNode, context: Context): void {
	const callee = erased(childOf(node, 'callee'));
	const args = childrenOf(node, 'arguments');
	const [first] = args;
	if (callee.type === 'Identifier') {
		readStrings(walker, nameOf(callee), args, context);
		if (context.scope.find(nameOf(callee), VALUE) === undefined) {
			callOfGlobal(walker, nameOf(callee), first, context);
		}
	} else if (callee.type === 'MemberExpression') {
		callOfMember(walker, callee, args, context);
	}
	walker.token(context, node.type);
	walker.walk(childOf(node, 'callee'), context);
	walker.walk(maybeChild(node, 'typeArguments'), asType(context));
	// What is given to a call may be typed by what the call expects.
	walker.walkAll(args, { ...context, exact: 'deep' });
}

/** Whether it calls a method of the `console` that every program has. */
function isLogging(node: SyntaxNode, context: Context): boolean {
	const callee = node.type === 'CallExpression' ? childOf(node, 'callee') : undefined;
	const object = callee?.type === 'MemberExpression' ? childOf(callee, 'object') : undefined;
	return (
		object?.type === 'Identifier' &&
		nameOf(object) === 'console' &&
		context.scope.find('console', VALUE) === undefined
	);
}

function callOfGlobal(walker: Walker, name: string, first: SyntaxNode | undefined, context: Context): void {
	if (name === 'require' && first !== undefined) {
		load(walker, first, 'require', true, context);
	} else if (name === 'eval' || name === 'Function') {
		context.sink.mentionsAll = true;
		walker.file.widen('program', `${name} may reach anything`);
	} else if (LOADING.has(name)) {
		loadFile(walker, first, context);
	}
}

function callOfMember(walker: Walker, callee: SyntaxNode, args: readonly SyntaxNode[], context: Context): void {
	const object = erased(childOf(callee, 'object'));
	const property = childOf(callee, 'property');
	const [first] = args;
	const member =
		callee['computed'] === true ? undefined : property.type === 'Identifier' ? nameOf(property) : undefined;
	const owner =
		object.type === 'Identifier' ? nameOf(object) : object.type === 'MetaProperty' ? 'import.meta' : undefined;
	if (first === undefined || member === undefined) {
		return;
	}
	if ((owner === 'Object' || owner === 'Reflect') && context.scope.find(owner, VALUE) === undefined) {
		context.sink.mentionsAll = true;
		if (PATCHING.has(member)) {
			noteChange(walker, first, context);
		}
	} else if (owner === 'require' && member === 'resolve') {
		loadFile(walker, first, context);
	} else if (owner === 'require' && member === 'context') {
		const folder = stringOf(first);
		if (folder === undefined) {
			walker.file.widen('package', 'require.context of a computed folder');
		} else {
			glob(walker, `${folder}/**`, context);
		}
	} else if (owner === 'import.meta' && member === 'resolve') {
		loadFile(walker, first, context);
	} else if (owner === 'import.meta' && (member === 'glob' || member === 'globEager')) {
		for (const pattern of first.type === 'ArrayExpression' ? childrenOf(first, 'elements') : [first]) {
			const text = stringOf(pattern);
			if (text === undefined) {
				walker.file.widen('package', 'import.meta.glob of a computed pattern');
			} else {
				glob(walker, text, context);
			}
		}
	} else if ((owner === 'jest' || owner === 'vi' || owner === 'vitest') && MOCKING.has(member)) {
		load(walker, first, `${owner}.${member}`, false, context);
		useManualMock(walker, stringOf(first), context);
	} else {
		readStrings(walker, member, args, context);
	}
}

/** A mock that is written down stands in `__mocks__`: beside the module, or in the root of the package for what is installed. */
function useManualMock(walker: Walker, specifier: string | undefined, context: Context): void {
	if (specifier === undefined) {
		return;
	}
	const place = specifier.startsWith('.')
		? specifier.replace(/[^/]*$/, (name) => `__mocks__/${name}`)
		: `__mocks__/${specifier}`;
	const kind = specifier.startsWith('.') ? 'module' : 'path';
	const request = walker.file.request(place, kind, { evaluates: false, isRequire: false });
	walker.useTargets([{ to: 'module', request, name: EVERYTHING }], VALUE, inside(context));
}

const MOCKING = new Set([
	'mock',
	'unmock',
	'doMock',
	'dontMock',
	'requireActual',
	'requireMock',
	'importActual',
	'importMock',
]);

/** A module that is asked for by an expression. */
function load(walker: Walker, source: SyntaxNode, how: string, isRequire: boolean, context: Context): void {
	const specifier = stringOf(source);
	if (specifier !== undefined) {
		const request = walker.file.request(specifier, 'module', { evaluates: true, isRequire });
		walker.token(context, specifier);
		walker.useTargets([{ to: 'module', request, name: EVERYTHING }], VALUE | TYPE, context);
		return;
	}
	const pattern = globOf(source);
	if (pattern === undefined) {
		walker.file.widen('package', `${how} of what is only known at run time`);
	} else {
		glob(walker, pattern, context);
	}
	walker.walk(source, context);
}

function loadFile(walker: Walker, source: SyntaxNode | undefined, context: Context): void {
	const inner = source?.type === 'NewExpression' ? childrenOf(source, 'arguments')[0] : source;
	const specifier = stringOf(inner);
	if (specifier !== undefined && /^\.{0,2}\//.test(specifier)) {
		const request = walker.file.request(specifier, 'file', { evaluates: false, isRequire: false });
		// What is in the file makes no type.
		walker.useTargets([{ to: 'module', request, name: EVERYTHING }], VALUE, inside(context));
	}
}

function glob(walker: Walker, pattern: string, context: Context): void {
	const request = walker.file.request(pattern, 'glob', { evaluates: false, isRequire: false });
	walker.useTargets([{ to: 'module', request, name: EVERYTHING }], VALUE | TYPE, context);
}

/** `./pages/${name}.ts` as a pattern; undefined when not even its beginning is known. */
function globOf(source: SyntaxNode): string | undefined {
	if (source.type === 'TemplateLiteral') {
		const texts = childrenOf(source, 'quasis').map((quasi) => (quasi['value'] as { cooked: string }).cooked);
		return /^\.{1,2}\//.test(texts[0] ?? '') ? texts.join('*') : undefined;
	}
	if (source.type === 'BinaryExpression' && source['operator'] === '+') {
		const left = stringOf(childOf(source, 'left')) ?? globOf(childOf(source, 'left'));
		return left !== undefined && /^\.{1,2}\//.test(left)
			? `${left}*${stringOf(childOf(source, 'right')) ?? ''}`
			: undefined;
	}
	return undefined;
}

/** An assignment to `a`, `a.b` or `a.prototype.b` changes what `a` is for all who use it. */
function noteChange(walker: Walker, target: SyntaxNode, context: Context): void {
	let root = erased(target);
	while (root.type === 'MemberExpression') {
		root = erased(childOf(root, 'object'));
	}
	const changed = boundNames(root).flatMap((id): readonly Target[] => walker.targetsOf(nameOf(id), VALUE, context));
	if (changed.length > 0) {
		walker.file.changes(changed, context.sink);
	}
}

function block(walker: Walker, node: SyntaxNode, context: Context): void {
	const scope = new Scope(context.scope);
	const statements = childrenOf(node, 'body');
	declareStatements(scope, statements);
	walker.token(context, '{');
	walker.walkAll(statements, within(context, scope));
	walker.token(context, '}');
}

function loop(walker: Walker, node: SyntaxNode, context: Context): void {
	const scope = new Scope(context.scope);
	const head = maybeChild(node, node.type === 'ForStatement' ? 'init' : 'left');
	if (head?.type === 'VariableDeclaration') {
		declareStatements(scope, [head]);
	}
	walker.walkProperties(node, within(context, scope));
}

function jump(walker: Walker, node: SyntaxNode, context: Context): void {
	const label = maybeChild(node, 'label');
	walker.token(context, `${node.type} ${label === undefined ? '' : nameOf(label)}`);
}

/** Whether evaluating an expression does something that others can notice. */
export function hasEffect(node: SyntaxNode | undefined): boolean {
	if (node === undefined) {
		return false;
	}
	switch (node.type) {
		case 'CallExpression':
		case 'NewExpression':
		case 'TaggedTemplateExpression':
		case 'ImportExpression':
		case 'AssignmentExpression':
		case 'UpdateExpression':
		case 'AwaitExpression':
		case 'YieldExpression':
			return true;
		case 'UnaryExpression':
			return node['operator'] === 'delete' || hasEffect(childOf(node, 'argument'));
		case 'FunctionExpression':
		case 'ArrowFunctionExpression':
			return false;
		default: {
			let has = false;
			eachChild(node, (child) => {
				has ||= hasEffect(child);
			});
			return has;
		}
	}
}
