/** Strings that lead to other files at run time: paths of what is read, keys of registries. What they lead to is possible. */
import { join } from 'node:path/posix';
import { EVERYTHING, registeredName } from '../../graph/facts.ts';
import { eachChild, erased, nameOf, stringOf, type SyntaxNode } from './syntax.ts';
import { type Context, inside, VALUE, type Walker } from './walk.ts';

/** Functions that put paths together. */
const JOINING = new Set(['join', 'resolve']);

/** Functions of `fs`, and of packages that take its place. */
const READING =
	/^(?:readFile|readdir|readJson|readJSON|createReadStream|exists|stat|lstat|access|open|opendir|copyFile|cp|glob)(?:Sync)?$/;

/** Calls under whose first argument something is found by others: of containers, events, commands, elements. */
const PROVIDING = new Set([
	'register',
	'registerSingleton',
	'registerInstance',
	'registerCommand',
	'bind',
	'provide',
	'define',
	'component',
	'directive',
	'factory',
	'service',
	'on',
	'once',
	'addListener',
	'addEventListener',
	'subscribe',
	'handle',
]);

/** Calls that ask for what is found under their first argument. */
const ASKING = new Set([
	'get',
	'resolve',
	'inject',
	'Inject',
	'lookup',
	'make',
	'emit',
	'trigger',
	'dispatch',
	'publish',
	'invoke',
	'executeCommand',
	'createElement',
]);

/** Events that every stream, process and page has: that two files name one says nothing. */
const EVERYBODYS = new Set([
	'abort',
	'change',
	'click',
	'close',
	'connect',
	'connection',
	'data',
	'disconnect',
	'drain',
	'end',
	'error',
	'exit',
	'finish',
	'input',
	'listening',
	'load',
	'message',
	'open',
	'pipe',
	'readable',
	'request',
	'response',
	'timeout',
]);

/** A call of a function or a method of this name. */
export function readStrings(walker: Walker, name: string, args: readonly SyntaxNode[], context: Context): void {
	const [first, ...rest] = args;
	if (first === undefined) {
		return;
	}
	if (JOINING.has(name) && isOwnFolder(first)) {
		usePath(walker, './', rest.map(stringOf), context);
	}
	const text = stringOf(first);
	if (text === undefined || text === '') {
		return;
	}
	if (READING.test(name) && /^[\w.@-][\w.@/ -]*$/.test(text)) {
		usePath(walker, '', [text], context);
	} else if (!EVERYBODYS.has(text)) {
		if (PROVIDING.has(name) && rest.length > 0) {
			walker.file.provide(registeredName(text), context.sink);
		} else if (ASKING.has(name)) {
			walker.useTargets([{ to: 'global', name: registeredName(text) }], VALUE, inside(context));
		}
	}
}

/** Whether an expression is the folder of the file: `__dirname`, `import.meta.dirname`, or made of `import.meta.url`. */
function isOwnFolder(node: SyntaxNode): boolean {
	const expression = erased(node);
	if (expression.type === 'Identifier') {
		return nameOf(expression) === '__dirname';
	}
	let is = expression.type === 'MetaProperty';
	eachChild(expression, (child) => {
		is ||= isOwnFolder(child);
	});
	return is;
}

/**
 * @param start what the path begins with: `./` for the folder of the file, nothing for that of its package
 * @param names undefined for those that are only known at run time
 */
function usePath(walker: Walker, start: './' | '', names: readonly (string | undefined)[], context: Context): void {
	const unknown = names.indexOf(undefined);
	const known = names.slice(0, unknown === -1 ? names.length : unknown) as string[];
	const path = join(...known);
	const last = path.slice(path.lastIndexOf('/') + 1);
	if (!/\w/.test(last)) {
		// All that is beneath a folder above would be everything.
		return;
	}
	const specifier = path.startsWith('.') ? path : start + path;
	const mayBeFolder = unknown !== -1 || !last.includes('.');
	for (const one of [...(unknown === -1 ? [specifier] : []), ...(mayBeFolder ? [`${specifier}/**`] : [])]) {
		const request = walker.file.request(one, 'path', { evaluates: false, isRequire: false });
		walker.useTargets([{ to: 'module', request, name: EVERYTHING }], VALUE, inside(context));
	}
}
