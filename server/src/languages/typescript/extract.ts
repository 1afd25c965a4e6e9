/** Reads a file of TypeScript or JavaScript: its facts, as DESIGN.md §6 describes them. */
import { EVERYTHING, type FileFacts, Meaning } from '../../graph/facts.ts';
import { readComments } from './comments.ts';
import { Declarations, exportedName } from './declarations.ts';
import { EXPRESSION_RULES, isRequireCall } from './expressions.ts';
import { EXPORT_EQUALS, everythingOf, FileBuilder } from './file-builder.ts';
import { FUNCTION_RULES } from './functions.ts';
import { NESTED_RULES } from './nested.ts';
import { Scope } from './scopes.ts';
import {
	childOf,
	childrenOf,
	eachChild,
	erased,
	isFunction,
	maybeChild,
	nameOf,
	stringOf,
	type SyntaxNode,
} from './syntax.ts';
import { parse } from './parse.ts';
import { readTestSetup } from './test-setup.ts';
import { TYPE_RULES } from './types.ts';
import { type Context, Walker } from './walk.ts';

const RULES = { ...EXPRESSION_RULES, ...FUNCTION_RULES, ...NESTED_RULES, ...TYPE_RULES };

/** @param path decides what dialect it is; never read */
export function extractTypeScript(path: string, text: string): FileFacts {
	const { program, comments, errors, module } = parse(path, text);
	const root = program as unknown as SyntaxNode;
	const statements = childrenOf(root, 'body');
	const file = new FileBuilder(text.length);
	// So that it is found as one of the files that its configuration configures.
	file.init.use(file.option('program'), Meaning.type, false);
	const isTyped = /\.[cm]?tsx?$/.test(path);
	const walker = new Walker(file, RULES, isTyped);
	const scope = new Scope(undefined, VAR.test(text));
	const isCommonJs =
		/\.cts$|\.cjs$/.test(path) || (!isTyped && COMMON_JS_NAME.test(text) && usesCommonJs(statements));
	const isModule =
		module.hasModuleSyntax ||
		isCommonJs ||
		/\.m[jt]s$/.test(path) ||
		statements.some(({ type }) => MODULE_SYNTAX.has(type));
	new Declarations(file, walker, { scope, isGlobal: !isModule, isAmbient: /\.d\.[cm]?ts$/.test(path) }).read(
		statements,
	);
	if (COMMON_JS_EXPORTS.test(text)) {
		readCommonJs(file, scope, statements);
	}
	readComments(file, comments, scope, isTyped);
	file.init.interface.push(isModule ? 'module' : 'script');
	readEvaluations(file, statements);
	readTestSetup(file, path, statements);
	return file.finish(errors.some(({ severity }) => (severity as string) === 'Error'));
}

const VAR = /\bvar\b/;
const MODULE_SYNTAX = new Set(['TSExportAssignment', 'TSImportEqualsDeclaration']);

/** What is evaluated before the file itself, in order, and its directives. */
function readEvaluations({ init, requests }: FileBuilder, statements: readonly SyntaxNode[]): void {
	for (const statement of statements) {
		if (typeof statement['directive'] === 'string') {
			init.interface.push(statement['directive']);
		}
		const source = stringOf(maybeChild(statement, 'source'));
		if (source !== undefined && requests.some(({ specifier, evaluates }) => specifier === source && evaluates)) {
			init.behaviour.push(`evaluates ${source}`);
		}
	}
}

/** Whether `require`, `exports` or `module` is used as CommonJS gives it, anywhere in the file. */
function usesCommonJs(statements: readonly SyntaxNode[]): boolean {
	const queue = [...statements];
	for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
		if (node.type === 'Identifier' && COMMON_JS.has(nameOf(node))) {
			return true;
		}
		eachChild(node, (child) => queue.push(child));
	}
	return false;
}

const COMMON_JS = new Set(['require', 'exports', 'module', '__dirname', '__filename']);

/** The same by text alone: few files need a look at every node. */
const COMMON_JS_NAME = new RegExp(String.raw`\b(?:${[...COMMON_JS].join('|')})\b`);
const COMMON_JS_EXPORTS = /\bexports\b/;

/** What a file exports by assignments that are no statements of their own, and by handing over `exports`. */
function readCommonJs(file: FileBuilder, scope: Scope, statements: readonly SyntaxNode[]): void {
	const context: Context = { sink: file.init, scope, inInterface: false, runs: true, exact: 'deep' };
	const queue: SyntaxNode[] = [...statements];
	for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
		if (node.type === 'AssignmentExpression') {
			readAssignment(file, scope, node, context);
		} else if (node.type === 'CallExpression') {
			readHandingOver(file, node, context);
		}
		eachChild(node, (child) => {
			if (!isFunction(child) || child.type === 'ArrowFunctionExpression') {
				queue.push(child);
			}
		});
	}
}

function readAssignment(file: FileBuilder, scope: Scope, node: SyntaxNode, context: Context): void {
	const name = exportedName(childOf(node, 'left'), scope);
	if (name === undefined) {
		return;
	}
	const value = erased(childOf(node, 'right'));
	if (isRequireCall(value, context)) {
		const request = file.request(stringOf(childrenOf(value, 'arguments')[0])!, 'module', {
			evaluates: true,
			isRequire: true,
		});
		file.export(name, [everythingOf(request)], false);
		if (name === EXPORT_EQUALS) {
			file.stars.push(request);
		}
	} else if (value.type === 'ObjectExpression' && name === EXPORT_EQUALS) {
		readExportedObject(file, scope, value, context);
	} else {
		// Whatever makes its value is what the file does.
		file.export(name, [{ to: 'part', part: 0 }], false);
	}
}

/** `module.exports = { a, b: c, ...require('./x') }` */
function readExportedObject(file: FileBuilder, scope: Scope, value: SyntaxNode, context: Context): void {
	for (const property of childrenOf(value, 'properties')) {
		const inner =
			property.type === 'SpreadElement' ? erased(childOf(property, 'argument')) : childOf(property, 'value');
		const key =
			property.type === 'Property' && property['computed'] !== true ? childOf(property, 'key') : undefined;
		const name = key === undefined ? EVERYTHING : key.type === 'Identifier' ? nameOf(key) : String(key['value']);
		if (isRequireCall(inner, context)) {
			const request = file.request(stringOf(childrenOf(inner, 'arguments')[0])!, 'module', {
				evaluates: true,
				isRequire: true,
			});
			if (property.type === 'SpreadElement') {
				file.stars.push(request);
			} else {
				file.export(name, [everythingOf(request)], false);
			}
		} else {
			const targets = inner.type === 'Identifier' ? scope.find(nameOf(inner), Meaning.both) : undefined;
			file.export(name, Array.isArray(targets) ? targets : [{ to: 'part', part: 0 }], false);
		}
	}
}

/** `Object.assign(exports, require('./x'))` and the helpers of compilers that do the same. */
function readHandingOver(file: FileBuilder, node: SyntaxNode, context: Context): void {
	const args = childrenOf(node, 'arguments').map(erased);
	const handsOver = args.some(
		(argument) =>
			(argument.type === 'Identifier' && nameOf(argument) === 'exports') ||
			(argument.type === 'MemberExpression' && exportedName(argument, context.scope) === EXPORT_EQUALS),
	);
	if (!handsOver) {
		return;
	}
	const required = args.filter((argument) => isRequireCall(argument, context));
	for (const argument of required) {
		const specifier = stringOf(childrenOf(argument, 'arguments')[0])!;
		file.stars.push(file.request(specifier, 'module', { evaluates: true, isRequire: true }));
	}
	const name = stringOf(args[1]);
	if (name === '__esModule') {
		// How others import the default depends on it.
		file.export('default', [{ to: 'part', part: 0 }], false);
	} else {
		file.export(required.length > 0 ? 'default' : (name ?? EVERYTHING), [{ to: 'part', part: 0 }], false);
	}
}
